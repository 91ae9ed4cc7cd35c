#include <sched.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "node/speaker/voice.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::speaker;
using namespace khuoi::tests;
using std::chrono::milliseconds;

namespace {

Child shell(const std::string& script, milliseconds patience = milliseconds(20'000)) {
  return {.arguments = {"/bin/sh", "-c", script}, .input = {}, .patience = patience};
}
void write(const std::filesystem::path& to, std::string_view text) { std::ofstream(to, std::ios::binary) << text; }
/// Config of a folder whose config.toml holds this.
Result<Config> config_of(std::string_view text) {
  const TempFolder folder;
  write(folder / "config.toml", text);
  return read_config(folder.path());
}
Bytes content_of(const std::filesystem::path& file) {
  std::ifstream from(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(from), {}};
}
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  std::error_code missing;
  for (std::filesystem::directory_iterator at(folder, missing); !missing && at != std::filesystem::directory_iterator(); ++at) {
    out.push_back(at->path());
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

TEST_CASE("child: a program that ends well did, and one that fails says why in its last line", "[node][speaker]") {
  const auto well = run_child(shell("exit 0"));
  REQUIRE(well);
  CHECK(*well == Ended::by_itself);
  const auto badly = run_child(shell("echo first >&2; echo no such card >&2; exit 3"));
  REQUIRE_FALSE(badly);
  CHECK(badly.error().what.ends_with("no such card"));
  const auto missing = run_child({.arguments = {"khuoi-no-such-program"}, .input = {}, .patience = milliseconds(1000)});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::not_found);
}

TEST_CASE("child: one that hangs is killed with all that it started, and reaped", "[node][speaker]") {
  const TempFolder folder;
  const std::string pid_file = (folder / "pid").string();
  const auto began = std::chrono::steady_clock::now();
  const auto late = run_child(shell("sleep 100 & echo $! > " + pid_file + "; wait", milliseconds(300)));
  REQUIRE_FALSE(late);
  CHECK(late.error().code == Errc::closed);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(10));
  std::ifstream from(pid_file);
  pid_t grandchild = 0;
  from >> grandchild;
  REQUIRE(grandchild > 0);
  // Gone, or a zombie that init has not fetched yet. A signal that was sent may still be on its way.
  const auto is_over = [grandchild] {
    std::ifstream state("/proc/" + std::to_string(grandchild) + "/stat");
    std::string word;
    for (int i = 0; i < 3 && state; ++i) state >> word;
    return !state || word == "Z" || word == "X";
  };
  while (!is_over()) sched_yield();
}

TEST_CASE("child: it stops when it is given up", "[node][speaker]") {
  int asked = 0;
  const auto ended = run_child(shell("sleep 100"), [&] { return ++asked == 2; });
  REQUIRE(ended);
  CHECK(*ended == Ended::given_up);
}

TEST_CASE("child: it gets its input whole, even one that does not read it", "[node][speaker]") {
  Child child = shell("test $(wc -c) -eq 1000000");
  child.input = std::string(1'000'000, 'x');
  CHECK(run_child(child));
  child.arguments.back() = "exit 0";
  CHECK(run_child(child));
}

TEST_CASE("child: it inherits no open file and no passphrase", "[node][speaker]") {
  const int open = dup2(STDOUT_FILENO, 99);  // not close-on-exec
  REQUIRE(open == 99);
  setenv("KHUOI_PASSPHRASE", "bí mật", 1);
  CHECK(run_child(shell("[ -z \"$KHUOI_PASSPHRASE\" ] && ! [ -e /proc/self/fd/99 ]")));
  unsetenv("KHUOI_PASSPHRASE");
  close(open);
}

TEST_CASE("sound: each chime sounds, is short, and is like no other", "[node][speaker]") {
  std::vector<Samples> all;
  for (const Chime which : {Chime::attention, Chime::alarm, Chime::done, Chime::failed}) {
    Samples samples = chime(which);
    CHECK(samples.size() > sample_rate / 2);
    CHECK(samples.size() < sample_rate * 6);
    CHECK(std::ranges::max(samples) > 10'000);
    CHECK(samples.back() == 0);
    for (const Samples& other : all) CHECK(other != samples);
    all.push_back(std::move(samples));
  }
  CHECK(chime(Chime::done) == all[2]);
}

TEST_CASE("sound: a WAV says what it holds, and two become one", "[node][speaker]") {
  const TempFolder folder;
  const Samples bell = chime(Chime::done);
  write(folder / "a.wav", text_of(wav_of(bell)));
  const auto facts = read_wav(folder / "a.wav");
  REQUIRE(facts);
  CHECK(facts->channels == 1);
  CHECK(facts->bits == 16);
  CHECK(facts->rate == sample_rate);
  CHECK(facts->data_octets == bell.size() * 2);
  const std::filesystem::path then = folder / "a.wav";
  REQUIRE(write_wav(folder / "b.wav", bell, &then));
  const Bytes both = content_of(folder / "b.wav");
  Samples twice = bell;
  twice.insert(twice.end(), bell.begin(), bell.end());
  CHECK(both == wav_of(twice));
}

TEST_CASE("sound: what is no WAV is refused, however it is cut", "[node][speaker]") {
  const TempFolder folder;
  const Bytes whole = wav_of(chime(Chime::done));
  for (std::size_t octets = 0; octets < 44; ++octets) {
    write(folder / "cut.wav", text_of(ByteView(whole).first(octets)));
    CHECK_FALSE(read_wav(folder / "cut.wav"));
  }
  write(folder / "cut.wav", text_of(ByteView(whole).first(1000)));
  const auto cut = read_wav(folder / "cut.wav");
  REQUIRE(cut);
  CHECK(cut->data_octets == 1000 - 44);
  Bytes endless = whole;  // a chunk that claims four gigabytes
  std::fill(endless.begin() + 16, endless.begin() + 20, std::uint8_t{0xFF});
  write(folder / "bad.wav", text_of(endless));
  CHECK_FALSE(read_wav(folder / "bad.wav"));
}

TEST_CASE("speaker config: everything has a default, and what makes no sense is named", "[node][speaker]") {
  const TempFolder nothing;
  const auto defaults = read_config(nothing.path());
  REQUIRE(defaults);
  CHECK(defaults->times == sync::SpeakingTimes{});
  CHECK(defaults->player.empty() != defaults->folder.empty());
  const auto set = config_of("[speaker]\nnoon = \"10:45\"\nafternoon = \"18:00\"\nlasts = 30\nplayer = \"aplay -q -D plughw:1\"\n");
  REQUIRE(set);
  CHECK(set->times.noon == 645);
  CHECK(set->times.lasts == 30);
  CHECK(set->player == std::vector<std::string>{"aplay", "-q", "-D", "plughw:1"});
  const auto kept = config_of("[speaker]\nplayer = \"file:loa\"\n");
  REQUIRE(kept);
  CHECK(kept->player.empty());
  CHECK(kept->folder.filename() == "loa");
  CHECK(config_of("[other]\nx = 1\n"));
  for (const char* bad : {"[speaker]\nnoon = \"25:00\"\n", "[speaker]\nnoon = 11\n", "[speaker]\nnoon = \"16:30\"\n",
                          "[speaker]\nplayer = \"\"\n", "[speaker]\nplayer = [1]\n", "[speaker]\nspeed = 9000\n",
                          "[speaker]\nvoice = \"-x; rm\"\n", "[speaker]\nenabled = \"no\"\n", "[speaker]\nvolume = 3\n",
                          "[speaker\n", "speaker = 5\n"}) {
    CAPTURE(bad);
    const auto refused = config_of(bad);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what.find("config.toml, line ") != std::string::npos);
  }
}

TEST_CASE("speaker config: what is wrong is named with its line and what to write", "[node][speaker]") {
  const auto refused = config_of("# loa\n[speaker]\nvoice = \"vi\"\nspeed = 9\n");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what.ends_with("config.toml, line 4: [speaker] speed is no number of words from 80 to 450: write 140"));
}

TEST_CASE("voice: a sentence becomes sound, and its files are gone afterwards", "[node][speaker]") {
  const TempFolder folder;
  Config config;
  config.folder = folder / "spoken";
  const Voice voice(folder.path(), config);
  const auto wav = voice.wav_of_text("Mời người có hồ sơ số 47 đến nhà văn hoá xóm.");
  INFO((wav ? std::string() : wav.error().what));
  REQUIRE(wav);
  Bytes octets(wav->octets);
  REQUIRE(storage::read_at(wav->file.get(), 0, octets, "reading"));
  write(folder / "a.wav", text_of(octets));
  CHECK(voice.wav_of_text(std::string(1999, '8')).error().code == Errc::too_large);  // a number said for minutes
  const auto facts = read_wav(folder / "a.wav");
  REQUIRE(facts);
  CHECK(facts->seconds() > 1.5);
  CHECK(facts->seconds() < 15);
  CHECK(voice.wav_of_text(std::string(2001, 'a')).error().code == Errc::too_large);
  REQUIRE(voice.say(Chime::attention, "Họp xóm", {}));
  const auto kept = files_in(folder / "spoken");
  REQUIRE(kept.size() == 1);
  CHECK(kept.front().filename() == "00000001.wav");
  CHECK(read_wav(kept.front())->seconds() > 2);
  CHECK(files_in(folder / "run").empty());
}

TEST_CASE("voice: of kept sounds the newest fifty stay", "[node][speaker]") {
  const TempFolder folder;
  Config config;
  config.folder = folder / "spoken";
  const Voice voice(folder.path(), config);
  for (int i = 0; i < 53; ++i) REQUIRE(voice.play_chime(Chime::done, {}));
  const auto kept = files_in(config.folder);
  REQUIRE(kept.size() == 50);
  CHECK(kept.back().filename() == "00000053.wav");
}

TEST_CASE("voice: a clip plays as it is, after decoding, or says that it cannot", "[node][speaker]") {
  const TempFolder folder;
  Config config;
  config.folder = folder / "spoken";
  const Voice voice(folder.path(), config);
  const Samples bell = chime(Chime::done);
  write(folder / "clip", text_of(wav_of(bell)));
  REQUIRE(voice.play_clip(Chime::attention, folder / "clip", {}));
  CHECK(content_of(files_in(config.folder).back()) == wav_of(bell));
  REQUIRE(run_child({.arguments = {"sndfile-convert", (folder / "clip").string() + ".wav", (folder / "clip.ogg").string()},
                     .input = {}, .patience = milliseconds(10'000)}).has_error());
  std::filesystem::rename(folder / "clip", folder / "clip.wav");
  REQUIRE(run_child({.arguments = {"sndfile-convert", "-vorbis", (folder / "clip.wav").string(), (folder / "clip.ogg").string()},
                     .input = {}, .patience = milliseconds(20'000)}));
  REQUIRE(voice.play_clip(Chime::attention, folder / "clip.ogg", {}));
  CHECK(read_wav(files_in(config.folder).back())->seconds() > 0.8);
  write(folder / "junk", std::string(5000, '?'));
  CHECK_FALSE(voice.play_clip(Chime::attention, folder / "junk", {}));
}

TEST_CASE("voice: a player that hangs is ended, and its name stands in the error", "[node][speaker]") {
  const TempFolder folder;
  Config config;
  config.player = {"khuoi-no-such-player", "{}"};
  CHECK(Voice(folder.path(), config).play_chime(Chime::done, {}).error().what.find("khuoi-no-such-player") != std::string::npos);
  config.player = {"/bin/sh", "-c", "test -s \"$0\"", "{}"};
  CHECK(Voice(folder.path(), config).play_chime(Chime::done, {}));
}

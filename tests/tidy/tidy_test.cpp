// Reads our own sources: what the compiler cannot know about how the house is laid out. Each rule is also shown a
// planted fault, so that a rule which has stopped seeing anything fails.
#include <catch2/catch.hpp>

#include "tests/support/places.h"
#include "tests/tidy/rooms.h"
#include "tests/tidy/rules.h"

namespace {

using namespace khuoi::tidy;

const std::vector<std::string> our_folders = {"sync", "storage", "radio", "node", "sim", "tests"};

template <typename Rule>
std::string findings_in(const std::vector<Source>& sources, Rule rule) {
  std::string out;
  for (const Source& source : sources) {
    for (const std::string& finding : rule(source)) out += finding + "\n";
  }
  return out;
}

const std::vector<Source>& cpp_sources() {
  static const std::vector<Source> sources = read_sources(khuoi::tests::source_root(), our_folders, {".h", ".cpp"});
  return sources;
}

Source planted(std::string path, std::string text) { return {std::move(path), std::move(text)}; }

}  // namespace

TEST_CASE("tidy: the sources are found", "[tidy]") {
  REQUIRE(cpp_sources().size() > 10);
  REQUIRE(std::any_of(cpp_sources().begin(), cpp_sources().end(),
                      [](const Source& source) { return source.path == "tests/tidy/tidy_test.cpp"; }));
}

TEST_CASE("tidy: includes run one way", "[tidy]") {
  REQUIRE(findings_in(cpp_sources(), include_direction) == "");

  REQUIRE(include_direction(planted("sync/store/store.h", "#include \"storage/env.h\"\n")).size() == 1);
  REQUIRE(include_direction(planted("sync/base/rng.h", "#include \"sync/store/store.h\"\n")).size() == 1);
  REQUIRE(include_direction(planted("radio/link.h", "\n# include \"sync/store/store.h\"\n"))
              .front()
              .starts_with("radio/link.h:2"));
  REQUIRE(include_direction(planted("storage/env.cpp", "#include \"node/log.h\"\n")).size() == 1);
  REQUIRE(include_direction(planted("node/main.cpp", "#include \"sim/world.h\"\n")).size() == 1);
  REQUIRE(include_direction(planted("sim/world.cpp", "#include \"tests/support/x.h\"\n")).size() == 1);
  REQUIRE(include_direction(planted("sim/air/air.h", "#include \"sync/store/store.h\"\n")).size() == 1);
  REQUIRE(include_direction(planted("sync/store/store.cpp", "#include \"store.h\"\n")).size() == 1);
  REQUIRE(include_direction(planted("node/main.cpp", "#include <sync/store/store.h>\n")).size() == 1);
  REQUIRE(include_direction(planted("radio/link.h", "#include \"sync/base/time.h\"\n")).empty());
  REQUIRE(include_direction(planted("node/main.cpp", "#include <vector>\n#include \"storage/env.h\"\n")).empty());
}

TEST_CASE("tidy: includes between the rooms of sync and node run down only", "[tidy]") {
  REQUIRE(findings_in(cpp_sources(), room_order) == "");
  REQUIRE(empty_rooms(cpp_sources()).empty());

  // Up, in either house; two rooms that include each other are found from the lower one.
  REQUIRE(room_order(planted("sync/record/record.h", "#include \"sync/merge/dossier.h\"\n")).size() == 1);
  REQUIRE(room_order(planted("sync/merge/dossier.h", "#include \"sync/record/record.h\"\n")).empty());
  REQUIRE(room_order(planted("sync/peers/peers.cpp", "#include \"sync/wire/wire.capnp.h\"\n")).size() == 1);
  REQUIRE(room_order(planted("node/engine/engine.cpp", "\n#include \"node/app/service.h\"\n"))
              .front()
              .starts_with("node/engine/engine.cpp:2: node/app/service.h lies above"));
  REQUIRE(room_order(planted("node/counter/counter.cpp", "#include \"node/openrosa/routes.h\"\n")).size() == 1);
  REQUIRE(room_order(planted("node/control/control_server.h", "# include \"node/cli/command.h\"\n")).size() == 1);
  // A room within a room stands above what it belongs to.
  REQUIRE(room_order(planted("node/links/link.h", "#include \"node/links/fiber/fiber.h\"\n")).size() == 1);
  REQUIRE(room_order(planted("node/links/fiber/fiber.h", "#include \"node/links/link.h\"\n")).empty());
  REQUIRE(room_order(planted("node/links/attic/box.h", "")).size() == 1);
  // A room that the table does not know, from inside and from outside; a file beside the rooms.
  REQUIRE(room_order(planted("node/attic/box.h", "")).size() == 1);
  REQUIRE(room_order(planted("node/app/service.cpp", "#include \"node/attic/box.h\"\n")).size() == 1);
  REQUIRE(room_order(planted("sync/loose.h", "")).size() == 1);
  REQUIRE(room_order(planted("sync/contact/session.h", "#include \"sync/loose.h\"\n")).size() == 1);
  REQUIRE_FALSE(empty_rooms({planted("node/app/main.cpp", "")}).empty());
  // Down, the own room, and other houses.
  REQUIRE(room_order(planted("node/app/main.cpp", "#include \"node/cli/parse.h\"\n#include \"sync/base/rng.h\"\n"))
              .empty());
  REQUIRE(room_order(planted("node/engine/log.cpp", "#include \"node/engine/log.h\"\n")).empty());
  REQUIRE(room_order(planted("tests/node/x_test.cpp", "#include \"node/app/service.h\"\n")).empty());
}

TEST_CASE("tidy: a source includes its own header first", "[tidy]") {
  std::set<std::string> headers;
  for (const Source& source : cpp_sources()) {
    if (source.path.ends_with(".h")) headers.insert(source.path);
  }
  REQUIRE(headers.size() > 10);
  const auto rule = [&](const Source& source) { return own_header_first(source, headers); };
  REQUIRE(findings_in(cpp_sources(), rule) == "");

  const std::set<std::string> one = {"sync/log/runs.h"};
  REQUIRE(
      own_header_first(planted("sync/log/runs.cpp", "#include <map>\n#include \"sync/log/runs.h\"\n"), one).size() ==
      1);
  REQUIRE(own_header_first(planted("sync/log/runs.cpp", "int x;\n"), one).size() == 1);
  REQUIRE(own_header_first(planted("sync/log/runs.cpp", "#include \"sync/log/runs.h\"\n"), one).empty());
  REQUIRE(own_header_first(planted("sync/log/rows.cpp", "#include <map>\n"), one).empty());
}

TEST_CASE("tidy: each package stays where it belongs", "[tidy]") {
  REQUIRE(findings_in(cpp_sources(), package_use) == "");

  REQUIRE(package_use(planted("sync/store/store.cpp", "#include <lmdb.h>\n")).size() == 1);
  REQUIRE(package_use(planted("sync/store/store.cpp", "#include <boost/asio.hpp>\n")).size() == 1);
  REQUIRE(package_use(planted("storage/env.cpp", "#include <capnp/message.h>\n")).size() == 1);
  REQUIRE(package_use(planted("node/main.cpp", "#include <pugixml.hpp>\n")).size() == 1);
  REQUIRE(package_use(planted("radio/modem/kiss.cpp", "#include <boost/asio/serial_port.hpp>\n")).size() == 1);
  REQUIRE(package_use(planted("radio/modem/serial.cpp", "#include <boost/asio/serial_port.hpp>\n")).empty());
  REQUIRE(package_use(planted("radio/erasure.cpp", "#include <isa-l/erasure_code.h>\n")).empty());
}

TEST_CASE("tidy: pure folders have no clock, sleep, entropy, thread or file", "[tidy]") {
  REQUIRE(findings_in(cpp_sources(), purity) == "");

  for (const char* line : {
           "auto t = std::chrono::steady_clock::now();",
           "auto t = Clock::now();",
           "std::this_thread::sleep_for(ms);",
           "std::random_device device;",
           "return time(nullptr);",
           "x = std::rand();",
           "randombytes_buf(out, 32);",
           "crypto_box_keypair(pk, sk);",
           "std::thread t;",
           "std::mutex m;",
           "std::ofstream out;",
           "auto* f = std::fopen(path, mode);",
           "std::cerr << x;",
           "const char* v = std::getenv(name);",
           "#include <fstream>",
           "#include <sys/stat.h>",
           "#include <random>",
       }) {
    CAPTURE(line);
    REQUIRE(purity(planted("sync/contact/session.cpp", line)).size() >= 1);
    REQUIRE(purity(planted("radio/link.cpp", line)).size() >= 1);
    REQUIRE(purity(planted("sim/air/air.cpp", line)).size() >= 1);
    REQUIRE(purity(planted("radio/modem/serial.cpp", line)).empty());
    REQUIRE(purity(planted("radio/modem/udp.cpp", line)).empty());
    REQUIRE(purity(planted("sim/air/modem_pty.cpp", line)).empty());
    REQUIRE(purity(planted("storage/env.cpp", line)).empty());
  }
  for (const char* line : {
           "// steady_clock::now() is for node/",
           "/* std::thread\n std::mutex */ int x = 0;",
           "const char* text = \"std::thread \\\" getenv\";",
           "auto text = R\"(fopen \" mutex)\";",
           "const int n = 1'000'000; const char c = '\"'; int thread = n;",
           "hpke.open(sealed, now);",
           "Micros time(int x);",
           "crypto_sign_seed_keypair(pk, sk, seed);",
           "void on_timer(Instant now);",
           "#include <chrono>",
       }) {
    CAPTURE(line);
    REQUIRE(purity(planted("sync/contact/session.cpp", line)).empty());
  }
}

TEST_CASE("tidy: nothing of one source reaches the next when both are compiled as one", "[tidy]") {
  REQUIRE(findings_in(cpp_sources(), leaks) == "");

  REQUIRE(leaks(planted("sync/a.cpp", "int x;\nusing namespace std;\n")).front().starts_with("sync/a.cpp:2"));
  REQUIRE(leaks(planted("node/links/a.cpp", "#define WITH_MORE 1")).size() == 1);
  REQUIRE(leaks(planted("node/links/a.cpp", "void f() {\n  using namespace std;\n}\n")).empty());
  REQUIRE(leaks(planted("node/links/a.h", "#define TRY(x) x\n")).empty());
}

TEST_CASE("tidy: no source is longer than 400 lines", "[tidy]") {
  REQUIRE(findings_in(cpp_sources(), file_length) == "");
  REQUIRE(findings_in(read_sources(khuoi::tests::source_root(), our_folders, {".ts"}), file_length) == "");

  REQUIRE(file_length(planted("sync/a.h", std::string(400, '\n'))).empty());
  REQUIRE(file_length(planted("sync/a.h", std::string(401, '\n'))).size() == 1);
}

TEST_CASE("tidy: no file names a folder of one machine", "[tidy]") {
  std::vector<std::string> folders = our_folders;
  folders.emplace_back(".ci");
  const auto texts = read_sources(khuoi::tests::source_root(), folders,
                                  {".h", ".cpp", ".txt", ".cmake", ".sh", ".py", ".md", ".ts", ".capnp", ".toml"});
  REQUIRE(findings_in(texts, machine_paths) == "");

  const std::string home =
      "ho"
      "me";
  REQUIRE(machine_paths(planted("run", "x=/" + home + "/someone/khuoi\n")).size() == 1);
  REQUIRE(machine_paths(planted("run", "a/" + home + "/b /" + home + "\n")).empty());
}

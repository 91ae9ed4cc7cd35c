// Runs a fuzz target without libFuzzer: every file of the corpus folder as it is, then mutations of those files.
// Each round draws from its own generator, so a finding is repeated alone: KHUOI_SEED=S program FOLDER --round R
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>

#include "sync/base/rng.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size);
/// The sanitizers' own hook; absent in a build without them.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

using khuoi::Bytes;

constexpr std::uint64_t rounds = 2000;
constexpr std::size_t input_octets_max = 1 << 16;

std::uint64_t seed = 1;
char now_running[512] = "nothing yet";

void say_what_ran() { std::fprintf(stderr, "replay: it happened at %s\n", now_running); }

void on_signal(int signal_number) {
  say_what_ran();
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

void watch_for_death() {
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(say_what_ran);
  } else {
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(number, on_signal);
  }
  std::signal(SIGABRT, on_signal);
}

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

/// A copy on the heap of exactly its size, so that AddressSanitizer sees a read one octet past the end.
void run(const Bytes& input) {
  const auto copy = std::make_unique<std::uint8_t[]>(input.size());
  std::copy(input.begin(), input.end(), copy.get());
  LLVMFuzzerTestOneInput(copy.get(), input.size());
}

/// One of the ways in which octets go wrong on their way.
void mutate(Bytes& octets, const std::vector<Bytes>& corpus, khuoi::Rng& rng) {
  const auto position = [&] { return static_cast<std::size_t>(rng.below(octets.size() + 1)); };
  const auto octet = [&] { return static_cast<std::uint8_t>(rng.below(256)); };
  const auto at = [&](std::size_t index) { return octets.begin() + static_cast<std::ptrdiff_t>(index); };
  const auto cut = [&] {
    const std::size_t from = position();
    return std::pair{from, from + static_cast<std::size_t>(rng.below(octets.size() - from + 1))};
  };
  switch (rng.below(8)) {
    case 0:  // one bit flips
      if (!octets.empty()) octets[rng.below(octets.size())] ^= static_cast<std::uint8_t>(1U << rng.below(8));
      break;
    case 1:  // one octet changes
      if (!octets.empty()) octets[rng.below(octets.size())] = octet();
      break;
    case 2:  // the end is missing
      octets.resize(position());
      break;
    case 3: {  // a part is missing
      const auto [from, to] = cut();
      octets.erase(at(from), at(to));
      break;
    }
    case 4: {  // a part comes twice
      const auto [from, to] = cut();
      const Bytes part(at(from), at(to));
      octets.insert(at(position()), part.begin(), part.end());
      break;
    }
    case 5: {  // octets that do not belong
      Bytes part(1 + rng.below(16));
      rng.fill(part);
      octets.insert(at(position()), part.begin(), part.end());
      break;
    }
    case 6:  // a length or a number at its limit
      if (octets.size() >= 4) {
        const std::size_t from = rng.below(octets.size() - 3);
        std::fill(at(from), at(from + 4), rng.below(2) == 0 ? std::uint8_t{0xff} : std::uint8_t{0});
      }
      break;
    default: {  // the head of one, the tail of another
      const Bytes& other = corpus[rng.below(corpus.size())];
      octets.resize(position());
      octets.insert(octets.end(), other.begin() + static_cast<std::ptrdiff_t>(rng.below(other.size() + 1)),
                    other.end());
      break;
    }
  }
  if (octets.size() > input_octets_max) octets.resize(input_octets_max);
}

void run_round(std::uint64_t round, const std::vector<Bytes>& corpus) {
  std::snprintf(now_running, sizeof now_running, "seed=%llu round=%llu", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(round));
  khuoi::SeededRng rng(seed * 1'000'003 + round);
  Bytes input = corpus[rng.below(corpus.size())];
  for (std::uint64_t left = 1 + rng.below(4); left > 0; --left) mutate(input, corpus, rng);
  run(input);
}

}  // namespace

int main(int argc, char** argv) {
  if (const char* text = std::getenv("KHUOI_SEED")) seed = std::strtoull(text, nullptr, 10);
  watch_for_death();
  std::vector<Bytes> corpus;
  std::set<std::filesystem::path> files;  // sorted: a folder's own order differs between machines
  if (argc > 1 && std::filesystem::is_directory(argv[1])) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) files.insert(entry.path());
  }
  for (const auto& file : files) {
    corpus.push_back(read_file(file));
    std::snprintf(now_running, sizeof now_running, "%s", file.c_str());
    run(corpus.back());
  }
  corpus.emplace_back();
  corpus.emplace_back(64, std::uint8_t{0});
  if (argc == 4 && std::strcmp(argv[2], "--round") == 0) {
    run_round(std::strtoull(argv[3], nullptr, 10), corpus);
    return 0;
  }
  for (std::uint64_t round = 0; round < rounds; ++round) run_round(round, corpus);
  std::printf("%zu files and %llu mutations, seed=%llu\n", files.size(), static_cast<unsigned long long>(rounds),
              static_cast<unsigned long long>(seed));
  return 0;
}

#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/storage/temp_folder.h"
#include "tests/support/codec_samples.h"
#include "tests/support/places.h"

namespace khuoi::bench {

/// The XML of submissions as tests/support/gen_submissions.py makes them, run by $KHUOI_PYTHON (python3); the same for the
/// same seed. `free`: the share of them, 0 to 1, with free text instead of stock phrases.
inline std::vector<Bytes> made_submissions(int count, int seed, const std::string& free = "0") {
  const tests::TempFolder folder;
  const auto out = folder.path() / "xml";
  const char* python = std::getenv("KHUOI_PYTHON");
  const std::string script = (tests::source_root() / "tests/support/gen_submissions.py").string();
  const std::string command = std::string(python == nullptr ? "python3" : python) + " " + script + " " + out.string() +
                              " --n " + std::to_string(count) + " --seed " + std::to_string(seed) + " --free " + free +
                              " > " + out.string() + ".log";
  REQUIRE(std::system(command.c_str()) == 0);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(out)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Bytes> all;
  for (const auto& file : files) all.push_back(tests::file_octets(file));
  return all;
}

}  // namespace khuoi::bench

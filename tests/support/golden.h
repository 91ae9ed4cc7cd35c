#pragma once

#include <fstream>
#include <map>
#include <string>

#include "tests/support/places.h"

namespace khuoi::tests {

/// A file of tests/data: `name hex` a line; lines that begin with # are for people.
inline std::map<std::string, std::string> read_golden(const std::string& name) {
  std::ifstream file(test_data() / name);
  std::map<std::string, std::string> out;
  for (std::string line; std::getline(file, line);) {
    const std::size_t space = line.find(' ');
    if (line.empty() || line[0] == '#' || space == std::string::npos) continue;
    out[line.substr(0, space)] = line.substr(space + 1);
  }
  return out;
}

}  // namespace khuoi::tests

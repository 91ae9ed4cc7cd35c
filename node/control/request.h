#pragma once

#include <map>
#include <string>
#include <vector>

namespace khuoi::node {

/// What a person asked for: a command's name and its options as typed. It is carried out by this process, or handed to
/// the service that runs on the same folder.
struct Request {
  std::string command;  ///< "submit", "form add"
  /// By the option's name ("--out") or the positional's ("FILE"); a flag that was given has one empty value.
  std::map<std::string, std::vector<std::string>> values;

  [[nodiscard]] bool has(const std::string& name) const { return values.contains(name); }
  /// The only value; empty when the option was not given.
  [[nodiscard]] const std::string& one(const std::string& name) const {
    static const std::string none;
    const auto found = values.find(name);
    return found == values.end() || found->second.empty() ? none : found->second.front();
  }
  [[nodiscard]] const std::vector<std::string>& many(const std::string& name) const {
    static const std::vector<std::string> none;
    const auto found = values.find(name);
    return found == values.end() ? none : found->second;
  }
};

}  // namespace khuoi::node

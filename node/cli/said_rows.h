#pragma once

#include <boost/json/fwd.hpp>
#include <string>

#include "node/cli/command.h"

namespace khuoi::node {

/// Rows of a list that are said as they come, so that a long one is never whole in memory: as lines, or as one JSON
/// document.
class SaidRows final {
 public:
  explicit SaidRows(Task& task) : task_(task), json_(task.request.has("--json")) {}
  [[nodiscard]] bool is_json() const { return json_; }
  void add(const boost::json::object& row);
  void add(const std::string& lines) { text_ += lines; }
  /// Says what came since. The caller is gone: nobody wants more.
  [[nodiscard]] bool say();
  void end();

 private:
  Task& task_;
  const bool json_;
  bool any_ = false;
  std::string text_;
};

}  // namespace khuoi::node

#include "node/cli/said_rows.h"

#include <boost/json.hpp>

namespace khuoi::node {

void SaidRows::add(const boost::json::object& row) {
  text_ += (any_ ? ",\n  " : "[\n  ") + boost::json::serialize(row);
  any_ = true;
}

bool SaidRows::say() {
  if (!text_.empty()) task_.caller.say(text_);
  text_.clear();
  return !task_.caller.gone();
}

void SaidRows::end() {
  if (json_) text_ += any_ ? "\n]\n" : "[]\n";
  task_.caller.say(text_);
  text_.clear();
}

}  // namespace khuoi::node

#pragma once

#include <span>
#include <string_view>

#include "sync/record/record.h"

namespace khuoi::node {

/// A form that ships with the program, so that a box is of use before it ever met its commune.
struct BuiltInForm {
  ByteView xml;
  sync::Domain domain = sync::Domain::general;
};

/// node/forms/*.xml, as CMake embeds them.
std::span<const BuiltInForm> built_in_forms();

/// node/forms/follow_ups.txt: the names of the fields that say when to come again and what for, where a form does not.
struct FollowUpNames {
  std::string_view day;
  std::string_view what;
};
FollowUpNames follow_up_names();

}  // namespace khuoi::node

#pragma once

#include <span>

#include "sync/record/record.h"

namespace khuoi::node {

/// A form that ships with the program, so that a box is of use before it ever met its commune.
struct BuiltInForm {
  ByteView xml;
  sync::Domain domain = sync::Domain::general;
};

/// node/forms/*.xml, as CMake embeds them.
std::span<const BuiltInForm> built_in_forms();

}  // namespace khuoi::node

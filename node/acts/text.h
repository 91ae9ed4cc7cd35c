#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sync/record/record.h"

namespace khuoi::node {

/// The name of a version on pages and command line: author, run and number, as `show` gives it and `pick` takes it.
std::string text_of_ref(const sync::Ref& ref);
std::optional<sync::Ref> ref_of_text(std::string_view text);

/// routine, priority, emergency.
std::string_view name_of(sync::Urgency urgency);

}  // namespace khuoi::node

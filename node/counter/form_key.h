#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace khuoi::http {

/// How the pages name a form: "id~version". An id may hold a '~' itself; in the version '~' and '%' are escaped (%7E,
/// %25), so the last '~' parts them.
std::string form_key(std::string_view id, std::string_view version);
/// Id and version again. A version whose escapes do not decode is taken as it stands.
std::pair<std::string, std::string> split_form_key(std::string_view key);

}  // namespace khuoi::http

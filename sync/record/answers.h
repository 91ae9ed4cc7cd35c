#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sync/base/bytes.h"
#include "sync/base/result.h"

namespace khuoi::sync {

/// What a submission says, without its form: every element that holds no other, by the path of local names below the
/// root ("meta/instanceName"), in document order. At most 4,096; those without text are left out.
using Answers = std::vector<std::pair<std::string, std::string>>;
/// Errors: malformed, too_large.
Result<Answers> read_answers(ByteView xml);

/// The first answer whose path ends with this name; empty when there is none.
std::string_view answer_named(const Answers& answers, std::string_view name);

/// The first answer at this path; empty when there is none.
std::string_view answer_at(const Answers& answers, std::string_view path);

/// For searching: lower case, without marks ("Nông Thị Mỷ" and "nong thi my" alike, đ as d), each run of white space one
/// blank. What is not UTF-8 comes back as it is.
std::string search_text(std::string_view text);

}  // namespace khuoi::sync

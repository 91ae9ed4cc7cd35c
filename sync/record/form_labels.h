#pragma once

#include <map>
#include <string>

#include "sync/base/bytes.h"
#include "sync/base/result.h"

namespace khuoi::sync {

/// What a form calls its questions and choices, for reading answers without a page.
struct FormLabels {
  struct Question {
    std::string label;                           ///< empty where the form has none
    std::map<std::string, std::string> choices;  ///< label by value; of lists within the form, not of files beside it
  };
  std::map<std::string, Question> questions;  ///< by the path of local names below the root, as read_answers gives it
};

/// In the language whose name holds `language` ("vi"), else the form's default one, else its first. One line each.
/// Errors: as read_form.
Result<FormLabels> read_form_labels(ByteView xml, std::string_view language);

/// An answer for a person: choices by their labels, a moment as "2026-01-31 08:05", all else as it stands.
std::string spoken_answer(const FormLabels::Question* question, const std::string& answer);

}  // namespace khuoi::sync

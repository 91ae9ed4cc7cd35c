#include "node/acts/form_problems.h"

#include "node/engine/node_rows.h"

namespace khuoi::http {

namespace {

constexpr node::NodeRows<sync::FormHash, std::string> problem_rows{node::NodeRow::form_problem,
                                                                   "why a form is not shown"};

}  // namespace

Result<std::string> form_problem(const sync::ReadTxn& txn, const sync::FormHash& form, std::string_view build) {
  KHUOI_TRY(const std::string text, problem_rows.get_or_new(txn, form));
  return text.starts_with(build) ? text.substr(build.size()) : std::string();
}

Result<void> put_form_problem(sync::Batch& batch, const sync::FormHash& form, std::string_view build,
                              const std::string& text) {
  return text.empty() ? problem_rows.erase(batch, form) : problem_rows.put(batch, form, std::string(build) + text);
}

}  // namespace khuoi::http

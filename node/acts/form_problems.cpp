#include "node/acts/form_problems.h"

#include "sync/log/core.h"

namespace khuoi::http {

namespace {

std::string row_of(const sync::FormHash& form) { return "form_problem/" + form.hex(); }

}  // namespace

Result<std::string> form_problem(const sync::ReadTxn& txn, const sync::FormHash& form, std::string_view build) {
  KHUOI_TRY(const Bytes value, sync::meta_octets(txn, row_of(form)));
  const std::string_view text = text_of(value);
  return std::string(text.starts_with(build) && text.size() > build.size() ? text.substr(build.size()) : "");
}

Result<void> put_form_problem(sync::Batch& batch, const sync::FormHash& form, std::string_view build,
                              const std::string& text) {
  if (text.empty()) return batch.txn.erase(sync::Table::meta, view_of(row_of(form)));
  return sync::put_meta_octets(batch, row_of(form), view_of(std::string(build) + text));
}

}  // namespace khuoi::http

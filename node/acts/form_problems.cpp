#include "node/acts/form_problems.h"

#include <algorithm>

#include "node/web_server/pages.h"
#include "sync/log/core.h"

namespace khuoi::http {

namespace {

std::string row_of(const sync::FormHash& form) { return "form_problem/" + form.hex(); }

/// Of the pages this program carries; empty when it was built without them.
std::string_view build_of_pages() {
  const auto files = page_files();
  const auto index = std::ranges::find(files, "index.html", &PageFile::path);
  return index == files.end() ? std::string_view() : index->hash;
}

}  // namespace

Result<std::string> form_problem(const sync::ReadTxn& txn, const sync::FormHash& form) {
  KHUOI_TRY(const Bytes value, sync::meta_octets(txn, row_of(form)));
  const std::string_view build = build_of_pages();
  const std::string_view text = text_of(value);
  return std::string(text.starts_with(build) && text.size() > build.size() ? text.substr(build.size()) : "");
}

Result<void> put_form_problem(sync::Batch& batch, const sync::FormHash& form, const std::string& text) {
  if (text.empty()) return batch.txn.erase(sync::Table::meta, view_of(row_of(form)));
  return sync::put_meta_octets(batch, row_of(form), view_of(std::string(build_of_pages()) + text));
}

}  // namespace khuoi::http

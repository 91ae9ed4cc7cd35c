#pragma once

#include <string>

#include "sync/dossiers/library.h"

namespace khuoi::http {

inline constexpr std::size_t form_problem_octets_max = 300;

/// Why the pages cannot show a form. Only their engine knows, so the first page that meets such a form tells the box,
/// in the engine's words; table `meta`, row `form_problem/<hash hex>`, one a published form. What another build of the
/// pages told counts for nothing: this one may be able to.
Result<std::string> form_problem(const sync::ReadTxn& txn, const sync::FormHash& form);  ///< empty: none is known
/// An empty text takes it back. Writes only what is new.
Result<void> put_form_problem(sync::Batch& batch, const sync::FormHash& form, const std::string& text);

}  // namespace khuoi::http

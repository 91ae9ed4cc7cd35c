#pragma once

#include <string>
#include <string_view>

#include "sync/dossiers/library.h"

namespace khuoi::http {

inline constexpr std::size_t form_problem_octets_max = 300;

/// Why the pages cannot show a form. Only their engine knows, so the first page that meets such a form tells the box,
/// in the engine's words; a row in table `node`, one a published form. What another build of the
/// pages told counts for nothing: this one may be able to. `build` is that of the pages at hand (build_of_pages).
/// Empty: none is known.
Result<std::string> form_problem(const sync::ReadTxn& txn, const sync::FormHash& form, std::string_view build);
/// An empty text takes it back.
Result<void> put_form_problem(sync::Batch& batch, const sync::FormHash& form, std::string_view build,
                              const std::string& text);

}  // namespace khuoi::http

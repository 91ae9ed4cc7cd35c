#pragma once

#include <functional>

#include "node/engine/engine.h"
#include "node/web_server/message.h"

namespace khuoi::http {

/// What was handed in, by a page or by a phone: one XForms instance and the files that came with it.
struct Handed {
  Bytes xml;
  std::vector<const Part*> files;  ///< paired by name (NAMES.md) with what the XML names; others are passed over
  /// The same instanceID with other XML: refused with `conflict`, or, as `khuoi submit` does, kept and marked.
  bool refuse_variant = true;
  /// Done in the same commit.
  std::function<Result<void>(sync::Replica&, sync::Batch&)> also;
};

struct Taken {
  DossierId id;
  std::uint32_t number = 0;
  std::string state;
  bool repeat = false;
  bool erased = false;  ///< its dossier was erased: it is kept apart, for a person
  sync::Domain domain = sync::Domain::general;
  std::vector<std::string> unnamed;  ///< files that came and that the submission does not name: they were not kept
};

/// Takes it in as `khuoi submit` does; durable when it returns. Needs no phrase. Files are streamed into the store in
/// commits of 16 MB, then finished in the commit of the record that names them.
/// Errors: malformed, not_found (no such form here), conflict, too_large, store_full, disk_full, denied (a commune).
Result<Taken> hand_in(node::Engine& engine, const Handed& handed);

}  // namespace khuoi::http

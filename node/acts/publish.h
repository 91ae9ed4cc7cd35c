#pragma once

#include "node/acts/staged_files.h"

namespace khuoi::node {

/// Publishes a document: sealed to the hamlets that `to` names (hamlets_named), all that have joined when it names
/// none; to everybody, not sealed, with `is_public`. Durable when it returns. Errors: denied at a hamlet, not_found
/// (`to`, or no hamlet has joined), usage; the sources', the store's.
Result<void> publish_document(Engine& engine, const std::string& title, const std::string& to,
                              const std::vector<FileSource>& files, bool is_public);

/// A form that pages and phones would fill in wrongly is refused before anything is stored.
/// Errors: malformed, unsupported, too_large.
Result<sync::FormFacts> read_publishable_form(ByteView xml);

/// Publishes a form with its media. Durable when it returns.
/// Errors: denied at a hamlet, conflict (other content under its id and version), malformed; the sources', the store's.
Result<void> publish_form(Engine& engine, sync::FormRecord form, const std::vector<FileSource>& media);

}  // namespace khuoi::node

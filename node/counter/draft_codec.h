#pragma once

#include "node/counter/drafts.h"

namespace khuoi::http {

// The octets of table `draft`, as DRAFTS.md draws them, and who can open them.

using BrowserId = Id<struct BrowserTag, 16>;

struct DraftHead {
  sync::Domain domain = sync::Domain::general;
  std::int64_t saved = 0;
  BrowserId browser;  ///< zero without a cookie
  Bytes for_reader;
  Bytes for_browser;
  Bytes head;
};
struct DraftFileRow {
  Bytes row;  ///< its key
  sync::FileId file;
  std::uint64_t octets = 0;
  Bytes for_reader;
  Bytes for_browser;
};

Bytes draft_row(char what, const DraftId& id);
Bytes draft_file_row(const DraftId& id, std::string_view name);
BrowserId browser_of(std::string_view cookie_secret);

Bytes encode_draft_head(const DraftHead& head);
/// Errors: damaged, unsupported.
Result<DraftHead> decode_draft_head(ByteView octets);
/// Errors: damaged.
Result<DraftFileRow> decode_draft_file(ByteView row, ByteView octets);

/// nonce 24 ‖ XChaCha20-Poly1305, `associated` bound.
Bytes seal_under(const sync::Secret& key, ByteView associated, ByteView plain, Rng& rng);
/// Errors: unauthenticated.
Result<Bytes> open_under(const sync::Secret& key, ByteView associated, ByteView sealed);

/// Draws the draft's key and puts it into the head for whoever may open it. Errors: locked when that is nobody here.
Result<sync::Secret> seal_draft_key(const sync::Keyring& keys, const people::Viewer& viewer, const DraftId& id, DraftHead& head,
                                    Rng& rng);
/// Errors: unauthenticated.
Result<sync::Secret> open_draft_key(const sync::Keyring& keys, const people::Viewer& viewer, const DraftId& id,
                                    const DraftHead& head);
Result<Bytes> seal_draft_file(const sync::Keyring& keys, const people::Viewer& viewer, sync::Domain domain, ByteView row,
                              const sync::FileFacts& facts, Rng& rng);
Result<sync::FileFacts> open_draft_file(const sync::Keyring& keys, const people::Viewer& viewer, sync::Domain domain,
                                        const DraftFileRow& row);

/// form, version, title, label, edit_of, at.
Bytes encode_draft_words(const Draft& draft);
Result<void> decode_draft_words(ByteView octets, Draft& out);

}  // namespace khuoi::http

#include "node/counter/draft_codec.h"

#include <sodium.h>

#include <boost/json.hpp>

#include "sync/seal/hash.h"
#include "sync/seal/hpke.h"
#include "sync/seal/sodium.h"

namespace khuoi::http {

namespace json = boost::json;
using sync::Blake2b;
using sync::Domain;
using sync::Keyring;
using sync::Secret;

namespace {

constexpr std::uint8_t draft_version = 1;
constexpr std::string_view draft_info = "khuoi/1/draft";
constexpr std::size_t key_octets = 32;
constexpr std::size_t nonce_octets = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_octets = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t sealed_octets_max = 1U << 20U;

Error damaged() { return fail(Errc::damaged, "store: a draft does not decode; restore from a backup"); }

Secret browser_key(std::string_view cookie_secret) {
  Bytes key = Blake2b(key_octets).add(view_of("draft key")).add(view_of(cookie_secret)).finish();
  Secret out = Secret::copy_of(key);
  sync::wipe(key);
  return out;
}

/// Sealed to whoever may read the domain, and to the browser of who may not.
struct SealedTwice {
  Bytes for_reader;
  Bytes for_browser;
};
Result<SealedTwice> seal_twice(const Keyring& keys, const people::Viewer& viewer, Domain domain, ByteView row, ByteView plain,
                               Rng& rng) {
  SealedTwice out;
  KHUOI_TRY(out.for_reader, sync::hpke_seal_once(keys.reader_public(domain), view_of(draft_info), row, plain, rng));
  const bool needs_browser = !viewer.may.reads(domain);
  if (needs_browser && viewer.drafts.empty())
    return fail(Errc::locked, "locked: this browser has no cookie to keep a draft for");
  if (needs_browser) out.for_browser = seal_under(browser_key(viewer.drafts), row, plain, rng);
  return out;
}

Result<Bytes> open_twice(const Keyring& keys, const people::Viewer& viewer, Domain domain, ByteView row, ByteView for_reader,
                         ByteView for_browser) {
  if (viewer.may.reads(domain) && keys.open(domain))
    return sync::hpke_open_once(keys.reader_secret(domain), view_of(draft_info), row, for_reader);
  if (viewer.logged_in() || viewer.drafts.empty() || for_browser.empty())
    return fail(Errc::unauthenticated, "this draft is sealed for somebody else");
  return open_under(browser_key(viewer.drafts), row, for_browser);
}

std::string text_at(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(json::string_view(name.data(), name.size()));
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

}  // namespace

Bytes draft_row(char what, const DraftId& id) {
  Bytes out{static_cast<std::uint8_t>(what)};
  append(out, id.view());
  return out;
}

Bytes draft_file_row(const DraftId& id, std::string_view name) {
  Bytes out = draft_row('f', id);
  append(out, Blake2b(16).add(view_of(name)).finish());
  return out;
}

BrowserId browser_of(std::string_view cookie_secret) {
  return *BrowserId::from(Blake2b(16).add(view_of("draft owner")).add(view_of(cookie_secret)).finish());
}

Bytes encode_draft_head(const DraftHead& head) {
  Bytes out;
  Writer to(out);
  to.u8(draft_version).u8(head.domain == Domain::health ? 1 : 0).u64(static_cast<std::uint64_t>(head.saved));
  to.raw(head.browser.view()).counted(head.for_reader).counted(head.for_browser).counted(head.head);
  return out;
}

Result<DraftHead> decode_draft_head(ByteView octets) {
  Reader from(octets);
  if (from.u8() != draft_version) return fail(Errc::unsupported, "store: a draft of a later version of khuoi");
  DraftHead out;
  out.domain = from.u8() == 1 ? Domain::health : Domain::general;
  out.saved = static_cast<std::int64_t>(from.u64());
  out.browser = BrowserId(from.array<16>());
  out.for_reader = to_bytes(from.counted(sealed_octets_max));
  out.for_browser = to_bytes(from.counted(sealed_octets_max));
  out.head = to_bytes(from.counted(sealed_octets_max));
  if (!from.done()) return damaged();
  return out;
}

Result<DraftFileRow> decode_draft_file(ByteView row, ByteView octets) {
  Reader from(octets);
  DraftFileRow out;
  out.row = to_bytes(row);
  out.file = sync::FileId(from.array<16>());
  out.octets = from.u64();
  out.for_reader = to_bytes(from.counted(sealed_octets_max));
  out.for_browser = to_bytes(from.counted(sealed_octets_max));
  if (!from.done()) return damaged();
  return out;
}

Bytes seal_under(const Secret& key, ByteView associated, ByteView plain, Rng& rng) {
  sync::require_sodium();
  Bytes out(nonce_octets + plain.size() + tag_octets);
  rng.fill(std::span(out).first(nonce_octets));
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + nonce_octets, nullptr, plain.data(), plain.size(),
                                             associated.data(), associated.size(), nullptr, out.data(),
                                             key.view().data());
  return out;
}

Result<Bytes> open_under(const Secret& key, ByteView associated, ByteView sealed) {
  sync::require_sodium();
  const Error wrong = fail(Errc::unauthenticated, "a draft does not open: another browser wrote it, or it was changed");
  if (sealed.size() < nonce_octets + tag_octets) return wrong;
  Bytes out(sealed.size() - nonce_octets - tag_octets);
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      out.data(), nullptr, nullptr, sealed.data() + nonce_octets, sealed.size() - nonce_octets, associated.data(),
      associated.size(), sealed.data(), key.view().data());
  if (failed != 0) return wrong;
  return out;
}

Result<Secret> seal_draft_key(const Keyring& keys, const people::Viewer& viewer, const DraftId& id, DraftHead& head, Rng& rng) {
  Secret key(key_octets);
  rng.fill(key.writable());
  KHUOI_TRY(SealedTwice sealed, seal_twice(keys, viewer, head.domain, draft_row('h', id), key.view(), rng));
  head.for_reader = std::move(sealed.for_reader);
  head.for_browser = std::move(sealed.for_browser);
  if (!viewer.drafts.empty()) head.browser = browser_of(viewer.drafts);
  return key;
}

Result<Secret> open_draft_key(const Keyring& keys, const people::Viewer& viewer, const DraftId& id, const DraftHead& head) {
  KHUOI_TRY(Bytes key, open_twice(keys, viewer, head.domain, draft_row('h', id), head.for_reader, head.for_browser));
  if (key.size() != key_octets) return damaged();
  Secret out = Secret::copy_of(key);
  sync::wipe(key);
  return out;
}

Result<Bytes> seal_draft_file(const Keyring& keys, const people::Viewer& viewer, Domain domain, ByteView row,
                              const sync::FileFacts& facts, Rng& rng) {
  const std::string plain = json::serialize(json::object{{"name", facts.name},
                                                         {"type", facts.type},
                                                         {"octets", facts.octets},
                                                         {"key", to_hex(facts.key)},
                                                         {"root", facts.root.hex()}});
  KHUOI_TRY(const SealedTwice sealed, seal_twice(keys, viewer, domain, row, view_of(plain), rng));
  Bytes out;
  Writer to(out);
  to.raw(sync::file_id_of(facts.key).view()).u64(facts.octets).counted(sealed.for_reader).counted(sealed.for_browser);
  return out;
}

Result<sync::FileFacts> open_draft_file(const Keyring& keys, const people::Viewer& viewer, Domain domain,
                                        const DraftFileRow& row) {
  KHUOI_TRY(const Bytes plain, open_twice(keys, viewer, domain, row.row, row.for_reader, row.for_browser));
  boost::system::error_code failed;
  const json::value value = json::parse(text_of(plain), failed);
  if (failed || !value.is_object()) return damaged();
  const json::object& object = value.get_object();
  sync::FileFacts out;
  out.name = text_at(object, "name");
  out.type = text_at(object, "type");
  out.octets = row.octets;
  const auto key = from_hex(text_at(object, "key"));
  const auto root = from_hex(text_at(object, "root"));
  if (!key || key->size() != out.key.size() || !root || root->size() != ChunkHash::octets) return damaged();
  std::copy(key->begin(), key->end(), out.key.begin());
  out.root = *ChunkHash::from(*root);
  return out;
}

Bytes encode_draft_words(const Draft& draft) {
  const std::string text = json::serialize(json::object{{"form", draft.form},
                                                        {"version", draft.version},
                                                        {"title", draft.title},
                                                        {"label", draft.label},
                                                        {"edit_of", draft.edit_of},
                                                        {"at", draft.at}});
  return to_bytes(view_of(text));
}

Result<void> decode_draft_words(ByteView octets, Draft& out) {
  boost::system::error_code failed;
  const json::value value = json::parse(text_of(octets), failed);
  if (failed || !value.is_object()) return damaged();
  const json::object& object = value.get_object();
  out.form = text_at(object, "form");
  out.version = text_at(object, "version");
  out.title = text_at(object, "title");
  out.label = text_at(object, "label");
  out.edit_of = text_at(object, "edit_of");
  out.at = text_at(object, "at");  // older drafts have none
  return {};
}

}  // namespace khuoi::http

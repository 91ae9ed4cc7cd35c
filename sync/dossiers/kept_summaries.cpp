#include "sync/dossiers/kept_summaries.h"

#include "sync/seal/xchacha.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {

/// Each sealed, with its number and domain bound.
constexpr Rows<std::uint32_t, Bytes> summary_rows{Table::summary, "what lists show of a dossier"};
constexpr std::string_view key_info = "khuoi/1/summary-key";

std::string key_name(Domain domain) { return "summary/" + std::string(name_of(domain)); }

Bytes bound_to(std::uint32_t number, Domain domain) {
  return bound("summary", octets_of_part(std::tuple(number, static_cast<std::uint8_t>(domain))));
}

}  // namespace

std::optional<Secret> KeptSummaries::opened(ByteView sealed, Domain domain) const {
  const std::string name = key_name(domain);
  const auto open_with = [&](const Secret& reader) -> std::optional<Secret> {
    const auto plain = hpke_open_once(reader, view_of(key_info), view_of(name), sealed);
    if (!plain || plain->size() != xchacha_key_octets) return std::nullopt;
    return Secret::copy_of(*plain);
  };
  if (!core_.self.is_commune()) return core_.keys.open(domain) ? open_with(core_.keys.reader_secret(domain)) : std::nullopt;
  for (auto pair = core_.keys.kem().rbegin(); pair != core_.keys.kem().rend(); ++pair) {
    if (auto key = open_with(pair->secret_key)) return key;
  }
  return std::nullopt;
}

Result<const Secret*> KeptSummaries::key_of(const ReadTxn& txn, Domain domain) {
  Secret& known = core_.opened->summary[static_cast<std::size_t>(domain)];
  if (!known.empty()) return &known;
  KHUOI_TRY(const auto sealed, txn.get(Table::keys, view_of(key_name(domain))));
  auto key = sealed ? opened(*sealed, domain) : std::nullopt;
  if (!key) return static_cast<const Secret*>(nullptr);
  known = std::move(*key);
  return &known;
}

Result<std::optional<Bytes>> KeptSummaries::of(const ReadTxn& txn, std::uint32_t number, Domain domain) {
  KHUOI_TRY(const Secret* key, key_of(txn, domain));
  if (key == nullptr) return std::optional<Bytes>();
  KHUOI_TRY(const auto sealed, txn.get(Table::summary, octets_of_part(number)));
  return sealed ? xchacha_open(*key, bound_to(number, domain), *sealed) : std::nullopt;
}

Result<bool> KeptSummaries::has(const ReadTxn& txn, std::uint32_t number) {
  KHUOI_TRY(const auto sealed, txn.get(Table::summary, octets_of_part(number)));
  return sealed.has_value();
}

Result<void> KeptSummaries::put(Batch& batch, std::uint32_t number, Domain domain, ByteView plain) {
  KHUOI_TRY(const Secret* key, key_of(batch.txn, domain));
  if (key == nullptr) {
    const bool may = core_.self.is_commune() || core_.keys.open(domain);
    if (!may) return fail(Errc::locked, "locked: give the passphrase to read dossiers");
    // None yet, or one for a reader key that another took the place of: rows of it open no more.
    Secret fresh(xchacha_key_octets);
    core_.rng.fill(fresh.writable());
    const KemPublic& reader =
        core_.self.is_commune() ? core_.keys.kem().back().public_key : core_.keys.reader_public(domain);
    const std::string name = key_name(domain);
    KHUOI_TRY(const Bytes sealed, hpke_seal_once(reader, view_of(key_info), view_of(name), fresh.view(), core_.rng));
    KHUOI_TRY_VOID(batch.txn.put(Table::keys, view_of(name), sealed));
    const Bytes row = xchacha_seal(fresh, bound_to(number, domain), plain, core_.rng);
    return summary_rows.put(batch, number, row);
  }
  return summary_rows.put(batch, number, xchacha_seal(*key, bound_to(number, domain), plain, core_.rng));
}

Result<void> KeptSummaries::erase(Batch& batch, std::uint32_t number) { return summary_rows.erase(batch, number); }

}  // namespace khuoi::sync

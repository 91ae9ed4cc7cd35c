#include "sim/ledger.h"

#include "sim/trace.h"
#include "sync/seal/hash.h"

namespace khuoi::sim {

namespace {

/// Class, rank and body of a stored record; not the octet between, which tells this node's own view of it.
Bytes digest_of(ByteView value) {
  if (value.size() < 2) violated("a stored record of " + std::to_string(value.size()) + " octets");
  return sync::Blake2b(16).add(value.first(1)).add(value.subspan(2)).finish();
}

}  // namespace

std::string name_of_key(ByteView key) {
  Reader from(key);
  const std::string author = to_hex(from.raw(8)).substr(0, 6);
  const std::string run = to_hex(from.raw(8)).substr(0, 6);
  return author + "/" + run + "/" + std::to_string(from.u32());
}

void Ledger::sealed(ByteView key, ByteView value) {
  Bytes digest = digest_of(value);
  const auto [at, is_new] = sealings_.try_emplace(to_bytes(key), Sealing{digest, false});
  if (!is_new && at->second.digest != digest) violated("sealed twice under one number: " + name_of_key(key));
}

void Ledger::sealed_committed(ByteView key) {
  const auto at = sealings_.find(key);
  if (at != sealings_.end()) at->second.committed = true;
}

void Ledger::taken(ByteView key, ByteView value, const std::string& who) {
  const auto at = sealings_.find(key);
  if (at == sealings_.end()) violated(who + " took in a record that nobody sealed: " + name_of_key(key));
  if (!at->second.committed) violated(who + " took in a record that left before its commit: " + name_of_key(key));
  if (at->second.digest != digest_of(value)) violated(who + " took in a changed record: " + name_of_key(key));
}

void Ledger::commune_restored(const sync::ReadTxn& now) {
  restored_ = true;
  for (const Bytes& key : at_commune_) {
    if (!*now.get(sync::Table::record, key)) lost_.insert(key);
  }
}

void NodeWatch::record_put(ByteView key, ByteView value) {
  if (is_own(key)) {
    ledger_.sealed(key, value);
    written_.push_back(to_bytes(key));
  } else {
    ledger_.taken(key, value, name_);
  }
}

void NodeWatch::records_committed(const std::vector<Bytes>& keys) {
  ++commits_;
  for (const Bytes& key : keys) {
    if (is_own(key)) ledger_.sealed_committed(key);
    if (is_commune_) ledger_.commune_committed(key);
  }
}

}  // namespace khuoi::sim

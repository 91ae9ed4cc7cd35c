#include "node/people/backoff.h"

#include <algorithm>

namespace khuoi::people {

namespace {
constexpr std::uint64_t failures_max = 10;
constexpr std::uint64_t wait_seconds_max = 900;
constexpr std::size_t address_octets_max = 64;

std::string counter_of(const Backoff::Try& attempt) { return attempt.name + '\0' + attempt.from; }
bool counts_strangers(const Backoff::Try& attempt) { return attempt.strangers_free != Backoff::no_end; }
}  // namespace

void Tries::Address::write(Writer& to) const { to.counted(view_of(from)).varint(failures).u8(familiar ? 1 : 0); }

void Tries::Address::read(Reader& octets) {
  from = text_of(octets.counted(address_octets_max));
  failures = octets.varint();
  familiar = octets.u8() != 0;
}

std::uint64_t wait_seconds(std::uint64_t failures) {
  if (failures == 0) return 0;
  return failures >= failures_max ? wait_seconds_max : std::uint64_t{1} << (failures - 1);
}

Result<void> Backoff::put(sync::Batch& batch, const std::string& name, const Tries& row) {
  const bool nothing = row.failures == 0 && row.addresses.empty();
  return nothing ? tries_rows.erase(batch, name) : tries_rows.put(batch, name, row);
}

/// What is known of an address, taken out of the row.
Tries::Address Backoff::take(Tries& row, const std::string& from) {
  Address out;
  out.from = from.substr(0, address_octets_max);
  const auto known = std::ranges::find(row.addresses, out.from, &Address::from);
  if (known == row.addresses.end()) return out;
  out = *known;
  row.addresses.erase(known);
  return out;
}

/// Puts it back as the latest, if there is anything to say of it, and keeps the row short.
void Backoff::put_first(Tries& row, const std::string& name, Address one) {
  if (one.failures > 0 || one.familiar) row.addresses.insert(row.addresses.begin(), std::move(one));
  std::size_t familiar = 0;
  for (Address& other : row.addresses) other.familiar = other.familiar && ++familiar <= familiar_max;
  std::erase_if(row.addresses, [](const Address& other) { return other.failures == 0 && !other.familiar; });
  while (row.addresses.size() > tried_from_max) {
    const auto oldest = std::ranges::find(row.addresses.rbegin(), row.addresses.rend(), false, &Address::familiar);
    last_.erase(counter_of({name, oldest->from}));
    row.addresses.erase(std::next(oldest).base());
  }
}

std::uint64_t Backoff::left(const std::string& counter, std::uint64_t failures) const {
  if (failures == 0) return 0;
  const auto known = last_.find(counter);
  const Instant last = known == last_.end() ? started_ : known->second;
  const auto passed = std::chrono::duration_cast<std::chrono::seconds>(engine_.now().monotonic - last);
  const auto since = static_cast<std::uint64_t>(passed.count());
  const std::uint64_t needed = wait_seconds(failures);
  return since >= needed ? 0 : needed - since;
}

Result<std::uint64_t> Backoff::wait(const Try& attempt) {
  Tries known;
  KHUOI_TRY_VOID(engine_.look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(known, tries_rows.get_or_new(txn, attempt.name));
    return {};
  }));
  const std::uint64_t all = known.failures;
  const Address own = take(known, attempt.from);
  const std::uint64_t for_own = left(counter_of(attempt), own.failures);
  if (own.familiar || all <= attempt.strangers_free) return for_own;
  return std::max(for_own, left(attempt.name, all - attempt.strangers_free));
}

Result<void> Backoff::count(const Try& attempt) {
  return engine_.work([&](sync::Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(Tries known, tries_rows.get_or_new(batch.txn, attempt.name));
    Address own = take(known, attempt.from);
    ++own.failures;
    ++known.failures;
    put_first(known, attempt.name, std::move(own));
    return put(batch, attempt.name, known);
  });
}

void Backoff::failed(const Try& attempt) {
  const Instant now = engine_.now().monotonic;
  last_[counter_of(attempt)] = now;
  last_[attempt.name] = now;
}

Result<void> Backoff::succeeded(const Try& attempt) {
  last_.erase(counter_of(attempt));
  Tries known;
  KHUOI_TRY_VOID(engine_.look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(known, tries_rows.get_or_new(txn, attempt.name));
    return {};
  }));
  const bool strangers = counts_strangers(attempt);
  Address own = take(known, attempt.from);
  const bool nothing_new = own.failures == 0 && (!strangers || (own.familiar && known.failures == 0));
  if (nothing_new) return {};
  return engine_.work([&](sync::Replica&, sync::Batch& batch) -> Result<void> {
    own.failures = 0;
    if (strangers) {
      own.familiar = true;
      known.failures = 0;
    }
    put_first(known, attempt.name, own);
    return put(batch, attempt.name, known);
  });
}

Result<std::uint64_t> Backoff::failures(const std::string& name) {
  std::uint64_t out = 0;
  KHUOI_TRY_VOID(engine_.look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const Tries known, tries_rows.get_or_new(txn, name));
    out = known.failures;
    return {};
  }));
  return out;
}

Result<void> Backoff::forgive(const std::string& name) {
  KHUOI_TRY(const std::uint64_t before, failures(name));
  if (before == 0) return {};
  return engine_.work([&](sync::Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(Tries known, tries_rows.get_or_new(batch.txn, name));
    known.failures = 0;
    return put(batch, name, known);
  });
}

}  // namespace khuoi::people

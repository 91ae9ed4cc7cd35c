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

std::string tries_row(const std::string& name) { return "tries/" + name; }

std::uint64_t wait_seconds(std::uint64_t failures) {
  if (failures == 0) return 0;
  return failures >= failures_max ? wait_seconds_max : std::uint64_t{1} << (failures - 1);
}

Result<Backoff::Row> Backoff::row(const sync::ReadTxn& txn, const std::string& name) {
  Row out;
  KHUOI_TRY(const Bytes value, sync::meta_octets(txn, tries_row(name)));
  if (value.empty()) return out;
  Reader from(value);
  out.failures = from.u64();
  while (from.ok() && !from.rest().empty()) {
    Address one;
    one.from = text_of(from.counted(address_octets_max));
    one.failures = from.varint();
    one.familiar = from.u8() != 0;
    out.addresses.push_back(std::move(one));
  }
  if (!from.done()) {
    return fail(Errc::damaged, "store: the wrong tries at '" + name + "' do not decode; restore a backup");
  }
  return out;
}

Result<void> Backoff::put(sync::Batch& batch, const std::string& name, const Row& row) {
  if (row.failures == 0 && row.addresses.empty()) return batch.txn.erase(sync::Table::meta, view_of(tries_row(name)));
  Bytes value;
  Writer to(value);
  to.u64(row.failures);
  for (const Address& one : row.addresses) {
    to.counted(view_of(one.from)).varint(one.failures).u8(one.familiar ? 1 : 0);
  }
  return sync::put_meta_octets(batch, tries_row(name), value);
}

/// What is known of an address, taken out of the row.
Backoff::Address Backoff::take(Row& row, const std::string& from) {
  Address out;
  out.from = from.substr(0, address_octets_max);
  const auto known = std::ranges::find(row.addresses, out.from, &Address::from);
  if (known == row.addresses.end()) return out;
  out = *known;
  row.addresses.erase(known);
  return out;
}

/// Puts it back as the latest, if there is anything to say of it, and keeps the row short.
void Backoff::put_first(Row& row, const std::string& name, Address one) {
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
  Row known;
  KHUOI_TRY_VOID(engine_.look([&](sync::Replica&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(known, row(txn, attempt.name));
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
    KHUOI_TRY(Row known, row(batch.txn, attempt.name));
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
  Row known;
  KHUOI_TRY_VOID(engine_.look([&](sync::Replica&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(known, row(txn, attempt.name));
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
  KHUOI_TRY_VOID(engine_.look([&](sync::Replica&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const Row known, row(txn, name));
    out = known.failures;
    return {};
  }));
  return out;
}

Result<void> Backoff::forgive(const std::string& name) {
  KHUOI_TRY(const std::uint64_t before, failures(name));
  if (before == 0) return {};
  return engine_.work([&](sync::Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(Row known, row(batch.txn, name));
    known.failures = 0;
    return put(batch, name, known);
  });
}

}  // namespace khuoi::people

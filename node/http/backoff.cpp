#include "node/http/backoff.h"

namespace khuoi::http {

namespace {
constexpr std::uint64_t failures_max = 10;
constexpr std::uint64_t wait_seconds_max = 900;
}  // namespace

std::string tries_row(const std::string& name) { return "tries/" + name; }

std::uint64_t wait_seconds(std::uint64_t failures) {
  if (failures == 0) return 0;
  return failures >= failures_max ? wait_seconds_max : std::uint64_t{1} << (failures - 1);
}

Result<std::uint64_t> Backoff::failures(const std::string& name) {
  std::uint64_t out = 0;
  KHUOI_TRY_VOID(engine_.look([&](sync::Replica&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(out, sync::meta_number(txn, tries_row(name)));
    return {};
  }));
  return out;
}

Result<std::uint64_t> Backoff::wait(const std::string& name) {
  KHUOI_TRY(const std::uint64_t before, failures(name));
  if (before == 0) return std::uint64_t{0};
  const auto known = last_.find(name);
  const Instant last = known == last_.end() ? started_ : known->second;
  const auto passed = std::chrono::duration_cast<std::chrono::seconds>(engine_.now().monotonic - last);
  const auto since = static_cast<std::uint64_t>(passed.count());
  const std::uint64_t needed = wait_seconds(before);
  return since >= needed ? std::uint64_t{0} : needed - since;
}

Result<void> Backoff::count(const std::string& name) {
  return engine_.work([&](sync::Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const std::uint64_t before, sync::meta_number(batch.txn, tries_row(name)));
    return sync::put_meta_number(batch, tries_row(name), before + 1);
  });
}

void Backoff::failed(const std::string& name) { last_[name] = engine_.now().monotonic; }

Result<void> Backoff::succeeded(const std::string& name) {
  last_.erase(name);
  KHUOI_TRY(const std::uint64_t before, failures(name));
  if (before == 0) return {};
  return engine_.work([&](sync::Replica&, sync::Batch& batch) -> Result<void> {
    return batch.txn.erase(sync::Table::meta, view_of(tries_row(name)));
  });
}

}  // namespace khuoi::http

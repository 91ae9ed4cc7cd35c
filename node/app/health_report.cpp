#include "node/app/health_report.h"

#include <filesystem>

#include "node/engine/log.h"
#include "node/engine/node_rows.h"

namespace khuoi::node {

namespace fs = std::filesystem;

namespace {
constexpr std::int64_t health_told_every_seconds = 86400;
constexpr NodeRows<std::tuple<>, std::uint64_t> told_at{NodeRow::health_told_at,
                                                        "when this box last told how it fares"};
}  // namespace

void tell_health(Engine& engine) {
  sync::NodeHealth health;
  health.version = KHUOI_VERSION;
  health.store_octets = engine.store().usage().octets_used;
  health.uptime_seconds = static_cast<std::uint64_t>(engine.uptime().count()) / 1'000'000;
  std::error_code failed;
  health.disk_free_octets = fs::space(engine.dir(), failed).available;
  if (failed) health.disk_free_octets = 0;
  engine.post({.run = [health](sync::Replica& replica, sync::Batch& batch) mutable -> Result<void> {
                   if (replica.self().is_commune() || !replica.self().granted()) return {};
                   KHUOI_TRY(const std::uint64_t last, told_at.get_or_new(batch.txn, {}));
                   const std::int64_t since = batch.now.wall.value - static_cast<std::int64_t>(last);
                   if (last != 0 && since >= 0 && since < health_told_every_seconds) return {};
                   KHUOI_TRY_VOID(told_at.put(batch, {}, static_cast<std::uint64_t>(batch.now.wall.value)));
                   if (last == 0) return {};  // the first day begins now
                   health.clock_trusted = replica.since_start().told_time().at(batch.now).has_value();
                   KHUOI_TRY_VOID(replica.bulletin().tell(batch, sync::Rank::low, health));
                   return {};
                 },
                 .done =
                     [](const Result<void>& done) {
                       if (!done) log_warning("health_not_told", {{"why", done.error().what}});
                     },
                 .repeatable = true});
}

}  // namespace khuoi::node

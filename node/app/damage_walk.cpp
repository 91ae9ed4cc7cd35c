#include "node/app/damage_walk.h"

#include <string>

#include "node/engine/log.h"

namespace khuoi::node {

namespace {
constexpr std::size_t rows_a_step = 5000;  // some milliseconds
}

void DamageWalk::step() {
  const std::lock_guard held(mutex_);
  std::size_t rows = 0;
  std::size_t damaged = 0;
  std::uint32_t next = next_;
  const auto looked = engine_.look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    const auto take = [&](std::uint32_t number, const sync::DossierKey&,
                          const Result<sync::DossierRow>& row) -> Result<sync::Walk> {
      next = number + 1;
      if (!row) {
        const auto mark = sync::dossier_mark_rows.get(txn, number);
        damaged += mark && *mark && (*mark)->damaged ? 0U : 1U;
      }
      return ++rows < rows_a_step ? sync::Walk::on : sync::Walk::stop;
    };
    return reader.dossiers().each_from(txn, next_, take);
  });
  if (!looked) return;
  next_ = rows < rows_a_step ? 0 : next;
  if (damaged > 0) {
    log_warning("dossiers_damaged", {{"count", std::to_string(damaged)}, {"why", "'khuoi verify' names them"}});
  }
}

}  // namespace khuoi::node

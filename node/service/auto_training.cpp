#include "node/service/auto_training.h"

namespace khuoi::node {

Result<std::size_t> train_when_due(Engine& engine) {
  bool due = false;
  sync::TrainingSet set;
  KHUOI_TRY_VOID(engine.look([&](sync::Replica& replica, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(due, replica.training_due(txn));
    if (!due) return {};
    KHUOI_TRY(set, replica.training_set(txn));
    return {};
  }));
  if (!due) return std::size_t{0};
  KHUOI_TRY(const auto dictionaries, sync::learn(set, sync::Training::when_a_tenth_less));
  KHUOI_TRY_VOID(engine.work([&](sync::Replica& replica, sync::Batch& batch) {
    return replica.publish_dictionaries(batch, dictionaries);
  }));
  return dictionaries.size();
}

}  // namespace khuoi::node

#include "node/acts/auto_training.h"

namespace khuoi::node {

namespace {

/// The attempt is noted first, in a commit of its own.
Result<sync::TrainingSet> noted_set(Engine& engine, const sync::StopAsked& stop) {
  sync::TrainingSet set;
  KHUOI_TRY_VOID(engine.work([](sync::Replica& replica, sync::Batch& batch) { return replica.trainer().note(batch); }));
  KHUOI_TRY_VOID(engine.look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(set, reader.lessons().set(txn, stop));
    return {};
  }));
  return set;
}

}  // namespace

Result<std::size_t> train_now(Engine& engine, sync::Training training, const sync::StopAsked& stop) {
  KHUOI_TRY(const sync::TrainingSet set, noted_set(engine, stop));
  KHUOI_TRY(const auto dictionaries, sync::learn(set, training, stop));
  KHUOI_TRY_VOID(engine.work([&](sync::Replica& replica, sync::Batch& batch) {
    return replica.trainer().publish(batch, dictionaries);
  }));
  return dictionaries.size();
}

Result<std::size_t> train_when_due(Engine& engine, const sync::StopAsked& stop) {
  bool due = false;
  KHUOI_TRY_VOID(engine.look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(due, reader.lessons().due(txn));
    return {};
  }));
  if (!due) return std::size_t{0};
  return train_now(engine, sync::Training::when_a_tenth_less, stop);
}

}  // namespace khuoi::node

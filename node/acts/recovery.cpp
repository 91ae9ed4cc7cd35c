#include "node/acts/recovery.h"

#include "node/acts/people.h"

namespace khuoi::node {

using sync::Replica;
using sync::ReplicaReader;

Result<Bytes> request_recovery(Engine& engine, const std::string& domain) {
  Bytes out;
  KHUOI_TRY_VOID(engine.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(out, sync::make_recovery_request(replica.membership(), batch, engine.rng(), domain));
    return {};
  }));
  return out;
}

Result<sync::RecoveryAnswer> answer_recovery(Engine& engine, const std::vector<sync::LockKey>& keys, ByteView request) {
  sync::RecoveryAnswer out;
  KHUOI_TRY_VOID(engine.work_as(keys, [&](Replica& replica, sync::Batch&) -> Result<void> {
    KHUOI_TRY(out, sync::answer_recovery(replica.membership(), request, engine.rng()));
    return {};
  }));
  return out;
}

Result<Recovered> open_recovery(Engine& engine, ByteView answer) {
  Recovered out;
  KHUOI_TRY_VOID(engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(out.keys, sync::open_recovery_answer(reader.membership(), txn, answer));
    out.node = reader.self().name;
    return {};
  }));
  // Keys that open nothing here must not replace anybody's slot.
  KHUOI_TRY_VOID(engine.work_as(out.keys, [](Replica&, sync::Batch&) { return Result<void>(); }));
  return out;
}

Result<void> recover(Engine& engine, const Recovered& recovered, const std::string& person, const sync::Secret& phrase) {
  KHUOI_TRY_VOID(put_person(engine, {.person = person, .phrase = phrase}, recovered.keys));
  return engine.work([](Replica&, sync::Batch& batch) { return sync::forget_recovery_request(batch); });
}

}  // namespace khuoi::node

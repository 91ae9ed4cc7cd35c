#include "node/acts/answer.h"

namespace khuoi::node {

using sync::Replica;
using sync::ReplicaReader;

Result<void> answer(Engine& engine, const std::string& digits, sync::StateChange change,
                    const std::vector<FileSource>& papers, const Engine::WorkFn& also) {
  sync::DossierKey key;
  // Before files are taken in: whether there is such a dossier at all.
  KHUOI_TRY_VOID(engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    if (!reader.self().is_commune()) return fail(Errc::denied, "the state of a dossier is set by the commune");
    KHUOI_TRY(key, reader.views().resolve(txn, digits));
    return {};
  }));
  return work_with_files(engine, papers, [&](Replica& replica, sync::Batch& batch, auto files) -> Result<void> {
    change.files = std::move(files);
    KHUOI_TRY_VOID(replica.set_state(batch, key, change));
    return also ? also(replica, batch) : Result<void>();
  });
}

}  // namespace khuoi::node

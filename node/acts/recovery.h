#pragma once

#include <string>
#include <vector>

#include "node/engine/engine.h"
#include "sync/membership/recovery.h"

namespace khuoi::node {

// A lost phrase, from the hamlet to the commune and back: sync/membership/recovery.h says how.

/// At the hamlet: what the commune is asked with. `domain`: whose phrase is lost, where there are two; else empty.
/// Errors: as sync::make_recovery_request.
Result<Bytes> request_recovery(Engine& engine, const std::string& domain);
/// At the commune, by who has the authority's phrase: nobody who merely sits at its machine opens a hamlet's box.
/// Errors: as sync::answer_recovery; locked.
Result<sync::RecoveryAnswer> answer_recovery(Engine& engine, const std::vector<sync::LockKey>& keys, ByteView request);

struct Recovered {
  std::vector<sync::LockKey> keys;  ///< they open this node
  std::string node;                 ///< its name
};
/// At the hamlet. Nothing is changed yet. Errors: as sync::open_recovery_answer; denied when the keys open nothing here.
Result<Recovered> open_recovery(Engine& engine, ByteView answer);
/// The person's new phrase opens what the answer did. Errors: as put_person.
Result<void> recover(Engine& engine, const Recovered& recovered, const std::string& person, const sync::Secret& phrase);

}  // namespace khuoi::node

#include "node/cli/unlocking.h"

#include "node/acts/role.h"

namespace khuoi::node {

using sync::LockKey;
using sync::ReplicaReader;

Result<OpenedSlot> slot_of_caller(const Task& task, Ask ask) {
  bool locked = false;
  KHUOI_TRY_VOID(task.engine.look([&](ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    locked = reader.locked();
    return {};
  }));
  KHUOI_TRY(const auto phrase, task.caller.phrase(Phrase::present, locked ? ask : Ask::if_given));
  if (!phrase) return OpenedSlot{};
  return open_slot(task.engine, task.request.one("--person"), *phrase);
}

Result<std::vector<LockKey>> keys_of_caller(const Task& task, Ask ask) {
  KHUOI_TRY(OpenedSlot opened, slot_of_caller(task, ask));
  return std::move(opened.keys);
}

Result<std::vector<LockKey>> required_keys(const Task& task) {
  KHUOI_TRY(auto keys, keys_of_caller(task, Ask::person));
  bool locked = false;
  KHUOI_TRY_VOID(task.engine.look([&](ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    locked = reader.locked();
    return {};
  }));
  if (keys.empty() && locked) {
    return fail(Errc::locked, "locked: give the passphrase with --passphrase-file or KHUOI_PASSPHRASE");
  }
  return keys;
}

Result<std::vector<LockKey>> keys_without_asking(const Task& task) {
  KHUOI_TRY(const bool commune, at_commune(task.engine));
  // There --person says who acts, and no phrase is asked for.
  if (commune && task.request.has("--person")) return std::vector<LockKey>();
  return keys_of_caller(task, Ask::if_given);
}

Result<std::vector<LockKey>> reading_keys(const Task& task) {
  KHUOI_TRY(const bool commune, at_commune(task.engine));
  return commune ? keys_without_asking(task) : required_keys(task);
}

std::vector<Option> with_phrase_options(std::vector<Option> options) {
  options.push_back({.name = "--passphrase-file",
                     .help = "the passphrase is what this file holds (else KHUOI_PASSPHRASE, else a prompt)"});
  options.push_back({.name = "--person", .help = "whose passphrase it is; saves trying everybody's"});
  return options;
}

}  // namespace khuoi::node

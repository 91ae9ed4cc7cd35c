#pragma once

#include <map>
#include <mutex>

#include "node/engine/engine.h"
#include "node/people/viewer.h"

namespace khuoi::people {

/// The one way from a page to what is sealed. Whatever is read for somebody is read with that person's keys alone, so
/// that what they may not see does not open, whoever else is logged in at the time; and every dossier named by an id is
/// looked up here, where one of another domain is as unknown as one that never was. Threads: any.
class ReadGuard final {
 public:
  explicit ReadGuard(node::Engine& engine) : engine_(engine) {}

  using LookFn = node::Engine::LookFn;
  using WorkFn = node::Engine::WorkFn;
  /// With no keys at all for who is not logged in.
  Result<void> look(const Viewer& viewer, const LookFn& fn);
  /// Errors: locked for who is not logged in.
  Result<void> work(const Viewer& viewer, const WorkFn& fn);

  struct Found {
    sync::DossierKey key;
    sync::DossierRow row;
  };
  /// From all 32 digits. Errors: locked for who is not logged in; not_found, of another domain too.
  static Result<Found> find(sync::ReplicaReader& reader, const sync::ReadTxn& txn, const Viewer& viewer,
                            std::string_view id);

  /// Who read what of people's health: sealed to the health reader key, so only who may read health may read this.
  struct Access {
    std::int64_t at = 0;
    std::string person;
    std::string what;  ///< list, search, read, file, edit, withdraw, pick
    std::string id;    ///< of the dossier, or empty
  };
  /// Durable when it returns: what is read has been noted before it is shown. Opening a record asks for its facts, its
  /// answers and its photos one by one: `read` and `file` of one record are noted once in ten minutes a person.
  Result<void> note_access(const Viewer& viewer, std::string_view what, std::string_view id);
  /// The same for lists and searches, once in ten minutes a person and kind: a page asks for them all the time.
  Result<void> note_browsing(const Viewer& viewer, std::string_view what);
  /// Newest first. Errors: not_found for who may not read health.
  Result<std::vector<Access>> accesses(const Viewer& viewer);

 private:
  Result<void> note(const Viewer& viewer, std::string_view what, std::string_view id);
  bool noted_lately(const Viewer& viewer, std::string_view what, std::string_view id);
  void forget_noted(const Viewer& viewer, std::string_view what, std::string_view id);

  node::Engine& engine_;
  std::mutex mutex_;
  std::map<std::string, Instant> noted_;  ///< by kind, record and person: when it was last noted
};

}  // namespace khuoi::people

#include "storage/backup.h"

#include <sys/stat.h>

#include <filesystem>

#include "node/acts/desk_marks.h"
#include "node/cli/command.h"
#include "node/engine/clean_stop.h"

namespace khuoi::node {

namespace fs = std::filesystem;
using sync::Replica;
using sync::ReplicaReader;

namespace {

Result<ExitCode> run_backup(Task& task) {
  const fs::path file = task.request.one("FILE");
  // The service goes on writing while the copy is made: only what was here before it counts as safe.
  ReplicaReader::Held held;
  KHUOI_TRY_VOID(task.engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(held, reader.decodable(txn));
    return {};
  }));
  KHUOI_TRY_VOID(storage::backup_to(task.engine.store(), file, task.engine.dir()));
  const auto marked = task.engine.work(
      [&](Replica& replica, sync::Batch& batch) -> Result<void> {
        if (replica.self().is_commune())
          KHUOI_TRY_VOID(backup_at_rows.put(batch, {}, static_cast<std::uint64_t>(batch.now.wall.value)));
        return replica.receipts().mark_safe(batch, held);
      });
  task.caller.say("backed up to " + file.string() + ", read back and compared\n");
  // The copy is whole all the same; only that there is one cannot be noted, so nobody forgets anything because of it.
  if (!marked) task.caller.warn("the copy is whole, but this disk took no note of it: " + marked.error().what);
  return exit_success;
}

Result<ExitCode> run_restore(const Request& request, Caller& caller) {
  const fs::path dir = request.one("--data");
  std::error_code failed;
  fs::create_directories(dir, failed);
  if (failed) return storage::errno_error(failed.value(), "making the data folder " + dir.string());
  if (storage::holds_store(dir / "store")) {
    return fail(Errc::exists, "there is a node in " + dir.string() + " already: restore into a new folder");
  }
  if (::chmod(dir.c_str(), 0700) != 0) return storage::errno_error(errno, "making " + dir.string() + " private");
  KHUOI_TRY(const auto lock, storage::WriterLock::acquire(dir));
  forget_clean_stop(dir);
  KHUOI_TRY_VOID(storage::restore_from(request.one("FILE"), dir / "store"));
  KHUOI_TRY(const auto store, storage::LmdbStore::open(dir / "store"));
  SystemRng rng;
  KHUOI_TRY(const auto replica, Replica::open(*store, rng));
  KHUOI_TRY(auto work, replica->begin(system_now()));
  KHUOI_TRY_VOID(replica->note_restored(work.batch()));
  KHUOI_TRY_VOID(work.commit());
  caller.say("restored the " + std::string(sync::name_of(replica->self().role)) + " '" + replica->self().name +
             "' into " + dir.string() + "\n");
  return exit_success;
}

}  // namespace

std::vector<Command> backup_commands() {
  return {{.name = "backup",
           .summary = "Copy the whole store to a file, and check the copy",
           .more = "Works while the service runs. What a commune backed up it tells the hamlets: only then may they "
                   "forget it.\n"
                   "Keep the file on another disk; it holds everything that the store holds, keys included.\n",
           .options = {{.name = "FILE", .help = "the backup to write", .required = true, .absolute = true}},
           .run = run_backup},
          {.name = "restore",
           .summary = "Make a data folder from a backup",
           .more = "DIR must be new or empty. What was written after the backup comes back from peers and sticks.\n\n"
                   "  khuoi restore --data /var/lib/khuoi /media/backup/xa.kbk\n",
           .options = {{.name = "FILE", .help = "the backup", .required = true}},
           .run_alone = run_restore}};
}

}  // namespace khuoi::node

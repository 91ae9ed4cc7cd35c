#include "node/acts/make_node.h"

#include <sys/stat.h>

#include "node/engine/engine.h"
#include "node/engine/phrase.h"

namespace khuoi::node {

namespace fs = std::filesystem;

namespace {

/// What a data folder may hold before there is a node in it: what an `init` that was cut short, or a service at its
/// first start, left; and the settings that a technician wrote beforehand.
bool is_left_over(const fs::path& name) {
  return name == "store" || name == "store.new" || name == "lock" || name == "run" || name == "clean" || name == "tmp" ||
         name == "config.toml";
}

Result<void> make_data_folder(const fs::path& dir) {
  std::error_code failed;
  fs::create_directories(dir, failed);
  if (failed) return storage::errno_error(failed.value(), "making the data folder " + dir.string());
  KHUOI_TRY_VOID(may_become_node(dir));
  if (::chmod(dir.c_str(), 0700) != 0) return storage::errno_error(errno, "making " + dir.string() + " private");
  return {};
}

Result<bool> holds_node(const fs::path& dir) {
  if (!storage::holds_store(dir / "store")) return false;
  KHUOI_TRY(const auto store, storage::LmdbStore::open(dir / "store"));
  KHUOI_TRY(const auto txn, store->begin_read());
  KHUOI_TRY(const std::uint64_t format, sync::meta_number(*txn, "format"));
  return format != 0;
}

}  // namespace

Result<void> may_become_node(const fs::path& dir) {
  std::error_code failed;
  if (!fs::exists(dir, failed)) return {};
  for (const fs::directory_entry& entry : fs::directory_iterator(dir, failed)) {
    if (!is_left_over(entry.path().filename())) {
      return fail(Errc::exists, dir.string() + " holds other files: name a new or empty folder with --data");
    }
  }
  if (failed) return storage::errno_error(failed.value(), "looking into " + dir.string());
  return {};
}

Result<void> make_node(const fs::path& dir, const NewNode& wish, const std::function<Result<sync::Secret>()>& phrase) {
  if (const auto fine = sync::check_name(wish.name); !fine) return fail(Errc::usage, fine.error().what);
  if (wish.person.empty() || wish.person.size() > sync::person_octets_max) {
    return fail(Errc::usage, "a person's name has 1 to 64 octets; give a shorter one with --person");
  }
  if (wish.health_worker == wish.person || wish.health_worker.size() > sync::person_octets_max) {
    return fail(Errc::usage, "the health worker needs a name of their own, of 1 to 64 octets");
  }
  KHUOI_TRY_VOID(make_data_folder(dir));
  KHUOI_TRY(const auto lock, storage::WriterLock::acquire(dir));
  KHUOI_TRY(const bool present, holds_node(dir));
  if (present) return fail(Errc::exists, "there is a node in " + dir.string() + " already");
  KHUOI_TRY(const sync::Secret typed, phrase());
  SystemRng rng;
  const sync::PassphraseParams params = sync::make_passphrase_params(rng);
  KHUOI_TRY(const sync::Secret key, derive_new_key(params, typed));
  sync::HealthStart health{wish.health, nullptr};
  const sync::PassphraseParams health_params = sync::make_passphrase_params(rng);
  sync::Secret health_key;
  if (!wish.health_worker.empty()) {
    KHUOI_TRY(health_key, derive_new_key(health_params, wish.health_phrase));
  }
  const sync::FirstSlot worker{wish.health_worker, health_params, health_key};
  if (!wish.health_worker.empty()) health.worker = &worker;
  KHUOI_TRY(const auto store, storage::LmdbStore::open(dir / "store", {.create = true}));
  return sync::Replica::create(*store, wish.role, wish.name, {wish.person, params, key}, rng, system_now(), health);
}

}  // namespace khuoi::node

#include <sys/stat.h>

#include <filesystem>

#include "node/cli/command.h"
#include "node/cli/unlocking.h"
#include "node/service/phrase.h"

namespace khuoi::node {

namespace fs = std::filesystem;

namespace {

/// What a data folder may hold before there is a node in it: what an `init` that was cut short left.
bool is_left_by_init(const fs::path& name) {
  return name == "store" || name == "store.new" || name == "lock" || name == "run" || name == "clean";
}

Result<void> make_data_folder(const fs::path& dir) {
  std::error_code failed;
  fs::create_directories(dir, failed);
  if (failed) return storage::errno_error(failed.value(), "making the data folder " + dir.string());
  for (const fs::directory_entry& entry : fs::directory_iterator(dir, failed)) {
    if (!is_left_by_init(entry.path().filename())) {
      return fail(Errc::exists, dir.string() + " holds other files: name a new or empty folder with --data");
    }
  }
  if (failed) return storage::errno_error(failed.value(), "looking into " + dir.string());
  if (::chmod(dir.c_str(), 0700) != 0) return storage::errno_error(errno, "making " + dir.string() + " private");
  return {};
}

Result<sync::Secret> phrase_for_new_node(const Request& request, Caller& caller) {
  KHUOI_TRY(auto given, caller.phrase(Phrase::present, Ask::if_given));
  if (given) return std::move(*given);
  if (!can_ask()) {
    return fail(Errc::usage, "a new node needs a passphrase: give --passphrase-file or KHUOI_PASSPHRASE");
  }
  SystemRng rng;
  return ask_new_phrase(request.one("--name"), rng);
}

Result<ExitCode> run_init(const Request& request, Caller& caller) {
  const fs::path dir = request.one("--data");
  const sync::Role role = request.one("--role") == "commune" ? sync::Role::commune : sync::Role::hamlet;
  const std::string& name = request.one("--name");
  if (const auto fine = sync::check_name(name); !fine) return fail(Errc::usage, fine.error().what);
  const std::string person = request.has("--person") ? request.one("--person") : name;
  if (person.empty() || person.size() > sync::person_octets_max) {
    return fail(Errc::usage, "a person's name has 1 to 64 octets; give a shorter one with --person");
  }
  const auto refuse_second = [&](const storage::LmdbStore& store) -> Result<void> {
    KHUOI_TRY(const auto txn, store.begin_read());
    KHUOI_TRY(const std::uint64_t present, sync::meta_number(*txn, "format"));
    return present != 0 ? Result<void>(fail(Errc::exists, "there is a node in " + dir.string() + " already"))
                        : Result<void>();
  };
  KHUOI_TRY_VOID(make_data_folder(dir));
  KHUOI_TRY(const auto lock, storage::WriterLock::acquire(dir));
  if (storage::holds_store(dir / "store")) {
    KHUOI_TRY(const auto before, storage::LmdbStore::open(dir / "store"));
    KHUOI_TRY_VOID(refuse_second(*before));
  }
  KHUOI_TRY(const sync::Secret phrase, phrase_for_new_node(request, caller));
  SystemRng rng;
  const sync::PassphraseParams params = sync::make_passphrase_params(rng);
  KHUOI_TRY(const sync::Secret key, derive_in_child(params, phrase));
  KHUOI_TRY(const auto store, storage::LmdbStore::open(dir / "store", {.create = true}));
  KHUOI_TRY_VOID(sync::Replica::create(*store, role, name, {person, params, key}, rng, system_now()));
  caller.say("made the " + std::string(sync::name_of(role)) + " '" + name + "' in " + dir.string() + "\n");
  return exit_success;
}

}  // namespace

std::vector<Command> init_commands() {
  return {{
      .name = "init",
      .summary = "Make a new node: a hamlet's box or a commune",
      .more =
          "Draws the node's keys and writes them into the data folder. The passphrase opens what the node seals; on a\n"
          "terminal a phrase of four Vietnamese words is offered. Without it nobody reads the hamlet's records again,\n"
          "until the commune helps (see 'khuoi slot').\n\n"
          "  khuoi init --data /var/lib/khuoi --role hamlet --name 'Khuổi Mèo'\n",
      .options = {{.name = "--role", .help = "what it is", .required = true, .choices = "hamlet|commune"},
                  {.name = "--name", .help = "its name, as people say it", .required = true},
                  {.name = "--passphrase-file",
                   .help = "the passphrase is what this file holds (else KHUOI_PASSPHRASE, else a prompt)"},
                  {.name = "--person", .help = "whose passphrase it is (default: the node's name)"}},
      .run_alone = run_init,
  }};
}

}  // namespace khuoi::node

#include "node/cli/commune_acts.h"

#include <algorithm>
#include <filesystem>

#include "node/acts/accounts.h"
#include "node/acts/audit_log.h"
#include "node/acts/role.h"

namespace khuoi::node {

using sync::Replica;
using sync::ReplicaReader;

namespace {

constexpr Capabilities reading = Capabilities::all_domains();
constexpr Capabilities clerk = Capability::read_general;
constexpr Capabilities administrator = Capability::administer;

struct CommuneAct {
  std::string_view command;
  Capabilities any_of;            ///< one of these is enough
  std::string_view target = {};   ///< the option that names what is acted on
  std::string_view detail = {};   ///< another that may stand in the log: never a text about somebody
  enum class Noted : std::uint8_t { always, of_health, never };
  Noted noted = Noted::always;  ///< of_health: only by who reads health; never: it says itself what it read, or reads no dossier
};

constexpr std::array commune_acts = {
    CommuneAct{"list", reading, {}, {}, CommuneAct::Noted::of_health},
    CommuneAct{"export", reading, {}, "--form", CommuneAct::Noted::of_health},
    CommuneAct{"show", reading, {}, {}, CommuneAct::Noted::never},  // check_may_read()
    CommuneAct{"state", reading, "ID", "--set"},
    CommuneAct{"erase", reading, "ID"},
    CommuneAct{"code void", clerk, {}, "--reason"},
    CommuneAct{"form add", reading | administrator, "FORM", "--domain"},
    CommuneAct{"dictionary train", administrator},
    CommuneAct{"announce", Capability::broadcast, {}, "--class"},
    CommuneAct{"announce approve", Capability::broadcast, "ID", "--officer"},
    CommuneAct{"document add", reading | Capability::broadcast, "--title", "--to"},
    CommuneAct{"message send", reading | Capability::broadcast, "--to"},
    CommuneAct{"message list", reading | Capability::broadcast, {}, {}, CommuneAct::Noted::never},
    CommuneAct{"officer add", administrator, "--name"},
    CommuneAct{"enrol grant", administrator, "--in", "--replaces"},
    CommuneAct{"node revoke", administrator, "NODE"},
    CommuneAct{"node confirm-code", administrator, "CODE"},
    CommuneAct{"kem rotate", administrator},
    CommuneAct{"slot add", administrator, "PERSON"},
    CommuneAct{"slot remove", administrator, "PERSON"},
    CommuneAct{"slot answer-recovery", administrator, "--in"},
    CommuneAct{"unit set", administrator, "CODE"},
    CommuneAct{"account add", administrator, "NAME", "--may"},
    CommuneAct{"account roles", administrator, "NAME", "--may"},
    CommuneAct{"account phrase", administrator, "NAME"},
    CommuneAct{"account close", administrator, "NAME"},
    CommuneAct{"audit list", administrator, {}, {}, CommuneAct::Noted::never},
};

const CommuneAct* act_of(const Command& command) {
  const auto* const found = std::ranges::find(commune_acts, command.name, &CommuneAct::command);
  return found == commune_acts.end() ? nullptr : found;
}

std::string role_words(Capabilities any_of) {
  std::string out;
  for (const std::string_view role : any_of.roles()) out += (out.empty() ? "" : " or ") + std::string(role);
  return out;
}

/// What of the request is in the log.
std::string logged(const Request& request, std::string_view option) {
  std::string out;
  if (option.empty()) return out;
  for (const std::string& one : request.many(std::string(option))) {
    // Of a file its name: where it lay is nobody's business later.
    const bool is_path = one.find('/') != std::string::npos;
    out += (out.empty() ? "" : " ") + (is_path ? std::filesystem::path(one).filename().string() : one);
  }
  return out;
}

Result<void> note(Task& task, const Act& act) {
  return task.engine.work([&](Replica& replica, sync::Batch& batch) { return AuditLog::note(replica, batch, act); });
}

}  // namespace

Result<Capabilities> admit_to_commune(const Command& command, Task& task) {
  const CommuneAct* act = act_of(command);
  if (act == nullptr) return Capabilities::all();
  bool commune = false, asks = false;
  const std::string& person = task.request.one("--person");
  Capabilities may = Capabilities::all();
  KHUOI_TRY_VOID(task.engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    commune = reader.self().is_commune();
    if (!commune) return {};
    KHUOI_TRY(asks, has_accounts(txn));
    KHUOI_TRY(may, may_of_account(txn, person));
    return {};
  }));
  if (!commune) return Capabilities::all();
  if (asks && person.empty())
    return fail(Errc::usage, "this commune has accounts, and notes who does what: say --person NAME, or set KHUOI_PERSON");
  if (may.none()) return fail(Errc::denied, "there is no open account '" + person + "' here: see 'khuoi account list'");
  if ((may & act->any_of).none())
    return fail(Errc::denied, "'" + person + "' may not do this: it takes the role " + role_words(act->any_of));
  const bool of_health = asks && may.reads(sync::Domain::health);
  if (act->noted == CommuneAct::Noted::never || (act->noted == CommuneAct::Noted::of_health && !of_health)) return may;
  KHUOI_TRY_VOID(note(task, {.person = person,
                             .by = Act::By::command,
                             .what = std::string(act->command),
                             .target = logged(task.request, act->target),
                             .detail = logged(task.request, act->detail)}));
  return may;
}

void add_person_option(std::vector<Command>& commands) {
  for (Command& command : commands) {
    const bool has = std::ranges::find(command.options, "--person", &Option::name) != command.options.end();
    if (act_of(command) == nullptr || has) continue;
    command.options.push_back({.name = "--person", .help = "at a commune with accounts: who acts (else KHUOI_PERSON)"});
  }
}

Result<void> check_may_read(Task& task, const std::string& digits) {
  bool noted = false;
  std::string id;
  KHUOI_TRY_VOID(task.engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    if (!reader.self().is_commune()) return {};
    KHUOI_TRY(const sync::DossierKey key, reader.views().resolve(txn, digits));
    KHUOI_TRY(const auto row, reader.dossiers().brief(txn, key));
    if (!row) return {};
    if (!task.may.reads(row->domain)) return fail(Errc::not_found, "no dossier has the id " + digits);
    KHUOI_TRY(const bool asks, has_accounts(txn));
    noted = asks && row->domain == sync::Domain::health && task.request.command == "show";
    id = row->shown.hex();
    return {};
  }));
  if (!noted) return {};
  return note(task, {.person = task.request.one("--person"), .by = Act::By::command, .what = "read", .target = id, .detail = {}});
}

}  // namespace khuoi::node

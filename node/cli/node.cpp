#include "node/acts/naming.h"
#include "node/cli/text.h"
#include "node/cli/unlocking.h"

namespace khuoi::node {

namespace json = boost::json;
using sync::Replica;
using sync::ReplicaReader;

namespace {

Result<ExitCode> run_list_nodes(Task& task) {
  json::array rows;
  std::string text;
  KHUOI_TRY_VOID(task.engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    for (const sync::NodeFacts* box : reader.roster().nodes()) {
      KHUOI_TRY(const sync::PeerRow row, reader.peers().row(txn, box->node));
      const bool heard = row.heard_at.value != 0;
      rows.push_back(json::object{{"id", box->node.hex()},
                                  {"name", box->name},
                                  {"hamlet", box->hamlet.hex()},
                                  {"granted", box->granted.value},
                                  {"revoked", box->revoked},
                                  {"heard_at", heard ? json::value(row.heard_at.value) : json::value(nullptr)},
                                  {"heard_by", heard ? json::value(row.heard_by) : json::value(nullptr)}});
      text += box->node.hex() + "  " + padded(box->name, 18) + padded(box->revoked ? "revoked" : "in force", 10) +
              (heard ? "heard from " + local_time(row.heard_at) : std::string("never heard from")) + "\n";
    }
    return {};
  }));
  task.caller.say(task.request.has("--json") ? json_text(rows) : text);
  return exit_success;
}

Result<ExitCode> run_revoke(Task& task) {
  KHUOI_TRY(const auto keys, required_keys(task));
  std::string name;
  KHUOI_TRY_VOID(task.engine.work_as(keys, [&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const sync::NodeFacts* box, box_named(replica.roster(), task.request.one("NODE")));
    name = box->name + "' (" + box->node.hex() + ")";
    return replica.enrolment().revoke(batch, NodeId(box->node));
  }));
  task.caller.say("revoked '" + name + "\n");
  return exit_success;
}

Result<ExitCode> run_confirm_code(Task& task) {
  KHUOI_TRY_VOID(task.engine.work([&](Replica& replica, sync::Batch& batch) {
    return replica.confirm_last_code(batch, task.request.one("CODE"));
  }));
  task.caller.say("official codes may be given again, after '" + task.request.one("CODE") + "'\n");
  return exit_success;
}

Result<ExitCode> run_rotate(Task& task) {
  KHUOI_TRY(const auto keys, required_keys(task));
  KHUOI_TRY_VOID(task.engine.work_as(keys, [](Replica& replica, sync::Batch& batch) -> Result<void> {
    if (!replica.self().is_commune()) return fail(Errc::denied, "the receiving key is the commune's");
    return replica.enrolment().rotate_kem(batch);
  }));
  task.caller.say("from now on hamlets seal to a new key, as they hear of it\n");
  return exit_success;
}

}  // namespace

std::vector<Command> node_commands() {
  return {
      {.name = "node list",
       .summary = "The boxes that this commune let in",
       .more = "",
       .options = {{.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag}},
       .run = run_list_nodes},
      {.name = "node revoke",
       .summary = "At the commune: shut out a stolen or broken box, for good",
       .more =
           "Needs the commune's passphrase. What it wrote and the commune has not received yet goes to a person first\n"
           "('khuoi quarantine list'). A box that comes back needs new keys ('khuoi init') and a new grant "
           "(--replaces).\n",
       .options = with_phrase_options({{.name = "NODE", .help = "its name or id", .required = true}}),
       .run = run_revoke},
      {.name = "node confirm-code",
       .summary = "At a commune put back from a backup: the last official code that was given",
       .more = "Until then 'khuoi state --code' is refused, since codes given after the backup are forgotten here.\n",
       .options = {{.name = "CODE", .help = "the code, from the paper register or a hamlet's list", .required = true}},
       .run = run_confirm_code},
      {.name = "kem rotate",
       .summary = "At the commune: a new key that hamlets seal to; once a year",
       .more = "Needs the commune's passphrase. What was sealed to the old keys can still be opened.\n",
       .options = with_phrase_options({}),
       .run = run_rotate}};
}

}  // namespace khuoi::node

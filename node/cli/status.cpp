#include "node/acts/text.h"
#include "node/cli/text.h"
#include "node/cli/unlocking.h"
#include "node/links/dossier_outlook.h"
#include "storage/verify.h"
#include "sync/contact/custody.h"

namespace khuoi::node {

namespace json = boost::json;
using sync::ReplicaReader;

namespace {

struct Peer {
  std::string name;
  NodeId node;
  bool revoked = false;
  sync::PeerRow row;
};

struct Status {
  sync::ReplicaStatus replica;
  sync::Self self;
  sync::Custody::Usage carried;  ///< for other boxes
  std::uint64_t store_octets = 0;
  std::string fingerprint;  ///< that others compare: a commune's own, a hamlet's request's
  std::vector<Peer> peers;
  LinkList links;  ///< of the service that answers
};

Result<Status> read_status(Task& task) {
  Status out;
  KHUOI_TRY_VOID(task.engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(out.replica, reader.status(txn));
    out.self = reader.self();
    out.fingerprint = reader.self().is_commune() ? sync::fingerprint_digits(reader.keys().authority_public())
                                                  : sync::fingerprint_digits(reader.membership().enrol_request());
    KHUOI_TRY(out.carried, sync::Custody::usage(txn));
    const auto add = [&](const NodeId& node, const std::string& name, bool revoked) -> Result<void> {
      KHUOI_TRY(sync::PeerRow row, reader.peers().row(txn, node));
      out.peers.push_back({name, node, revoked, std::move(row)});
      return {};
    };
    if (reader.self().is_commune()) {
      for (const sync::NodeFacts* box : reader.roster().nodes()) {
        KHUOI_TRY_VOID(add(box->node, box->name, box->revoked));
      }
    } else if (const sync::CommuneFacts* commune = reader.roster().commune()) {
      KHUOI_TRY_VOID(add(commune->node, commune->name, false));
    }
    return {};
  }));
  out.store_octets = task.engine.store().usage().octets_used;
  out.links = task.links();
  return out;
}

json::array json_of_links(LinkList links) {
  json::array out;
  for (const auto& link : links) {
    const LinkState state = link->state();
    json::object figures;
    for (const LinkFigure& figure : link->figures()) figures[figure.name] = figure.value;
    json::object one{{"kind", link->kind()},
                     {"name", link->name()},
                     {"state", name_of(state.word)},
                     {"since", state.since.value == 0 ? json::value(nullptr) : json::value(state.since.value)},
                     {"why", state.why.empty() ? json::value(nullptr) : json::value(state.why)},
                     {"figures", std::move(figures)}};
    if (const auto outlook = link->outlook()) one["outlook"] = json_of(*outlook);
    out.push_back(std::move(one));
  }
  return out;
}

json::object json_of_status(const Status& status) {
  json::array peers;
  for (const Peer& peer : status.peers) {
    peers.push_back(json::object{
        {"name", peer.name},
        {"id", peer.node.hex()},
        {"revoked", peer.revoked},
        {"heard_at", peer.row.heard_at.value == 0 ? json::value(nullptr) : json::value(peer.row.heard_at.value)},
        {"heard_by", peer.row.heard_by.empty() ? json::value(nullptr) : json::value(peer.row.heard_by)},
        {"restored", peer.row.restored}});
  }
  return {{"role", sync::name_of(status.self.role)},
          {"name", status.self.name},
          {"id", status.self.node.hex()},
          {"commune", status.self.granted() ? json::value(status.self.commune.hex()) : json::value(nullptr)},
          {"fingerprint", status.fingerprint},
          {"locked", status.replica.locked},
          {"records", status.replica.records},
          {"waiting", status.replica.waiting},
          {"dossiers", status.replica.dossiers},
          {"dossiers_unreadable", status.replica.dossiers_unreadable},
          {"quarantined", status.replica.quarantined},
          {"unopened", status.replica.unopened},
          {"forks", status.replica.forks},
          {"starts", json::object{{"foreign", status.replica.starts.foreign},
                                  {"copies", status.replica.starts.copies},
                                  {"healed", status.replica.starts.healed},
                                  {"echoes_unknown", status.replica.starts.echoes},
                                  {"heads_void", status.replica.starts.voids}}},
          {"carried", json::object{{"segments", status.carried.segments}, {"bytes", status.carried.octets}}},
          {"peers", std::move(peers)},
          {"links", json_of_links(status.links)},
          {"bytes_store", status.store_octets}};
}

/// What whoever looks after the node should know of its own starts and its peers'.
std::string text_of_starts(const sync::Starts::Figures& starts) {
  std::string out;
  const auto line = [&out](std::uint64_t count, const char* what) {
    if (count > 0) out += "  starts    " + std::to_string(count) + what + "\n";
  };
  line(starts.copies, " made by a copy of this disk that still writes: find the second box and switch it off");
  line(starts.foreign - starts.copies, " of this node's own that it does not know: it was put back from a backup");
  line(starts.healed, " times the count was past belief and was put right: nothing is lost");
  line(starts.voids, " statements of peers with counts past belief were passed over: upgrade khuoi there");
  return out;
}

/// The links that somebody asked for.
std::string text_of_links(LinkList links) {
  std::string out;
  for (const auto& link : links) {
    const LinkState state = link->state();
    if (state.word == LinkState::Word::off) continue;
    out += "  " + padded(std::string(link->kind()), 8) + "  " + std::string(link->name()) + " " +
           std::string(name_of(state.word)) + (state.since.value == 0 ? "" : " since " + local_time(state.since)) +
           (state.why.empty() ? "" : ": " + state.why) + "\n";
    const auto outlook = link->outlook();
    if (outlook) out += "            " + outlook_text(*outlook) + "\n";
  }
  return out;
}

std::string text_of_status(const Status& status) {
  const sync::ReplicaStatus& replica = status.replica;
  std::string out = std::string(sync::name_of(status.self.role)) + " " + status.self.name + " (" +
                    status.self.node.hex() + ")" + (replica.locked ? ", locked" : "") +
                    (status.self.granted() ? "" : ", not enrolled yet") + "\n";
  out += "  digits    " + status.fingerprint + "  (to read aloud, when somebody joins)\n";
  out += "  dossiers  " + std::to_string(replica.dossiers) + "\n  records   " + std::to_string(replica.records) + ", " +
         std::to_string(replica.waiting) + " without a receipt\n  store     " + octets_text(status.store_octets) + "\n";
  if (replica.unopened > 0)
    out += "  unopened  " + std::to_string(replica.unopened) + " records wait for a passphrase or a form\n";
  if (replica.dossiers_unreadable > 0)
    out += "  damaged   " + std::to_string(replica.dossiers_unreadable) +
           " dossiers: something of them cannot be read, 'khuoi verify' names it\n";
  if (replica.quarantined > 0)
    out += "  quarantine " + std::to_string(replica.quarantined) + ": see 'khuoi quarantine list'\n";
  if (replica.forks > 0)
    out += "  forks     " + std::to_string(replica.forks) + " runs: a disk here or there was restored or cloned\n";
  out += text_of_starts(replica.starts);
  if (status.carried.segments > 0) {
    out += "  carried   " + std::to_string(status.carried.segments) + " sealed parcels of other boxes, " +
           octets_text(status.carried.octets) + ", passed on by the next stick or contact\n";
  }
  for (const Peer& peer : status.peers) {
    out +=
        "  " + padded(peer.name, 18) +
        (peer.revoked                   ? "revoked"
         : peer.row.heard_at.value == 0 ? "never heard from"
                                        : "heard from " + local_time(peer.row.heard_at) + " by " + peer.row.heard_by) +
        "\n";
  }
  return out + text_of_links(status.links);
}

Result<ExitCode> run_status(Task& task) {
  KHUOI_TRY(const Status status, read_status(task));
  task.caller.say(task.request.has("--json") ? json::serialize(json_of_status(status)) + "\n" : text_of_status(status));
  return exit_success;
}

Result<ExitCode> run_verify(Task& task) {
  KHUOI_TRY(const storage::VerifyReport report, storage::verify_structure(task.engine.dir() / "store"));
  KHUOI_TRY(const auto keys, keys_of_caller(task, Ask::if_given));
  bool locked = false;
  KHUOI_TRY_VOID(task.engine.ask(keys, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    locked = reader.locked() && !reader.self().is_commune();
    return reader.verify(
        txn, [&](const std::string& what) { task.caller.warn("kept apart, see 'khuoi quarantine list': " + what); });
  }));
  std::uint64_t entries = 0;
  for (const auto& table : report.tables) entries += table.entries;
  task.caller.say("sound: " + std::to_string(entries) + " entries on " + std::to_string(report.pages) + " pages" +
                  (locked ? "; locked, so what is inside its records was not read" : "") + "\n");
  return exit_success;
}

Result<ExitCode> run_quarantine(Task& task) {
  std::vector<sync::Quarantined> items;
  KHUOI_TRY_VOID(task.engine.look([&](ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(items, sync::quarantined(txn));
    return {};
  }));
  json::array rows;
  std::string text;
  for (const sync::Quarantined& item : items) {
    rows.push_back(json::object{{"why", item.why}, {"record", text_of_ref(item.ref)}, {"at", item.at.value}});
    text += local_time(item.at) + "  " + text_of_ref(item.ref) + "  " + item.why + "\n";
  }
  task.caller.say(task.request.has("--json") ? json_text(rows) : text);
  return exit_success;
}

}  // namespace

std::vector<Command> status_commands() {
  const Option json_flag{.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag};
  return {{.name = "status",
           .summary = "How this node is: what it holds, what waits for a receipt, whom it heard from",
           .more = "",
           .options = {json_flag},
           .run = run_status},
          {.name = "verify",
           .summary = "Check the whole store, and what is in it as far as it can be opened",
           .more = "Exit code 1 names what cannot be read; then restore from a backup.\n",
           .options = with_phrase_options({}),
           .run = run_verify},
          {.name = "quarantine list",
           .summary = "Records that are authentic but that a person must look at",
           .more = "",
           .options = {json_flag},
           .run = run_quarantine}};
}

}  // namespace khuoi::node

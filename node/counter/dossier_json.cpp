#include "node/counter/dossier_json.h"

#include <algorithm>
#include <set>

#include "node/acts/summary.h"
#include "node/acts/text.h"
#include "node/counter/form_key.h"
#include "node/web_server/file_response.h"
#include "node/web_server/target.h"

namespace khuoi::http {

namespace json = boost::json;
using sync::Domain;
using sync::DossierDetail;
using sync::DossierKey;
using sync::DossierRow;
using sync::DossierVersion;
using sync::Passages;
using sync::ReadTxn;
using sync::ReplicaReader;

json::value nullable(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

namespace {


std::string url_of(const DossierRow& row, const std::string& rest) {
  return "/api/dossiers/" + row.shown.hex() + "/" + rest;
}

/// Of that very file: others of its dossier may have its name.
std::string file_url(const DossierRow& row, const sync::FileFacts& file) {
  return url_of(row, "files/" + file_segment(file.name) + "?file=" + sync::file_id_of(file.key).hex());
}

/// Who wrote a record, in a word.
std::string author_of(const ReplicaReader& reader, const sync::Ref& ref) {
  if (ref.author == reader.self().node) return reader.self().name;
  const sync::CommuneFacts* commune = reader.roster().commune();
  return commune != nullptr && commune->node == ref.author ? commune->name : std::string();
}

/// What a form that was filled in has against it: phones hand in with whatever they have.
Result<json::value> form_mark(ReplicaReader& reader, const ReadTxn& txn, const sync::InstanceFacts& facts) {
  const sync::InstanceHead& head = facts.head;
  KHUOI_TRY(const auto forms, reader.library().forms(txn));
  const sync::FormEntry* used = nullptr;
  const sync::FormEntry* newest = nullptr;
  for (const sync::FormEntry& one : forms) {
    if (one.id != head.form_id) continue;
    if (one.version == head.version) used = &one;
    if (newest == nullptr || one.order > newest->order) newest = &one;
  }
  if (used == nullptr || !facts.form_known) return json::value("unknown");
  if (newest->closed) return json::value("closed");
  return used == newest ? json::value(nullptr) : json::value("old");
}

/// The key of the form that shows it: its own, else the newest of that id.
Result<std::string> shown_form_key(ReplicaReader& reader, const ReadTxn& txn, const sync::InstanceHead& head) {
  KHUOI_TRY(const auto choice, reader.library().form_for(txn, head));
  if (!choice) return form_key(head.form_id, head.version);
  const sync::FormEntry& form = choice->entry;
  KHUOI_TRY(const auto published, reader.library().form(txn, form.id, form.version));
  const bool was_replaced = published && published->hash != form.hash;
  return was_replaced ? "@" + form.hash.hex() : form_key(form.id, form.version);
}

/// Of an edit whose first version is not here, or not yet.
bool lacks_base(const DossierDetail& detail, const DossierVersion& version) {
  return !version.facts.deprecated_id.empty() &&
         std::ranges::none_of(detail.versions, [&](const DossierVersion& other) {
           return other.facts.instance_id == version.facts.deprecated_id;
         });
}

json::array json_of_versions(const ReplicaReader& reader, const DossierDetail& detail, const DossierRow& row) {
  json::array out;
  for (const DossierVersion& version : detail.versions) {
    const std::string ref = node::text_of_ref(version.ref);
    out.push_back(json::object{{"ref", ref},
                               {"at", version.written.value},
                               {"by", author_of(reader, version.ref)},
                               {"current", version.current},
                               {"base_missing", lacks_base(detail, version)},
                               {"xml_url", url_of(row, "submission.xml?version=" + ref)}});
  }
  return out;
}

json::object json_of_state(const sync::StateChange& state, const DossierRow& row, std::int64_t at) {
  json::array files;
  for (const sync::FileFacts& file : state.files) {
    files.push_back(json::object{{"name", file.name}, {"url", file_url(row, file)}});
  }
  return {{"state", sync::name_of(state.state)},
          {"note", nullable(state.note)},
          {"due", nullable(state.due)},
          {"fee", state.fee_vnd == 0 ? json::value(nullptr) : json::value(state.fee_vnd)},
          {"code", nullable(state.code)},
          {"files", std::move(files)},
          {"at", at}};
}

/// What happened to it: what the hamlet wrote, how far that got, and what the commune answered.
struct Story {
  json::array timeline;
  json::array answers;
};

json::object entry_of(const json::value& at, bool trusted, std::string_view kind, std::string_view text,
                      const std::string& by, json::object detail) {
  return {{"at", at}, {"trusted", trusted}, {"kind", kind}, {"text", text}, {"by", by}, {"detail", std::move(detail)}};
}

void add_entry(Story& out, const sync::Plain& plain, const std::string& by, const DossierRow& row) {
  const std::int64_t at = plain.at.wall.value;
  const bool trusted = plain.at.trusted;
  if (const auto* state = std::get_if<sync::StateChange>(&plain.body)) {
    json::object detail = json_of_state(*state, row, at);
    out.timeline.push_back(entry_of(at, trusted, "state", sync::name_of(state->state), by, detail));
    out.answers.push_back(std::move(detail));
  } else if (const auto* withdrawal = std::get_if<sync::Withdrawal>(&plain.body)) {
    out.timeline.push_back(
        entry_of(at, trusted, "withdrawal", withdrawal->reason, by, {{"reason", withdrawal->reason}}));
  } else if (plain.kind == sync::Kind::submission) {
    out.timeline.push_back(entry_of(at, trusted, "saved", "", by, {}));
  } else if (plain.kind == sync::Kind::edit || plain.kind == sync::Kind::pick) {
    out.timeline.push_back(entry_of(at, trusted, plain.kind == sync::Kind::edit ? "edited" : "pick", "", by, {}));
  }
}

using PassageKind = Passages::Kind;

/// When the hamlet's words left and arrived, each behind the last word that it concerns: what comes from the commune
/// later stands later, whatever clocks say.
void add_passages(Story& out, const std::vector<sync::DossierPassage>& passages, const sync::Ref& word) {
  for (const sync::DossierPassage& one : passages) {
    if (one.last != word) continue;
    const Passages::Passage& what = one.what;
    out.timeline.push_back(entry_of(what.moment.at.value, what.moment.trusted,
                                    what.kind == PassageKind::sent ? "sent" : "received", "", "",
                                    {{"by", sync::name_of(what.path)}, {"at_latest", what.at_latest}}));
  }
}

/// What is known to have happened and was noted nowhere: before this program noted it, or too long ago.
void add_untimed(Story& out, const DossierRow& row, const sync::DossierEntry& progress,
                 const std::vector<sync::DossierPassage>& passages) {
  const auto none = [&](PassageKind kind) {
    return std::ranges::none_of(passages, [&](const sync::DossierPassage& one) { return one.what.kind == kind; });
  };
  const bool received = row.state.has_value() || progress.state == "received";
  const bool sent = received || progress.state == "sent";
  if (sent && none(PassageKind::sent)) out.timeline.push_back(entry_of(nullptr, false, "sent", "", "", {}));
  if (received && none(PassageKind::received)) out.timeline.push_back(entry_of(nullptr, false, "received", "", "", {}));
}

Result<Story> story_of(ReplicaReader& reader, const ReadTxn& txn, const DossierRow& row, const sync::DossierEntry& progress,
                       const std::vector<sync::DossierPassage>& passages) {
  Story out;
  for (const DossierRow::Item& item : row.items) {
    auto plain = reader.run_keys().read(txn, item.ref);
    if (!plain) continue;  // among `unreadable`
    add_entry(out, *plain, author_of(reader, item.ref), row);
    if (item.kind == sync::Kind::submission) add_untimed(out, row, progress, passages);
    add_passages(out, passages, item.ref);
  }
  return out;
}

/// The current version's files first, then what only other versions brought.
class FileRows final {
 public:
  FileRows(const ReadTxn& txn, const DossierRow& row) : txn_(txn), row_(row) {}

  void add(const sync::VersionFile& file, const DossierVersion& version) {
    if (file.facts) {
      add(*file.facts, version.current);
      return;
    }
    const std::string url = url_of(row_, "files/" + file_segment(file.name));
    out_.push_back(json::object{{"name", file.name}, {"size", 0}, {"type", ""}, {"have", false}, {"progress", 0},
                                {"current", version.current}, {"url", url}});
  }
  /// One whose row is damaged is shown as not here.
  void add(const sync::FileFacts& file, bool current) {
    if (!shown_.insert(sync::file_id_of(file.key)).second) return;
    const auto known = sync::Files::status(txn_, sync::file_id_of(file.key));
    const sync::FileStatus status = known ? *known : sync::FileStatus();
    const std::uint64_t of = std::max<std::uint64_t>(status.chunks_of, 1);
    out_.push_back(json::object{{"name", file.name},
                                {"size", file.octets},
                                {"type", harmless_type(file.type)},
                                {"have", status.complete},
                                {"progress", static_cast<double>(status.chunks_have) / static_cast<double>(of)},
                                {"current", current},
                                {"url", file_url(row_, file)}});
  }
  json::array take() { return std::move(out_); }

 private:
  const ReadTxn& txn_;
  const DossierRow& row_;
  std::set<sync::FileId> shown_;
  json::array out_;
};

json::array json_of_files(const ReadTxn& txn, const DossierDetail& detail, const DossierRow& row) {
  FileRows rows(txn, row);
  for (const bool current : {true, false}) {
    for (const DossierVersion& version : detail.versions) {
      if (version.current != current) continue;
      for (const sync::VersionFile& file : version.files) {
        if (current || file.facts) rows.add(file, version);
      }
    }
  }
  for (const sync::FileFacts& file : detail.files) rows.add(file, false);
  return rows.take();
}

}  // namespace

json::object json_of_row(const node::Summary& summary, Domain domain) {
  return {{"id", summary.id.hex()},
          {"number", summary.number},
          {"form", summary.form},
          {"title", summary.title},
          {"label", summary.label},
          {"state", summary.state},
          {"pending", summary.pending},
          {"conflict", summary.conflict},
          {"erased", summary.erased},
          {"missing", json::object{{"have", summary.files_have}, {"of", summary.files_of}}},
          {"code", nullable(summary.code)},
          {"due", nullable(summary.due)},
          {"at", summary.at},
          {"unseen", summary.unseen},
          {"unreadable", summary.unreadable()},
          {"domain", sync::name_of(domain)}};
}

Result<json::object> json_of_dossier(ReplicaReader& reader, const ReadTxn& txn, const DossierKey& key,
                                     const DossierRow& row) {
  KHUOI_TRY(node::Summary summary, node::Summaries(reader, txn).of(key, row));
  sync::CommuneHolds holds = reader.views().commune_holds(txn);
  KHUOI_TRY(const sync::DossierEntry progress, reader.views().progress(row, holds));
  KHUOI_TRY(const std::uint64_t seen, node::answers_seen(txn, key));
  summary.state = progress.state;
  summary.pending = progress.pending;
  summary.unseen = node::answers_in(row) > seen;
  json::object out = json_of_row(summary, row.domain);
  DossierDetail detail;
  Story story;
  if (!row.erased) {
    KHUOI_TRY(detail, reader.views().detail(txn, key, sync::DossierReader::Keep::facts));
    KHUOI_TRY(story, story_of(reader, txn, row, progress, detail.passages));
  }
  json::array files = json_of_files(txn, detail, row);
  const auto current = std::ranges::find(detail.versions, true, &DossierVersion::current);
  const bool open = !row.erased && (!row.state || !sync::is_closed(*row.state));
  json::value conflict = nullptr;
  if (row.heads.size() > 1) {
    json::array refs;
    for (const sync::Ref& head : row.heads) refs.emplace_back(node::text_of_ref(head));
    conflict = std::move(refs);
  }
  out["local"] = json::object{{"number", row.number}};
  out["instanceID"] = current != detail.versions.end() ? current->facts.instance_id : "";
  json::value mark = nullptr;
  std::string key_of_form;
  if (current != detail.versions.end()) {
    KHUOI_TRY(mark, form_mark(reader, txn, current->facts));
    KHUOI_TRY(key_of_form, shown_form_key(reader, txn, current->facts.head));
  }
  out["form"] =
      json::object{{"key", key_of_form}, {"title", summary.title}, {"mark", std::move(mark)}};
  out["versions"] = json_of_versions(reader, detail, row);
  out["conflict"] = std::move(conflict);
  json::array unreadable;
  for (const sync::Unreadable& one : detail.unreadable) {
    unreadable.push_back(
        json::object{{"ref", node::text_of_ref(one.ref)}, {"kind", sync::name_of(one.kind)}, {"why", one.why}});
  }
  out["records_unreadable"] = std::move(unreadable);
  out["timeline"] = std::move(story.timeline);
  out["attachments"] = std::move(files);
  out["files_to_go"] = detail.files_to_go;
  out["answers"] = std::move(story.answers);
  out["withdrawal_asked"] = row.withdrawal_asked;
  out["can"] = json::object{{"edit", open && !reader.self().is_commune()},
                            {"withdraw", open && !row.withdrawal_asked && !reader.self().is_commune()},
                            {"call", !row.erased}};
  return out;
}

}  // namespace khuoi::http

// One dossier of the inbox, whole, and what the commune's people note of it.
#include <algorithm>

#include "node/acts/accounts.h"
#include "node/acts/audit_log.h"
#include "node/acts/filled_form.h"
#include "node/acts/text.h"
#include "node/counter/dates.h"
#include "node/counter/dossier_json.h"
#include "node/desk/inbox.h"
#include "node/desk/office.h"
#include "node/web_server/file_response.h"
#include "node/web_server/json_body.h"
#include "node/web_server/problem.h"
#include "sync/dossiers/code_register.h"
#include "sync/record/xml_guard.h"

namespace khuoi::desk {

namespace json = boost::json;
using http::Access, http::json_response, http::Method, http::problem;
using people::ReadGuard;
using sync::ReplicaReader;

namespace {

constexpr std::uint64_t desk_body_octets_max = 16384;

json::array json_of_filled(ReplicaReader& reader, const sync::ReadTxn& txn, const sync::DossierVersion& version) {
  json::array out;
  const auto lines = node::filled_form(reader, txn, version);
  for (const node::FilledLine& line : lines ? *lines : std::vector<node::FilledLine>()) {
    const bool is_file = std::ranges::find(version.facts.attachments, line.answer) != version.facts.attachments.end();
    out.push_back(json::object{{"path", line.path},
                               {"question", line.question},
                               {"answer", line.answer},
                               {"file", is_file ? line.answer : std::string()}});
  }
  return out;
}

json::array moves_from(const sync::DossierRow& row) {
  json::array out;
  const sync::State now = row.state.value_or(sync::State::fresh);
  for (std::uint8_t number = 1; const auto state = sync::state_numbered(number); ++number) {
    if (!row.erased && sync::may_move(now, *state)) out.emplace_back(sync::name_of(*state));
  }
  return out;
}

/// What an inbox's row does not have.
Result<void> add_whole(ReplicaReader& reader, const sync::ReadTxn& txn, const ReadGuard::Found& found, json::object& out) {
  KHUOI_TRY(json::object told, http::json_of_dossier(reader, txn, found.key, found.row));
  for (const char* name : {"instanceID", "timeline", "attachments", "answers", "records_unreadable"}) out[name] = std::move(told[name]);
  json::array conflict_refs;
  if (found.row.heads.size() > 1) {
    for (const sync::Ref& head : found.row.heads) conflict_refs.emplace_back(node::text_of_ref(head));
  }
  out["conflict_refs"] = std::move(conflict_refs);
  json::array versions;
  if (!found.row.erased) {
    KHUOI_TRY(const sync::DossierDetail detail, reader.views().detail(txn, found.key));
    for (const sync::DossierVersion& version : detail.versions) {
      versions.push_back(json::object{{"ref", node::text_of_ref(version.ref)},
                                      {"at", version.written.value},
                                      {"current", version.current},
                                      {"filled", json_of_filled(reader, txn, version)}});
    }
  }
  out["versions"] = std::move(versions);
  out["moves"] = moves_from(found.row);
  KHUOI_TRY(const auto codes, sync::CodeRegister::settings(txn));
  out["unit"] = json::object{{"name", reader.self().name}, {"code", codes.unit}};
  out["gives_code"] = !codes.unit.empty() && out["code"].as_string().empty();
  KHUOI_TRY(const auto notes, node::desk_notes(txn, found.row.number));
  json::array noted;
  for (const node::DeskNote& one : notes) noted.push_back(json::object{{"at", one.at}, {"person", one.person}, {"text", one.text}});
  out["notes"] = std::move(noted);
  return {};
}

/// Dossiers of other hamlets that name somebody whom this one names, in its own domain, which the viewer reads.
json::array json_of_suspects(Desk& desk, const sync::DossierRow& row, const std::map<HamletId, std::string>& hamlets) {
  json::array out;
  desk.counter().shelf().suspects(row.domain, row.number, [&](const node::Summary& one, node::SuspectWhy why) {
    const auto hamlet = hamlets.find(one.key.hamlet);
    out.push_back(json::object{
        {"id", one.id.hex()},
        {"number", one.number},
        {"hamlet", json::object{{"id", one.key.hamlet.hex()}, {"name", hamlet == hamlets.end() ? "" : hamlet->second}}},
        {"label", one.label},
        {"why", node::name_of(why)}});
  });
  return out;
}

Response one_dossier(Desk& desk, Request& request) {
  KHUOI_ANSWER(const ReadGuard::Found found, found_dossier(desk, request, request.values[0]));
  if (found.row.domain == sync::Domain::health)
    KHUOI_ANSWER_VOID(desk.counter().read_guard().note_access(*request.viewer, "read", request.values[0]));
  KHUOI_ANSWER_VOID(desk.load_marks());
  const UnixSeconds now = desk.engine().now().wall;
  if (desk.mark_of(found.row.number).seen_at == 0 && !found.row.erased) {
    // On a full disk it stays unseen, and is read all the same.
    (void)desk.change_marks({found.row.number}, [&](Desk::Mark& mark) { mark.seen_at = now.value; }, {});
    desk.counter().note_keys_changed();
  }
  if (found.row.erased && desk.mark_of(found.row.number).seen_at != 0) {
    KHUOI_ANSWER_VOID(desk.forget({found.row.number}));
  }
  KHUOI_ANSWER(const auto hamlets, Office::hamlets(desk.engine()));
  KHUOI_ANSWER(const auto paths, file_paths(desk.engine(), {found.key.hamlet}));
  KHUOI_ANSWER_VOID(desk.counter().shelf().follow());
  json::array suspects = json_of_suspects(desk, found.row, hamlets);
  if (found.row.domain == sync::Domain::health && !suspects.empty())
    KHUOI_ANSWER_VOID(desk.counter().read_guard().note_browsing(*request.viewer, "list"));
  json::object out;
  KHUOI_ANSWER_VOID(desk.counter().read_guard().look(
      *request.viewer, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
        KHUOI_TRY(const ReadGuard::Found here, ReadGuard::find(reader, txn, *request.viewer, request.values[0]));
        KHUOI_TRY(const node::Summary summary, node::Summaries(reader, txn).of(here.key, here.row));
        sync::CommuneHolds holds = reader.views().commune_holds(txn);
        KHUOI_TRY(const sync::DossierEntry progress, reader.views().progress(here.row, holds));
        node::Summary row = summary;
        row.state = progress.state;
        out = json_of_inbox_row(row, here.row.domain, desk.mark_of(here.row.number), hamlets, http::date_text(now));
        out["to_come"] = json_of_to_come(row, paths);
        return add_whole(reader, txn, here, out);
      }));
  out["suspected"] = suspects.size();
  out["suspects"] = std::move(suspects);
  return json_response(out);
}

/// What may stand in a message to a hamlet of a dossier: nothing of what it says.
std::string name_in_messages(const json::object& dossier) {
  const auto& code = dossier.at("code").as_string();
  if (!code.empty()) return "có mã " + std::string(code);
  return "có mã tra cứu " + std::string(dossier.at("id").as_string()).substr(0, 8);
}

Response note_dossier(Desk& desk, Request& request) {
  KHUOI_ANSWER(const json::object body, http::json_body(request));
  KHUOI_ANSWER(const std::string text, http::text_member(body, "text", node::note_octets_max));
  if (text.empty()) return problem(400, "usage", "Ghi chú còn trống.");
  KHUOI_ANSWER(const ReadGuard::Found found, found_dossier(desk, request, request.values[0]));
  const node::DeskNote note{desk.engine().now().wall.value, request.viewer->person, text};
  KHUOI_ANSWER_VOID(desk.engine().work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(node::add_desk_note(batch, found.row.number, note));
    return node::AuditLog::note(replica, batch,
                                {request.viewer->person, node::Act::By::page, "note", request.values[0], {}});
  }));
  return json_response(json::object{}, 201);
}

Response put_charge(Desk& desk, Request& request) {
  KHUOI_ANSWER(const json::object body, http::json_body(request));
  KHUOI_ANSWER(const std::string person, http::text_member(body, "person", sync::person_octets_max));
  KHUOI_ANSWER(const ReadGuard::Found found, found_dossier(desk, request, request.values[0]));
  KHUOI_ANSWER_VOID(desk.change_marks({found.row.number}, [&](Desk::Mark& mark) { mark.charge = person; },
                                      [&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
                                        KHUOI_TRY_VOID(check_in_charge(batch.txn, person, found.row.domain));
                                        return node::AuditLog::note(replica, batch,
                                                                    {request.viewer->person, node::Act::By::page, "charge",
                                                                     request.values[0], person});
                                      }));
  desk.counter().note_keys_changed();
  return json_response(json::object{});
}

Response call_hamlet(Desk& desk, Request& request) {
  KHUOI_ANSWER(const json::object body, http::json_body(request));
  KHUOI_ANSWER(const std::string text, http::text_member(body, "text", node::note_octets_max));
  KHUOI_ANSWER(const ReadGuard::Found found, found_dossier(desk, request, request.values[0]));
  sync::Message message;
  message.person = request.viewer->person;
  KHUOI_ANSWER_VOID(desk.engine().work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(auto brief, replica.dossiers().brief(batch.txn, found.key));
    if (!brief) return fail(Errc::not_found, "the dossier is gone");
    KHUOI_TRY(const auto standing, replica.dossiers().standing(batch.txn, *brief));
    const json::object named{{"code", standing.code}, {"id", found.row.shown.hex()}};
    message.text = "Mời người có hồ sơ " + name_in_messages(named) + " liên hệ với xã." + (text.empty() ? "" : " " + text);
    KHUOI_TRY_VOID(replica.bulletin().send_message(batch, message, found.key.hamlet));
    return node::AuditLog::note(replica, batch, {request.viewer->person, node::Act::By::page, "call", request.values[0], {}});
  }));
  return json_response(json::object{{"text", message.text}}, 201);
}

}  // namespace

Result<void> check_in_charge(const sync::ReadTxn& txn, const std::string& person, sync::Domain domain) {
  if (person.empty()) return {};
  KHUOI_TRY(const node::Capabilities may, node::may_of_account(txn, person));
  return may.reads(domain) ? Result<void>()
                           : Result<void>(fail(Errc::usage, "'" + person + "' has no account that reads this dossier"));
}

void add_desk_dossier_routes(Desk& desk) {
  desk.add(Method::get, "/api/desk/dossiers/:id", Access::logged_in(), one_dossier);
  desk.add(Method::post, "/api/desk/dossiers/:id/notes", Access::logged_in(), note_dossier, desk_body_octets_max);
  desk.add(Method::put, "/api/desk/dossiers/:id/charge", Access::logged_in(), put_charge, desk_body_octets_max);
  desk.add(Method::post, "/api/desk/dossiers/:id/call", Access::logged_in(), call_hamlet, desk_body_octets_max);
}

}  // namespace khuoi::desk

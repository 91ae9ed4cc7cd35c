// What people do with a dossier: edit, ask for its withdrawal, settle a conflict, mark its answers as seen.
#include "node/acts/send_now.h"
#include "node/acts/summary.h"
#include "node/acts/text.h"
#include "node/counter/counter.h"
#include "node/counter/shelf.h"
#include "node/counter/slips.h"
#include "node/counter/submission_body.h"
#include "node/links/dossier_outlook.h"
#include "node/speaker/speaker.h"
#include "node/web_server/json_body.h"
#include "node/web_server/problem.h"

namespace khuoi::http {

namespace json = boost::json;
using sync::Replica;
using sync::ReplicaReader;

namespace {

constexpr std::size_t act_octets_max = 16384;
constexpr std::size_t reason_octets_max = 4096;

/// Who may not read a dossier may not act on it, and does not learn that it is there. In health it is noted.
Result<people::ReadGuard::Found> admitted(Counter& counter, const Request& request, std::string_view what) {
  std::optional<people::ReadGuard::Found> found;
  KHUOI_TRY_VOID(counter.read_guard().look(*request.viewer, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(found, people::ReadGuard::find(reader, txn, *request.viewer, request.values[0]));
    return {};
  }));
  if (found->row.domain == sync::Domain::health && !what.empty())
    KHUOI_TRY_VOID(counter.read_guard().note_access(*request.viewer, what, request.values[0]));
  return std::move(*found);
}

Response mark_dossier_seen(Counter& counter, Request& request) {
  KHUOI_ANSWER(const people::ReadGuard::Found found, admitted(counter, request, ""));
  KHUOI_ANSWER_VOID(counter.engine().work(
      [&](Replica&, sync::Batch& batch) { return node::put_answers_seen(batch, found.key, node::answers_in(found.row)); }));
  return json_response(json::object{});
}

Response withdraw(Counter& counter, Request& request) {
  KHUOI_ANSWER(const json::object body, json_body(request));
  KHUOI_ANSWER(const std::string reason, text_member(body, "reason", reason_octets_max));
  KHUOI_ANSWER(const people::ReadGuard::Found found, admitted(counter, request, "withdraw"));
  KHUOI_ANSWER_VOID(counter.read_guard().work(*request.viewer, [&](Replica& replica, sync::Batch& batch) {
    return replica.withdraw(batch, found.key, reason);
  }));
  return json_response(json::object{});
}

Response pick(Counter& counter, Request& request) {
  KHUOI_ANSWER(const json::object body, json_body(request));
  KHUOI_ANSWER(const std::string text, text_member(body, "ref", 128));
  const auto ref = node::ref_of_text(text);
  if (!ref) return problem_of(fail(Errc::usage, "'ref' is no version"));
  KHUOI_ANSWER(const people::ReadGuard::Found found, admitted(counter, request, "pick"));
  KHUOI_ANSWER_VOID(counter.read_guard().work(
      *request.viewer, [&](Replica& replica, sync::Batch& batch) { return replica.pick(batch, found.key, *ref); }));
  return json_response(json::object{});
}

/// Calls who waits for it and has no phone: by its number alone, whose or what it is is nobody's business.
Response call(Counter& counter, Request& request) {
  speaker::Speaker* const loudspeaker = counter.around().loudspeaker;
  if (loudspeaker == nullptr) return problem_of(fail(Errc::unsupported, "only a hamlet's box has a loudspeaker"));
  KHUOI_ANSWER(const people::ReadGuard::Found found, admitted(counter, request, "call"));
  if (!loudspeaker->voice().can_be_heard()) {
    return problem(503, "no_sound", "Không có tiếng: máy không thấy loa nào. Hãy gọi bằng cách khác.");
  }
  const std::string words = "Mời người có hồ sơ số " + std::to_string(found.row.number) + " tới nhà trưởng xóm.";
  KHUOI_ANSWER_VOID(loudspeaker->say(words + "\n" + words));
  return json_response(json::object{});
}

Response send_now(Counter& counter, Request& request) {
  KHUOI_ANSWER(const people::ReadGuard::Found found, admitted(counter, request, "send"));
  const bool radio = node::has_radio(counter.around().links);
  const auto done = counter.engine().work(
      [&](Replica& replica, sync::Batch& batch) { return node::send_now(replica, batch, found.key, radio); });
  if (done) return json_response(json::object{});
  switch (done.error().code) {
    case Errc::unsupported:
      return problem(409, "no_radio", "Máy này không có sóng radio. Hồ sơ sẽ đi bằng USB hoặc cáp quang.");
    case Errc::too_large:
      return problem(409, "too_large", "Hồ sơ này lớn quá, sóng radio không chở được. Hồ sơ và ảnh sẽ đi bằng USB hoặc cáp quang.");
    case Errc::not_found:
      return problem(409, "exists", "Xã đã có hồ sơ này. Ảnh không đi bằng sóng: ảnh sẽ đi bằng USB hoặc cáp quang.");
    default:
      return problem_of(done.error());
  }
}

Response edit(Counter& counter, Request& request) {
  KHUOI_ANSWER(const people::ReadGuard::Found found, admitted(counter, request, "edit"));
  KHUOI_ANSWER(node::HandedIn handed, handed_of(request));
  const auto fits =
      counter.read_guard().look(*request.viewer, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
        KHUOI_TRY(const sync::Prepared prepared, reader.submissions().prepare(txn, handed.xml));
        const bool of_this = prepared.key == found.key && (prepared.is_edit || prepared.repeat);
        return of_this ? Result<void>()
                       : Result<void>(fail(Errc::usage, "the deprecatedID is not of a version of this dossier"));
      });
  if (!fits) return submission_refusal(fits.error(), handed.xml);
  let_draft_go(counter, request, handed);
  const auto taken = node::submit(counter.engine(), handed);
  return taken ? submission_response(*taken) : submission_refusal(taken.error(), handed.xml);
}

Response put_slip(Counter& counter, Request& request) {
  KHUOI_ANSWER(const json::object body, json_body(request));
  SlipWords words;
  KHUOI_ANSWER(words.originals, text_member(body, "originals", slip_octets_max));
  KHUOI_ANSWER(words.keeper, text_member(body, "keeper", slip_octets_max));
  KHUOI_ANSWER(words.come_back, text_member(body, "come_back", slip_octets_max));
  KHUOI_ANSWER_VOID(counter.slips().put(*request.viewer, request.values[0], words));
  return json_response(json::object{});
}

/// Before a large body is read.
std::optional<Response> may_edit(Counter& counter, Request& request) {
  const auto found = admitted(counter, request, "");
  return found ? std::nullopt : std::optional(problem_of(found.error()));
}

}  // namespace

void add_dossier_act_routes(Counter& counter) {
  counter.add(Method::post, "/api/dossiers/:id/seen", Access::logged_in(), mark_dossier_seen, act_octets_max);
  counter.add(Method::post, "/api/dossiers/:id/withdraw", Access::logged_in(), withdraw, act_octets_max);
  counter.add(Method::post, "/api/dossiers/:id/pick", Access::logged_in(), pick, act_octets_max);
  counter.add(Method::post, "/api/dossiers/:id/call", Access::logged_in(), call, act_octets_max);
  counter.add(Method::post, "/api/dossiers/:id/send-now", Access::logged_in(), send_now, act_octets_max);
  counter.add(Method::put, "/api/dossiers/:id/slip", Access::anybody(), put_slip, act_octets_max);
  counter.add({.method = Method::post,
               .pattern = "/api/dossiers/:id/edit",
               .access = Access::logged_in(),
               .body = Body::parts,
               .octets_max = submission_octets_max,
               .admit = [&counter](Request& request) { return may_edit(counter, request); }},
              edit);
}

}  // namespace khuoi::http

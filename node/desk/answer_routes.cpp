// The commune's answer to a dossier, with papers; to one, or to many at once.
#include <algorithm>
#include <charconv>

#include "node/acts/answer.h"
#include "node/acts/audit_log.h"
#include "node/acts/summary.h"
#include "node/counter/submission_body.h"
#include "node/desk/desk.h"
#include "node/web_server/json_body.h"
#include "node/web_server/problem.h"
#include "sync/record/file_name.h"
#include "sync/record/official_code.h"

namespace khuoi::desk {

namespace json = boost::json;
using http::Access, http::json_response, http::Method, http::problem;
using people::ReadGuard;
using sync::ReplicaReader;

namespace {

constexpr std::uint64_t papers_octets_max = std::uint64_t{256} << 20U;
constexpr std::uint64_t bulk_octets_max = 65536;
constexpr std::size_t bulk_dossiers_max = 200;

/// Errors: usage; a rejection needs its reason.
Result<sync::StateChange> change_asked(std::string_view state, std::string note, std::string due, std::string_view fee) {
  sync::StateChange out;
  const auto named = sync::state_named(state);
  if (!named) return fail(Errc::usage, "there is no state '" + std::string(state) + "'");
  out.state = *named;
  out.note = std::move(note);
  out.due = std::move(due);
  if (out.state == sync::State::rejected && out.note.empty())
    return fail(Errc::usage, "a rejection carries its reason: the villager has a right to it");
  if (!out.due.empty() && !sync::day_of_text(out.due)) return fail(Errc::usage, "'due' is no day: write 2026-01-31");
  if (!fee.empty()) {
    const auto parsed = std::from_chars(fee.data(), fee.data() + fee.size(), out.fee_vnd);
    if (parsed.ec != std::errc() || parsed.ptr != fee.data() + fee.size())
      return fail(Errc::usage, "'fee' is no whole number of VND");
  }
  return out;
}

std::string_view vietnamese(std::string_view state) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> words = {{
      {"new", "Mới đăng ký"},
      {"accepted", "Được tiếp nhận"},
      {"rejected", "Không được tiếp nhận"},
      {"processing", "Đang xử lý"},
      {"needs-papers", "Yêu cầu bổ sung giấy tờ"},
      {"needs-payment", "Yêu cầu thực hiện nghĩa vụ tài chính"},
      {"withdrawn", "Công dân yêu cầu rút hồ sơ"},
      {"stopped", "Dừng xử lý"},
      {"resolved", "Đã xử lý xong"},
      {"returned", "Đã trả kết quả"},
  }};
  const auto* const found = std::ranges::find(words, state, &std::pair<std::string_view, std::string_view>::first);
  return found == words.end() ? state : found->second;
}

/// The move is not allowed: most likely somebody else was faster, and the sentence says who and what.
std::string why_not_allowed(Desk& desk, const ReadGuard::Found& found) {
  std::string who;
  sync::State now = sync::State::fresh;
  (void)desk.engine().look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const auto row, reader.dossiers().brief(txn, found.key));
    if (row) now = row->state.value_or(sync::State::fresh);
    KHUOI_TRY_VOID(node::AuditLog::newest(txn, {.person = {}, .what = "state", .target = found.row.shown.hex()}, std::nullopt, 1,
                                          [&](const node::AuditLog::Entry& entry) { who = entry.row.act.person; }));
    return {};
  });
  return "Hồ sơ đang ở trạng thái “" + std::string(vietnamese(sync::name_of(now))) + "”" +
         (who.empty() ? "" : ", do " + who + " vừa đặt") + ". Hãy xem lại rồi làm tiếp.";
}

/// The day that the commune named stands until it names another.
Result<std::string> day_so_far(Desk& desk, const ReadGuard::Found& found) {
  std::string out;
  KHUOI_TRY_VOID(desk.engine().look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const auto row, reader.dossiers().row(txn, found.key));
    if (!row) return {};
    KHUOI_TRY(const node::Summary summary, node::Summaries(reader, txn).of(found.key, *row));
    out = summary.due;
    return {};
  }));
  return out;
}

node::Act state_act(const Request& request, const std::string& id, sync::State state) {
  return {request.viewer->person, node::Act::By::page, "state", id, std::string(sync::name_of(state))};
}

Response answer_dossier(Desk& desk, Request& request) {
  auto change = change_asked(http::field_of(request, "state"), http::field_of(request, "note"), http::field_of(request, "due"),
                             http::field_of(request, "fee"));
  if (!change && http::field_of(request, "state") == "rejected" && http::field_of(request, "note").empty())
    return problem(400, "usage", "Từ chối thì phải ghi lý do: người dân có quyền được biết.");
  KHUOI_ANSWER(sync::StateChange asked, std::move(change));
  KHUOI_ANSWER(const ReadGuard::Found found, found_dossier(desk, request, request.values[0]));
  if (asked.due.empty()) {
    KHUOI_ANSWER(asked.due, day_so_far(desk, found));
  }
  std::vector<node::FileSource> papers;
  for (const http::Part& part : request.parts) {
    if (!part.file || part.file->octets() == 0) continue;
    const auto names = sync::names_in_part(part.file_name, part.name);
    node::FileSource source = part.file->source();
    source.name = names.empty() ? part.name : names.front();
    source.type = node::FileSource::Type::by_beginning;
    papers.push_back(std::move(source));
  }
  const auto also = [&](sync::Replica& replica, sync::Batch& batch) {
    return node::AuditLog::note(replica, batch, state_act(request, found.row.shown.hex(), asked.state));
  };
  const auto done = node::answer(desk.engine(), found.row.shown.hex(), asked, papers, also);
  if (!done && done.error().code == Errc::denied) {
    const bool restored = done.error().what.find("put back from a backup") != std::string::npos;
    if (restored)
      return problem(409, "restored", "Máy xã vừa được phục hồi từ bản sao lưu. Quản trị phải xác nhận mã hồ sơ cuối cùng đã cấp trước đã.");
    return problem(409, "conflict", why_not_allowed(desk, found));
  }
  KHUOI_ANSWER_VOID(done);
  desk.counter().note_keys_changed();
  std::string code;
  KHUOI_ANSWER_VOID(desk.engine().look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(auto row, reader.dossiers().brief(txn, found.key));
    if (!row) return {};
    KHUOI_TRY(const auto standing, reader.dossiers().standing(txn, *row));
    code = standing.code;
    return {};
  }));
  return json_response(json::object{{"state", sync::name_of(asked.state)}, {"code", code}});
}

/// Before a large body is read.
std::optional<Response> may_answer(Desk& desk, Request& request) {
  const auto found = found_dossier(desk, request, request.values[0]);
  return found ? std::nullopt : std::optional(http::problem_of(found.error()));
}

Result<std::vector<std::string>> ids_in(const json::object& body) {
  std::vector<std::string> out;
  const json::value* named = body.if_contains("ids");
  const json::array* list = named != nullptr ? named->if_array() : nullptr;
  if (list == nullptr || list->empty() || list->size() > bulk_dossiers_max)
    return fail(Errc::usage, "'ids' names 1 to 200 dossiers");
  for (const json::value& one : *list) {
    if (!one.is_string()) return fail(Errc::malformed, "'ids' holds ids");
    out.emplace_back(one.get_string());
  }
  return out;
}

/// Each stands alone: one that cannot be done is named, and the others are done.
Response bulk(Desk& desk, Request& request) {
  KHUOI_ANSWER(const json::object body, http::json_body(request));
  KHUOI_ANSWER(const auto ids, ids_in(body));
  KHUOI_ANSWER(const std::string state, http::text_member(body, "state", 64));
  KHUOI_ANSWER(std::string note, http::text_member(body, "note", node::note_octets_max));
  KHUOI_ANSWER(const std::string charge, http::text_member(body, "charge", sync::person_octets_max));
  std::optional<sync::StateChange> change;
  if (!state.empty()) {
    if (state == "rejected" && note.empty()) return problem(400, "usage", "Từ chối thì phải ghi lý do: người dân có quyền được biết.");
    KHUOI_ANSWER(change, change_asked(state, std::move(note), {}, {}));
  }
  json::array done, failed;
  for (const std::string& id : ids) {
    const auto one = [&]() -> Result<void> {
      KHUOI_TRY(const ReadGuard::Found found, found_dossier(desk, request, id));
      if (change) {
        sync::StateChange own = *change;
        KHUOI_TRY(own.due, day_so_far(desk, found));
        return node::answer(desk.engine(), id, std::move(own), {}, [&](sync::Replica& replica, sync::Batch& batch) {
          return node::AuditLog::note(replica, batch, state_act(request, id, change->state));
        });
      }
      return desk.change_marks({found.row.number}, [&](Desk::Mark& mark) { mark.charge = charge; },
                               [&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
                                 KHUOI_TRY_VOID(check_in_charge(batch.txn, charge, found.row.domain));
                                 return node::AuditLog::note(replica, batch,
                                                             {request.viewer->person, node::Act::By::page, "charge", id, charge});
                               });
    }();
    if (one) {
      done.emplace_back(id);
      continue;
    }
    std::string message = http::problem_of(one.error()).told;
    if (one.error().code == Errc::denied && change) {
      if (const auto found = found_dossier(desk, request, id)) message = why_not_allowed(desk, *found);
    }
    failed.push_back(json::object{{"id", id}, {"message", message}});
  }
  desk.counter().note_keys_changed();
  return json_response(json::object{{"done", std::move(done)}, {"failed", std::move(failed)}});
}

}  // namespace

void add_answer_routes(Desk& desk) {
  desk.add({.method = Method::post,
            .pattern = "/api/desk/dossiers/:id/answer",
            .access = Access::logged_in(),
            .body = http::Body::parts,
            .octets_max = papers_octets_max,
            .admit = [&desk](Request& request) { return may_answer(desk, request); }},
           answer_dossier);
  desk.add(Method::post, "/api/desk/bulk", Access::logged_in(), bulk, bulk_octets_max);
}

}  // namespace khuoi::desk

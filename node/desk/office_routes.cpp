// The unit's code, and the audit log: an administrator's.
#include <charconv>

#include "node/acts/audit_log.h"
#include "node/desk/desk.h"
#include "node/web_server/json_body.h"
#include "node/web_server/problem.h"
#include "sync/dossiers/code_register.h"

namespace khuoi::desk {

namespace json = boost::json;
using http::Access, http::json_response, http::Method;
using node::Capability;
using sync::CodeRegister;
using sync::ReplicaReader;

namespace {

constexpr std::size_t audit_rows = 50;
constexpr std::uint64_t unit_body_octets_max = 1024;

Response show_unit(Desk& desk, Request&) {
  CodeRegister::Settings now;
  std::string name;
  KHUOI_ANSWER_VOID(desk.engine().look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(now, CodeRegister::settings(txn));
    name = reader.self().name;
    return {};
  }));
  const std::uint32_t today = sync::vietnam_day(desk.engine().now().wall);
  const std::string example = now.unit.empty() || today == 0 ? "" : sync::OfficialCode{now.unit, today, 1}.text();
  return json_response(json::object{{"name", name}, {"code", now.unit}, {"example", example}});
}

Response put_unit(Desk& desk, Request& request) {
  KHUOI_ANSWER(const json::object body, http::json_body(request));
  KHUOI_ANSWER(const std::string code, http::text_member(body, "code", 256));
  if (!code.empty() && !sync::is_unit_code(code))
    return http::problem(400, "usage", "Mã đơn vị chỉ gồm chữ cái không dấu, chữ số và dấu chấm, dài nhất 32 ký tự, ví dụ 000.00.12.H56.");
  KHUOI_ANSWER_VOID(desk.engine().work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(CodeRegister::set_unit(batch, code));
    return node::AuditLog::note(replica, batch, {request.viewer->person, node::Act::By::page, "unit set", code, {}});
  }));
  return show_unit(desk, request);
}

std::string_view by_word(node::Act::By by) { return node::name_of(by); }

Response audit(Desk& desk, Request& request) {
  const node::AuditLog::Filter filter{std::string(request.query("person")), std::string(request.query("what")),
                                      std::string(request.query("target"))};
  std::optional<std::uint64_t> from;
  if (const std::string_view text = request.query("from"); !text.empty()) {
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc() || number == 0) return http::problem_of(fail(Errc::usage, "'from' is a number of the log"));
    from = number;
  }
  json::array rows;
  std::optional<std::uint64_t> next;
  KHUOI_ANSWER_VOID(desk.engine().look([&](ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(next, node::AuditLog::newest(txn, filter, from, audit_rows, [&](const node::AuditLog::Entry& one) {
      rows.push_back(json::object{{"number", one.number},
                                  {"readable", one.readable},
                                  {"at", one.row.at.value},
                                  {"person", one.row.act.person},
                                  {"by", by_word(one.row.act.by)},
                                  {"what", one.row.act.what},
                                  {"target", one.row.act.target},
                                  {"detail", one.row.act.detail}});
    }));
    return {};
  }));
  return json_response(json::object{{"rows", std::move(rows)}, {"next", next ? json::value(*next) : json::value(nullptr)}});
}

/// It walks the whole log: asked for by a button, not by opening the page.
Response check_audit(Desk& desk, Request&) {
  node::AuditLog::Verified told;
  KHUOI_ANSWER_VOID(desk.engine().look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(told, node::AuditLog::verify(node::AuditKey::of(reader.membership()), txn));
    return {};
  }));
  return json_response(json::object{{"whole", told.wrong.empty()}, {"count", told.count}, {"problem", told.wrong}});
}

}  // namespace

void add_office_routes(Desk& desk) {
  desk.add(Method::get, "/api/desk/unit", Access::logged_in(), show_unit);
  desk.add(Method::put, "/api/desk/unit", Capability::administer, put_unit, unit_body_octets_max);
  desk.add(Method::get, "/api/desk/audit", Capability::administer, audit);
  desk.add(Method::get, "/api/desk/audit/check", Capability::administer, check_audit, 0, http::Lane::slow);
}

}  // namespace khuoi::desk

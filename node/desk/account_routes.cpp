// Who works at the commune: an administrator opens, changes and closes accounts.
#include <algorithm>

#include "node/acts/accounts.h"
#include "node/acts/audit_log.h"
#include "node/desk/desk.h"
#include "node/engine/phrase.h"
#include "node/web_server/json_body.h"
#include "node/web_server/problem.h"

namespace khuoi::desk {

namespace json = boost::json;
using http::json_response, http::Method, http::problem;
using node::Account, node::Capabilities, node::Capability;

namespace {

constexpr std::uint64_t account_octets_max = 8192;
constexpr std::size_t account_phrase_octets_max = 1024;

json::array role_words(Capabilities may) {
  const auto roles = may.roles();
  return json::array(roles.begin(), roles.end());
}

Result<Capabilities> roles_in(const json::object& body) {
  Capabilities out;
  const json::value* named = body.if_contains("roles");
  const json::array* list = named != nullptr ? named->if_array() : nullptr;
  if (list == nullptr) return fail(Errc::malformed, "'roles' is no array");
  for (const json::value& one : *list) {
    const auto role = one.is_string() ? node::role_named(std::string_view(one.get_string())) : Capabilities();
    if (role.none()) return fail(Errc::usage, "'roles' holds clerk, health, broadcaster and administrator");
    out = out | role;
  }
  return out;
}

/// What was done stands in the log in a commit of its own, before it is done: accounts take a second each.
Result<void> note_account(Desk& desk, const Request& request, std::string what, const std::string& name, std::string detail = {}) {
  return desk.engine().work([&](sync::Replica& replica, sync::Batch& batch) {
    return node::AuditLog::note(replica, batch, {request.viewer->person, node::Act::By::page, what, name, detail});
  });
}

std::string joined_roles(Capabilities may) {
  std::string out;
  for (const std::string_view role : may.roles()) out += (out.empty() ? "" : ",") + std::string(role);
  return out;
}

Response account_refusal(const Error& error) {
  if (error.code == Errc::denied && error.what.find("last administrator") != std::string::npos)
    return problem(409, "last", "Đây là tài khoản quản trị cuối cùng. Hãy mở một tài khoản quản trị khác trước.");
  if (error.code == Errc::conflict)
    return problem(409, "phrase", "Thêm hoặc bỏ quyền quản trị thì phải đặt câu mở khóa mới cho người này cùng lúc.");
  if (error.code == Errc::exists)
    return problem(409, "exists", "Tên này đã có, hoặc từng có, tài khoản. Nhật ký còn ghi tên đó, hãy chọn tên khác.");
  return http::problem_of(error);
}

Response list_accounts(Desk& desk, Request&) {
  KHUOI_ANSWER_VOID(desk.load_marks());
  KHUOI_ANSWER(const auto all, node::accounts(desk.engine()));
  const auto charges = desk.in_charge();
  json::array out;
  for (const Account& one : all) {
    const auto charge = charges.find(one.name);
    out.push_back(json::object{{"name", one.name},
                               {"roles", role_words(one.may)},
                               {"closed", one.closed},
                               {"in_charge", charge == charges.end() ? 0 : charge->second}});
  }
  return json_response(out);
}

/// Before anybody logged in: whose phrase is asked for.
Response list_open_accounts(Desk& desk, Request&) {
  KHUOI_ANSWER(const auto all, node::accounts(desk.engine()));
  KHUOI_ANSWER(const auto people, desk.counter().sessions().people());
  json::array out;
  for (const Account& one : all) {
    if (one.closed) continue;
    const auto known = std::ranges::find(people, one.name, &people::PersonFacts::name);
    out.push_back(json::object{{"name", one.name},
                               {"domains", json::array()},
                               {"roles", role_words(one.may)},
                               {"pin", one.has_pin},
                               {"ready", known != people.end() && known->ready}});
  }
  return json_response(out);
}

Response add_account(Desk& desk, Request& request) {
  KHUOI_ANSWER(const json::object body, http::json_body(request));
  KHUOI_ANSWER(const std::string name, http::text_member(body, "name", sync::person_octets_max));
  KHUOI_ANSWER(std::string phrase, http::text_member(body, "phrase", account_phrase_octets_max));
  KHUOI_ANSWER(const Capabilities may, roles_in(body));
  KHUOI_ANSWER(const sync::Secret typed, node::phrase_from_text(phrase));
  KHUOI_ANSWER_VOID(note_account(desk, request, "account add", name, joined_roles(may)));
  const people::Viewer& who = *request.viewer;
  const auto done = node::open_account(desk.engine(), {who.person, who.keys->locks()}, {name, may, typed});
  return done ? json_response(json::object{}, 201) : account_refusal(done.error());
}

Response put_roles(Desk& desk, Request& request) {
  KHUOI_ANSWER(const json::object body, http::json_body(request));
  KHUOI_ANSWER(const std::string name, http::text_member(body, "name", sync::person_octets_max));
  KHUOI_ANSWER(std::string phrase, http::text_member(body, "phrase", account_phrase_octets_max));
  KHUOI_ANSWER(const Capabilities may, roles_in(body));
  KHUOI_ANSWER_VOID(note_account(desk, request, "account roles", name, joined_roles(may)));
  const people::Viewer& who = *request.viewer;
  Result<void> done;
  if (phrase.empty()) {
    done = node::set_roles(desk.engine(), name, may);
  } else {
    KHUOI_ANSWER(const sync::Secret typed, node::phrase_from_text(phrase));
    done = node::new_phrase(desk.engine(), {who.person, who.keys->locks()}, {name, may, typed});
  }
  if (!done) return account_refusal(done.error());
  desk.counter().person_changed(name);
  return json_response(json::object{});
}

Response put_phrase(Desk& desk, Request& request) {
  KHUOI_ANSWER(const json::object body, http::json_body(request));
  KHUOI_ANSWER(const std::string name, http::text_member(body, "name", sync::person_octets_max));
  KHUOI_ANSWER(std::string phrase, http::text_member(body, "phrase", account_phrase_octets_max));
  KHUOI_ANSWER(const sync::Secret typed, node::phrase_from_text(phrase));
  KHUOI_ANSWER(const auto all, node::accounts(desk.engine()));
  const auto known = std::ranges::find(all, name, &Account::name);
  if (known == all.end() || known->closed) return problem(404, "not_found", "Không có tài khoản nào tên như vậy.");
  KHUOI_ANSWER_VOID(note_account(desk, request, "account phrase", name));
  const people::Viewer& who = *request.viewer;
  const auto done = node::new_phrase(desk.engine(), {who.person, who.keys->locks()}, {name, known->may, typed});
  if (!done) return account_refusal(done.error());
  if (name != who.person) desk.counter().person_changed(name);
  return json_response(json::object{});
}

/// Whether `to` reads all that `name` reads.
Result<bool> may_take_over(Desk& desk, const std::string& name, const std::string& to) {
  bool out = false;
  KHUOI_TRY_VOID(desk.engine().look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const Capabilities from, node::may_of_account(txn, name));
    KHUOI_TRY(const Capabilities taker, node::may_of_account(txn, to));
    out = to != name && taker.has(from & Capabilities::all_domains()) && !(taker & Capabilities::all_domains()).none();
    return {};
  }));
  return out;
}

/// The dossiers in its charge go to somebody else, or to nobody.
Response close(Desk& desk, Request& request) {
  KHUOI_ANSWER(const json::object body, http::json_body(request));
  KHUOI_ANSWER(const std::string name, http::text_member(body, "name", sync::person_octets_max));
  KHUOI_ANSWER(const std::string to, http::text_member(body, "to", sync::person_octets_max));
  KHUOI_ANSWER_VOID(desk.load_marks());
  if (!to.empty()) {
    KHUOI_ANSWER(const bool takes, may_take_over(desk, name, to));
    if (!takes) return problem(409, "usage", "Người nhận bàn giao phải có tài khoản đang dùng, và được xem những hồ sơ mà người này được xem.");
  }
  KHUOI_ANSWER_VOID(note_account(desk, request, "account close", name, to));
  const auto done = node::close_account(desk.engine(), name);
  if (!done) return account_refusal(done.error());
  desk.counter().person_changed(name);
  KHUOI_ANSWER_VOID(desk.hand_over(name, to));
  return json_response(json::object{});
}

}  // namespace

void add_account_routes(Desk& desk) {
  desk.add(Method::get, "/api/people", http::Access::anybody(), list_open_accounts);
  desk.add(Method::get, "/api/accounts", Capability::administer, list_accounts);
  desk.add(Method::post, "/api/accounts", Capability::administer, add_account, account_octets_max, http::Lane::slow);
  desk.add(Method::put, "/api/accounts/roles", Capability::administer, put_roles, account_octets_max, http::Lane::slow);
  desk.add(Method::put, "/api/accounts/phrase", Capability::administer, put_phrase, account_octets_max, http::Lane::slow);
  desk.add(Method::post, "/api/accounts/close", Capability::administer, close, account_octets_max, http::Lane::slow);
}

}  // namespace khuoi::desk

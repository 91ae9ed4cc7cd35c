#include "node/counter/counter.h"
#include "node/web_server/json_body.h"
#include "node/web_server/problem.h"
#include "sync/seal/passphrase.h"

namespace khuoi::http {

namespace json = boost::json;
using sync::ReplicaReader;

namespace {

constexpr std::size_t body_octets_max = 8192;
constexpr std::size_t phrase_octets_max = 1024;

json::array names_of(Capabilities may) {
  const auto names = may.names();
  return json::array(names.begin(), names.end());
}

json::array roles_of(Capabilities may) {
  const auto roles = may.roles();
  return json::array(roles.begin(), roles.end());
}

Result<json::object> node_facts(Counter& counter) {
  json::object out;
  KHUOI_TRY_VOID(counter.engine().look([&](ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    const sync::Self& self = reader.self();
    const sync::CommuneFacts* commune = reader.roster().commune();
    out = {{"role", sync::name_of(self.role)},
           {"name", self.name},
           {"stage", self.is_commune() || self.granted() ? "enrolled" : "request"},
           {"health", reader.health_open() ? "open" : reader.keys().health_waits() ? "worker" : "grant"},
           {"commune", commune != nullptr ? json::value(commune->name) : json::value(nullptr)},
           {"fingerprint",
            self.is_commune() ? json::value(nullptr) : json::value(sync::fingerprint_digits(reader.membership().enrol_request()))},
           {"version", KHUOI_VERSION}};
    return {};
  }));
  return out;
}

/// A wrong phrase, a wrong PIN: the same answer, with the time one has to wait from now on.
Response login_response(Counter& counter, const Result<people::Sessions::Login>& login) {
  if (!login) return problem_of(login.error());
  if (login->viewer) {
    Response out = session_response(counter, *login->viewer);
    out.with("Set-Cookie", people::Cookies::header(people::session_cookie, login->viewer->session));
    return out;
  }
  if (login->wait > 0) return problem_wait(login->wait);
  return problem(403, "denied", "Câu mở khóa hoặc mã PIN chưa đúng.");
}

Response log_in(Counter& counter, Request& request) {
  KHUOI_ANSWER(const json::object body, json_body(request));
  KHUOI_ANSWER(const std::string person, text_member(body, "person", sync::person_octets_max));
  KHUOI_ANSWER(std::string phrase, text_member(body, "phrase", phrase_octets_max));
  KHUOI_ANSWER(const std::string pin, text_member(body, "pin", people::pin_digits_max));
  const bool by_pin = phrase.empty() && !pin.empty();
  people::Sessions& sessions = counter.sessions();
  const auto login = by_pin ? sessions.login_by_pin(person, pin, request.from)
                            : sessions.login_by_phrase(person, std::move(phrase), request.from);
  if (login && login->viewer) {
    sessions.logout(*request.viewer);  // a new login has a new id, and the old one is nothing any more
    if (!by_pin) counter.note_keys_changed();
  }
  return login_response(counter, login);
}

Response log_out(Counter& counter, Request& request) {
  counter.sessions().logout(*request.viewer);
  return std::move(
      json_response(json::object{}).with("Set-Cookie", people::Cookies::header(people::session_cookie, people::Cookies::fresh(counter.rng()))));
}

Response lock(Counter& counter, Request&) {
  KHUOI_ANSWER_VOID(counter.sessions().lock());
  counter.note_keys_changed();
  return json_response(json::object{});
}

/// Whoever comes without cookies gets them here; everything that writes needs them.
Response look_around(Counter& counter, Request& request) {
  people::Viewer viewer = *request.viewer;
  const bool without_session = viewer.session.empty();
  if (without_session) {
    viewer.session = people::Cookies::fresh(counter.rng());
    viewer.token = counter.sessions().cookies().token_for(viewer.session);
  }
  Response out = session_response(counter, viewer);
  if (without_session) out.with("Set-Cookie", people::Cookies::header(people::session_cookie, viewer.session));
  if (viewer.drafts.empty()) out.with("Set-Cookie", people::Cookies::header(people::draft_cookie, people::Cookies::fresh(counter.rng())));
  return out;
}

Response list_people(Counter& counter, Request&) {
  KHUOI_ANSWER(const auto people, counter.sessions().people());
  json::array out;
  for (const people::PersonFacts& one : people) {
    out.push_back(json::object{
        {"name", one.name}, {"domains", names_of(one.may)}, {"pin", one.has_pin}, {"ready", one.ready}});
  }
  return json_response(out);
}

Result<Capabilities> capabilities_in(const json::object& body) {
  Capabilities out;
  const json::value* named = body.if_contains("domains");
  const json::array* list = named != nullptr ? named->if_array() : nullptr;
  if (list == nullptr) return fail(Errc::malformed, "'domains' is no array");
  for (const json::value& one : *list) {
    if (one.is_string()) out = out | node::capability_named(std::string_view(one.get_string()));
  }
  return out;
}

/// What follows when nobody opens these domains any more: said before it is done.
Response last_reader(Capabilities orphaned) {
  const std::string what = orphaned == Capabilities::all_domains()               ? "hồ sơ giấy tờ và phiếu sức khỏe"
                           : orphaned == Capability::read_general ? "hồ sơ giấy tờ"
                                                                  : "phiếu sức khỏe";
  return problem(409, "last",
                 "Đây là người cuối cùng mở được " + what +
                     ". Sau đó không ai ở xóm đọc được nữa, cả những gì đã ghi; chỉ xã giúp mở lại được.");
}

Response remove_person(Counter& counter, Request& request) {
  const std::string name(request.query("name"));
  KHUOI_ANSWER(const Capabilities orphaned, counter.sessions().orphaned_without(*request.viewer, name, {}));
  if (!orphaned.none() && request.query("anyway") != "1") return last_reader(orphaned);
  KHUOI_ANSWER_VOID(counter.sessions().remove_person(*request.viewer, name));
  counter.note_keys_changed();
  return json_response(json::object{});
}

Response change_person(Counter& counter, Request& request) {
  KHUOI_ANSWER(const json::object body, json_body(request));
  KHUOI_ANSWER(const std::string name, text_member(body, "name", sync::person_octets_max));
  KHUOI_ANSWER(std::string phrase, text_member(body, "phrase", phrase_octets_max));
  KHUOI_ANSWER(const Capabilities wanted, capabilities_in(body));
  KHUOI_ANSWER(const Capabilities orphaned, counter.sessions().orphaned_without(*request.viewer, name, wanted));
  if (!orphaned.none() && request.query("anyway") != "1") return last_reader(orphaned);
  KHUOI_ANSWER_VOID(counter.sessions().change_person(*request.viewer, name, wanted, std::move(phrase)));
  counter.note_keys_changed();
  return json_response(json::object{});
}

Response add_person(Counter& counter, Request& request) {
  KHUOI_ANSWER(const json::object body, json_body(request));
  KHUOI_ANSWER(const std::string name, text_member(body, "name", sync::person_octets_max));
  KHUOI_ANSWER(std::string phrase, text_member(body, "phrase", phrase_octets_max));
  KHUOI_ANSWER(const Capabilities wanted, capabilities_in(body));
  KHUOI_ANSWER_VOID(counter.sessions().add_person(*request.viewer, name, wanted, std::move(phrase)));
  return json_response(json::object{}, 201);
}

Response begin_health(Counter& counter, Request& request) {
  KHUOI_ANSWER(const json::object body, json_body(request));
  KHUOI_ANSWER(const std::string name, text_member(body, "name", sync::person_octets_max));
  KHUOI_ANSWER(std::string phrase, text_member(body, "phrase", phrase_octets_max));
  KHUOI_ANSWER_VOID(counter.sessions().begin_health(*request.viewer, name, std::move(phrase)));
  return json_response(json::object{}, 201);
}

Response set_pin(Counter& counter, Request& request) {
  KHUOI_ANSWER(const json::object body, json_body(request));
  KHUOI_ANSWER(const std::string pin, text_member(body, "pin", people::pin_digits_max));
  KHUOI_ANSWER_VOID(counter.sessions().set_pin(*request.viewer, pin));
  return json_response(json::object{});
}

Response set_phrase(Counter& counter, Request& request) {
  KHUOI_ANSWER(const json::object body, json_body(request));
  KHUOI_ANSWER(std::string phrase, text_member(body, "phrase", phrase_octets_max));
  const auto changed = counter.sessions().set_phrase(*request.viewer, std::move(phrase));
  if (!changed && changed.error().code == Errc::exists)
    return problem(409, "exists", "Đó vẫn là câu cũ, người đặt ra nó cũng biết. Hãy chọn câu khác.");
  KHUOI_ANSWER_VOID(changed);
  return json_response(json::object{});
}

/// From a page that was opened before the box was named: another device was faster.
Response already_named(Counter&, Request&) {
  return problem(409, "exists", "Máy này vừa được đặt tên và tạo xong từ một thiết bị khác.");
}

Response offer_phrase(Counter& counter, Request&) {
  return json_response(json::object{{"phrase", sync::make_phrase(counter.rng())}});
}

}  // namespace

Response session_response(Counter& counter, const people::Viewer& viewer) {
  KHUOI_ANSWER(json::object node, node_facts(counter));
  json::value person = nullptr;
  if (viewer.logged_in()) {
    KHUOI_ANSWER(const auto people, counter.sessions().people());
    const auto own = std::ranges::find(people, viewer.person, &people::PersonFacts::name);
    person = json::object{{"name", viewer.person},
                          {"domains", names_of(viewer.may)},
                          {"pin", own != people.end() && own->has_pin},
                          {"phrase_given", viewer.phrase_given}};
    if (node.at("role").as_string() == sync::name_of(sync::Role::commune)) person.as_object()["roles"] = roles_of(viewer.may);
  }
  std::optional<UnixSeconds> trusted;
  const Now now = counter.engine().now();
  KHUOI_ANSWER_VOID(counter.engine().look([&](ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    trusted = reader.since_start().told_time().at(now);
    return {};
  }));
  const Capabilities open = counter.sessions().ready();
  json::object opened;
  for (const node::CapabilityRow& row : node::capability_table) {
    if (!row.name.empty()) opened[row.name] = open.has(row.capability);
  }
  return json_response(json::object{
      {"node", std::move(node)},
      {"person", std::move(person)},
      {"open", std::move(opened)},
      {"token", viewer.token},
      {"time", json::object{{"now", trusted ? trusted->value : now.wall.value}, {"trusted", trusted.has_value()}}}});
}

void add_session_routes(Counter& counter) {
  counter.add({.pattern = "/api/session", .access = Access::anybody(), .before_own_phrase = true}, look_around);
}

/// Getting in and out, and one's own phrase.
void add_login_routes(Counter& counter) {
  counter.add({.pattern = "/api/phrase", .access = Access::anybody(), .before_own_phrase = true}, offer_phrase);
  counter.add(Method::post, "/api/login", Access::anybody(), log_in, body_octets_max, Lane::slow);
  counter.add({.method = Method::post,
               .pattern = "/api/logout",
               .access = Access::anybody(),
               .body = Body::memory,
               .octets_max = body_octets_max,
               .before_own_phrase = true},
              log_out);
  counter.add(Method::post, "/api/lock", Access::logged_in(), lock, body_octets_max, Lane::slow);
  counter.add(Method::put, "/api/people/pin", Access::logged_in(), set_pin, body_octets_max, Lane::slow);
  counter.add({.method = Method::put,
               .pattern = "/api/people/phrase",
               .access = Access::logged_in(),
               .body = Body::memory,
               .octets_max = body_octets_max,
               .lane = Lane::slow,
               .before_own_phrase = true},
              set_phrase);
}

void add_people_routes(Counter& counter) {
  counter.add(Method::get, "/api/people", Access::anybody(), list_people);
  counter.add(Method::post, "/api/setup", Access::anybody(), already_named, body_octets_max);
  counter.add(Method::post, "/api/people", Access::logged_in(), add_person, body_octets_max, Lane::slow);
  counter.add(Method::put, "/api/people/access", Access::logged_in(), change_person, body_octets_max, Lane::slow);
  counter.add(Method::del, "/api/people", Access::logged_in(), remove_person, 0, Lane::slow);
  counter.add(Method::post, "/api/people/health", Access::logged_in(), begin_health, body_octets_max, Lane::slow);
}

}  // namespace khuoi::http

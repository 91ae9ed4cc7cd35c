#include "node/counter/first_start.h"

#include "node/engine/log.h"
#include "node/people/admission.h"
#include "node/engine/phrase.h"
#include "node/web_server/json_body.h"
#include "node/web_server/pages.h"
#include "node/web_server/problem.h"
#include "sync/record/official_code.h"
#include "sync/seal/passphrase.h"

namespace khuoi::http {

namespace json = boost::json;

namespace {

constexpr std::size_t setup_octets_max = 8192;
constexpr std::size_t hamlet_name_octets_max = 128;
constexpr std::size_t setup_phrase_octets_max = 1024;
constexpr std::size_t code_octets_max = 64;
constexpr std::size_t unit_octets_typed_max = 256;

sync::Secret fresh_cookie_key(Rng& rng) {
  sync::Secret out(32);
  rng.fill(out.writable());
  return out;
}

}  // namespace

FirstStart::FirstStart(Rng& rng, std::shared_ptr<Spool> spool, Make make, sync::Role role)
    : rng_(rng), spool_(std::move(spool)), make_(std::move(make)), role_(role), cookies_(fresh_cookie_key(rng)), code_(rng) {
  const auto get = [this](std::string pattern, std::function<Response(Request&)> handle) {
    router_.add({.pattern = std::move(pattern), .access = Access::anybody(), .handle = std::move(handle)});
  };
  get("/healthz", [](Request&) { return text_response(200, "ok\n"); });
  get("/api/session", [this](Request& request) { return session(request); });
  get("/api/phrase", [this](Request&) { return json_response(json::object{{"phrase", sync::make_phrase(rng_)}}); });
  get("/api/people", [](Request&) { return json_response(json::array()); });
  router_.add({.method = Method::post,
               .pattern = "/api/setup",
               .access = Access::anybody(),
               .handle = [this](Request& request) { return setup(request); },
               .body = Body::memory,
               .octets_max = setup_octets_max,
               .lane = Lane::slow});
  node::log_info("first_start", {{"code", code_.text()}, {"for", "whoever begins on another device than this one"}});
}

std::optional<Response> FirstStart::admit(Request& request, const Route* route) {
  return people::admit(cookies_.anonymous(request.header("cookie")), request, route);
}

std::optional<Response> FirstStart::page(const Request& request) { 
  return page_for(request, role_ == sync::Role::commune ? "desk.html" : "index.html");
}

Response FirstStart::session(Request& request) {
  const bool fresh = request.viewer->session.empty();
  const std::string cookie = fresh ? people::Cookies::fresh(rng_) : request.viewer->session;
  Response out =
      json_response(json::object{{"node", json::object{{"role", sync::name_of(role_)},
                                                       {"name", ""},
                                                       {"stage", "new"},
                                                       {"health", "worker"},
                                                       {"commune", nullptr},
                                                       {"fingerprint", nullptr},
                                                       {"version", KHUOI_VERSION}}},
                                 {"person", nullptr},
                                 {"open", json::object{{"general", false}, {"health", false}}},
                                 {"code", !request.loopback},
                                 {"token", cookies_.token_for(cookie)},
                                 {"time", json::object{{"now", node::system_now().wall.value}, {"trusted", false}}}});
  if (fresh) out.with("Set-Cookie", people::Cookies::header(people::session_cookie, cookie));
  return out;
}

namespace {

/// The health worker's name and phrase, where one is there at the first start: {"health": {name, phrase}}.
Result<void> read_health_worker(const json::object& body, const sync::Secret& phrase_of_head, node::NewNode& wish) {
  const json::value* given = body.if_contains("health");
  wish.health = sync::Keyring::Health::waits;
  if (given == nullptr || given->is_null()) return {};
  wish.health = sync::Keyring::Health::after_grant;
  if (!given->is_object()) return fail(Errc::malformed, "'health' is no object");
  KHUOI_TRY(wish.health_worker, text_member(given->as_object(), "name", sync::person_octets_max));
  KHUOI_TRY(std::string phrase, text_member(given->as_object(), "phrase", setup_phrase_octets_max));
  if (wish.health_worker.empty()) return fail(Errc::usage, "say who the health worker is: 'health.name'");
  KHUOI_TRY(wish.health_phrase, node::phrase_from_text(phrase));
  if (wish.health_worker == wish.person) return fail(Errc::usage, "head and health worker need a name each");
  if (node::same_phrase(text_of(phrase_of_head.view()), text_of(wish.health_phrase.view())))
    return fail(Errc::usage, "head and health worker need a phrase each, which the other does not know");
  return {};
}

}  // namespace

std::optional<Response> FirstStart::refused(const Request& request, const std::string& code) {
  if (request.loopback) return std::nullopt;
  if (code.empty()) return problem(403, "code", "Cần mã tám số đang hiện trên màn hình hoặc trong nhật ký của máy.");
  const people::SetupCode::Answer answer = code_.check(code, request.from, node::system_now().monotonic);
  switch (answer.verdict) {
    case people::SetupCode::Verdict::right:
      return std::nullopt;
    case people::SetupCode::Verdict::wait:
      return problem_wait(answer.wait_seconds);
    case people::SetupCode::Verdict::wrong:
      node::log_warning("first_start_wrong_code", {{"from", request.from}});
      return problem(403, "code", "Mã chưa đúng. Hãy xem lại tám số trên màn hình hoặc trong nhật ký của máy.");
    case people::SetupCode::Verdict::closed:
      break;
  }
  return problem(403, "code", "Đã có quá nhiều mã sai. Hãy bật lại máy để có mã mới, hoặc làm ngay trên máy.");
}

Response FirstStart::setup(Request& request) {
  if (made_) return problem_of(fail(Errc::exists, "the node is made already"));
  KHUOI_ANSWER(const json::object body, json_body(request));
  KHUOI_ANSWER(const std::string code, text_member(body, "code", code_octets_max));
  if (auto no = refused(request, code)) return std::move(*no);
  Wish wish;
  node::NewNode& node = wish.node;
  KHUOI_ANSWER(node.name, text_member(body, "name", hamlet_name_octets_max));
  KHUOI_ANSWER(node.person, text_member(body, "person", sync::person_octets_max));
  KHUOI_ANSWER(std::string phrase, text_member(body, "phrase", setup_phrase_octets_max));
  if (const auto fine = sync::check_name(node.name); !fine) return problem_of(fail(Errc::usage, fine.error().what));
  if (node.person.empty()) return problem_of(fail(Errc::usage, "say who you are: 'person'"));
  std::string typed = phrase;
  KHUOI_ANSWER(wish.phrase, node::phrase_from_text(typed));
  node.role = role_;
  if (role_ == sync::Role::commune) {
    KHUOI_ANSWER(wish.unit, text_member(body, "unit", unit_octets_typed_max));
    if (!wish.unit.empty() && !sync::is_unit_code(wish.unit))
      return problem(400, "usage", "Mã đơn vị chỉ gồm chữ cái không dấu, chữ số và dấu chấm, dài nhất 32 ký tự, ví dụ 000.00.12.H56.");
  } else {
    KHUOI_ANSWER_VOID(read_health_worker(body, wish.phrase, node));
  }
  const std::string person = node.person;
  KHUOI_ANSWER(const auto counter, make_(std::move(wish)));
  made_ = true;
  const auto login = counter->sessions().login_by_phrase(person, std::move(phrase), request.from);
  if (!login) return problem_of(login.error());
  if (!login->viewer) return problem(500, "failed", "Máy đã tạo xong nhưng chưa đăng nhập được. Hãy tải lại trang.");
  counter->note_keys_changed();
  Response out = session_response(*counter, *login->viewer);
  out.status = 201;
  out.with("Set-Cookie", people::Cookies::header(people::session_cookie, login->viewer->session));
  return out;
}

}  // namespace khuoi::http

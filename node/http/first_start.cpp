#include "node/http/first_start.h"

#include "node/http/json_body.h"
#include "node/http/pages.h"
#include "node/http/problem.h"
#include "node/openrosa/routes.h"
#include "node/service/phrase.h"
#include "sync/seal/passphrase.h"

namespace khuoi::http {

namespace json = boost::json;

namespace {

constexpr std::size_t body_octets_max = 8192;
constexpr std::size_t name_octets_max = 128;
constexpr std::size_t phrase_octets_max = 1024;

sync::Secret fresh_key(Rng& rng) {
  sync::Secret out(32);
  rng.fill(out.writable());
  return out;
}

}  // namespace

FirstStart::FirstStart(Rng& rng, std::shared_ptr<Spool> spool, Make make)
    : rng_(rng), spool_(std::move(spool)), make_(std::move(make)), cookies_(fresh_key(rng)) {
  router_.add(
      {.method = Method::get, .pattern = "/healthz", .handle = [](Request&) { return text_response(200, "ok\n"); }});
  router_.add({.method = Method::get, .pattern = "/api/session", .handle = [this](Request& request) {
                 return session(request);
               }});
  router_.add({.method = Method::get, .pattern = "/api/phrase", .handle = [this](Request&) {
                 return json_response(json::object{{"phrase", sync::make_phrase(rng_)}});
               }});
  router_.add({.method = Method::get, .pattern = "/api/people", .handle = [](Request&) {
                 return json_response(json::array());
               }});
  router_.add({.method = Method::post,
               .pattern = "/api/setup",
               .handle = [this](Request& request) { return setup(request); },
               .body = Body::memory,
               .octets_max = body_octets_max,
               .lane = Lane::slow});
  openrosa::add_openrosa_refusals(router_);
}

Viewer FirstStart::viewer(std::string_view cookie_header, bool) { return cookies_.anonymous(cookie_header); }

std::optional<Response> FirstStart::page(const Request& request) { return page_for(request); }

Response FirstStart::session(Request& request) {
  const bool fresh = request.viewer.session.empty();
  const std::string cookie = fresh ? Cookies::fresh(rng_) : request.viewer.session;
  Response out =
      json_response(json::object{{"node", json::object{{"role", "hamlet"},
                                                       {"name", ""},
                                                       {"stage", "new"},
                                                       {"commune", nullptr},
                                                       {"fingerprint", nullptr},
                                                       {"version", KHUOI_VERSION}}},
                                 {"person", nullptr},
                                 {"open", json::object{{"general", false}, {"health", false}}},
                                 {"token", cookies_.token_for(cookie)},
                                 {"time", json::object{{"now", node::system_now().wall.value}, {"trusted", false}}}});
  if (fresh) out.with("Set-Cookie", Cookies::header(session_cookie, cookie));
  return out;
}

Response FirstStart::setup(Request& request) {
  if (made_) return problem_of(fail(Errc::exists, "the node is made already"));
  KHUOI_ANSWER(const json::object body, json_body(request));
  Wish wish;
  KHUOI_ANSWER(wish.name, text_member(body, "name", name_octets_max));
  KHUOI_ANSWER(wish.person, text_member(body, "person", sync::person_octets_max));
  KHUOI_ANSWER(std::string phrase, text_member(body, "phrase", phrase_octets_max));
  if (const auto fine = sync::check_name(wish.name); !fine) return problem_of(fail(Errc::usage, fine.error().what));
  if (wish.person.empty()) return problem_of(fail(Errc::usage, "say who you are: 'person'"));
  std::string typed = phrase;
  KHUOI_ANSWER(wish.phrase, node::phrase_from_text(typed));
  const std::string person = wish.person;
  KHUOI_ANSWER(const auto counter, make_(std::move(wish)));
  made_ = true;
  const auto login = counter->sessions().login_by_phrase(person, std::move(phrase), request.from);
  if (!login) return problem_of(login.error());
  if (!login->viewer) return problem(500, "failed", "Máy đã tạo xong nhưng chưa đăng nhập được. Hãy tải lại trang.");
  counter->note_keys_changed();
  Response out = session_response(*counter, *login->viewer);
  out.status = 201;
  out.with("Set-Cookie", Cookies::header(session_cookie, login->viewer->session));
  return out;
}

}  // namespace khuoi::http

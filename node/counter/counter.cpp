#include "node/counter/counter.h"

#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "node/counter/drafts.h"
#include "node/counter/home.h"
#include "node/counter/shelf.h"
#include "node/counter/slips.h"
#include "node/engine/log.h"
#include "node/people/admission.h"
#include "node/web_server/pages.h"
#include "node/web_server/problem.h"
#include "node/web_server/workers.h"
#include "sync/seal/hash.h"

namespace khuoi::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t token_key_octets = 32;

/// Outlives a restart, so that a page which was open then goes on with the token it has.
Result<sync::Secret> token_key(node::Engine& engine) {
  sync::Secret out;
  KHUOI_TRY_VOID(engine.look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    Bytes key =
        sync::Blake2b(token_key_octets, reader.keys().repeat_key().view()).add(view_of("khuoi/1/page-token")).finish();
    out = sync::Secret::copy_of(key);
    sync::wipe(key);
    return {};
  }));
  return out;
}

}  // namespace

Counter::Counter(Surroundings surroundings, SitePlan plan, people::Cookies cookies)
    : around_(std::move(surroundings)),
      plan_(std::move(plan)),
      sessions_(around_.engine, std::move(cookies)),
      read_guard_(around_.engine),
      hub_(around_.sockets) {}

Counter::~Counter() = default;

SitePlan counter_site() {
  return {"index.html",
          {add_session_routes, add_login_routes, add_people_routes, add_home_routes, add_form_routes, add_submission_routes,
           add_draft_routes, add_dossier_routes, add_dossier_read_routes, add_dossier_file_routes, add_dossier_act_routes, add_health_routes,
           add_item_routes, add_loudspeaker_routes, add_enrolment_routes}};
}

Result<std::shared_ptr<Counter>> Counter::make(Surroundings surroundings, SitePlan plan) {
  KHUOI_TRY(sync::Secret key, token_key(surroundings.engine));
  std::shared_ptr<Counter> out(new Counter(std::move(surroundings), std::move(plan), people::Cookies(std::move(key))));
  out->drafts_ = std::make_unique<Drafts>(out->engine());
  out->slips_ = std::make_unique<Slips>(out->engine());
  out->shelf_ = std::make_unique<Shelf>(out->engine(), out->sessions_, out->plan_.searched_octets_max);
  out->home_ = std::make_unique<HomeBoard>(*out);
  for (auto* const add : out->plan_.groups) add(*out);
  KHUOI_TRY_VOID(out->drafts_->sweep());
  KHUOI_TRY_VOID(out->slips_->sweep());
  return out;
}

void Counter::add(Method method, std::string pattern, Access access, Handler handle, std::uint64_t octets_max,
                  Lane lane) {
  add({.method = method,
       .pattern = std::move(pattern),
       .access = access,
       .body = octets_max > 0 ? Body::memory : Body::none,
       .octets_max = octets_max,
       .lane = lane},
      handle);
}

void Counter::add(Route route, Handler handle) {
  route.handle = [this, handle](Request& request) { return handle(*this, request); };
  router_.add(std::move(route));
}

std::optional<Response> Counter::admit(Request& request, const Route* route) {
  const bool idle = route != nullptr && route->pattern == events_path;  // who only listens keeps no session open
  return people::admit(sessions_.viewer(request.header("cookie"), idle), request, route);
}

std::optional<Response> Counter::page(const Request& request) { return page_for(request, plan_.entry); }

std::optional<Response> Counter::refusal(const Request& request) {
  const auto& segments = request.target.segments;
  if (plan_.elsewhere.empty() || segments.empty() || segments.front() != "api") return std::nullopt;
  return problem(501, "unsupported", plan_.elsewhere);
}

void Counter::later(std::chrono::milliseconds delay, std::function<void()> work) {
  asio::post(around_.sockets, [self = weak_from_this(), delay, work = std::move(work)] {
    const auto here = self.lock();
    if (!here) return;
    auto timer = std::make_shared<asio::steady_timer>(here->around_.sockets, delay);  // shared with its own handler
    timer->async_wait([self, timer, work](const boost::system::error_code&) {
      const auto still = self.lock();
      if (!still) return;
      still->around_.workers->post(Lane::quick, [self, work] {
        if (const auto at_work = self.lock()) work();
      });
    });
  });
}

void Counter::note_keys_changed() { home_->touch(); }
void Counter::person_changed(const std::string& person) {
  sessions_.forget_person(person);
  note_keys_changed();
}
void Counter::stick_news(const node::StickNews& news) { home_->stick_news(news); }

void Counter::stop() {
  shelf_->stop();
  home_->stop();
  hub_.stop();
}

}  // namespace khuoi::http

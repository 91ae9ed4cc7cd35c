#pragma once

#include <functional>

#include "node/links/link.h"
#include "node/people/read_guard.h"
#include "node/people/sessions.h"
#include "node/sticks/stick_watch.h"
#include "node/web_server/events.h"
#include "node/web_server/refusals.h"
#include "node/web_server/site.h"

namespace khuoi::speaker {
class Speaker;
}

namespace khuoi::http {

inline constexpr std::string_view events_path = "/api/events";

class Workers;
class Drafts;
class Slips;
class Shelf;
class HomeBoard;

/// What the service tells its counter of.
struct Surroundings {
  node::Engine& engine;
  std::shared_ptr<Workers> workers;  ///< shared with the server
  boost::asio::any_io_executor sockets;
  std::shared_ptr<Spool> spool;  ///< shared with every upload
  node::LinkList links;          ///< of the service; outlive the counter
  speaker::Speaker* loudspeaker = nullptr;  ///< of a hamlet; outlives the workers
};

class Counter;

/// What one kind of node answers on its web: the commune's is in node/desk.
struct SitePlan {
  std::string_view entry;                          ///< of the built pages, where a browser begins
  std::vector<void (*)(Counter& counter)> groups;  ///< each adds routes that belong together
  /// Told, as 501, of every other path below /api; empty: there is none such.
  std::string_view elsewhere = {};
  /// Of a domain's dossiers, in memory: a commune's are ten times a hamlet's.
  std::size_t searched_octets_max = std::size_t{8} << 20U;
};
/// A hamlet's.
SitePlan counter_site();

/// A node's counter: everything a page can ask, over one engine. Its parts are what routes are written with:
///
///     Response list(Counter& counter, Request& request) { … return json_response(…); }
///     void add_phone_routes(Counter& counter) { counter.add(Method::get, "/api/phones", Access::logged_in(), list); }
///
/// Which routes there are says its plan. Handlers run on workers' threads and may wait.
class Counter final : public Site, public std::enable_shared_from_this<Counter> {
 public:
  static Result<std::shared_ptr<Counter>> make(Surroundings surroundings, SitePlan plan);
  ~Counter() override;

  [[nodiscard]] const Router& router() const override { return router_; }
  [[nodiscard]] Router& router() { return router_; }
  using Handler = Response (*)(Counter& counter, Request& request);
  /// A route with a body of at most so many octets in memory, or without one.
  void add(Method method, std::string pattern, Access access, Handler handle, std::uint64_t octets_max = 0,
           Lane lane = Lane::quick);
  /// Any other route; `handle` becomes route.handle.
  void add(Route route, Handler handle);
  std::optional<Response> admit(Request& request, const Route* route) override;
  std::optional<Response> page(const Request& request) override;
  std::optional<Response> refusal(const Request& request) override;
  [[nodiscard]] std::shared_ptr<Spool> spool() const override { return around_.spool; }
  [[nodiscard]] Rng& rng() override { return around_.engine.rng(); }
  void note_refusal(unsigned status) override { refusals_.note(status); }

  [[nodiscard]] node::Engine& engine() { return around_.engine; }
  [[nodiscard]] people::Sessions& sessions() { return sessions_; }
  [[nodiscard]] people::ReadGuard& read_guard() { return read_guard_; }
  [[nodiscard]] Drafts& drafts() { return *drafts_; }
  [[nodiscard]] Slips& slips() { return *slips_; }
  [[nodiscard]] Shelf& shelf() { return *shelf_; }
  [[nodiscard]] HomeBoard& home() { return *home_; }
  [[nodiscard]] Hub& hub() { return hub_; }
  [[nodiscard]] const Refusals& refusals() const { return refusals_; }
  [[nodiscard]] const Surroundings& around() const { return around_; }

  /// Somebody logged in with a phrase, or everything was locked: what can be read now is read.
  void note_keys_changed();
  /// A command made somebody's phrase anew, or took it away. Any thread.
  void person_changed(const std::string& person);
  /// Runs `work` on a worker some time later, unless the counter is gone by then. Any thread.
  void later(std::chrono::milliseconds delay, std::function<void()> work);
  /// Sticks, from the watch's thread.
  void stick_news(const node::StickNews& news);
  /// No further events; waits for nothing. On the sockets' thread, before the engine closes.
  void stop();

 private:
  Counter(Surroundings surroundings, SitePlan plan, people::Cookies cookies);

  Surroundings around_;
  SitePlan plan_;
  Router router_;
  Refusals refusals_;
  people::Sessions sessions_;
  people::ReadGuard read_guard_;
  Hub hub_;
  std::unique_ptr<Drafts> drafts_;
  std::unique_ptr<Slips> slips_;
  std::unique_ptr<Shelf> shelf_;
  std::unique_ptr<HomeBoard> home_;
};

// One function a file of this folder, but for the first two.
void add_session_routes(Counter& counter);
void add_login_routes(Counter& counter);
void add_people_routes(Counter& counter);
void add_form_routes(Counter& counter);
void add_submission_routes(Counter& counter);
void add_draft_routes(Counter& counter);
void add_dossier_routes(Counter& counter);
void add_dossier_read_routes(Counter& counter);
void add_dossier_file_routes(Counter& counter);
void add_dossier_act_routes(Counter& counter);
void add_health_routes(Counter& counter);
void add_item_routes(Counter& counter);
void add_loudspeaker_routes(Counter& counter);
void add_home_routes(Counter& counter);
void add_enrolment_routes(Counter& counter);

/// What /api/session says to this viewer.
Response session_response(Counter& counter, const people::Viewer& viewer);

}  // namespace khuoi::http

#include "node/app/service.h"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <future>
#include <thread>
#include <utility>

#include "node/acts/accounts.h"
#include "node/acts/audit_log.h"
#include "node/acts/auto_training.h"
#include "node/acts/make_node.h"
#include "node/app/damage_walk.h"
#include "node/app/health_report.h"
#include "node/app/heap_rest.h"
#include "node/app/link_log.h"
#include "node/app/start_news.h"
#include "node/app/summary_turns.h"
#include "node/app/whole_counter.h"
#include "node/cli/carry_out.h"
#include "node/control/control_client.h"
#include "node/control/control_server.h"
#include "node/counter/first_start.h"
#include "node/engine/heap.h"
#include "node/engine/log.h"
#include "node/engine/run_folder.h"
#include "node/engine/unlock.h"
#include "node/links/fiber/fiber.h"
#include "node/links/radio/radio_plan.h"
#include "node/openrosa/routes.h"
#include "node/speaker/speaker.h"
#include "node/sticks/sticks.h"
#include "node/web_server/http_server.h"
#include "node/web_server/workers.h"

namespace khuoi::node {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds patience_with_writer{20};
constexpr std::chrono::milliseconds pause_before_next_open{20};
constexpr std::chrono::hours health_looked_at_every{1};
constexpr std::uint64_t uploads_octets_max = std::uint64_t{4} << 30U;

class Service final {
 public:
  explicit Service(const ServiceOptions& options)
      : options_(options), run_(options.data / "run"), signals_(io_), health_(io_), watchdog_(io_) {}
  Result<void> run();

 private:
  Result<void> start();
  Result<void> start_http();
  Result<void> start_speaker();
  Result<void> open_counter();
  Result<void> start_node();
  void stick_news(const StickNews& news);
  Result<void> make_links();
  [[nodiscard]] bool fiber_leads_there() const;
  void link_event(const LinkEvent& event);
  Result<void> note_address(const std::string& which, const std::string& address) const;
  Result<void> unlock();
  Result<std::shared_ptr<http::Counter>> make_first_node(http::FirstStart::Wish wish);
  void stop();
  void tell_health_later(std::chrono::seconds wait);
  void train();
  void look_at_starts();
  void feed_watchdog(std::chrono::microseconds every);
  void remove_notes();

  const ServiceOptions& options_;
  fs::path run_;
  asio::io_context io_{1};
  asio::signal_set signals_;
  asio::steady_timer health_;
  asio::steady_timer watchdog_;
  SystemRng rng_;
  bool is_commune_ = false;
  bool has_run_ = false;  ///< DIR/run is there; on a full disk it may not be
  std::atomic<bool> stopping_ = false;  ///< long work on other threads ends by it
  std::shared_ptr<http::Spool> spool_;      ///< shared with every upload
  std::shared_ptr<http::Workers> workers_;  ///< shared with what answers pages
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<StartNews> start_news_;
  std::unique_ptr<SummaryTurns> summary_turns_;  ///< at a commune
  std::unique_ptr<DamageWalk> damage_walk_;
  Links links_;                                ///< lent to the counter and to commands
  std::string listens_at_ = "-";               ///< for the log
  std::unique_ptr<speaker::Speaker> speaker_;  ///< of a hamlet; lent to the counter and to commands
  std::shared_ptr<http::Counter> counter_;     ///< shared with requests under way
  std::unique_ptr<http::HttpServer> http_;
  std::unique_ptr<ControlServer> control_;
  std::unique_ptr<Sticks> sticks_;
  std::unique_ptr<HeapRest> heap_rest_;
};

Result<void> Service::unlock() {
  if (!options_.phrase) return {};
  KHUOI_TRY(auto keys, open_slots(*engine_, options_.person, *options_.phrase));
  return engine_->unlock(std::move(keys));
}

Result<void> Service::note_address(const std::string& which, const std::string& address) const {
  return has_run_ ? unless_full(write_note(run_ / which, address), "the note of its address") : Result<void>();
}

/// On the sockets' thread.
void Service::link_event(const LinkEvent& event) {
  if (event.what == LinkEvent::What::outlook) return counter_->note_keys_changed();
  log_link(event);
  if (event.what == LinkEvent::What::down) look_at_starts();
  if (event.what != LinkEvent::What::refused) counter_->note_keys_changed();
}

/// All of them, before anything reads the list; start_node() starts them.
Result<void> Service::make_links() {
  const auto place = [](const std::optional<std::string>& text) -> Result<std::optional<HostPort>> {
    if (!text) return std::optional<HostPort>();
    KHUOI_TRY(HostPort out, parse_host_port(*text));
    return std::optional(std::move(out));
  };
  const OnLinkEvent tell = [this](const LinkEvent& event) { link_event(event); };
  KHUOI_TRY(auto listen, place(options_.listen));
  KHUOI_TRY(auto contact, place(options_.contact));
  auto server = std::make_unique<FiberServer>(io_, *engine_, std::move(listen), LinkLimits{}, tell,
                                              [this](const std::string& address) {
                                                listens_at_ = address;
                                                return note_address("listen", address);
                                              });
  // Links live and die together.
  const OtherWays other_ways{[this] { return fiber_leads_there(); }, [from = server.get()] { return from->peers(); }};
  links_.push_back(std::move(server));
  links_.push_back(std::make_unique<FiberDialer>(io_, *engine_, std::move(contact), LinkLimits{}, tell));
  for (const std::string& radio : options_.radios) {
    KHUOI_TRY(RadioPlan plan, plan_radio(options_.data, radio, is_commune_ ? AirShare::commune : AirShare::hamlet));
    links_.push_back(std::make_unique<RadioLink>(io_, *engine_, std::move(plan), other_ways, tell));
  }
  return {};
}

/// Of a hamlet: the fiber is up, so nothing needs the air.
bool Service::fiber_leads_there() const {
  return std::ranges::any_of(links_, [](const auto& link) {
    return link->kind() == fiber_kind && link->leads_to_commune() && link->state().word == LinkState::Word::up;
  });
}

/// Where the service of a folder answers, for a person.
std::string page_of(const fs::path& data) {
  std::ifstream from(data / "run" / "http");
  std::string address;
  return std::getline(from, address) && address.size() < 100 ? ", its page at http://" + address : std::string();
}

/// A single command that is writing just now is waited for; another service is not.
Result<std::unique_ptr<Engine>> open_engine(const fs::path& data) {
  const auto give_up = std::chrono::steady_clock::now() + patience_with_writer;
  while (true) {
    auto engine = Engine::open(data);
    const bool wait = !engine && engine.error().code == Errc::busy && !service_answers(data.string()) &&
                      std::chrono::steady_clock::now() < give_up;
    if (!engine && engine.error().code == Errc::busy && service_answers(data.string())) {
      return fail(Errc::busy, "a service runs on " + data.string() + " already" + page_of(data) +
                                  ": commands go to it by themselves; stop it before another one is started");
    }
    if (!wait) return engine;
    std::this_thread::sleep_for(pause_before_next_open);
  }
}

/// The page answers from the beginning: with the first start of an empty folder, else once the node is open.
Result<void> Service::start_http() {
  KHUOI_TRY(const HostPort at, parse_host_port(options_.http));
  KHUOI_TRY(spool_, http::Spool::open(options_.data / "tmp", uploads_octets_max));
  workers_ = std::make_shared<http::Workers>();
  std::shared_ptr<http::Site> site;
  if (!engine_) {
    const auto first = std::make_shared<http::FirstStart>(
        rng_, spool_, [this](http::FirstStart::Wish wish) { return make_first_node(std::move(wish)); }, options_.first_role);
    openrosa::add_openrosa_refusals(first->router());
    site = first;
  }
  if (engine_) {
    KHUOI_TRY_VOID(start_speaker());
    KHUOI_TRY_VOID(make_links());
    KHUOI_TRY_VOID(open_counter());
    site = counter_;
  }
  KHUOI_TRY(http_, http::HttpServer::listen(io_, at, options_.http_hosts, workers_, std::move(site)));
  return {};
}

/// Wrong settings cost themselves, never the loudspeaker.
Result<void> Service::start_speaker() {
  KHUOI_TRY_VOID(engine_->look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    is_commune_ = reader.self().is_commune();
    return {};
  }));
  if (is_commune_) return {};
  auto config = speaker::read_config(options_.data);
  if (!config) {
    log_warning("speaker_config", {{"why", config.error().what}, {"instead", "the defaults hold until the next start"}});
    config = speaker::default_config(options_.data);
  }
  speaker_ = std::make_unique<speaker::Speaker>(*engine_, std::move(*config));
  return {};
}

/// Whoever put a stick in hears that it may be pulled. On the thread of whoever synced it.
void Service::stick_news(const StickNews& news) {
  counter_->stick_news(news);
  if (news.what == StickNews::What::safe || news.what == StickNews::What::failed) look_at_starts();
  if (!speaker_ || !news.put_in) return;
  if (news.what == StickNews::What::safe) speaker_->chime(speaker::Chime::done);
  const bool in_vain = news.what == StickNews::What::failed || news.what == StickNews::What::foreign;
  if (in_vain) speaker_->chime(speaker::Chime::failed);
}

Result<void> Service::open_counter() {
  KHUOI_TRY(counter_,
            http::make_whole_counter({*engine_, workers_, io_.get_executor(), spool_, links_, speaker_.get()}));
  return {};
}

/// Links, commands and sticks: what needs a node.
Result<void> Service::start_node() {
  start_news_ = std::make_unique<StartNews>(*engine_);
  if (is_commune_) summary_turns_ = std::make_unique<SummaryTurns>(*engine_, workers_, io_.get_executor());
  damage_walk_ = std::make_unique<DamageWalk>(*engine_);
  for (const auto& link : links_) KHUOI_TRY_VOID(link->start());
  if (has_run_) {
    const Lent lent{links_, speaker_.get(), [this](const std::string& person) { counter_->person_changed(person); }};
    auto control = ControlServer::listen(engine_->dir().string(), [this, lent](const Request& request, Caller& caller) {
      return carry_out_in_service(*engine_, lent, request, caller);
    });
    if (control) control_ = std::move(*control);
    else KHUOI_TRY_VOID(unless_full(control.error(), "commands"));
  }
  if (options_.sticks.any()) {
    sticks_ = std::make_unique<Sticks>(*engine_, options_.sticks, [this](const StickNews& news) { stick_news(news); });
  }
  heap_rest_ = std::make_unique<HeapRest>(io_, *engine_);
  tell_health_later(std::chrono::seconds(60));
  return {};
}

/// On a worker's thread. The sockets' thread brings the node up in its own time, and this one waits for it.
Result<std::shared_ptr<http::Counter>> Service::make_first_node(http::FirstStart::Wish wish) {
  KHUOI_TRY_VOID(make_node(options_.data, wish.node, [&] { return Result<sync::Secret>(std::move(wish.phrase)); }));
  KHUOI_TRY(auto engine, open_engine(options_.data));
  if (wish.node.role == sync::Role::commune) KHUOI_TRY_VOID(begin_office(*engine, wish.unit));
  std::promise<Result<void>> up;
  auto done = up.get_future();
  asio::post(io_, [this, &engine, &up] {
    if (stopping_) return up.set_value(fail(Errc::closed, "this node is stopping"));
    engine_ = std::move(engine);
    Result<void> started = start_speaker();
    if (started) started = make_links();
    if (started) started = open_counter();
    if (started) started = start_node();
    if (started) http_->set_site(counter_);
    if (!started) {
      log_error("first_start_failed", {{"why", started.error().what}});
      stop();
    }
    up.set_value(started);
  });
  KHUOI_TRY_VOID(done.get());
  return counter_;
}

Result<void> Service::start() {
  auto engine = open_engine(options_.data);
  const bool first_start = !engine && engine.error().code == Errc::not_found && !options_.phrase;
  if (!engine && !first_start) return engine.error();
  if (engine) engine_ = std::move(*engine);
  if (first_start && options_.listen && options_.first_role != sync::Role::commune) {
    return fail(Errc::not_found, "there is no node in " + options_.data.string() + ", and only a commune takes contacts "
                                 "(--listen): make it with 'khuoi init --role commune', or begin with --role commune");
  }
  if (first_start) KHUOI_TRY_VOID(may_become_node(options_.data));
  const auto run_made = make_run_folder(run_);
  KHUOI_TRY_VOID(unless_full(run_made, "run"));
  has_run_ = run_made.has_value();
  remove_notes();
  if (engine_) KHUOI_TRY_VOID(unlock());
  KHUOI_TRY_VOID(start_http());
  if (engine_) KHUOI_TRY_VOID(start_node());
  // Last: who waits for it finds everything else in place.
  KHUOI_TRY_VOID(note_address("http", http_->address()));
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  signals_.async_wait([this](const boost::system::error_code& failed, int) {
    if (!failed) stop();
  });
  std::uint64_t watchdog_micros = 0;
  if (sd_watchdog_enabled(0, &watchdog_micros) > 0) feed_watchdog(std::chrono::microseconds(watchdog_micros / 2));
  return {};
}

Result<void> Service::run() {
  if (const auto started = start(); !started) {
    stop();
    io_.run();
    if (workers_) workers_->stop();
    return started;
  }
  log_info("ready", {{"data", options_.data.string()}, {"http", http_->address()}, {"listen", listens_at_}});
  sd_notify(0, "READY=1");
  io_.run();
  workers_->stop();
  control_.reset();
  sticks_.reset();
  const Result<void> closed = engine_ ? engine_->close() : Result<void>();
  log_info("stopped");
  return closed;
}

/// The io_context runs out of work once the links have ended.
void Service::stop() {
  sd_notify(0, "STOPPING=1");
  stopping_ = true;
  signals_.cancel();
  health_.cancel();
  watchdog_.cancel();
  if (summary_turns_) summary_turns_->stop();
  heap_rest_.reset();
  if (sticks_) sticks_->stop();
  if (control_) control_->stop();
  if (speaker_) speaker_->shut_down();
  for (const auto& link : links_) link->stop();
  if (counter_) counter_->stop();
  if (http_) http_->stop();
  if (engine_ || http_) remove_notes();
}

void Service::remove_notes() {
  std::error_code ignored;
  for (const char* name : {"http", "listen"}) fs::remove(run_ / name, ignored);
}

void Service::feed_watchdog(std::chrono::microseconds every) {
  sd_notify(0, "WATCHDOG=1");
  watchdog_.expires_after(every);
  watchdog_.async_wait([this, every](const boost::system::error_code& failed) {
    if (!failed) feed_watchdog(every);
  });
}

void Service::tell_health_later(std::chrono::seconds wait) {
  health_.expires_after(wait);
  health_.async_wait([this](const boost::system::error_code& failed) {
    if (failed) return;
    node::tell_health(*engine_);
    sign_finished_day(*engine_);
    train();
    look_at_starts();
    workers_->post(http::Lane::slow, [this] { damage_walk_->step(); });
    tell_health_later(health_looked_at_every);
  });
}

/// A commune learns from what came in; off the sockets' thread, since that takes a while.
void Service::train() {
  workers_->post(http::Lane::slow, [this] {
    const auto trained = train_when_due(*engine_, [this] { return stopping_.load(); });
    give_back_freed_memory();  // what it took for a while is the machine's again
    if (!trained && trained.error().code == Errc::closed) return;  // it is due again once more has come in
    if (!trained) return log_warning("dictionaries_not_trained", {{"why", trained.error().what}});
    if (*trained > 0) log_info("dictionaries_trained", {{"forms", std::to_string(*trained)}});
  });
}

/// Off the sockets' thread, since it waits for the engine.
void Service::look_at_starts() {
  workers_->post(http::Lane::slow, [this] { start_news_->look(); });
}

}  // namespace

Result<void> serve(const ServiceOptions& options) {
  keep_freed_memory_for_a_while();
  return Service(options).run();
}

}  // namespace khuoi::node

#include "node/links/radio/radio_link.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <utility>

#include "node/engine/log.h"
#include "node/links/local_changes.h"
#include "node/links/radio/duty_file.h"
#include "node/links/radio/radio_waits.h"
#include "node/links/radio/shown_radio.h"
#include "radio/station.h"
#include "sync/contact/radio/radio_contact.h"
#include "sync/contact/radio/radio_keys.h"

namespace khuoi::node {

namespace asio = boost::asio;

namespace {
/// Who may be on the air is looked up so often, if nothing says that it changed.
constexpr std::chrono::seconds members_looked_at_every{10};
}  // namespace

class RadioLink::Impl final : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, Engine& engine, RadioPlan plan, OtherWays other_ways, OnLinkEvent on_event)
      : io_(io),
        engine_(engine),
        plan_(std::move(plan)),
        other_ways_(std::move(other_ways)),
        on_event_(std::move(on_event)),
        timer_(io),
        members_timer_(io),
        duty_file_(engine.dir()),
        waits_(engine.dir(), plan_.wait_for_fiber) {
    shown_.state.word = LinkState::Word::down;
    const auto looked = engine_.look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
      commune_ = reader.self().is_commune();
      return {};
    });
    if (!looked) log_warning("radio", {{"why", looked.error().what}});
  }

  [[nodiscard]] const RadioPlan& plan() const { return plan_; }
  [[nodiscard]] bool commune() const { return commune_; }
  [[nodiscard]] std::shared_ptr<const AirLog> air_log() const { return air_log_; }

  Result<void> start() {
    std::string why;
    KHUOI_TRY(radio::DutyLedger ledger, duty_file_.open(plan_.limits, now(), why));
    if (!why.empty()) log_warning("radio_duty", {{"why", why}});
    ledger_ = std::make_unique<radio::DutyLedger>(std::move(ledger));
    modem_ = plan_.make_modem(io_, engine_.rng());
    if (commune_) ensure_group_key();
    listener_ = after_local_changes(engine_, io_, weak_from_this(), [](Impl& self) { self.on_local_change(); });
    const auto hook = [weak = weak_from_this()](auto&& call) {
      if (const auto self = weak.lock(); self && !self->stopped_) call(*self);
    };
    modem_->start({[hook](ByteView frame, const radio::Signal& signal) {
                     hook([&](Impl& self) { self.on_frame(frame, signal); });
                   },
                   [hook] { hook([](Impl& self) { self.pump(); }); }});
    look_at_members();
    return {};
  }

  void stop() {
    if (std::exchange(stopped_, true)) return;
    if (listener_) engine_.forget(*listener_);
    timer_.cancel();
    members_timer_.cancel();
    if (modem_) modem_->stop();
    if (ledger_) {
      ledger_->give_back();
      if (const auto saved = duty_file_.save(*ledger_); !saved)
        log_warning("radio_duty", {{"why", saved.error().what}});
    }
  }

  [[nodiscard]] ShownRadio shown() const {
    const std::lock_guard held(shown_mutex_);
    return shown_;
  }

 private:
  [[nodiscard]] Instant now() const { return engine_.now().monotonic; }

  /// A commune whose boxes were granted by an earlier program has none.
  void ensure_group_key() {
    Engine::Job job;
    job.quiet = true;
    job.run = [](sync::Replica& replica, sync::Batch& batch) { return replica.enrolment().ensure_group_key(batch); };
    job.done = [](const Result<void>& outcome) {
      if (!outcome) log_warning("radio_group_key", {{"why", outcome.error().what}});
    };
    engine_.post(std::move(job));
  }

  void on_frame(ByteView frame, const radio::Signal& signal) {
    if (!station_) return;
    air_log_->expect();
    station_->on_frame(now(), frame, signal);
    air_log_->heard({now(), engine_.now().wall}, frame, signal,
                    modem_->airtime(frame.size(), signal.channel.spreading_factor));
    pump();
  }

  void on_local_change() {
    if (stopped_) return;
    look_at_members();
    if (station_) station_->on_local_change();
    pump();
  }

  /// The fiber went down, or did not come up as expected: what waited for it goes by radio now.
  void look_at_other_way() {
    const bool commune_reached = !commune_ && other_ways_.to_commune();
    if (waits_.look(commune_reached, engine_.now()) && station_) station_->on_local_change();
    if (!station_) return;
    std::set<RadioAlias> served;
    const std::set<NodeId> reached = commune_ ? other_ways_.to_hamlets() : std::set<NodeId>();
    for (const RadioAlias alias : keys_->aliases()) {
      const auto peer = keys_->peer_of(alias);
      if (commune_reached || (peer && reached.contains(*peer))) served.insert(alias);
    }
    station_->set_served(now(), served);
  }

  /// Whose frames are verified by which keys: a picture of its own, since the roster belongs to the engine.
  void look_at_members() {
    if (stopped_) return;
    members_timer_.expires_after(members_looked_at_every);
    members_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failed) {
      const auto self = weak.lock();
      if (!self || failed) return;
      self->look_at_members();
      self->look_at_other_way();
      self->pump();
    });
    std::optional<sync::RadioKeys> keys;
    const auto looked = engine_.look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      waits_.note_told(reader.since_start().told_time());
      KHUOI_TRY(const auto group, sync::GroupKeys::of(txn));
      const std::pair members(reader.membership().roster.digest(), group.empty() ? 0 : group.front().epoch);
      if (std::exchange(members_, members) != members) keys.emplace(reader.membership(), group);
      return {};
    });
    if (!looked) return show(looked.error().what);
    if (!keys) return;
    if (!station_ || !keys_->same_keys(*keys)) {
      keys_ = std::make_unique<sync::RadioKeys>(std::move(*keys));
      radio::Timing timing{[this](std::size_t octets) { return airtime(octets); }, plan_.gap, frame_octets_max()};
      if (plan_.quick_bursts) timing.airtime_at = std::bind_front(&radio::Modem::airtime, modem_.get());
      timing.gap_at = plan_.gap_at;
      timing.dwell_max = plan_.dwell_max;
      const radio::Station::Config config{commune_, std::move(timing), modem_->base(), modem_->hears_all(),
                                          plan_.relay_at_once};
      station_ = std::make_unique<radio::Station>(config, air_log_->keys(*keys_), engine_.rng(), *ledger_);
      listening_ = modem_->base().spreading_factor;
      modem_->listen(listening_);
      ++life_;
      working_ = false;
      waits_.forget_loads();
    } else {
      *keys_ = std::move(*keys);  // the same for all that talk already, and those of boxes that came since
    }
    station_->set_peers(now(), keys_->aliases());
  }

  [[nodiscard]] Micros airtime(std::size_t octets) const {
    return modem_->airtime(octets, modem_->base().spreading_factor);
  }

  [[nodiscard]] std::size_t frame_octets_max() const {
    const auto takes = [this](std::size_t octets) { return airtime(octets); };
    const std::size_t octets = std::min(radio::frame_handed_max, modem_->frame_octets_max());
    return radio::best_frame_octets(takes, radio::octets_in_dwell(takes, octets, plan_.dwell_max));
  }

  /// After everything that happened: what is to be committed, what is to be sent, when to look again.
  void pump() {
    if (stopped_ || !station_) return;
    work();
    send();
    show("");
    timer_.cancel();
    const auto wakes = station_->wake(now());
    if (!wakes || !modem_->state().up) return;
    timer_.expires_after(std::max<Micros>(*wakes - now(), std::chrono::milliseconds(1)));
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failed) {
      if (const auto self = weak.lock(); self && !failed) self->pump();
    });
  }

  void work() {
    if (working_ || !modem_->state().up) return;
    auto todo = std::make_shared<RadioWork>(station_->take_work(now()));
    if (todo->empty()) return;
    look_at_other_way();
    todo->goes = waits_.goes();
    working_ = true;
    auto done = std::make_shared<RadioWorkDone>();
    Engine::Job job;
    job.quiet = todo->arrived.empty();
    job.run = [self = shared_from_this(), todo, done, life = life_](sync::Replica& replica,
                                                                    sync::Batch& batch) -> Result<void> {
      if (std::exchange(self->contact_life_, life) != life)
        self->contact_ = std::make_unique<sync::RadioContact>(replica);
      KHUOI_TRY(*done, self->contact_->run(batch, *todo));
      return {};
    };
    job.done = [self = shared_from_this(), done, life = life_](Result<void> outcome) {
      asio::post(self->io_, [self, done, life, outcome] { self->worked(life, outcome, std::move(*done)); });
    };
    engine_.post(std::move(job));
  }

  void worked(std::uint64_t life, const Result<void>& outcome, RadioWorkDone done) {
    if (stopped_ || life != life_) return;
    working_ = false;
    if (outcome) {
      waits_.note_loaded(done);
      station_->done(now(), std::move(done));
    } else {
      log_warning("radio_not_committed", {{"why", outcome.error().what}});
      station_->failed(now());
    }
    pump();
  }

  void send() {
    while (modem_->free()) {
      const Instant at = now();
      ledger_->ended(at);
      station_->tick(at);
      if (const unsigned wanted = station_->listens_at(at); std::exchange(listening_, wanted) != wanted) {
        modem_->listen(wanted);
        continue;
      }
      air_log_->expect();
      const auto frame = station_->next(at);
      if (!frame) return;
      if (ledger_->unsaved()) {
        // What is not written down must not go on the air.
        const auto saved = duty_file_.save(*ledger_);
        not_saved_ = saved ? std::string() : saved.error().what;
        if (!saved) return;
      }
      const radio::Channel channel = station_->channel();
      modem_->send(*frame, channel);
      air_log_->sent({now(), engine_.now().wall}, *frame, channel.spreading_factor,
                     modem_->airtime(frame->size(), channel.spreading_factor));
    }
  }

  void show(const std::string& why) {
    const radio::Modem::State modem = modem_->state();
    const std::lock_guard held(shown_mutex_);
    const auto word = modem.up ? LinkState::Word::up : LinkState::Word::down;
    if (shown_.state.word != word || shown_.state.since.value == 0) {
      const bool news = shown_.state.since.value != 0 || modem.up;
      shown_.state.since = engine_.now().wall;
      if (news && on_event_) {
        LinkEvent event;
        event.what = modem.up ? LinkEvent::What::up : LinkEvent::What::down;
        event.address = plan_.name;
        event.why = modem.why;
        asio::post(io_, [self = shared_from_this(), event] { self->on_event_(event); });
      }
    }
    shown_.state.word = word;
    shown_.state.why = !modem.why.empty() ? modem.why : !not_saved_.empty() ? not_saved_ : why;
    if (!station_) return;
    shown_.figures = station_->figures();
    shown_.used = ledger_->used(now());
    shown_.heard_seconds_ago.reset();
    for (const auto& peer : shown_.figures.peers) {
      if (!peer.heard_at) continue;
      const auto ago = std::chrono::duration_cast<std::chrono::seconds>(now() - *peer.heard_at).count();
      shown_.heard_seconds_ago = std::min(shown_.heard_seconds_ago.value_or(ago), ago);
    }
    LinkOutlook outlook = outlook_of(facts());
    const bool news = for_page(outlook) != for_page(shown_.outlook);
    shown_.outlook = outlook;
    if (!news || !on_event_) return;
    LinkEvent event;
    event.what = LinkEvent::What::outlook;
    asio::post(io_, [self = shared_from_this(), event] { self->on_event_(event); });
  }

  /// Without what changes all the time and that no page shows.
  static LinkOutlook for_page(LinkOutlook outlook) {
    if (outlook.why != LinkOutlook::Why::unheard) outlook.heard_minutes_ago.reset();
    outlook.octets_waiting = outlook.octets_held = 0;
    return outlook;
  }

  [[nodiscard]] RadioFacts facts() const {
    RadioFacts out;
    out.modem_up = modem_->state().up;
    add_peers(shown_.figures, out);
    if (shown_.heard_seconds_ago) out.heard_ago = std::chrono::seconds(*shown_.heard_seconds_ago);
    if (const auto until = shown_.figures.blocked_until) {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*until - now()).count();
      out.blocked_until = UnixSeconds{engine_.now().wall.value + std::max<std::int64_t>(seconds, 0)};
    }
    const std::size_t frame = frame_octets_max();
    out.frame_octets = frame - radio::frame_cost;
    out.frame_airtime = airtime(frame);
    const unsigned quick = burst_factor_of(shown_.figures);
    out.burst_frame_airtime = quick == 0 ? out.frame_airtime : modem_->airtime(frame, quick);
    out.used = shown_.used;
    out.limit = plan_.limits.hour - plan_.limits.urgent_only;
    waits_.add_to(out);
    return out;
  }

  asio::io_context& io_;
  Engine& engine_;
  RadioPlan plan_;
  OtherWays other_ways_;
  OnLinkEvent on_event_;
  asio::steady_timer timer_;
  asio::steady_timer members_timer_;
  DutyFile duty_file_;
  RadioWaits waits_;
  bool commune_ = false;
  std::unique_ptr<radio::DutyLedger> ledger_;
  std::unique_ptr<radio::Modem> modem_;
  std::unique_ptr<sync::RadioKeys> keys_;
  std::shared_ptr<AirLog> air_log_ = std::make_shared<AirLog>();
  std::unique_ptr<radio::Station> station_;      ///< borrows keys_, by air_log_, and ledger_
  std::unique_ptr<sync::RadioContact> contact_;  ///< on the engine's thread alone, as the next
  std::uint64_t contact_life_ = 0;               ///< of the station that it works for: each counts associations anew
  std::optional<std::pair<std::uint64_t, std::uint32_t>> members_;  ///< roster and epoch that keys_ is a picture of
  std::uint64_t life_ = 0;                                          ///< of station_
  unsigned listening_ = 0;  ///< the spreading factor that the modem was told last
  bool working_ = false;
  bool stopped_ = false;
  std::string not_saved_;
  std::optional<Engine::Listener> listener_;
  mutable std::mutex shown_mutex_;
  ShownRadio shown_;
};

RadioLink::RadioLink(asio::io_context& io, Engine& engine, RadioPlan plan, OtherWays other_ways,
                     OnLinkEvent on_event)
    : impl_(std::make_shared<Impl>(io, engine, std::move(plan), std::move(other_ways), std::move(on_event))) {}
RadioLink::~RadioLink() { impl_->stop(); }
std::string_view RadioLink::name() const { return impl_->plan().name; }
bool RadioLink::leads_to_commune() const { return !impl_->commune(); }
Result<void> RadioLink::start() { return impl_->start(); }
void RadioLink::stop() { impl_->stop(); }
unsigned RadioLink::spreading_factor() const { return impl_->plan().spreading_factor; }
std::shared_ptr<const AirLog> RadioLink::air_log() const { return impl_->air_log(); }
LinkState RadioLink::state() const { return impl_->shown().state; }
std::optional<LinkOutlook> RadioLink::outlook() const {
  const auto shown = impl_->shown();
  return shown.state.word == LinkState::Word::off ? std::nullopt : std::optional(shown.outlook);
}

std::vector<LinkFigure> RadioLink::figures() const {
  return figures_of(impl_->shown(), impl_->plan().limits.hour);
}

}  // namespace khuoi::node

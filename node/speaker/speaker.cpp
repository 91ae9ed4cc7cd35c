#include "node/speaker/speaker.h"

#include "node/engine/log.h"

namespace khuoi::speaker {

using std::chrono::steady_clock;
using sync::Announcer;

namespace {
constexpr std::size_t wanted_max = 16;
/// A clock that was set right, or an emergency whose officer became known, is noticed so late at most.
constexpr std::chrono::seconds plan_every{60};
/// One plan for many commits in a row.
constexpr std::chrono::milliseconds after_news{100};
constexpr int interruptions_max = 3;
}  // namespace

Speaker::Speaker(node::Engine& engine, Config config)
    : engine_(engine), config_(std::move(config)), announcing_(engine, engine.dir(), config_) {
  listener_ = engine_.on_commit([this] {
    const std::lock_guard held(mutex_);
    news_ = true;
    changed_.notify_all();
  }, node::Engine::Hears::all);  // an emergency comes over a link, whose work is quiet
  thread_ = std::thread([this] { run(); });
}

Speaker::~Speaker() { shut_down(); }

void Speaker::shut_down() {
  {
    const std::lock_guard held(mutex_);
    if (ending_) return;
    ending_ = true;
    changed_.notify_all();
  }
  engine_.forget(listener_);
  if (thread_.joinable()) thread_.join();
  {
    const std::lock_guard held(mutex_);
    drop_wanted();
  }
  take_back_unheard();
}

/// What waits will not sound. Holds the mutex.
void Speaker::drop_wanted() {
  for (const Wanted& one : wanted_) {
    if (const auto* begun = std::get_if<Announcing::Begun>(&one.what)) unheard_.push_back({begun->ref, begun->playing});
  }
  wanted_.clear();
}

/// What cannot be committed now, on a full disk, is tried again with the next plan.
void Speaker::take_back_unheard() {
  while (true) {
    Unheard one;
    {
      const std::lock_guard held(mutex_);
      if (unheard_.empty()) return;
      one = unheard_.front();
    }
    if (const auto done = announcing_.not_heard(one.ref, one.playing); !done) {
      node::log_error("speaker_cannot_note", {{"why", done.error().what}});
      return;
    }
    const std::lock_guard held(mutex_);
    unheard_.pop_front();
  }
}

Result<void> Speaker::enqueue(Wanted wanted) {
  const std::lock_guard held(mutex_);
  if (ending_) return fail(Errc::closed, "this node is stopping: try again when it runs");
  if (wanted_.size() >= wanted_max) return fail(Errc::busy, "the loudspeaker has much to say already: wait, or press stop");
  wanted_.push_back(std::move(wanted));
  changed_.notify_all();
  return {};
}

Result<void> Speaker::play(const sync::Ref& ref) {
  {
    const std::lock_guard held(mutex_);
    if (wanted_.size() >= wanted_max) return fail(Errc::busy, "the loudspeaker has much to say already: wait, or press stop");
  }
  // An announcer of its own: the thread's is in use. What it grants depends on the store alone.
  Announcing asked(engine_, engine_.dir(), config_);
  KHUOI_TRY(Announcing::Begun begun, asked.begin(ref, Announcer::Who::person));
  const sync::Items::Playing playing = begun.playing;
  const auto queued = enqueue({std::move(begun)});
  if (!queued) (void)asked.not_heard(ref, playing);
  return queued;
}

Result<void> Speaker::say(std::string text) {
  if (!voice().can_be_heard()) return Voice::no_sound();
  return enqueue({std::move(text)});
}

void Speaker::chime(Chime which) {
  if (voice().can_be_heard()) (void)enqueue({which});
}

void Speaker::stop() {
  const std::lock_guard held(mutex_);
  ++stops_;
  drop_wanted();
  news_ = true;
  changed_.notify_all();
  quiet_until_ = steady_clock::now() + std::chrono::minutes(config_.times.lasts);
}

Speaker::Status Speaker::status() const {
  Status out;
  {
    const std::lock_guard held(mutex_);
    out = status_;
  }
  out.sound = voice().can_be_heard();
  if (!out.sound) out.problem = Voice::no_sound().what;
  return out;
}

void Speaker::on_change(std::function<void()> listener) {
  const std::lock_guard held(telling_);
  tell_ = std::move(listener);
}

void Speaker::set_status(Status status) {
  {
    const std::lock_guard held(mutex_);
    status_ = std::move(status);
  }
  const std::lock_guard held(telling_);
  if (tell_) tell_();
}

std::optional<Speaker::Wanted> Speaker::next_wanted() {
  const std::lock_guard held(mutex_);
  if (wanted_.empty() || ending_) return std::nullopt;
  Wanted out = std::move(wanted_.front());
  wanted_.pop_front();
  return out;
}

void Speaker::run() {
  while (true) {
    {
      std::unique_lock held(mutex_);
      const auto until = plan_at_.value_or(steady_clock::now());
      changed_.wait_until(held, until, [&] { return ending_ || news_ || !wanted_.empty(); });
      if (ending_) return;
      if (news_) changed_.wait_for(held, after_news, [&] { return ending_ || !wanted_.empty(); });
      if (ending_) return;
    }
    speak_what_is_due(Which::all);
    if (const auto wanted = next_wanted()) {
      make(*wanted);
      plan_at_.reset();  // what came meanwhile
    }
  }
}

/// Emergencies first, then the slot's; what people asked for waits until these were said.
bool Speaker::may_speak_now(const Announcer::Due& due, Which which) const {
  if (due.urgency == sync::Urgency::emergency) return true;
  const std::lock_guard held(mutex_);
  return which == Which::all && (!quiet_until_ || steady_clock::now() > *quiet_until_);
}

void Speaker::speak_what_is_due(Which which) {
  take_back_unheard();
  bool began = true;
  while (began && config_.enabled) {
    began = false;
    {
      const std::lock_guard held(mutex_);
      if (ending_) return;
      news_ = false;
    }
    const auto plan = announcing_.plan();
    auto wait = std::chrono::duration_cast<steady_clock::duration>(plan_every);
    if (plan && plan->wake) wait = std::min<steady_clock::duration>(wait, *plan->wake);
    plan_at_ = steady_clock::now() + wait;
    if (!plan) {
      node::log_error("speaker_cannot_plan", {{"why", plan.error().what}});
      return;
    }
    for (const Announcer::Due& due : plan->due) {
      if (!may_speak_now(due, which)) continue;
      if (!voice().can_be_heard()) {
        const auto told = due.told_silent ? Result<void>() : announcing_.no_sound(due.ref);
        if (!told) node::log_warning("announcement_silent", {{"why", told.error().what}});
        continue;
      }
      auto begun = announcing_.begin(due.ref, Announcer::Who::itself);
      if (!begun) {
        node::log_warning("announcement_silent", {{"why", begun.error().what}});
        continue;
      }
      make({std::move(*begun)});
      began = true;  // the slot may be over now, or an emergency have come: plan again
      break;
    }
  }
  if (!config_.enabled) plan_at_ = steady_clock::now() + plan_every;
  const std::lock_guard held(mutex_);
  news_ = news_ && config_.enabled;
}

bool Speaker::emergency_came() {
  {
    const std::lock_guard held(mutex_);
    if (!news_) return false;
    news_ = false;
  }
  const auto plan = announcing_.plan();
  return plan && !plan->due.empty() && plan->due.front().urgency == sync::Urgency::emergency;
}

Result<Ended> Speaker::sound(const Wanted& wanted, const GiveUp& give_up, bool& words) {
  if (const auto* begun = std::get_if<Announcing::Begun>(&wanted.what)) return announcing_.sound(begun->content, give_up, words);
  if (const auto* text = std::get_if<std::string>(&wanted.what)) return voice().say(Chime::attention, *text, give_up);
  return voice().play_chime(std::get<Chime>(wanted.what), give_up);
}

void Speaker::make(const Wanted& wanted) {
  std::uint64_t stops = 0;
  {
    const std::lock_guard held(mutex_);
    stops = stops_;
  }
  const auto* begun = std::get_if<Announcing::Begun>(&wanted.what);
  const bool is_emergency = begun != nullptr && begun->content.urgency == sync::Urgency::emergency;
  set_status({.speaking = true, .announcement = begun == nullptr ? std::nullopt : std::optional(begun->ref), .problem = ""});
  const auto stopped = [&] {
    const std::lock_guard held(mutex_);
    return ending_ || stops_ != stops;
  };
  std::string problem;
  bool words = false;
  for (int tries = 0; tries <= interruptions_max; ++tries) {
    bool interrupted = false;
    const auto made = sound(wanted, [&] {
      if (stopped()) return true;
      interrupted = config_.enabled && !is_emergency && emergency_came();
      return interrupted;
    }, words);
    problem = made ? "" : made.error().what;
    if (!problem.empty()) node::log_error("sound_failed", {{"why", problem}});
    if (!interrupted || stopped()) break;
    speak_what_is_due(Which::emergencies);
    if (stopped()) break;
  }
  if (begun != nullptr && !words) {
    {
      // Whoever pressed stop meant silence; an end of the service before the first word did not.
      const std::lock_guard held(mutex_);
      if (!problem.empty() || (ending_ && stops_ == stops)) unheard_.push_back({begun->ref, begun->playing});
    }
    take_back_unheard();
  }
  set_status({.speaking = false, .announcement = std::nullopt, .problem = problem});
}

}  // namespace khuoi::speaker

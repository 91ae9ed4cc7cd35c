#include "radio/pace.h"

#include <algorithm>

namespace khuoi::radio {

namespace {
Micros pause_max(std::optional<Instant> heard_at, Instant now) {
  using std::chrono::hours;
  using std::chrono::minutes;
  if (!heard_at || now - *heard_at < hours(1)) return minutes(15);
  return now - *heard_at < hours(24) ? minutes(10) : minutes(30);
}
}  // namespace

Micros Pace::random_up_to(Micros limit) const {
  return Micros(static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(limit.count()) + 1)));
}

void Pace::pause(Instant now, Micros how_long) { speak_at_ = now + how_long / 2 + random_up_to(how_long); }

void Pace::put_off(Instant now, Instant until, unsigned frames) {
  busy_at_ = now;
  if (until <= now) return;
  if (answer_by_) answer_by_ = std::max(*answer_by_, until + answer_time_.allowed());
  speak_not_before(until + random_up_to((frames << std::min(failures_, 2U)) * timing_.frame()));
}

void Pace::said(Instant now, std::size_t octets) {
  said_at_ = now + timing_.airtime(octets);
  answer_by_ = said_at_ + 2 * timing_.gap + timing_.airtime(frame_cost + 2) + answer_time_.allowed();
}

void Pace::answered(Instant now, const Grant& grant) {
  // Where others were answered meanwhile, it tells how long their turns took, not how long an answer takes.
  const bool waited_for_others = busy_at_ && *busy_at_ >= said_at_;
  if (answer_by_ && failures_ == 0 && now > said_at_ && !waited_for_others) answer_time_.sample(now - said_at_);
  answer_by_.reset();
  failures_ = 0;
  burst_left_ = grant.frames;
  burst_factor_ = grant.spreading_factor;
  burst_next_ = 0;
  burst_from_ = burst_factor_ == 0 ? now : now + timing_.retuned();
  burst_until_ = now + timing_.burst(burst_left_, burst_factor_);
  speak_at_ = now + random_up_to(timing_.gap);
}

bool Pace::has_it_alone(Instant now) const {
  const auto lately = [now](std::optional<Instant> when) { return when && now - *when < std::chrono::minutes(15); };
  return lately(heard_at_) && !lately(busy_at_);
}

void Pace::begin_burst(Instant now, unsigned frames) {
  burst_left_ = frames;
  burst_factor_ = 0;
  burst_next_ = 0;
  burst_from_ = now;
  burst_until_ = now + timing_.burst(frames);
}

bool Pace::tick(Instant now, bool unanswered) {
  if (burst_left_ != 0 && now >= burst_until_) {
    burst_left_ = 0;
    if (!answer_by_ && unanswered) answer_by_ = now + answer_time_.allowed();
  }
  if (!answer_by_ || now < *answer_by_) return false;
  failed(now);
  return true;
}

void Pace::failed(Instant now) {
  answer_by_.reset();
  answer_time_.miss();
  ++failures_;
  const Micros first = std::max<Micros>(std::chrono::seconds(2), 4 * timing_.frame());
  // The other side is there, if it answered this node or another just now: a frame was lost, or met another one.
  const auto lately = [now](std::optional<Instant> when) { return when && now - *when < std::chrono::minutes(5); };
  const Micros longest = lately(heard_at_) || lately(busy_at_) ? 3 * first : pause_max(heard_at_, now);
  pause(now, std::min(first * (std::int64_t{1} << std::min(failures_ - 1, 16U)), longest));
}

void Pace::drop() {
  burst_left_ = 0;
  answer_by_.reset();
}

std::optional<Instant> Pace::deadline() const {
  if (burst_left_ == 0) return answer_by_;
  return answer_by_ ? std::min(*answer_by_, burst_until_) : burst_until_;
}

void Pace::sent_of_burst(std::uint32_t counter) {
  burst_next_ = counter + 1;
  --burst_left_;
}

}  // namespace khuoi::radio

#include "radio/object_out.h"

#include <algorithm>
#include <cmath>

namespace khuoi::radio {

namespace {

constexpr unsigned polls_max = 6;
constexpr unsigned rounds_max = 12;
constexpr std::size_t objects_sent_known_max = 32;
constexpr double loss_known_at_most = 0.6;
/// The first round ends where all have it as likely as this: a symbol too many costs more than a report too many.
constexpr double all_have_it = 0.2;

/// How likely at least `wanted` of `sent` are heard.
double heard_enough(std::size_t wanted, std::size_t sent, double loss) {
  if (loss <= 0) return sent >= wanted ? 1 : 0;
  double out = 0;
  double this_many = std::pow(loss, static_cast<double>(sent));  // none heard
  for (std::size_t heard = 0; heard <= sent; ++heard) {
    if (heard >= wanted) out += this_many;
    this_many *= static_cast<double>(sent - heard) / static_cast<double>(heard + 1) * (1 - loss) / loss;
  }
  return out;
}

}  // namespace

void ObjectOut::begin(RadioWorkDone::Object object) {
  object_ = std::move(object);
  listeners_.clear();
  for (const RadioAlias alias : object_.listeners) listeners_[alias];
  code_ = ErasureCode::split(object_.octets, timing_.body_max() - object_name_octets);
  sent_ = 0;
  if (!code_ || listeners_.empty()) {
    // With frames as short as these it never fits: it goes to each of them alone.
    for (const RadioAlias alias : object_.listeners) told_.push_back({object_.id, alias, Told::How::alone});
    return drop();
  }
  digest_ = keys_.chain({}, object_.octets);
  std::copy_n(digest_.begin(), name_.tag.size(), name_.tag.begin());
  name_.count = static_cast<std::uint8_t>(code_->count());
  name_.pad = static_cast<std::uint8_t>(code_->pad());
  // Whoever was not heard the last time may have it: asking costs less.
  const bool again = std::ranges::find(known_, digest_) != known_.end();
  begin_round(again ? 0 : round_size());
  to_poll_ = again;
  if (again) return;
  known_.push_back(digest_);
  if (known_.size() > objects_sent_known_max) known_.pop_front();
}

void ObjectOut::drop() {
  code_.reset();
  listeners_.clear();
  listens_until_.reset();
  to_poll_ = false;
  left_ = 0;
}

/// So many symbols that all who are known to lack some have enough afterwards, with some luck.
std::size_t ObjectOut::round_size() const {
  const std::size_t at_most = 2 * std::size_t{code_->count()} + 8;
  for (std::size_t sent = 1; sent < at_most; ++sent) {
    double all = 1;
    for (const auto& [alias, one] : listeners_) {
      const std::size_t lacking = sent_ == 0 ? code_->count() : one.reported ? *one.lacking : 0;
      all *= heard_enough(lacking, sent, std::min(loss_.of(alias), loss_known_at_most));
    }
    if (all >= all_have_it) return sent;
  }
  return at_most;
}

void ObjectOut::begin_round(std::size_t symbols) {
  left_ = symbols;
  begun_ = false;
  to_poll_ = false;
  polled_.clear();
  for (auto& [alias, one] : listeners_) one.reported = false;
}

ObjectOut::Next ObjectOut::next(Instant now) const {
  if (!busy() || (listens_until_ && now < *listens_until_)) return Next::nothing;
  if (left_ != 0) return Next::symbol;
  return to_poll_ ? Next::poll : Next::nothing;
}

std::size_t ObjectOut::next_octets(Instant now) const {
  if (next(now) == Next::symbol) return frame_cost + object_name_octets + code_->symbol_octets();
  return frame_cost + object_name_octets + 2 * std::min(listeners_.size(), polled_at_once());
}

std::size_t ObjectOut::polled_at_once() const {
  return std::min(polled_max, (timing_.body_max() - object_name_octets) / 2);
}

Bytes ObjectOut::say(Instant now) {
  const bool symbol = next(now) == Next::symbol;
  const auto index = static_cast<std::uint8_t>(symbol ? sent_ % ErasureCode::symbols_max : 0);
  Bytes out;
  if (symbol) {
    ++sent_;
    --left_;
    begun_ = true;
    const auto follow = static_cast<std::uint8_t>(std::min<std::size_t>(left_, 15));
    out = begin_frame(FrameType::symbol, follow, group_alias, index, encode_symbol(name_, code_->symbol(index)));
  } else {
    Poll poll{name_, {}};
    for (auto& [alias, one] : listeners_) {
      if (one.reported || poll.asked.size() == polled_at_once()) continue;
      poll.asked.push_back(alias);
      ++one.polls;
    }
    polled_ = poll.asked;
    out = begin_frame(FrameType::poll, 0, group_alias, index, encode_poll(poll));
  }
  const auto mac = keys_.group_mac(0, {index, std::nullopt, out});
  append(out, mac.value_or(FrameMac{}));
  const Instant gone = now + timing_.gap + timing_.airtime(out.size());
  if (!symbol) listens_until_ = gone + static_cast<std::int64_t>(polled_.size() + 1) * timing_.report_turn();
  if (symbol && left_ == 0) {
    const auto turns = static_cast<std::int64_t>(keys_.turn_of(listeners_.begin()->first).of);
    listens_until_ = gone + (turns + 1) * timing_.report_turn();
  }
  return out;
}

const StreamDigest* ObjectOut::digest_of(const Report& report) const {
  return busy() && report.tag == name_.tag.front() ? &digest_ : nullptr;
}

void ObjectOut::on_report(Instant now, RadioAlias alias, const Report& report) {
  const auto found = listeners_.find(alias);
  if (!busy() || found == listeners_.end()) return;
  Listener& one = found->second;
  if (one.rounds == 0 && !one.lacking) loss_.add(alias, report.lost, sent_);
  one.reported = true;
  one.polls = 0;
  one.lacking = report.lacking;
  if (report.lacking == 0)
    over(alias, Told::How::has_it);
  else if (report.lacking == Report::spoilt)
    over(alias, Told::How::alone);
  else if (++one.rounds > rounds_max)
    over(alias, Told::How::unreached);
  if (busy() && listens_until_ && all_reported()) listens_until_ = now;
}

/// Everybody whose turn it is was heard.
bool ObjectOut::all_reported() const {
  return std::ranges::all_of(listeners_, [&](const auto& one) {
    const bool has_turn = polled_.empty() || std::ranges::find(polled_, one.first) != polled_.end();
    return one.second.reported || !has_turn;
  });
}

void ObjectOut::over(RadioAlias alias, Told::How how) {
  told_.push_back({object_.id, alias, how});
  listeners_.erase(alias);
  if (listeners_.empty()) drop();
}

void ObjectOut::tick(Instant now) {
  if (!busy() || !listens_until_ || now < *listens_until_) return;
  listens_until_.reset();
  end_round();
}

void ObjectOut::end_round() {
  std::size_t lacking = 0;
  std::vector<RadioAlias> silent;
  for (const auto& [alias, one] : listeners_) {
    if (one.reported) lacking = std::max<std::size_t>(lacking, *one.lacking);
    if (!one.reported && one.polls >= polls_max) silent.push_back(alias);
  }
  for (const RadioAlias alias : silent) over(alias, Told::How::unreached);
  if (!busy()) return;
  if (lacking != 0) return begin_round(round_size());
  to_poll_ = true;
}

void ObjectOut::forget(RadioAlias alias) {
  if (listeners_.contains(alias)) over(alias, Told::How::unreached);
}

}  // namespace khuoi::radio

#include "radio/associations.h"

#include <algorithm>

namespace khuoi::radio {

std::array<Association*, 2> Associations::in_use() const {
  return {current_.get(), self_.commune ? pending_.get() : nullptr};
}

Association* Associations::find(AssociationId id) const {
  for (Association* with : in_use()) {
    if (with != nullptr && with->id == id) return with;
  }
  return nullptr;
}

void Associations::begin_joining() {
  end_all();
  pending_ = std::make_unique<Association>((*self_.next_id)++, *self_.keys);
}

void Associations::end_all() {
  end(current_);
  end(pending_);
}

void Associations::end(std::unique_ptr<Association>& association) {
  if (!association) return;
  if (self_.commune) joins_.retire(association->tokens.hamlet);
  ended_.push_back(association->id);
  association.reset();
}

/// A frame under an association proves that it is in force.
Association* Associations::confirm(Association* with) {
  if (with != pending_.get()) return with;
  end(current_);
  current_ = std::move(pending_);
  return current_.get();
}

bool Associations::may_welcome(Instant now, const HamletToken& token) {
  const auto has = [&](const std::unique_ptr<Association>& one) { return one && one->tokens.hamlet == token; };
  return !has(current_) && !has(pending_) && joins_.may_welcome(now, token);
}

Association* Associations::on_join(Instant now, const Frame& frame) {
  if (frame.counter != 0 || frame.body.size() < token_octets) return nullptr;
  auto with = std::make_unique<Association>(0, *self_.keys);
  std::copy_n(frame.body.begin(), token_octets, with->tokens.hamlet.begin());
  if (!may_welcome(now, with->tokens.hamlet) || !frames_.verified(with->tokens, frame, 0)) return nullptr;
  joins_.welcomed(now);
  end(pending_);
  pending_ = std::move(with);
  pending_->id = (*self_.next_id)++;
  pending_->relayed = (frame.flags & join_flag::relayed) != 0;
  pending_->tokens.commune.emplace();
  self_.rng->fill(*pending_->tokens.commune);
  pending_->in.take(0, frame.flags & stream_flag::all, frame.body.subspan(token_octets));
  return pending_.get();
}

bool Associations::is_call(const Frame& frame) const {
  return frame.counter == 0 && frame.body.empty() && frames_.verified({}, frame, 0);
}

std::optional<Associations::Answer> Associations::on_welcome(const Frame& frame) {
  if (!joining() || frame.body.size() < token_octets) return std::nullopt;
  const auto ack = decode_ack(frame.flags, frame.body.subspan(token_octets));
  const StreamDigest* implied = ack ? pending_->out.digest_through(ack->through) : nullptr;
  if (implied == nullptr || pending_->out.frames_cut() == 0) return std::nullopt;
  pending_->tokens.commune.emplace();
  std::copy_n(frame.body.begin(), token_octets, pending_->tokens.commune->begin());
  const std::uint32_t counter = pending_->control_counter(frame.counter);
  if (!frames_.verified(pending_->tokens, frame, counter, *implied)) {
    pending_->tokens.commune.reset();
    return std::nullopt;
  }
  current_ = std::move(pending_);
  current_->control_in = counter + 1;
  return Answer{current_.get(), *ack};
}

std::optional<Associations::Answer> Associations::on_ack(const Frame& frame) {
  const auto ack = decode_ack(frame.flags, frame.body);
  for (Association* with : in_use()) {
    const StreamDigest* implied = ack && with != nullptr ? with->out.digest_through(ack->through) : nullptr;
    if (implied == nullptr) continue;
    const std::uint32_t counter = with->control_counter(frame.counter);
    if (!frames_.verified(with->tokens, frame, counter, *implied)) continue;
    with->control_in = counter + 1;
    return Answer{confirm(with), *ack};
  }
  return std::nullopt;
}

Association* Associations::on_data(const Frame& frame) {
  for (Association* with : in_use()) {
    const auto counter = with != nullptr ? with->in.counter_of(frame.counter) : std::nullopt;
    if (!counter || !frames_.verified(with->tokens, frame, *counter)) continue;
    if (with->in.take(*counter, frame.flags, frame.body)) return confirm(with);
  }
  return nullptr;
}

Association* Associations::on_bound(const Frame& frame, const std::optional<StreamDigest>& implied) {
  for (Association* with : in_use()) {
    if (with == nullptr) continue;
    const std::uint32_t counter = with->control_counter(frame.counter);
    if (!frames_.verified(with->tokens, frame, counter, implied)) continue;
    with->control_in = counter + 1;
    return confirm(with);
  }
  return nullptr;
}

std::optional<Report> Associations::on_report(const Frame& frame, const ObjectOut& object) {
  const auto report = decode_report(frame.body);
  const StreamDigest* digest = report ? object.digest_of(*report) : nullptr;
  if (digest == nullptr) return std::nullopt;
  const auto has = report->lacking == 0 ? std::optional(*digest) : std::nullopt;
  return on_bound(frame, has) != nullptr ? report : std::nullopt;
}

}  // namespace khuoi::radio

#include "radio/relay_choice.h"

#include <algorithm>
#include <set>

namespace khuoi::radio {

namespace {
constexpr std::chrono::seconds offers_come_within{20};
constexpr std::chrono::minutes progress_within{30};
constexpr std::chrono::minutes released_again_after{10};

auto first_due(auto& all, Instant now, auto when) {
  return std::ranges::find_if(all, [&](const auto& one) { return now >= one.second.*when; });
}
}  // namespace

void RelayChoice::on_hears(Instant now, RadioAlias by, const NeighbourHeard& heard) {
  if (by == heard.alias) return;
  const auto [offers, first] = offers_.try_emplace(heard.alias);
  if (first) offers->second.decide_at = now + offers_come_within;
  offers->second.snr_db[by] = heard.snr_db;
}

/// Who has it already keeps it for half an hour, for it may not have heard so.
RadioAlias RelayChoice::best(Instant now, RadioAlias alias, const Offers& offers) const {
  const auto known = appointed_.find(alias);
  const bool has_one = known != appointed_.end() && offers.snr_db.contains(known->second.by);
  const bool tried = has_one && now - known->second.at >= progress_within;
  if (has_one && !tried) return known->second.by;
  auto best = offers.snr_db.end();
  for (auto one = offers.snr_db.begin(); one != offers.snr_db.end(); ++one) {
    if (tried && one->first == known->second.by && offers.snr_db.size() > 1) continue;
    if (best == offers.snr_db.end() || one->second > best->second) best = one;
  }
  return best->first;
}

RelayChoice::Serve RelayChoice::served_by(RadioAlias by, std::optional<RadioAlias> also) const {
  std::set<RadioAlias> aliases;
  if (also) aliases.insert(*also);
  for (const auto& [served, one] : appointed_) {
    if (one.by == by) aliases.insert(served);
  }
  Serve out{by, {aliases.begin(), aliases.end()}};
  if (out.aliases.size() > neighbours_max) out.aliases.resize(neighbours_max);
  return out;
}

void RelayChoice::release(Instant now, RadioAlias alias) {
  const auto known = appointed_.find(alias);
  if (known == appointed_.end()) return;
  released_[known->second.by] = {now};
  appointed_.erase(known);
  offers_.erase(alias);
}

std::optional<RelayChoice::Serve> RelayChoice::due(Instant now) const {
  const auto over = first_due(released_, now, &Released::say_at);
  if (over != released_.end()) return served_by(over->first);
  const auto ready = first_due(offers_, now, &Offers::decide_at);
  if (ready == offers_.end()) return std::nullopt;
  return served_by(best(now, ready->first, ready->second), ready->first);
}

void RelayChoice::settle(Instant now) {
  if (const auto over = first_due(released_, now, &Released::say_at); over != released_.end()) {
    over->second.say_at = now + released_again_after;
    if (--over->second.left == 0) released_.erase(over);
    return;
  }
  const auto ready = first_due(offers_, now, &Offers::decide_at);
  if (ready == offers_.end()) return;
  const RadioAlias alias = ready->first;
  const RadioAlias by = best(now, alias, ready->second);
  offers_.erase(ready);
  const auto known = appointed_.find(alias);
  if (known == appointed_.end() || known->second.by != by || now - known->second.at >= progress_within)
    appointed_[alias] = {by, now};
}

std::optional<Instant> RelayChoice::wake() const {
  std::optional<Instant> out;
  for (const auto& [by, one] : released_) out = out ? std::min(*out, one.say_at) : one.say_at;
  for (const auto& [alias, one] : offers_) out = out ? std::min(*out, one.decide_at) : one.decide_at;
  return out;
}

void RelayChoice::forget(RadioAlias alias) {
  offers_.erase(alias);
  appointed_.erase(alias);
  released_.erase(alias);
  for (auto& [other, one] : offers_) one.snr_db.erase(alias);
  std::erase_if(offers_, [](const auto& one) { return one.second.snr_db.empty(); });
  std::erase_if(appointed_, [&](const auto& one) { return one.second.by == alias; });
}

std::optional<RadioAlias> RelayChoice::relay_of(RadioAlias alias) const {
  const auto found = appointed_.find(alias);
  return found == appointed_.end() ? std::nullopt : std::optional(found->second.by);
}

}  // namespace khuoi::radio

#include "node/counter/shelf_board.h"

#include <tuple>

namespace khuoi::http {

namespace {

/// How a list shows it, in one value.
auto shown(const Summary& one) {
  return std::tie(one.key, one.id, one.form, one.version, one.title, one.label, one.state, one.pending, one.conflict,
                  one.erased, one.withdrawal_asked, one.code, one.due, one.at, one.files_have, one.files_of, one.answers, one.unseen,
                  one.follow_up, one.follow_up_what, one.problem);
}

bool may_move(const Summary& one, ShelfBoard::Moves why) {
  if (why == ShelfBoard::Moves::receipt) return one.pending || one.state == "saved" || one.state == "sent";
  return why == ShelfBoard::Moves::answer ? one.unseen : one.files_have < one.files_of;
}

}  // namespace

void ShelfBoard::forget(const Summary& summary) {
  searched_octets_ -= summary.searched.size();
  for (auto& numbers : moving_) numbers.erase(summary.number);
  if (summary.follow_up.empty()) return;
  const auto day = follow_ups_.find(summary.follow_up);
  if (day == follow_ups_.end()) return;
  day->second.erase(summary.number);
  if (day->second.empty()) follow_ups_.erase(day);
}

bool ShelfBoard::put(Summary summary, std::size_t searched_max) {
  const auto known = rows_.find(summary.number);
  if (known != rows_.end()) forget(known->second);
  if (searched_octets_ + summary.searched.size() > searched_max) summary.searched = node::found_always(summary);
  summary.version = node::shortened(summary.version);  // whatever who handed in wrote there
  summary.searched.shrink_to_fit();
  searched_octets_ += summary.searched.size();
  for (const Moves why : {Moves::receipt, Moves::answer, Moves::files}) {
    if (may_move(summary, why)) moving_.at(static_cast<std::size_t>(why)).insert(summary.number);
  }
  if (!summary.follow_up.empty()) follow_ups_[summary.follow_up].insert(summary.number);
  const bool other = known == rows_.end() || shown(known->second) != shown(summary);
  if (known == rows_.end()) {
    rows_.emplace_hint(rows_.end(), summary.number, std::move(summary));
  } else {
    known->second = std::move(summary);
  }
  return other;
}

bool ShelfBoard::erase(std::uint32_t number) {
  const auto known = rows_.find(number);
  if (known == rows_.end()) return false;
  forget(known->second);
  rows_.erase(known);
  return true;
}

ShelfBoard::Counts ShelfBoard::counts(const std::string& today) const {
  Counts out{rows_.size(), moving(Moves::answer).size(), 0};
  for (auto day = follow_ups_.begin(); day != follow_ups_.end() && day->first <= today; ++day) {
    out.due += day->second.size();
  }
  return out;
}

}  // namespace khuoi::http

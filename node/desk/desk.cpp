#include "node/desk/desk.h"

#include <algorithm>

namespace khuoi::desk {

using sync::ReplicaReader;

void Desk::add(http::Route route, Handler handle) {
  route.handle = [self = shared_from_this(), handle](Request& request) { return handle(*self, request); };
  counter_.router().add(std::move(route));
}

void Desk::add(http::Method method, std::string pattern, http::Access access, Handler handle, std::uint64_t octets_max,
               http::Lane lane) {
  add({.method = method,
       .pattern = std::move(pattern),
       .access = access,
       .body = octets_max > 0 ? http::Body::memory : http::Body::none,
       .octets_max = octets_max,
       .lane = lane},
      handle);
}

Result<void> Desk::load_marks() {
  const std::lock_guard held(mutex_);
  if (loaded_) return {};
  KHUOI_TRY_VOID(engine().look([&](ReplicaReader&, const sync::ReadTxn& txn) {
    return node::desk_mark_rows.each(
        txn, std::tuple<>(), [&](std::uint32_t number, Mark& mark) { marks_.by_number_[number] = std::move(mark); },
        node::desk_mark_rows.pass_over_damaged);
  }));
  loaded_ = true;
  return {};
}

Desk::Mark Desk::mark_of(std::uint32_t number) {
  const std::lock_guard held(mutex_);
  return marks_.of(number);
}

Result<void> Desk::change_marks(const std::vector<std::uint32_t>& numbers, const Change& change,
                                const node::Engine::WorkFn& also) {
  KHUOI_TRY_VOID(load_marks());
  std::vector<std::pair<std::uint32_t, Mark>> changed;
  KHUOI_TRY_VOID(engine().work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    changed.clear();
    for (const std::uint32_t number : numbers) {
      KHUOI_TRY(Mark mark, node::desk_mark_rows.get_or_new(batch.txn, number));
      change(mark);
      KHUOI_TRY_VOID(node::desk_mark_rows.put(batch, number, mark));
      changed.emplace_back(number, std::move(mark));
    }
    return also ? also(replica, batch) : Result<void>();
  }));
  const std::lock_guard held(mutex_);
  for (auto& [number, mark] : changed) marks_.by_number_[number] = std::move(mark);
  return {};
}

Result<void> Desk::forget(const std::vector<std::uint32_t>& numbers) {
  KHUOI_TRY_VOID(load_marks());
  KHUOI_TRY_VOID(engine().work([&](sync::Replica&, sync::Batch& batch) -> Result<void> {
    for (const std::uint32_t number : numbers) KHUOI_TRY_VOID(node::erase_desk_rows(batch, number));
    return {};
  }));
  const std::lock_guard held(mutex_);
  for (const std::uint32_t number : numbers) marks_.by_number_.erase(number);
  return {};
}

Result<void> Desk::hand_over(const std::string& from, const std::string& to) {
  constexpr std::size_t marks_a_commit = 500;
  while (true) {
    std::vector<std::uint32_t> numbers;
    {
      const std::lock_guard held(mutex_);
      for (const auto& [number, mark] : marks_.by_number_) {
        if (mark.charge == from && numbers.size() < marks_a_commit) numbers.push_back(number);
      }
    }
    if (numbers.empty()) return {};
    KHUOI_TRY_VOID(change_marks(numbers, [&](Mark& mark) { mark.charge = to; }, {}));
  }
}

std::map<std::string, std::uint64_t> Desk::in_charge() {
  const std::lock_guard held(mutex_);
  std::map<std::string, std::uint64_t> out;
  for (const auto& [number, mark] : marks_.by_number_) {
    if (!mark.charge.empty()) ++out[mark.charge];
  }
  return out;
}

Result<people::ReadGuard::Found> found_dossier(Desk& desk, const Request& request, std::string_view id) {
  std::optional<people::ReadGuard::Found> found;
  KHUOI_TRY_VOID(desk.counter().read_guard().look(
      *request.viewer, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
        KHUOI_TRY(found, people::ReadGuard::find(reader, txn, *request.viewer, id));
        return {};
      }));
  return std::move(*found);
}

std::map<HamletId, std::string> hamlet_names(const sync::Roster& roster) {
  std::map<HamletId, std::string> out;
  // A box in force speaks for its hamlet, else the last one that was.
  for (const sync::NodeFacts* box : roster.nodes()) {
    const auto [known, first] = out.try_emplace(box->hamlet, box->name);
    if (!first && !box->revoked) known->second = box->name;
  }
  return out;
}

std::string_view state_word(std::string_view state) {
  return sync::state_named(state) ? state : sync::name_of(sync::State::fresh);
}

bool is_overdue(std::string_view state, std::string_view due, std::string_view today) {
  if (due.empty() || due >= today) return false;
  const auto known = sync::state_named(state).value_or(sync::State::fresh);
  return !sync::is_closed(known) && known != sync::State::resolved;
}

}  // namespace khuoi::desk

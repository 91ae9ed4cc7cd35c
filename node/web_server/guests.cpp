#include "node/web_server/guests.h"

#include <algorithm>
#include <map>

namespace khuoi::http {

std::size_t Guests::count(bool known) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(guests_, [known](const Guest& one) { return one.known == known && !one.leaving; }));
}

Guests::Place Guests::enter(std::string address, Instant now, std::function<void()> send_away) {
  guests_.push_back({std::move(address), now, std::move(send_away)});
  const auto place = std::prev(guests_.end());
  if (count(false) > strangers_max) make_room(&*place);
  return place;
}

void Guests::begin(Guest& guest, Instant now) {
  guest.since = now;
  guest.uploading = false;
}

void Guests::introduce(Guest& guest, bool known) {
  if (known == guest.known) return;
  guest.known = known && count(true) < known_max;
  if (!guest.known && count(false) > strangers_max) make_room(&guest);
}

bool Guests::may_upload(Guest& guest) {
  if (!guest.known) {
    const auto is_other = [](const Guest& one) { return one.uploading && !one.known && !one.leaving; };
    const auto all = std::ranges::count_if(guests_, is_other);
    const auto same = std::ranges::count_if(
        guests_, [&](const Guest& one) { return is_other(one) && one.address == guest.address; });
    if (all >= static_cast<std::ptrdiff_t>(uploads_max)) return false;
    if (same >= static_cast<std::ptrdiff_t>(uploads_max_per_address)) return false;
  }
  guest.uploading = true;
  return true;
}

bool Guests::make_room(const Guest* spared) {
  std::map<std::string, std::size_t> held;
  for (const Guest& one : guests_) {
    if (!one.known && !one.leaving) ++held[one.address];
  }
  Guest* worst = nullptr;
  for (Guest& one : guests_) {
    if (one.known || one.leaving || &one == spared) continue;
    const bool is_worse = worst == nullptr || held[one.address] > held[worst->address] ||
                          (held[one.address] == held[worst->address] && one.since < worst->since);
    if (is_worse) worst = &one;
  }
  return send_away(worst);
}

bool Guests::end_an_upload() {
  Guest* longest = nullptr;
  for (Guest& one : guests_) {
    if (!one.known || !one.uploading || one.leaving) continue;
    if (longest == nullptr || one.since < longest->since) longest = &one;
  }
  return send_away(longest);
}

bool Guests::send_away(Guest* guest) {
  if (guest == nullptr) return false;
  guest->leaving = true;
  guest->send_away();
  return true;
}

}  // namespace khuoi::http

#include "node/acts/suspects.h"

#include <algorithm>
#include <map>

#include "node/acts/name_match.h"

namespace khuoi::node {

namespace {

constexpr std::uint32_t no_hamlet = 0xffffffff;
/// Of a chain so many are looked at: thousands of one name or of one day are no help to anybody.
constexpr std::size_t looked_at_max = 8192;
/// A number that so many people of other names have is what somebody writes where none is known.
constexpr std::size_t filler_people = 4;

std::uint32_t mixed(std::uint64_t value) {
  value *= 0x9e3779b97f4a7c15ULL;
  const auto out = static_cast<std::uint32_t>(value >> 32U);
  return out == 0 ? 1 : out;
}

}  // namespace

struct SuspectIndex::Look {
  std::map<std::uint32_t, Likeness> best;  ///< by the dossier's number
  void take(std::uint32_t number, const Likeness& one) {
    if (one.score < suspect_score) return;
    const auto [known, fresh] = best.try_emplace(number, one);
    if (!fresh && known->second.score < one.score) known->second = one;
  }
  [[nodiscard]] std::vector<Suspect> in_order() const {
    std::vector<Suspect> out;
    for (const auto& [number, likeness] : best) out.push_back({number, likeness});
    std::ranges::stable_sort(out, std::ranges::greater(), [](const Suspect& one) { return one.likeness.score; });
    if (out.size() > suspects_max) out.resize(suspects_max);
    return out;
  }
};

/// A day and the one with day and month exchanged have one key.
SuspectIndex::Keys SuspectIndex::keys_of(const IdentityView& one) {
  Keys out{};
  if (!one.id_number.empty()) {
    std::uint64_t digits = 1;
    for (const char c : one.id_number) digits = digits * 10 + static_cast<std::uint64_t>(c - '0');
    out[by_id] = mixed(digits);
  }
  const bool has_day = one.born != 0 && !one.year_only;
  const std::uint32_t day = one.born % 100;
  const std::uint32_t month = one.born / 100 % 100;
  if (has_day) out[by_birth] = mixed(one.born / 10000 * 10000ULL + std::min(day, month) * 100ULL + std::max(day, month));
  if (!one.name.empty()) out[by_name] = mixed(name_key(one.name));
  return out;
}

IdentityView SuspectIndex::view_of_slot(const Slot& slot) const {
  const std::string_view text(text_);
  return {slot.kind, slot.year_only, slot.born, text.substr(slot.text, slot.id_octets),
          text.substr(slot.text + slot.id_octets, slot.name_octets)};
}

void SuspectIndex::link(std::uint32_t at) {
  Slot& slot = slots_[at];
  for (std::size_t chain = 0; chain < chains; ++chain) {
    if (slot.keys.at(chain) == 0) continue;
    std::uint32_t& head = heads_[slot.keys.at(chain) & (heads_.size() - 1)].at(chain);
    slot.next.at(chain) = head;
    head = at;
  }
}

void SuspectIndex::unlink(std::uint32_t at) {
  const Slot& slot = slots_[at];
  for (std::size_t chain = 0; chain < chains; ++chain) {
    if (slot.keys.at(chain) == 0) continue;
    std::uint32_t* from = &heads_[slot.keys.at(chain) & (heads_.size() - 1)].at(chain);
    while (*from != at) from = &slots_[*from].next.at(chain);
    *from = slot.next.at(chain);
  }
}

void SuspectIndex::grow() {
  heads_ = std::vector<Keys>(heads_.size() * 2, Keys{none, none, none});
  for (const auto& [number, first] : first_) {
    for (std::uint32_t at = first; at != none; at = slots_[at].sibling) link(at);
  }
}

void SuspectIndex::pack_text() {
  std::string packed;
  packed.reserve(text_.size() - text_unused_);
  for (const auto& [number, first] : first_) {
    for (std::uint32_t at = first; at != none; at = slots_[at].sibling) {
      Slot& slot = slots_[at];
      const auto begin = static_cast<std::uint32_t>(packed.size());
      packed.append(text_, slot.text, std::size_t{slot.id_octets} + slot.name_octets);
      slot.text = begin;
    }
  }
  text_ = std::move(packed);
  text_unused_ = 0;
}

void SuspectIndex::add(std::uint32_t number, const HamletId& hamlet, std::span<const Identity> people) {
  erase(number);
  if (people.empty()) return;
  auto of = std::ranges::find(hamlets_, hamlet);
  if (of == hamlets_.end()) of = hamlets_.insert(hamlets_.end(), hamlet);
  std::uint32_t first = none;
  for (const Identity& one : people) {
    std::uint32_t at = free_;
    if (at != none) free_ = slots_[at].sibling;
    if (at == none) {
      at = static_cast<std::uint32_t>(slots_.size());
      slots_.emplace_back();
    }
    const std::size_t octets = one.id_number.size() + one.name.size();
    // By an eighth rather than by twice.
    if (text_.size() + octets > text_.capacity()) text_.reserve(text_.size() + text_.size() / 8 + 4096);
    slots_[at] = {.number = number,
                  .sibling = first,
                  .born = one.born,
                  .text = static_cast<std::uint32_t>(text_.size()),
                  .keys = keys_of(one),
                  .hamlet = static_cast<std::uint16_t>(of - hamlets_.begin()),
                  .kind = one.kind,
                  .year_only = one.year_only,
                  .id_octets = static_cast<std::uint8_t>(one.id_number.size()),
                  .name_octets = static_cast<std::uint8_t>(one.name.size())};
    text_.append(one.id_number).append(one.name);
    link(at);
    first = at;
    ++used_;
  }
  first_[number] = first;
  if (used_ > heads_.size()) grow();
}

void SuspectIndex::erase(std::uint32_t number) {
  const auto known = first_.find(number);
  if (known == first_.end()) return;
  for (std::uint32_t at = known->second; at != none;) {
    Slot& slot = slots_[at];
    const std::uint32_t next = slot.sibling;
    unlink(at);
    text_unused_ += std::size_t{slot.id_octets} + slot.name_octets;
    slot = Slot();
    slot.sibling = free_;
    free_ = at;
    --used_;
    at = next;
  }
  first_.erase(known);
  constexpr std::size_t unused_max = 1U << 16U;
  if (text_unused_ > unused_max && text_unused_ > text_.size() / 4) pack_text();
}

template <typename Visit>
void SuspectIndex::each_in(Chain chain, std::uint32_t key, const Visit& visit) const {
  if (key == 0) return;
  std::size_t looked_at = 0;
  for (std::uint32_t at = heads_[key & (heads_.size() - 1)].at(chain); at != none; at = slots_[at].next.at(chain)) {
    const Slot& slot = slots_[at];
    if (slot.keys.at(chain) != key) continue;
    if (++looked_at > looked_at_max) return;
    visit(slot);
  }
}

bool SuspectIndex::is_filler(const IdentityView& one, std::uint32_t key) const {
  std::size_t others = 0;
  std::vector<std::uint32_t> names;
  each_in(by_id, key, [&](const Slot& slot) {
    if (others >= filler_people || std::ranges::find(names, slot.keys[by_name]) != names.end()) return;
    const NameMatch match = match_names(one.name, view_of_slot(slot).name);
    if (match == NameMatch::unknown || match >= NameMatch::alike) return;
    names.push_back(slot.keys[by_name]);
    ++others;
  });
  return others >= filler_people;
}

void SuspectIndex::look(const IdentityView& one, std::uint32_t hamlet, std::uint32_t own, Look& found) const {
  const Keys keys = keys_of(one);
  std::size_t namesakes = 0;
  each_in(by_name, keys[by_name], [&](const Slot& slot) { namesakes += slot.born / 10000 != one.born / 10000 ? 1 : 0; });
  const bool by_number = !is_filler(one, keys[by_id]);
  IdentityView asked = one;
  if (!by_number) asked.id_number = {};
  const auto compare = [&](const Slot& slot) {
    if (slot.hamlet == hamlet || slot.number == own) return;
    found.take(slot.number, likeness(asked, view_of_slot(slot), namesakes));
  };
  if (by_number) each_in(by_id, keys[by_id], compare);
  each_in(by_birth, keys[by_birth], compare);
  each_in(by_name, keys[by_name], compare);
}

std::vector<SuspectIndex::Suspect> SuspectIndex::of(std::uint32_t number) const {
  const auto known = first_.find(number);
  if (known == first_.end()) return {};
  Look found;
  for (std::uint32_t at = known->second; at != none; at = slots_[at].sibling)
    look(view_of_slot(slots_[at]), slots_[at].hamlet, number, found);
  return found.in_order();
}

std::vector<SuspectIndex::Suspect> SuspectIndex::of(const HamletId& hamlet, std::span<const Identity> people) const {
  const auto at = std::ranges::find(hamlets_, hamlet);
  const std::uint32_t of = at == hamlets_.end() ? no_hamlet : static_cast<std::uint32_t>(at - hamlets_.begin());
  Look found;
  for (const Identity& one : people) look(one, of, none, found);
  return found.in_order();
}

std::size_t SuspectIndex::octets() const {
  constexpr std::size_t of_map_node = 32;  // of libstdc++ with malloc's share
  return slots_.size() * sizeof(Slot) + heads_.capacity() * sizeof(Keys) + text_.capacity() +
         first_.size() * of_map_node + first_.bucket_count() * sizeof(void*);
}

}  // namespace khuoi::node

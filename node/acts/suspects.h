#pragma once

#include <deque>
#include <span>
#include <unordered_map>

#include "node/acts/identity.h"
#include "sync/base/ids.h"

namespace khuoi::node {

/// Which dossiers of one domain name somebody whom a dossier of another hamlet names too. In memory, about 150 octets a
/// dossier (suspects_bench.cpp); a question looks only at who shares an id number, a day of birth or the words of a name.
/// One thread at a time.
class SuspectIndex final {
 public:
  struct Suspect {
    std::uint32_t number = 0;  ///< of the dossier
    Likeness likeness;
  };
  static constexpr std::size_t suspects_max = 20;

  /// In place of what it said before.
  void add(std::uint32_t number, const HamletId& hamlet, std::span<const Identity> people);
  void erase(std::uint32_t number);
  void clear() { *this = SuspectIndex(); }
  /// The likeliest first, each once; at most suspects_max.
  [[nodiscard]] std::vector<Suspect> of(std::uint32_t number) const;
  /// Of a dossier that is not in it.
  [[nodiscard]] std::vector<Suspect> of(const HamletId& hamlet, std::span<const Identity> people) const;
  [[nodiscard]] std::size_t dossiers() const { return first_.size(); }
  /// About how much memory it takes.
  [[nodiscard]] std::size_t octets() const;

 private:
  static constexpr std::uint32_t none = 0xffffffff;
  enum Chain : std::uint8_t { by_id, by_birth, by_name, chains };
  using Keys = std::array<std::uint32_t, chains>;
  /// One person of one dossier. Free ones are a list by `sibling`.
  struct Slot {
    std::uint32_t number = 0;
    std::uint32_t sibling = none;  ///< the next person of its dossier
    std::uint32_t born = 0;
    std::uint32_t text = 0;        ///< where the digits and then the name begin
    Keys keys{};                   ///< 0: it has none, and is not in that chain
    Keys next{none, none, none};
    std::uint16_t hamlet = 0;
    PersonKind kind = PersonKind::subject;
    bool year_only = false;
    std::uint8_t id_octets = 0;
    std::uint8_t name_octets = 0;
  };
  struct Look;

  static Keys keys_of(const IdentityView& one);
  [[nodiscard]] IdentityView view_of_slot(const Slot& slot) const;
  void link(std::uint32_t slot);
  void unlink(std::uint32_t slot);
  void grow();
  void pack_text();
  void look(const IdentityView& one, std::uint32_t hamlet, std::uint32_t own, Look& found) const;
  template <typename Visit>
  void each_in(Chain chain, std::uint32_t key, const Visit& visit) const;
  [[nodiscard]] bool is_filler(const IdentityView& one, std::uint32_t key) const;

  std::deque<Slot> slots_;
  std::uint32_t free_ = none;
  std::size_t used_ = 0;
  std::vector<Keys> heads_ = std::vector<Keys>(16, Keys{none, none, none});  ///< a power of two
  std::string text_;
  std::size_t text_unused_ = 0;
  std::vector<HamletId> hamlets_;
  std::unordered_map<std::uint32_t, std::uint32_t> first_;  ///< slot by number
};

}  // namespace khuoi::node

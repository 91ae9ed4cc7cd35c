#pragma once

#include <map>

#include "sync/log/core.h"

namespace khuoi::sync {

/// What each author may have stored at a commune in a day: a stolen box cannot fill its disk. A row each
/// in table note, of the author's latest day; counted in memory within a batch.
class AuthorQuota final {
 public:
  static constexpr std::uint64_t octets_a_day = 64U << 20U;
  explicit AuthorQuota(Core& core) : core_(core) {}
  void set(std::uint64_t octets) { octets_max_ = octets; }

  /// Whether the record would be too much. One that its author vouches for closes the author's day, and a person is told.
  Result<bool> is_over(Batch& batch, const Sealed& record, bool vouched);
  Result<void> charge(Batch& batch, const Sealed& record);
  /// Before a commit.
  Result<void> save(Batch& batch);
  void forget() { today_.clear(); }

  struct Today {
    std::uint64_t day = 0;  ///< since 1970
    std::uint64_t octets = 0;
    static auto parts(auto& today) { return parts_of(today.day, today.octets); }
  };

 private:
  Result<Today*> today(Batch& batch, const NodeId& author);

  Core& core_;
  std::map<NodeId, Today> today_;
  std::uint64_t octets_max_ = octets_a_day;
};

}  // namespace khuoi::sync

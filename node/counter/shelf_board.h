#pragma once

#include <array>
#include <map>
#include <set>
#include <string>

#include "node/acts/summary.h"

namespace khuoi::http {

using node::Summary;

/// The summaries of one domain's dossiers, and what is counted of them. One thread at a time.
class ShelfBoard final {
 public:
  struct Counts {
    std::uint64_t dossiers = 0;
    std::uint64_t unseen = 0;  ///< with an answer that nobody looked at yet
    std::uint64_t due = 0;     ///< whose next visit is today or was before
  };

  /// What is found by searching, of all dossiers of a hamlet's domain together; past that one is found by its number, form
  /// and label.
  static constexpr std::size_t searched_octets_max = 8U << 20U;
  /// Gives whether it is another than before.
  bool put(Summary summary, std::size_t searched_max = searched_octets_max);
  /// Gives whether there was one.
  bool erase(std::uint32_t number);
  void clear() { *this = ShelfBoard(); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] Counts counts(const std::string& today) const;
  /// Why a summary may be another although its dossier's row is not.
  enum class Moves : std::uint8_t {
    receipt,  ///< its records wait for one
    answer,   ///< one of the commune's that nobody looked at yet
    files,    ///< some are still to come
  };
  [[nodiscard]] const std::set<std::uint32_t>& moving(Moves why) const { return moving_.at(static_cast<std::size_t>(why)); }
  using Rows = std::map<std::uint32_t, Summary>;  ///< by number
  [[nodiscard]] const Rows& rows() const { return rows_; }
  /// Numbers by the day of the next visit, yyyy-mm-dd: of those that have one.
  using FollowUps = std::map<std::string, std::set<std::uint32_t>>;
  [[nodiscard]] const FollowUps& follow_ups() const { return follow_ups_; }

 private:
  void forget(const Summary& summary);

  Rows rows_;
  std::array<std::set<std::uint32_t>, 3> moving_;
  FollowUps follow_ups_;
  std::size_t searched_octets_ = 0;  ///< of all rows
};

}  // namespace khuoi::http

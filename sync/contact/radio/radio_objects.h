#pragma once

#include "sync/contact/radio/radio_out.h"

namespace khuoi::sync {

/// What a commune sends to all hamlets at once: public records that some of them lack, as elements of a stream that is
/// whole by itself. Octets: FORMATS.md. One owner.
class RadioObjects final {
 public:
  explicit RadioObjects(Replica& replica) : replica_(replica) {}

  struct Listener {
    RadioAlias alias = 0;
    NodeId node;
  };
  /// The best of what these lack; nothing where they have all. It replaces the object before.
  Result<std::optional<RadioWorkDone::Object>> load(const ReadTxn& txn, const std::vector<Listener>& listeners);
  /// What became of it at one hamlet, whose start is known so far.
  Result<void> told(Batch& batch, const RadioWork::Told& told, const NodeId& node, const RadioMarks::Start& start);
  /// Public records that have to go to this hamlet alone: what goes to all does not come through to it unharmed.
  const std::map<RunKey, RangeSet>& alone(const NodeId& node) { return alone_[node]; }

 private:
  struct Wanted {
    Candidate candidate;
    std::set<RadioAlias> lacked_by;
  };
  Result<std::vector<Wanted>> wanted(const ReadTxn& txn, const std::vector<Listener>& listeners);
  Result<Bytes> elements(const ReadTxn& txn, const std::map<RunKey, RangeSet>& records) const;

  Replica& replica_;
  std::uint64_t id_ = 0;
  std::map<RunKey, RangeSet> records_;  ///< of the object
  std::map<NodeId, std::map<RunKey, RangeSet>> alone_;
};

}  // namespace khuoi::sync

#pragma once

#include "sim/people.h"

namespace khuoi::sim {

/// The oracles. They read stores and what people are shown, and compare with what the world did.
class Judge final {
 public:
  Judge(World& world, People& people) : world_(world), people_(people) {}

  /// After every event: receipts never lie and are never taken back, but where the commune was set back.
  void check_receipts();
  /// What a node knows by radio of its own records is true: right after it learnt it.
  void check_marks(Node& node);
  /// A box was set back: it may believe less than before.
  void forget_beliefs(const Node& node) { believed_.erase(&node); }
  /// The first of the author's records that may go to this reader by radio and has not reached it.
  std::optional<Bytes> missing_by_radio(Node& author, Node& reader);
  /// Planted: the box knows again all that it once knew by radio.
  Result<void> restore_marks(Node& box, sync::Batch& batch);
  /// After the world has come to rest.
  void check_rest();

 private:
  void check_records(Node& author);
  /// Without a run's author copy, which never goes by radio, its author cannot read back what went by it.
  static bool lost_its_copy(Node& author, Node& reader, const sync::RunKey& run);
  bool lost_some_copy(Node& box);
  void check_run(Node& author, const sync::RunKey& key, const sync::RunRow& row, Node& reader);
  void check_saved();
  void check_agreement(Node& box);
  void check_roster();
  void check_files(const Saved& version, const sync::DossierDetail& detail);

  World& world_;
  People& people_;
  struct Believed {
    std::map<sync::RunKey, RangeSet> received;
    std::map<sync::RunKey, RangeSet> safe;
  };
  std::map<const Node*, Believed> believed_;
  std::map<std::pair<const Node*, sync::RunKey>, RangeSet> once_marked_;  ///< only for restore_marks()
};

}  // namespace khuoi::sim

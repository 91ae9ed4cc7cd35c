#pragma once

#include "sim/people.h"

namespace khuoi::sim {

/// The oracles. They read stores and what people are shown, and compare with what the world did.
class Judge final {
 public:
  Judge(World& world, People& people) : world_(world), people_(people) {}

  /// After every event: receipts never lie and are never taken back, but where the commune was set back.
  void check_receipts();
  /// A box was set back: it may believe less than before.
  void forget_beliefs(const Node& node) { believed_.erase(&node); }
  /// After the world has come to rest.
  void check_rest();

 private:
  void check_records(Node& author);
  void check_run(Node& author, const sync::RunKey& key, Node& reader);
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
};

}  // namespace khuoi::sim

#pragma once

#include <map>
#include <vector>

#include "sync/base/frame_keys.h"
#include "sync/membership/group_keys.h"
#include "sync/membership/membership.h"

namespace khuoi::sync {

/// The keys of frames, as radio/FORMATS.md draws them: a picture of the roster at one time, with a life of its own, so
/// that another thread may have it. Memory: a locked page for each hamlet, and for the last associations.
class RadioKeys final : public FrameKeys {
 public:
  /// Of a commune: every hamlet in force. Of a hamlet: itself and its commune; none before the grant. `group`: as
  /// GroupKeys::of() gives them.
  RadioKeys(const Membership& members, const std::vector<GroupKey>& group);

  std::optional<FrameMac> mac(const Name& name, const Input& input) override;
  std::optional<FrameMac> group_mac(unsigned which, const Input& input) override;
  [[nodiscard]] Turn turn_of(RadioAlias alias) const override;
  StreamDigest chain(const StreamDigest& before, ByteView body) override;

  [[nodiscard]] std::vector<RadioAlias> aliases() const;
  /// The other side of frames with this alias, as this node sees it: of a commune the hamlet, of a hamlet the commune.
  [[nodiscard]] std::optional<NodeId> peer_of(RadioAlias alias) const;
  /// Whether what both have in common has the same keys, so that associations may go on.
  [[nodiscard]] bool same_keys(const RadioKeys& other) const;

 private:
  struct Pair {
    NodeId peer;
    Secret key;
  };
  const Secret* association(const Name& name);
  [[nodiscard]] FrameMac mac_of(const Secret& key, const Input& input, bool from_commune) const;
  CommuneId commune_;
  std::map<RadioAlias, Pair> pairs_;
  std::vector<Secret> group_;
  std::vector<RadioAlias> turns_;  ///< of hamlets in force, sorted
  std::map<std::pair<RadioAlias, AssociationTokens>, Secret> associations_;
};

}  // namespace khuoi::sync

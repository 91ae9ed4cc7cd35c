#pragma once

#include <memory>

#include "sync/base/radio_work.h"
#include "sync/contact/radio/radio_in.h"
#include "sync/contact/radio/radio_objects.h"

namespace khuoi::sync {

/// One association as records see it.
struct RadioStreams {
  RadioPeer peer;
  RadioOut out;
  RadioIn in;
  RadioStreams(Replica& replica, const NodeId& node)
      : peer{node, {}, {}, {}, {}, {}, nullptr}, out(replica, peer), in(replica, peer) {}
  RadioStreams(const RadioStreams&) = delete;
  RadioStreams& operator=(const RadioStreams&) = delete;
};

/// What knows records and talks to a station: all associations of one node. Pure; one owner. A batch that is dropped
/// must be followed by the end of the associations that it concerned.
class RadioContact final {
 public:
  explicit RadioContact(Replica& replica)
      : replica_(replica), taker_(replica, Path::radio), objects_(replica) {}
  /// In the caller's batch; what comes of it may be told to the station once that is committed. Errors: the store's.
  Result<RadioWorkDone> run(Batch& batch, const RadioWork& work);
  /// Records that came by radio since the start.
  [[nodiscard]] const Counts& counts() const { return taker_.counts(); }

 private:
  [[nodiscard]] std::optional<NodeId> peer_of(RadioAlias alias) const;
  RadioStreams* stream(AssociationId id, RadioAlias alias);
  [[nodiscard]] RadioMarks::Start start_of(const NodeId& node) const;
  Result<void> run_objects(Batch& batch, const RadioWork& work, RadioWorkDone& done);

  Replica& replica_;
  Taker taker_;
  RadioObjects objects_;
  std::map<AssociationId, std::unique_ptr<RadioStreams>> streams_;
};

}  // namespace khuoi::sync

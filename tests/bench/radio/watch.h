#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "radio/frame.h"
#include "sync/contact/radio/elements.h"

namespace khuoi::bench {

/// The checks, by name.
namespace check {
inline constexpr std::string_view silence = "frame_after_silence", again = "sent_again_after_ack",
                                  commit = "ack_before_commit", counter = "counter_used_twice", hour = "over_its_hour",
                                  same = "not_as_it_was_given", all = "not_all_received";
}  // namespace check

/// What the checks of one world found: for each, how often and what the first time.
class Wrongs final {
 public:
  struct One {
    std::size_t times = 0;
    std::string first;
  };
  void add(std::string_view check, std::string what) {
    One& one = all_[std::string(check)];
    if (one.times++ == 0) one.first = std::move(what);
  }
  [[nodiscard]] const std::map<std::string, One>& all() const { return all_; }
  [[nodiscard]] bool has(std::string_view check) const { return all_.contains(std::string(check)); }

 private:
  std::map<std::string, One> all_;
};

/// Sees every frame where a station makes or verifies it, and knows by the octets of the streams alone which records
/// are in which frame. Checks: a record or frame never goes again once its acknowledgement was verified at its sender,
/// also after a restart; when an acknowledgement or a report that nothing is
/// lacking is made, what it covers is on the disk; no counter of a key names two
/// frames.
class Watch final {
 public:
  /// Whether that box has the record on its disk, committed.
  using OnDisk = std::function<bool(std::size_t box, const sync::Ref& ref)>;
  /// Borrows the wrongs for its life.
  Watch(OnDisk on_disk, Wrongs& wrongs) : on_disk_(std::move(on_disk)), wrongs_(wrongs) {}

  struct Box {
    std::size_t number = 0;
    NodeId node;
    bool commune = false;
  };
  /// The keys that its station is to use: those, watched. Both are borrowed for the life of what comes back.
  std::unique_ptr<FrameKeys> keys(const Box& box, FrameKeys& real);

  /// The commune sends this to all: its records and the first octet of its tag.
  void object(std::uint8_t tag, std::vector<sync::Ref> records) { objects_[tag] = std::move(records); }

  /// What went onto the air so far, each record once, however often its frames went.
  struct Given {
    std::size_t records = 0, openers = 0;
    std::size_t octets = 0;  ///< of records, tags included, openers not
    std::size_t heads = 0;   ///< of streams, beside records: what names them, openers, greetings
    friend Given operator-(const Given& a, const Given& b) {
      return {a.records - b.records, a.openers - b.openers, a.octets - b.octets, a.heads - b.heads};
    }
  };
  [[nodiscard]] const Given& given() const { return given_; }

 private:
  friend class WatchedKeys;
  using StreamName = std::tuple<RadioAlias, std::array<std::uint8_t, 4>, bool>;  ///< of the hamlet's token, direction
  struct Stream {
    Box sender;
    std::uint32_t next = 0;          ///< frames that were made
    std::int64_t acknowledged = -1;  ///< the last frame of which its sender verified so
    sync::ElementReader elements;
    std::array<std::optional<RunId>, sync::radio_slots> slots;
    std::multimap<std::uint32_t, sync::Ref> ends;  ///< by the frame in which they end
  };
  struct Answer {
    StreamName of;
    std::int64_t through = -1;
  };
  void made(const Box& by, const FrameKeys::Name& name, const FrameKeys::Input& input, const FrameMac& mac);
  void verified(const FrameKeys::Input& input, const FrameMac& mac);
  void counted(const FrameKeys::Name& name, const FrameKeys::Input& input, const FrameMac& mac, radio::FrameType type);
  void stream_frame(const Box& by, const StreamName& name, std::uint32_t counter, ByteView body);
  void took(const Box& by, Stream& stream, const sync::RadioElement& element, std::uint32_t counter);
  void asked(const StreamName& name, ByteView body);
  void reported(const Box& by, ByteView body);
  void answered(const Box& by, const StreamName& of, const radio::Ack& ack, Bytes frame);

  OnDisk on_disk_;
  Wrongs& wrongs_;
  std::map<StreamName, Stream> streams_;
  std::map<Bytes, Answer> answers_;  ///< by all octets of their frames
  std::map<std::tuple<RadioAlias, AssociationTokens, bool, bool, std::uint32_t>, Bytes> counters_;
  std::map<std::uint8_t, std::vector<sync::Ref>> objects_;
  std::set<sync::Ref> seen_;
  std::set<sync::Ref> acknowledged_;
  Given given_;
};

}  // namespace khuoi::bench

#pragma once

#include <deque>
#include <map>

#include "radio/object_frames.h"
#include "radio/timing.h"
#include "sync/base/radio_work.h"

namespace khuoi::radio {

/// Of a hamlet: objects that come from the commune to all hamlets at once. Whoever has the group's key can make such
/// frames, so nothing but the objects themselves is learnt from them, and whether those are the commune's is for
/// signatures to tell. Memory: two objects; the names of the last 32. Borrows both references for its life.
class ObjectIn final {
 public:
  ObjectIn(FrameKeys& keys, const Timing& timing, RadioAlias alias) : keys_(keys), timing_(timing), alias_(alias) {}

  /// True: it was one of the group's, and the air belongs to the commune and those that report until quiet_until().
  bool on_frame(Instant now, const Frame& frame);
  [[nodiscard]] Instant quiet_until() const { return quiet_until_; }

  /// Objects that are whole now.
  void add_work(RadioWork& to);
  /// `whole`: every record of it was the commune's, and is committed.
  void on_taken(const RadioWorkDone::ObjectTaken& taken);
  /// The work was not committed: it is handed up again when the commune asks.
  void on_failed();

  /// A report whose turn it is; with what it has to be bound to if it lacks nothing.
  struct Due {
    Report report;
    std::optional<StreamDigest> has;
  };
  [[nodiscard]] std::optional<Due> due(Instant now) const;
  void reported(Instant now);
  /// When due() may give something.
  [[nodiscard]] std::optional<Instant> report_at() const;

 private:
  enum class Stage : std::uint8_t { gathering, handed_up, has_it, spoilt };
  struct Object {
    ObjectName name;
    Stage stage = Stage::gathering;
    std::map<std::uint8_t, Bytes> symbols;
    Bytes octets;  ///< once whole, until it is taken
    StreamDigest digest{};
    std::size_t sent = 0;  ///< symbols, as far as is known
    std::size_t heard = 0;
    unsigned spoilt_times = 0;
    bool reports = true;  ///< at the end of this round
    std::uint8_t reports_made = 0;  ///< with no hour between two of them
    Instant heard_at{}, reported_at{};
    std::optional<Instant> turn;
  };
  Object& find(Instant now, const ObjectName& name);
  void on_symbol(Instant now, const Frame& frame, const Symbol& symbol);
  void on_poll(Instant now, const Poll& poll);
  void join(Object& object);
  static bool may_report(Instant now, Object& object);
  [[nodiscard]] bool is_groups(const Frame& frame);
  static Report report_of(const Object& object);

  FrameKeys& keys_;
  const Timing& timing_;
  RadioAlias alias_;
  unsigned keys_heard_ = 2;      ///< of the group: the older one is over once the newer was heard
  std::deque<Object> objects_;   ///< the newest last
  std::deque<Instant> reports_;  ///< of the last hour
  Instant quiet_until_{};
};

}  // namespace khuoi::radio

#pragma once

#include <string>
#include <vector>

#include "sync/files/files.h"
#include "sync/log/run_keys.h"
#include "sync/merge/slots.h"
#include "sync/merge/speaking.h"

namespace khuoi::sync {

/// An announcement, a document or a message, in the order it became known here. Its words are in its record.
struct ItemEntry {
  std::uint64_t order = 0;
  Ref ref;
  Kind kind = Kind::announcement;
  bool by_me = false;
  bool settled = false;         ///< played, or read
  bool held_back = false;       ///< an emergency without two officers' approvals, or misdirected: never speaks
  static auto parts(auto& item) { return parts_of(item.ref, item.kind, Flags(item.by_me, item.settled, item.held_back)); }
};

/// How many items of a kind there are.
struct ItemCounts {
  std::uint64_t all = 0;
  std::uint64_t settled = 0;
  std::uint64_t open = 0;  ///< not settled: an announcement nobody heard, a document or another's message nobody read
  static auto parts(auto& counts) { return parts_of(counts.all, counts.settled, counts.open); }
  bool operator==(const ItemCounts&) const = default;
};

/// Table `item`: key order u64. And the pending emergencies that wait for officers.
class Items final {
 public:
  Items(Core& core, RunKeys& run_keys) : core_(core), run_keys_(run_keys) {}

  Result<void> index(Batch& batch, const Ref& ref, const Plain& plain);
  /// Those that became known after the one of order `after`, at most so many.
  Result<std::vector<ItemEntry>> list(const ReadTxn& txn, std::uint64_t after = 0,
                                      std::size_t count_max = ~std::size_t{0}) const;
  static constexpr std::uint64_t of_all = ~std::uint64_t{0};
  /// The newest of a kind, at most so many, the newest first: reads no others. Of those that became known before the one
  /// of order `before`.
  Result<std::vector<ItemEntry>> newest(const ReadTxn& txn, Kind kind, std::size_t count_max,
                                        std::uint64_t before = of_all) const;
  /// The same of those that ItemCounts calls open.
  Result<std::vector<ItemEntry>> newest_open(const ReadTxn& txn, Kind kind, std::size_t count_max) const;
  Result<ItemCounts> counts(const ReadTxn& txn, Kind kind) const;
  /// Makes the look-ups by kind and the counts anew.
  Result<void> recount(Batch& batch) const;
  /// A sentence for each that is not what a walk gives.
  Result<std::vector<std::string>> miscounts(const ReadTxn& txn) const;
  Result<std::optional<ItemEntry>> find(const ReadTxn& txn, const Ref& ref) const;
  Result<void> mark_settled(Batch& batch, const Ref& ref, bool settled = true);

  /// One time that the loudspeaker of this box began with an announcement. A row of our own, since the record that tells
  /// the commune cannot be read while the box is locked.
  struct Playing {
    std::optional<SpeakingSlot> slot;  ///< none: an emergency, or outside the slots
    UnixSeconds at;
    bool by_person = false;
    bool unheard = false;  ///< it failed before the first sample, or there was no loudspeaker
    bool first = false;    ///< nothing had been played of it before this one
    void write(Writer& to) const;
    void read(Reader& from);
  };
  Result<void> note_playing(Batch& batch, const Ref& ref, const Playing& playing);
  /// The playing that began at that time was not heard. When none was, the announcement counts as not played.
  Result<void> note_unheard(Batch& batch, const Ref& ref, UnixSeconds at);
  /// In the order they began; the last 128.
  Result<std::vector<Playing>> playings(const ReadTxn& txn, const Ref& ref) const;

  /// What a hamlet's box told its commune: when it began with an announcement.
  struct Heard {
    NodeId box;
    UnixSeconds at;  ///< by the commune's time, as that box knew it
    bool by_person = false;
    bool not_heard = false;  ///< it took that back: nobody could hear it
    static auto parts(auto& heard) { return parts_of(Flags(heard.by_person, heard.not_heard), heard.at); }
  };
  /// At a commune, by box; of each the last 16, in the order they came.
  Result<std::vector<Heard>> heard(const ReadTxn& txn, const Ref& ref) const;

  /// What a hamlet's box told its commune: who read a document there, and when first.
  struct ReadBy {
    NodeId box;
    UnixSeconds at;  ///< by that box's clock
    std::string person;
    static auto parts(auto& read) { return parts_of(read.at, Counted(read.person, text_octets_max)); }
  };
  /// At a commune, by box.
  Result<std::vector<ReadBy>> readers(const ReadTxn& txn, const Ref& document) const;

  /// Whether this announcement may leave or speak: two different officers in force signed an emergency.
  [[nodiscard]] bool approved(const Announcement& announcement, const AnnouncementContent& content) const;
  /// Emergencies prepared here that still lack a signature, by the first 16 octets of their content's BLAKE2b-256.
  struct Pending {
    DossierId id;
    Announcement announcement;
    static auto parts(auto& pending) {
      return parts_of(Counted(pending.announcement.content, record_octets_max), List(pending.announcement.approvals));
    }
  };
  Result<void> put_pending(Batch& batch, const Pending& pending);
  Result<std::vector<Pending>> pending(const ReadTxn& txn) const;
  Result<void> erase_pending(Batch& batch, const DossierId& id);

 private:
  Result<std::vector<ItemEntry>> newest_in(const ReadTxn& txn, std::uint8_t family, Kind kind, std::size_t count_max,
                                           std::uint64_t before) const;
  /// `before` is how it stood, if it did.
  Result<void> put(Batch& batch, const std::optional<ItemEntry>& before, const ItemEntry& item) const;
  Result<void> note_heard(Batch& batch, const Ref& ref, const Heard& heard);
  Result<void> note_reader(Batch& batch, const NodeId& box, const DocumentRead& read);
  Result<void> take_in_played(Batch& batch, const Played& played, const NodeId& box);
  Core& core_;
  RunKeys& run_keys_;
};
DossierId announcement_id(ByteView content);

}  // namespace khuoi::sync

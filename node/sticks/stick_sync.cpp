#include "node/sticks/stick_sync.h"

#include <algorithm>

#include "node/engine/write_behind.h"
#include "node/sticks/bundle_stream.h"
#include "node/sticks/pieces_ahead.h"
#include "node/sticks/stick_papers.h"
#include "storage/parity_shape.h"
#include "storage/stick_folder.h"
#include "sync/contact/courier.h"

namespace khuoi::node {

using storage::ParityShape;
using storage::StickEntry;
using storage::StickFolder;
using sync::BundleContent;
using sync::Courier;
using sync::Parcel;
using sync::Replica;
using sync::SegmentPiece;

namespace {

/// FAT32 ends at 4 GiB less one.
constexpr std::uint64_t bundle_octets_max = 4'000'000'000;
/// Room for README.txt, folders and what a file system keeps for itself.
constexpr std::uint64_t spare_octets = 64U << 10U;
/// Many small bundles waste clusters: past this many, all goes into a new one.
constexpr std::size_t own_bundles_max = 8;
constexpr std::size_t bundles_a_sync_max = 1000;
/// Goes to the stick while as much again is read and framed.
constexpr std::size_t written_at_once = std::size_t{1} << 20U;
constexpr const char* stopped = "stopped; what was taken in from the stick stays";

/// The most data whose bundle, parity included, takes at most so many octets.
std::uint64_t data_that_fits(std::uint64_t file_octets) {
  std::uint64_t fits = 0;
  std::uint64_t too_much = file_octets + 1;
  while (fits + 1 < too_much) {
    const std::uint64_t middle = fits + (too_much - fits) / 2;
    (ParityShape::for_data(middle).file_octets() <= file_octets ? fits : too_much) = middle;
  }
  return fits;
}

/// A courier reads through the replica, which changes when others have their turn.
Result<void> in_turn(Engine& engine, const std::function<Result<void>(const sync::ReadTxn&)>& fn) {
  return engine.hold([&](Replica& replica, const Engine::Begin&) -> Result<void> {
    KHUOI_TRY(const auto txn, replica.read());
    return fn(*txn);
  });
}

class StickSync final {
 public:
  StickSync(Engine& engine, StickFolder& stick, const StickOptions& options)
      : engine_(engine), stick_(stick), options_(options) {}

  Result<StickReport> run() {
    KHUOI_TRY_VOID(engine_.hold([&](Replica& replica, const Engine::Begin&) -> Result<void> {
      courier_ = std::make_unique<Courier>(replica);
      return {};
    }));
    KHUOI_TRY_VOID(take_in_all());
    KHUOI_TRY_VOID(choose_what_goes());
    KHUOI_TRY_VOID(write_what_lacks());
    KHUOI_TRY_VOID(remove_what_arrived());
    const auto noted = engine_.hold([&](Replica& replica, const Engine::Begin&) -> Result<void> {
      report_.counts = courier_->counts();
      report_.counts.add(planned_);
      report_.bundles_foreign += courier_->finds().foreign;
      return note_papers(replica, *courier_, engine_.dir(), report_.notes);
    });
    if (!noted) KHUOI_TRY_VOID(note_box_fault(noted.error()));
    report_.memory = {std::move(courier_), std::move(present_)};
    return std::move(report_);
  }

 private:
  struct Own {
    StickEntry entry;
    BundleContent content;
  };

  Result<void> take_in_all() {
    KHUOI_TRY(const auto listing, stick_.list());
    if (listing.skipped[static_cast<std::size_t>(storage::StickSkip::past_limit)] > 0) {
      note_fault(fail(Errc::too_large,
                      "the stick holds more bundles than anybody writes; only the first 4,096 were looked at"));
    }
    std::uint64_t done = 0;
    for (const StickEntry& entry : listing.entries) {
      if (options_.gone()) return fail(Errc::closed, stopped);
      options_.progress("bundles", done++, listing.entries.size());
      KHUOI_TRY_VOID(take_in(entry));
    }
    return {};
  }

  Result<void> take_in(const StickEntry& entry) {
    KHUOI_TRY(const bool known, knows(entry));
    if (known) return {};
    auto stream = BundleStream::open(stick_, entry, engine_.dir());
    if (!stream && stream.error().code == Errc::disk_full) return note_box_fault(stream.error());
    if (!stream && (stream.error().code == Errc::malformed || stream.error().code == Errc::unsupported)) {
      // Not one segment of it is whole, so nobody can say whose it was.
      ++report_.bundles_foreign;
      return {};
    }
    if (!stream) {
      note_fault(fail(stream.error().code, entry.name + ": " + stream.error().what));
      return {};
    }
    if (options_.dry_run) return {};
    // What it brought and could not be kept is still on the stick; what is here goes onto it all the same.
    const auto records_in = [this] { return courier_->counts().records_in; };
    const std::uint64_t before = records_in();
    const auto taken = take_in(*stream, entry);
    if (taken) return taken;
    const bool full = box_fault_of(taken.error().code) == "box_full";
    if (!full) return note_box_fault(taken.error());
    return note_box_fault(fail(taken.error().code, taken.error().what + " " + std::to_string(records_in() - before) +
                                                       " new records of " + entry.name +
                                                       " were taken in; the rest stays on the stick, and is taken in when it "
                                                       "comes again and there is room."));
  }

  /// A file of a name and length that were seen before is hashed first: only its octets tell whether it is that one.
  Result<bool> knows(const StickEntry& entry) {
    sync::BundleFile file{entry.name, entry.octets, {}};
    bool known = false;
    KHUOI_TRY_VOID(in_turn(engine_, [&](const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(known, sync::KnownBundles::may_know(txn, file));
      return {};
    }));
    if (!known) return false;
    auto view = stick_.view(entry);
    if (!view) return false;  // whoever takes it in says why
    BundleHasher hasher([&](std::uint64_t offset, std::size_t octets) { return view->read(offset, octets); });
    const auto hash = hasher.finish(entry.octets, options_.gone);
    if (!hash && hash.error().code == Errc::closed) return fail(Errc::closed, stopped);
    if (!hash) return false;
    file.hash = *hash;
    KHUOI_TRY_VOID(in_turn(engine_, [&](const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(known, courier_->knows(txn, file));
      return {};
    }));
    return known;
  }

  /// The engine is held for what comes out of the stream, not while a slow stick is read.
  Result<void> take_in(BundleStream& stream, const StickEntry& entry) {
    std::optional<PiecesAhead> ahead;
    const auto next = [&]() -> Result<SegmentPiece> {
      Result<std::optional<SegmentPiece>> piece = std::optional<SegmentPiece>();
      engine_.step_aside([&] {
        if (!ahead) ahead.emplace(engine_, stream);
        piece = ahead->next();
      });
      if (!piece) return piece.error();
      if (options_.gone()) return fail(Errc::closed, stopped);
      return std::move(**piece);
    };
    return engine_.hold([&](Replica& replica, const Engine::Begin& begin) -> Result<void> {
      KHUOI_TRY(BundleContent content, courier_->take_in(stream.header(), next, {entry.name, entry.octets, {}}, begin));
      if (content.damaged && stream.header().commune == replica.self().commune && replica.self().granted()) {
        note_fault(fail(Errc::damaged,
                        entry.name + " is damaged: what is whole in it was taken in, the rest will be sent again" +
                            (stream.fault().empty() ? "" : " (" + stream.fault() + ")")));
      }
      if (courier_->is_mine(content.header)) own_.push_back({entry, std::move(content)});
      return {};
    });
  }

  Result<void> choose_what_goes() {
    KHUOI_TRY_VOID(in_turn(engine_, [&](const sync::ReadTxn& txn) -> Result<void> {
      for (Own& own : own_) {
        KHUOI_TRY(const bool arrived, courier_->may_drop(txn, own.content));
        (arrived ? going_ : staying_).push_back(std::move(own));
      }
      return {};
    }));
    KHUOI_TRY_VOID(set_aside_what_was_passed_over());
    // Joined to one, once it is written, if both fit beside each other.
    if (staying_.size() < own_bundles_max) return {};
    std::uint64_t octets = 0;
    for (const Own& own : staying_) octets += own.entry.octets;
    KHUOI_TRY(const auto space, stick_.space());
    if (space.free_octets < 2 * octets + spare_octets) return {};
    std::ranges::move(staying_, std::back_inserter(replaced_));
    staying_.clear();
    return {};
  }

  /// The commune had these bundles before it and left a receipt that still lacks what they carry: that is written anew.
  Result<void> set_aside_what_was_passed_over() {
    std::vector<Own> passed_over;
    std::vector<Own> staying;
    KHUOI_TRY_VOID(in_turn(engine_, [&](const sync::ReadTxn& txn) -> Result<void> {
      for (Own& own : staying_) {
        KHUOI_TRY(const bool passed, courier_->passed_over(txn, own.content));
        (passed ? passed_over : staying).push_back(std::move(own));
      }
      return {};
    }));
    staying_ = std::move(staying);
    if (passed_over.empty()) return {};
    const auto unmarked = engine_.work([&](Replica&, sync::Batch& batch) -> Result<void> {
      for (const Own& own : passed_over) {
        KHUOI_TRY_VOID(courier_->unmark_sent(batch, own.content));
      }
      return {};
    });
    if (!unmarked) KHUOI_TRY_VOID(note_box_fault(unmarked.error()));
    KHUOI_TRY(const auto space, stick_.space());
    std::uint64_t octets = spare_octets;
    for (Own& own : passed_over) {
      const bool fits = octets + own.entry.octets <= space.free_octets;
      if (fits) octets += own.entry.octets;
      (fits ? replaced_ : staying_).push_back(std::move(own));
    }
    return {};
  }

  Result<void> write_what_lacks() {
    for (const Own& own : staying_) present_.push_back(own.content);
    for (std::size_t bundles = 0; bundles < bundles_a_sync_max && !options_.gone(); ++bundles) {
      Parcel parcel;
      KHUOI_TRY_VOID(pack(parcel));
      if (parcel.empty()) return {};
      const auto written = write_bundle(std::move(parcel));
      if (!written) {
        if (options_.dry_run) return written.error();
        note_fault(written.error());
        replaced_.clear();
        return {};
      }
      if (options_.dry_run) return {};
      ++report_.bundles_written;
      present_.push_back(*written);
    }
    return {};
  }

  Result<void> pack(Parcel& parcel) {
    if (options_.dry_run) return plan(parcel);
    const auto packed = engine_.work([&](Replica&, sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(parcel, courier_->pack(batch, present_));
      return {};
    });
    if (packed) return {};
    KHUOI_TRY_VOID(note_box_fault(packed.error()));
    // A statement must be committed before it goes; on a disk that takes no commit the rest goes without.
    KHUOI_TRY_VOID(plan(parcel));
    parcel.due.clear();
    return {};
  }

  Result<void> plan(Parcel& parcel) {
    return in_turn(engine_, [&](const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(parcel, courier_->plan(txn, engine_.now(), present_));
      return {};
    });
  }

  Result<BundleContent> write_bundle(Parcel parcel) {
    KHUOI_TRY(const auto space, stick_.space());
    const std::uint64_t room = std::min(
        space.free_octets - std::min(space.free_octets, spare_octets + 2 * space.cluster_octets), bundle_octets_max);
    BundleContent content;
    if (options_.dry_run) return measure(std::move(parcel), data_that_fits(room));
    KHUOI_TRY_VOID(stick_.prepare_for_writing(engine_.rng()));
    KHUOI_TRY(auto writer,
              stick_.create(engine_.rng().id<Id<struct BundleNameTag, 8>>().hex() + ".kbn", engine_.rng()));
    WriteBehind behind([&](ByteView octets) { return writer.write(octets); }, written_at_once);
    KHUOI_TRY_VOID(fill(
        std::move(parcel), data_that_fits(room), [&](ByteView octets) { return behind.add(octets); }, content));
    KHUOI_TRY_VOID(behind.finish());
    if (content.records.empty() && content.holdings.empty() && content.roster.empty() && content.chunks.empty() &&
        content.carried.empty() && !content.request) {
      return fail(Errc::disk_full, "the stick is full: make room on it, or take another one; nothing is lost here");
    }
    KHUOI_TRY_VOID(writer.add_parity());
    KHUOI_TRY_VOID(writer.commit());
    const auto marked =
        engine_.work([&](Replica&, sync::Batch& batch) { return courier_->mark_sent(batch, content); });
    if (!marked) KHUOI_TRY_VOID(note_box_fault(marked.error()));
    return content;
  }

  /// What would be written, statements that are only due among it.
  Result<BundleContent> measure(Parcel parcel, std::uint64_t octets_max) {
    for (const sync::DueStatement& due : parcel.due) parcel.statements.emplace_back(due.octets + 1);
    BundleContent content;
    KHUOI_TRY_VOID(fill(std::move(parcel), octets_max, [](ByteView) { return Result<void>(); }, content));
    planned_.add(content.counts);
    return content;
  }

  Result<void> fill(Parcel parcel, std::uint64_t octets_max, const sync::BundleSink& sink,
                    BundleContent& content) {
    options_.progress("records to write", 0, parcel.records.size());
    // A stick may be slow: whoever waits for the engine goes first meanwhile.
    const sync::BundleSink polite = [&](ByteView octets) -> Result<void> {
      Result<void> done;
      engine_.step_aside([&] { done = sink(octets); });
      return done;
    };
    return in_turn(engine_, [&](const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(content, courier_->write(txn, std::move(parcel), octets_max, polite));
      return {};
    });
  }

  Result<void> remove_what_arrived() {
    if (options_.dry_run) return {};
    std::ranges::move(replaced_, std::back_inserter(going_));
    for (const Own& own : going_) {
      if (const auto removed = stick_.remove(own.entry); !removed) {
        note_fault(removed.error());
        continue;
      }
      ++report_.bundles_removed;
    }
    return going_.empty() ? Result<void>() : stick_.sync();
  }

  /// Of this machine's own disk; told once. What is none of its disk's is given back.
  Result<void> note_box_fault(const Error& fault) {
    const std::string word = box_fault_of(fault.code);
    if (word.empty()) return fault;
    if (!report_.box_fault.empty()) return {};
    report_.box_fault = word;
    report_.first_fault = fault.code;
    report_.faults.insert(report_.faults.begin(),
                          "this machine's own disk, not the stick: " + fault.what);
    return {};
  }

  void note_fault(Error fault) {
    if (!report_.first_fault) report_.first_fault = fault.code;
    report_.faults.push_back(std::move(fault.what));
  }

  Engine& engine_;
  StickFolder& stick_;
  const StickOptions& options_;
  std::unique_ptr<Courier> courier_;
  std::vector<Own> own_;
  std::vector<Own> going_;  ///< everything in them has arrived
  std::vector<Own> staying_;
  std::vector<Own> replaced_;           ///< their content is written anew
  std::vector<BundleContent> present_;  ///< of this node, and going to stay
  sync::Counts planned_;                ///< of a dry run
  StickReport report_;
};

}  // namespace

Result<StickReport> sync_stick(Engine& engine, const std::filesystem::path& dir, const StickOptions& options) {
  KHUOI_TRY(auto stick, StickFolder::open(dir));
  return StickSync(engine, stick, options).run();
}

std::string box_fault_of(Errc code) {
  switch (code) {
    case Errc::disk_full:
    case Errc::store_full:
      return "box_full";
    case Errc::read_only:
      return "box_read_only";
    case Errc::io:
      return "box_io";
    default:
      return {};
  }
}

Result<bool> stick_lacks(Engine& engine, StickMemory& memory) {
  if (!memory.courier) return true;
  bool lacks = true;
  KHUOI_TRY_VOID(in_turn(engine, [&](const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const Parcel parcel, memory.courier->plan(txn, engine.now(), memory.bundles));
    lacks = !parcel.empty();
    return {};
  }));
  return lacks;
}

}  // namespace khuoi::node

#include "node/links/stick_sync.h"

#include "storage/parity_shape.h"

namespace khuoi::node {

namespace {

using storage::StickEntry;
using storage::StickFolder;
using sync::BundleContent;

/// What one pass over a stick carries along.
struct Pass {
  sync::Replica& replica;
  const sync::Courier::Begin& begin;
  Rng& rng;
  const StickOptions& options;
  StickFolder folder;
  sync::Courier courier;
  StickReport report{};
  std::vector<std::pair<StickEntry, BundleContent>> mine{};

  void progress(std::string_view step, std::uint64_t done, std::uint64_t of) const {
    if (options.progress) options.progress(step, of == 0 ? 1000 : static_cast<int>(done * 1000 / of));
  }
};

Result<void> read_bundle(Pass& pass, const StickEntry& entry) {
  {
    KHUOI_TRY(const auto txn, pass.replica.read());
    KHUOI_TRY(const bool known, pass.courier.knows(*txn, entry.name, entry.octets));
    if (known) return {};
  }
  auto copied = pass.folder.copy(entry, pass.options.private_dir);
  if (!copied && copied.error().code == Errc::disk_full) return copied.error();
  if (!copied) {
    ++pass.report.bundles_damaged;
    return {};
  }
  KHUOI_TRY(const auto repair, copied->repair());
  const auto source = [&copied](std::uint64_t at, std::size_t octets) { return copied->read(at, octets); };
  auto reader = sync::BundleReader::open(source, copied->octets());
  if (!reader) {
    ++pass.report.bundles_damaged;
    return {};
  }
  KHUOI_TRY(auto content, pass.courier.take_in(*reader, entry.name, entry.octets, pass.begin));
  if (repair.blocks_repaired != 0 && !content.damaged) ++pass.report.bundles_repaired;
  if (content.damaged) ++pass.report.bundles_damaged;
  if (pass.courier.is_mine(content.header)) pass.mine.emplace_back(entry, std::move(content));
  return {};
}

Result<void> take_in_all(Pass& pass) {
  KHUOI_TRY(const auto listing, pass.folder.list());
  for (const std::uint64_t skipped : listing.skipped) pass.report.bundles_skipped += skipped;
  std::uint64_t done = 0;
  for (const StickEntry& entry : listing.entries) {
    pass.progress("reading", done++, listing.entries.size());
    KHUOI_TRY_VOID(read_bundle(pass, entry));
  }
  pass.progress("reading", 1, 1);
  return {};
}

Result<void> note_enrolment(Pass& pass) {
  if (pass.options.dry_run || (pass.courier.requests().empty() && pass.courier.grants().empty())) return {};
  KHUOI_TRY(auto work, pass.begin());
  for (const Bytes& request : pass.courier.requests()) {
    KHUOI_TRY_VOID(pass.replica.note_request(work.batch(), request));
  }
  for (const auto& grant : pass.courier.grants()) {
    KHUOI_TRY_VOID(pass.replica.note_grant(work.batch(), grant));
  }
  KHUOI_TRY_VOID(work.commit());
  KHUOI_TRY(const auto txn, pass.replica.read());
  KHUOI_TRY(const auto grant, pass.replica.grant_found(*txn));
  pass.report.grant_found = grant.has_value() && !pass.replica.self().granted();
  return {};
}

/// My bundles that have arrived go; the others are left as they are.
Result<std::vector<BundleContent>> drop_arrived(Pass& pass) {
  std::vector<BundleContent> stay;
  bool any = false;
  for (auto& [entry, content] : pass.mine) {
    bool drop = false;
    if (!content.damaged || pass.replica.self().granted()) {
      KHUOI_TRY(const auto txn, pass.replica.read());
      KHUOI_TRY(drop, pass.courier.may_drop(*txn, content));
    }
    if (!drop) {
      stay.push_back(std::move(content));
      continue;
    }
    ++pass.report.bundles_removed;
    if (pass.options.dry_run) continue;
    if (auto removed = pass.folder.remove(entry); !removed) pass.report.write_failed = removed.error();
    any = true;
  }
  if (any) {
    if (auto synced = pass.folder.sync(); !synced) pass.report.write_failed = synced.error();
  }
  return stay;
}

/// The octets of data whose file with parity fits into what is free, leaving the file system a little.
std::uint64_t data_budget(const StickFolder::Space& space) {
  constexpr std::uint64_t file_max = std::uint64_t{3} << 30U;  // FAT32 ends a file at 4 GiB
  const std::uint64_t kept_back = 2 * space.cluster_octets + 4096;
  if (space.free_octets <= kept_back) return 0;
  const std::uint64_t room = std::min(space.free_octets - kept_back, file_max);
  std::uint64_t low = 0;
  std::uint64_t high = room;
  while (low < high) {
    const std::uint64_t middle = low + (high - low + 1) / 2;
    if (storage::ParityShape::for_data(middle).file_octets() <= room) low = middle;
    else high = middle - 1;
  }
  return low;
}

Result<void> write_bundle(Pass& pass, const sync::Courier::Parcel& parcel) {
  KHUOI_TRY_VOID(pass.folder.prepare_for_writing(pass.rng));
  KHUOI_TRY(const auto space, pass.folder.space());
  const std::string name = pass.rng.id<RunId>().hex() + ".kbn";
  KHUOI_TRY(auto writer, pass.folder.create(name, pass.rng));
  std::uint64_t expected = 0;
  for (const sync::Candidate& candidate : parcel.records) expected += candidate.octets;
  expected += parcel.chunks.size() * sync::chunk_plain_octets;
  const auto sink = [&](ByteView octets) -> Result<void> {
    pass.progress("writing", std::min(writer.octets(), expected), expected + 1);
    return writer.write(octets);
  };
  KHUOI_TRY(const auto txn, pass.replica.read());
  KHUOI_TRY(const BundleContent written, pass.courier.write(*txn, parcel, data_budget(space), sink));
  const bool something = !written.records.empty() || !written.holdings.empty() || !written.roster.empty() ||
                         !written.chunks.empty() || written.request;
  if (!something) return fail(Errc::disk_full, "the stick is full: make room on it, or bring another; nothing was written");
  KHUOI_TRY_VOID(writer.add_parity());
  KHUOI_TRY_VOID(writer.commit());
  pass.progress("writing", 1, 1);
  std::uint64_t records = 0;
  for (const auto& [key, numbers] : written.records) records += numbers.count();
  std::uint64_t chunks = 0;
  for (const auto& [file, levels] : written.chunks) {
    for (const RangeSet& level : levels) chunks += level.count();
  }
  pass.report.left_over = records < parcel.records.size() || chunks < parcel.chunks.size();
  KHUOI_TRY(auto work, pass.begin());
  KHUOI_TRY_VOID(pass.courier.mark_sent(work.batch(), written));
  return work.commit();
}

Result<void> pack_and_write(Pass& pass, std::span<const BundleContent> stay) {
  if (pass.options.dry_run) {
    KHUOI_TRY(sync::Batch * batch, pass.courier.dry_batch(pass.begin));
    KHUOI_TRY(const auto parcel, pass.courier.pack(*batch, stay));
    return pass.courier.count_only(*batch, parcel);
  }
  KHUOI_TRY(auto work, pass.begin());
  KHUOI_TRY(const auto parcel, pass.courier.pack(work.batch(), stay));
  KHUOI_TRY_VOID(work.commit());
  if (parcel.empty()) return {};
  const auto written = write_bundle(pass, parcel);
  if (written) return {};
  // The stick's own trouble is told; what is here stays here, and what came in has come in.
  pass.report.write_failed = written.error();
  pass.courier.forget_written();
  return {};
}

}  // namespace

Result<StickReport> sync_stick(sync::Replica& replica, const sync::Courier::Begin& begin, Rng& rng,
                               const std::filesystem::path& dir, const StickOptions& options) {
  KHUOI_TRY(StickFolder folder, StickFolder::open(dir));
  Pass pass{replica, begin, rng, options, std::move(folder), sync::Courier(replica, options.dry_run)};
  if (pass.folder.present()) {
    KHUOI_TRY_VOID(take_in_all(pass));
  }
  KHUOI_TRY_VOID(note_enrolment(pass));
  KHUOI_TRY(const auto stay, drop_arrived(pass));
  KHUOI_TRY_VOID(pack_and_write(pass, stay));
  pass.report.counts = pass.courier.counts();
  pass.report.bundles_foreign = pass.courier.foreign();
  pass.report.requests_found = pass.courier.requests().size();
  return pass.report;
}

}  // namespace khuoi::node

#include "sync/files/file_row.h"

#include <algorithm>

#include "sync/base/check.h"
#include "sync/store/meta.h"

namespace khuoi::sync {
namespace {

constexpr std::uint8_t flag_staged = 1;
constexpr std::uint8_t flag_known = 2;
constexpr std::string_view counter_key = "unverified_octets";

void encode_levels(Writer& to, const HeldChunks& levels) {
  to.u8(static_cast<std::uint8_t>(levels.size()));
  for (const RangeSet& level : levels) level.encode(to);
}

Result<HeldChunks> decode_levels(Reader& from) {
  const std::uint8_t count = from.u8();
  if (count > file_levels_max) return fail(Errc::malformed, "more levels than a file can have");
  HeldChunks out(count);
  for (RangeSet& level : out) {
    KHUOI_TRY(level, RangeSet::decode(from));
  }
  return out;
}

bool fits_shape(const FileRow& row) {
  const auto sizes = level_sizes(row.octets);
  if (sizes.empty() || row.held.size() != sizes.size()) return false;
  for (std::size_t level = 0; level < sizes.size(); ++level) {
    if (!row.held[level].empty() && row.held[level].last() >= sizes[level]) return false;
  }
  return true;
}

Result<FileRow> decode_any(ByteView octets) {
  Reader from(octets);
  FileRow row;
  const std::uint8_t flags = from.u8();
  row.staged = (flags & flag_staged) != 0;
  row.known = (flags & flag_known) != 0;
  row.unverified_since.value = static_cast<std::int64_t>(from.u64());
  row.unverified_charge = from.u64();
  row.octets = from.u64();
  row.root = ChunkHash(from.array<ChunkHash::octets>());
  row.author = NodeId(from.array<NodeId::octets>());
  const std::uint64_t audiences = from.varint();
  if (flags > (flag_staged | flag_known) || audiences > file_audiences_max) return fail(Errc::malformed, "its head");
  for (std::uint64_t i = 0; i < audiences && from.ok(); ++i) {
    row.audiences.emplace_back(from.array<AudienceId::octets>());
  }
  KHUOI_TRY(row.held, decode_levels(from));
  KHUOI_TRY(row.unverified, decode_levels(from));
  if (!from.done() || row.unverified.size() != file_levels_max) return fail(Errc::malformed, "its length");
  if (row.known && !fits_shape(row)) return fail(Errc::malformed, "its levels");
  return row;
}

}  // namespace

bool FileRow::complete() const {
  if (!known) return false;
  const auto sizes = level_sizes(octets);
  KHUOI_CHECK(held.size() == sizes.size());
  for (std::size_t level = 0; level < sizes.size(); ++level) {
    if (held[level].count() != sizes[level]) return false;
  }
  return true;
}

bool FileRow::has_room(const RangeSet& set, std::uint32_t number, std::size_t ranges_max) {
  if (set.ranges().size() < ranges_max || set.contains(number)) return true;
  return set.contains(number + 1) || (number > 0 && set.contains(number - 1));
}

Bytes encode(const FileRow& row) {
  Bytes out;
  Writer to(out);
  to.u8(static_cast<std::uint8_t>((row.staged ? flag_staged : 0) | (row.known ? flag_known : 0)));
  to.u64(static_cast<std::uint64_t>(row.unverified_since.value)).u64(row.unverified_charge).u64(row.octets);
  to.raw(row.root.view()).raw(row.author.view()).varint(row.audiences.size());
  for (const AudienceId& audience : row.audiences) to.raw(audience.view());
  encode_levels(to, row.held);
  encode_levels(to, row.unverified);
  return out;
}

Result<FileRow> decode_file_row(ByteView octets) {
  auto row = decode_any(octets);
  if (row) return row;
  return fail(Errc::damaged, "the store's row of an attachment does not decode (" + row.error().what +
                                 "): run verify, then restore a backup");
}

Result<std::optional<FileRow>> load_file_row(const ReadTxn& txn, const FileId& file) {
  KHUOI_TRY(const auto octets, txn.get(Table::file, file.view()));
  if (!octets) return std::optional<FileRow>();
  KHUOI_TRY(auto row, decode_file_row(*octets));
  return std::optional<FileRow>(std::move(row));
}

Result<void> save_file_row(Batch& batch, const FileId& file, const FileRow& row, std::uint64_t charge_before) {
  KHUOI_TRY_VOID(move_unverified_octets(batch, charge_before, row.unverified_charge));
  return batch.txn.put(Table::file, file.view(), encode(row));
}

Result<std::uint64_t> unverified_octets(const ReadTxn& txn) { return meta_number(txn, counter_key); }

Result<void> move_unverified_octets(Batch& batch, std::uint64_t from, std::uint64_t to) {
  if (from == to) return {};
  KHUOI_TRY(const std::uint64_t all, unverified_octets(batch.txn));
  // A count that a damaged disk made too small heals at zero.
  return put_meta_number(batch, counter_key, all - std::min(all, from) + to);
}

std::array<std::uint8_t, FileId::octets + 5> chunk_key(const ChunkPlace& place) {
  std::array<std::uint8_t, FileId::octets + 5> out{};
  auto at = std::copy(place.file.value.begin(), place.file.value.end(), out.begin());
  *at++ = place.level;
  for (int shift = 24; shift >= 0; shift -= 8) *at++ = static_cast<std::uint8_t>(place.index >> shift);
  return out;
}

}  // namespace khuoi::sync

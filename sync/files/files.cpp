#include "sync/files/files.h"

#include <algorithm>

#include "sync/files/chunk_keeper.h"

namespace khuoi::sync {
namespace {

constexpr std::size_t keys_at_a_time = 1024;

bool is_held(const FileRow& row, const ChunkPlace& place) {
  return row.known && place.level < row.held.size() && row.held[place.level].contains(place.index);
}

/// For what goes on with other files: a damaged row is none.
Result<std::optional<FileRow>> sound_file_row(const ReadTxn& txn, const FileId& file) {
  auto row = load_file_row(txn, file);
  if (!row && row.error().code == Errc::damaged) return std::optional<FileRow>();
  return row;
}

/// What the chunk must hash to, if the root or a held parent tells.
Result<std::optional<ChunkHash>> expected_hash(const ReadTxn& txn, const FileRow& row, const ChunkPlace& place) {
  if (place.level + 1U == row.held.size()) return std::optional<ChunkHash>(row.root);
  const std::uint32_t index = place.index / index_hashes_max;
  const ChunkPlace parent{place.file, static_cast<std::uint8_t>(place.level + 1), index};
  if (!is_held(row, parent)) return std::optional<ChunkHash>();
  KHUOI_TRY(const auto octets, txn.get(Table::chunk, chunk_key(parent)));
  if (!octets || !has_form_of(row, parent, *octets)) {
    return fail(Errc::damaged,
                "the store lost an index chunk of attachment " + place.file.hex() + ": restore a backup");
  }
  return std::optional<ChunkHash>(hash_in_index(*octets, place.index - first_child(index)));
}

}  // namespace

Result<void> Files::note(Batch& batch, const FileFacts& facts, const AudienceId& audience, const NodeId& author) {
  const auto sizes = level_sizes(facts.octets);
  if (sizes.empty()) return {};
  const FileId file = file_id_of(facts.key);
  KHUOI_TRY(auto found, sound_file_row(batch.txn, file));  // a damaged one begins anew, and its chunks come again
  FileRow row = found ? std::move(*found) : FileRow();
  if (row.staged) return {};
  if (row.known && (row.octets != facts.octets || row.root != facts.root)) return {};
  ChunkKeeper keeper(batch, file, row);
  if (!row.known) {
    row.known = true;
    row.octets = facts.octets;
    row.root = facts.root;
    row.held.resize(sizes.size());
    KHUOI_TRY_VOID(keeper.check_from_root());
  }
  if (row.audiences.empty()) row.author = author;
  const auto at = std::lower_bound(row.audiences.begin(), row.audiences.end(), audience);
  const bool is_new = at == row.audiences.end() || *at != audience;
  if (is_new && row.audiences.size() < file_audiences_max) row.audiences.insert(at, audience);
  return keeper.save();
}

Result<ChunkOutcome> Files::accept(Batch& batch, const ChunkPlace& place, ByteView sealed,
                                   const std::optional<ChunkHash>& hash) {
  auto found = load_file_row(batch.txn, place.file);
  if (!found) return found.error().code == Errc::damaged ? Result<ChunkOutcome>(ChunkOutcome::over_quota) : found.error();
  FileRow row = *found ? std::move(**found) : FileRow();
  if (row.staged || !may_be_chunk(place, sealed)) return ChunkOutcome::wrong;
  if (is_held(row, place)) return ChunkOutcome::duplicate;
  if (row.known && !has_form_of(row, place, sealed)) return ChunkOutcome::wrong;
  std::optional<ChunkHash> expected;
  if (row.known) {
    KHUOI_TRY(expected, expected_hash(batch.txn, row, place));
  }
  if (expected && (hash ? *hash : hash_of_chunk(sealed)) != *expected) return ChunkOutcome::wrong;
  ChunkKeeper keeper(batch, place.file, row);
  KHUOI_TRY(const ChunkOutcome outcome,
            expected ? keeper.keep_verified(place, sealed) : keeper.keep_unverified(place, sealed));
  const bool changed = outcome == ChunkOutcome::stored || outcome == ChunkOutcome::unverified;
  if (changed) KHUOI_TRY_VOID(keeper.save());
  return outcome;
}

Result<FileStatus> Files::status(const ReadTxn& txn, const FileId& file) {
  KHUOI_TRY(const auto row, load_file_row(txn, file));
  FileStatus out;
  if (!row || !row->known) return out;
  for (const std::uint32_t size : level_sizes(row->octets)) out.chunks_of += size;
  for (const RangeSet& level : row->held) out.chunks_have += level.count();
  out.complete = row->complete();
  return out;
}

Result<HeldChunks> Files::held(const ReadTxn& txn, const FileId& file) {
  KHUOI_TRY(auto row, load_file_row(txn, file));
  if (!row || !row->known) return HeldChunks();
  return std::move(row->held);
}

Result<std::optional<NodeId>> Files::author_of(const ReadTxn& txn, const FileId& file) {
  KHUOI_TRY(const auto row, sound_file_row(txn, file));
  return row && row->known && !row->staged ? std::optional<NodeId>(row->author) : std::nullopt;
}

Result<std::optional<Bytes>> Files::chunk(const ReadTxn& txn, const ChunkPlace& place) {
  KHUOI_TRY(const auto row, sound_file_row(txn, place.file));
  if (!row || !is_held(*row, place)) return std::optional<Bytes>();
  KHUOI_TRY(const auto octets, txn.get(Table::chunk, chunk_key(place)));
  if (!octets) return std::optional<Bytes>();
  return std::optional<Bytes>(to_bytes(*octets));
}

Result<void> Files::read(const ReadTxn& txn, const FileFacts& facts,
                         const std::function<Result<void>(ByteView plaintext)>& sink) {
  const FileId file = file_id_of(facts.key);
  KHUOI_TRY(const auto row, load_file_row(txn, file));
  const bool same = row && row->known && row->octets == facts.octets && row->root == facts.root;
  if (!same || !row->complete()) {
    return fail(Errc::not_found, "the attachment \"" + facts.name + "\" is not all here yet");
  }
  const std::uint32_t leaves = level_sizes(facts.octets).front();
  Bytes plaintext;
  for (std::uint32_t index = 0; index < leaves; ++index) {
    const ChunkPlace place{file, 0, index};
    KHUOI_TRY(const auto sealed, txn.get(Table::chunk, chunk_key(place)));
    const bool whole = sealed && chunk_octets(facts.octets, place) == sealed->size();
    if (!whole || !open_leaf(facts.key, index, *sealed, plaintext)) {
      return fail(Errc::unauthenticated, "chunk " + std::to_string(index) + " of the attachment \"" + facts.name +
                                             "\" does not open: the store is damaged, or its author sealed it wrongly");
    }
    if (!plaintext.empty()) KHUOI_TRY_VOID(sink(plaintext));
  }
  return {};
}

namespace {
std::optional<Files::Row> row_to_visit(const FileId& file, FileRow row) {
  if (row.audiences.empty()) return std::nullopt;
  const bool complete = row.complete();
  return Files::Row{file, row.octets, row.root, std::move(row.audiences), row.author, std::move(row.held), complete};
}
}  // namespace

Result<std::optional<Files::Row>> Files::row(const ReadTxn& txn, const FileId& file) {
  KHUOI_TRY(auto found, sound_file_row(txn, file));
  return found ? row_to_visit(file, std::move(*found)) : std::nullopt;
}

Result<void> Files::each(const ReadTxn& txn, const Visitor<const Row&>& visit) {
  return txn.scan(Table::file, {}, [&](ByteView key, ByteView value) -> Result<Walk> {
    const auto file = FileId::from(key);
    auto decoded = decode_file_row(value);
    const auto row = file && decoded ? row_to_visit(*file, std::move(*decoded)) : std::nullopt;
    return row ? visit(*row) : Result<Walk>(Walk::on);
  });
}

namespace {
/// What is wrong with a file's row and chunks; empty when nothing is.
std::string fault_of(const ReadTxn& txn, const FileId& file, const Result<FileRow>& row) {
  if (!row) return row.error().what;
  for (std::size_t level = row->known ? row->held.size() : 0; level-- > 0;) {
    for (const auto& [first, last] : row->held[level].ranges()) {
      for (std::uint64_t index = first; index <= last; ++index) {
        const ChunkPlace place{file, static_cast<std::uint8_t>(level), static_cast<std::uint32_t>(index)};
        const auto octets = txn.get(Table::chunk, chunk_key(place));
        if (!octets) return octets.error().what;
        const auto expected = expected_hash(txn, *row, place);
        if (!expected) return expected.error().what;
        const bool whole = *octets && has_form_of(*row, place, **octets) && (!*expected || hash_of_chunk(**octets) == **expected);
        if (!whole) return "chunk " + std::to_string(index) + " of level " + std::to_string(level) + " is damaged or gone";
      }
    }
  }
  return {};
}
}  // namespace

Result<void> Files::verify(const ReadTxn& txn, const std::function<void(const FileId&, const std::string&)>& damaged) {
  return txn.scan(Table::file, {}, [&](ByteView key, ByteView value) {
    const auto file = FileId::from(key);
    if (!file) return;
    if (const std::string why = fault_of(txn, *file, decode_file_row(value)); !why.empty()) damaged(*file, why);
  });
}

std::vector<ChunkPlace> Files::lacking(const Row& row, const HeldChunks& peer_held, std::size_t places_max) {
  std::vector<ChunkPlace> out;
  for (std::size_t level = row.held.size(); level-- > 0;) {
    const RangeSet lacks = level < peer_held.size() ? row.held[level].minus(peer_held[level]) : row.held[level];
    for (const auto& [first, last] : lacks.ranges()) {
      for (std::uint32_t index = first; index <= last; ++index) {
        if (out.size() >= places_max) return out;
        out.push_back({row.file, static_cast<std::uint8_t>(level), index});
      }
    }
  }
  return out;
}

/// By the keys there are, not by what the row says: a staged file's row does not name its index chunks.
Result<void> Files::erase(Batch& batch, const FileId& file) {
  // A damaged row keeps nobody from being forgotten; what was charged for it stays charged.
  const auto row = load_file_row(batch.txn, file);
  if (!row && row.error().code != Errc::damaged) return row.error();
  if (row && *row) KHUOI_TRY_VOID(move_unverified_octets(batch, (*row)->unverified_charge, 0));
  std::vector<Bytes> keys;
  do {
    keys.clear();
    KHUOI_TRY_VOID(scan_prefix(batch.txn, Table::chunk, file.view(), [&](ByteView key, ByteView) {
      keys.push_back(to_bytes(key));
      return keys.size() < keys_at_a_time ? Walk::on : Walk::stop;
    }));
    for (const Bytes& key : keys) KHUOI_TRY_VOID(batch.txn.erase(Table::chunk, key));
  } while (keys.size() == keys_at_a_time);
  return batch.txn.erase(Table::file, file.view());
}

Result<void> Files::discard_staged(Batch& batch) {
  std::vector<FileId> staged;
  KHUOI_TRY_VOID(batch.txn.scan(Table::file, {}, [&](ByteView key, ByteView value) {
    const auto file = FileId::from(key);
    const auto row = decode_file_row(value);
    if (file && row && row->staged) staged.push_back(*file);
  }));
  for (const FileId& file : staged) KHUOI_TRY_VOID(erase(batch, file));
  return {};
}

}  // namespace khuoi::sync

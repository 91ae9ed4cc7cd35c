#include "sync/files/file_intake.h"

#include <algorithm>

#include "sync/base/check.h"
#include "sync/files/chunk_tree.h"
#include "sync/files/file_row.h"
#include "sync/seal/secret.h"

namespace khuoi::sync {
namespace {

Error broken_off() {
  return fail(Errc::closed, "taking in this file was broken off, since a batch of it was dropped: begin it again");
}

}  // namespace

FileIntake::FileIntake(Rng& rng) {
  rng.fill(key_);
  file_ = file_id_of(key_);
}

FileIntake::~FileIntake() {
  wipe(key_);
  partial_.resize(partial_.capacity());
  wipe(partial_);
}

Result<void> FileIntake::seal(ByteView plaintext, Leaves& leaves) {
  if (plaintext.size() > file_octets_max - octets_) {
    return fail(Errc::too_large, "a file of more than 2 GiB cannot be attached: split it");
  }
  octets_ += plaintext.size();
  if (leaves.octets.empty()) leaves.first = leaves_sealed_;
  const std::size_t full = (partial_.size() + plaintext.size()) / chunk_plain_octets;
  if (leaves.octets.capacity() == 0) leaves.octets.reserve(full * sealed_leaf_octets_max);
  while (!plaintext.empty()) {
    if (partial_.empty() && plaintext.size() >= chunk_plain_octets) {
      seal_next(plaintext.first(chunk_plain_octets), leaves);
      plaintext = plaintext.subspan(chunk_plain_octets);
      continue;
    }
    if (partial_.capacity() == 0)
      partial_.reserve(chunk_plain_octets);  // once: a growing vector leaves plaintext behind
    const std::size_t fits = std::min(plaintext.size(), chunk_plain_octets - partial_.size());
    append(partial_, plaintext.first(fits));
    plaintext = plaintext.subspan(fits);
    if (partial_.size() == chunk_plain_octets) {
      seal_next(partial_, leaves);
      partial_.clear();
    }
  }
  return {};
}

void FileIntake::seal_next(ByteView plaintext, Leaves& leaves) {
  const std::size_t at = leaves.octets.size();
  leaves.octets.resize(at + plaintext.size() + sealed_leaf_octets_min);
  seal_leaf_to(key_, leaves_sealed_++, plaintext, std::span(leaves.octets).subspan(at));
}

void FileIntake::Leaves::hash() {
  std::vector<ByteView> each;
  for (ByteView left = octets; !left.empty(); left = left.subspan(each.back().size())) {
    each.push_back(left.first(std::min(left.size(), sealed_leaf_octets_max)));
  }
  hashes = hashes_of_chunks(each);
}

Result<void> FileIntake::add(Batch& batch, const Leaves& leaves) {
  if (!usable_) return broken_off();
  usable_ = false;  // until all of this call has gone well: what is half done cannot be gone on with
  KHUOI_TRY_VOID(check_staged(batch));
  if (!leaves.octets.empty()) {
    if (leaves.first != counts_[0]) return broken_off();
    KHUOI_TRY_VOID(put_leaves(batch, leaves));
    KHUOI_TRY_VOID(save_staged(batch));
  }
  usable_ = true;
  return {};
}

Result<void> FileIntake::add(Batch& batch, ByteView plaintext) {
  if (!usable_) return broken_off();
  Leaves leaves;
  KHUOI_TRY_VOID(seal(plaintext, leaves));
  leaves.hash();
  return add(batch, leaves);
}

Result<FileFacts> FileIntake::finish(Batch& batch, std::string name, std::string type) {
  if (!usable_) return broken_off();
  usable_ = false;
  KHUOI_TRY_VOID(check_staged(batch));
  if (leaves_sealed_ != counts_[0]) return broken_off();
  if (!partial_.empty() || counts_[0] == 0) {
    Leaves last;
    seal_next(partial_, last);
    last.hash();
    KHUOI_TRY_VOID(put_leaves(batch, last));
  }
  FileRow row;
  row.known = true;
  row.octets = octets_;
  KHUOI_TRY(row.root, build_index(batch));
  const auto sizes = level_sizes(octets_);
  for (std::size_t level = 0; level < sizes.size(); ++level) {
    KHUOI_CHECK(counts_[level] == sizes[level]);
    row.held.emplace_back(0, sizes[level] - 1);
  }
  KHUOI_TRY_VOID(save_file_row(batch, file_, row, 0));
  return FileFacts{std::move(name), octets_, std::move(type), key_, row.root};
}

/// The row tells how many leaves reached the store. Fewer than were sealed means that a batch was dropped since, and
/// the file would have a hole.
Result<void> FileIntake::check_staged(const Batch& batch) const {
  KHUOI_TRY(const auto row, load_file_row(batch.txn, file_));
  if (!row && counts_[0] == 0) return {};
  const bool whole = row && row->staged && row->held.size() == 1 && row->held[0].count() == counts_[0];
  if (!whole) return broken_off();
  return {};
}

Result<void> FileIntake::save_staged(Batch& batch) const {
  FileRow row;
  row.staged = true;
  row.held.emplace_back(0, counts_[0] - 1);
  return save_file_row(batch, file_, row, 0);
}

/// Closes the levels from below; the only chunk of the last one gives the root.
Result<ChunkHash> FileIntake::build_index(Batch& batch) {
  std::size_t level = 0;
  while (counts_[level] > 1) {
    ++level;
    KHUOI_CHECK(level < file_levels_max);
    if (!hashes_[level].empty()) KHUOI_TRY_VOID(put_index(batch, level));
  }
  KHUOI_CHECK(hashes_[level + 1].size() == 1);
  return hashes_[level + 1].front();
}

Result<void> FileIntake::put_leaves(Batch& batch, const Leaves& leaves) {
  ByteView left = leaves.octets;
  for (const ChunkHash& hash : leaves.hashes) {
    const std::size_t octets = std::min(left.size(), sealed_leaf_octets_max);
    KHUOI_TRY_VOID(put_chunk(batch, 0, left.first(octets), hash));
    left = left.subspan(octets);
  }
  KHUOI_CHECK(left.empty());  // each had its hash
  return {};
}

Result<void> FileIntake::put_index(Batch& batch, std::size_t level) {
  const Bytes octets = encode_index(level, hashes_[level]);
  hashes_[level].clear();
  return put_chunk(batch, level, octets, hash_of_chunk(octets));
}

Result<void> FileIntake::put_chunk(Batch& batch, std::size_t level, ByteView octets, const ChunkHash& hash) {
  const ChunkPlace place{file_, static_cast<std::uint8_t>(level), counts_[level]};
  KHUOI_TRY_VOID(batch.txn.put(Table::chunk, chunk_key(place), octets));
  ++counts_[level];
  std::vector<ChunkHash>& above = hashes_[level + 1];
  above.push_back(hash);
  if (above.size() == index_hashes_max) return put_index(batch, level + 1);
  return {};
}

}  // namespace khuoi::sync

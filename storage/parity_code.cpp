#include "storage/parity_code.h"

#include <isa-l/crc.h>
#include <isa-l/erasure_code.h>

#include <algorithm>

#include "sync/base/check.h"

namespace khuoi::storage {
namespace {

constexpr std::size_t batch_octets_max = std::size_t{16} << 20;
constexpr std::uint32_t parity_version = 1;
constexpr std::size_t table_octets_a_factor = 32;  // ISA-L: what ec_init_tables makes of one coefficient

}  // namespace

std::uint32_t crc32c(ByteView octets) {
  // The function only reads, whatever its signature says. Pieces here are far below 2 GiB.
  return ~crc32_iscsi(const_cast<unsigned char*>(octets.data()), static_cast<int>(octets.size()), 0xffffffffU);
}

Bytes encode_mark(std::uint64_t data_octets) {
  Bytes out = to_bytes(view_of(parity_magic));
  Writer(out).u32(parity_version).u64(data_octets);
  Writer(out).u32(crc32c(out));
  return out;
}

std::optional<std::uint64_t> decode_mark(ByteView octets) {
  if (octets.size() != ParityShape::mark_octets || !starts_with(octets, view_of(parity_magic))) return std::nullopt;
  Reader reader(octets.subspan(parity_magic.size()));
  const std::uint32_t version = reader.u32();
  const std::uint64_t data_octets = reader.u64();
  const std::uint32_t crc = reader.u32();
  if (crc != crc32c(octets.first(octets.size() - 4)) || version != parity_version) return std::nullopt;
  if (data_octets > ParityShape::data_octets_max) return std::nullopt;
  return data_octets;
}

ParityCode::ParityCode(const ParityShape& shape)
    : rows_data_(shape.rows_data),
      rows_parity_(shape.rows_parity),
      matrix_((rows_data_ + rows_parity_) * rows_data_),
      tables_(table_octets_a_factor * rows_data_ * rows_parity_) {
  KHUOI_CHECK(rows_data_ + rows_parity_ <= 255);
  gf_gen_cauchy1_matrix(matrix_.data(), static_cast<int>(rows_data_ + rows_parity_), static_cast<int>(rows_data_));
  ec_init_tables(static_cast<int>(rows_data_), static_cast<int>(rows_parity_), &matrix_[rows_data_ * rows_data_],
                 tables_.data());
}

void ParityCode::encode(std::size_t octets, std::vector<std::uint8_t*>& data,
                        std::vector<std::uint8_t*>& parity) const {
  ec_encode_data(static_cast<int>(octets), static_cast<int>(rows_data_), static_cast<int>(rows_parity_), tables_.data(),
                 data.data(), parity.data());
}

void ParityCode::solve(std::size_t octets, const std::vector<std::size_t>& lost_rows,
                       const std::vector<std::size_t>& parity_rows, std::vector<std::uint8_t*>& syndromes,
                       std::vector<std::uint8_t*>& out) const {
  const std::size_t lost = lost_rows.size();
  KHUOI_CHECK(parity_rows.size() == lost);
  Bytes part;
  for (const std::size_t parity_row : parity_rows) {
    for (const std::size_t row : lost_rows) part.push_back(matrix_[(rows_data_ + parity_row) * rows_data_ + row]);
  }
  Bytes inverse(lost * lost);
  KHUOI_CHECK(gf_invert_matrix(part.data(), inverse.data(), static_cast<int>(lost)) == 0);  // a part of a Cauchy matrix
  Bytes tables(table_octets_a_factor * lost * lost);
  ec_init_tables(static_cast<int>(lost), static_cast<int>(lost), inverse.data(), tables.data());
  ec_encode_data(static_cast<int>(octets), static_cast<int>(lost), static_cast<int>(lost), tables.data(),
                 syndromes.data(), out.data());
}

StripeBatch::StripeBatch(const ParityShape& shape) : shape_(shape) {
  const std::size_t stripe_octets = (shape.rows_data + shape.rows_parity) * shape.block_octets;
  stripes_max_ = std::clamp<std::uint64_t>(batch_octets_max / stripe_octets, 1, shape.stripes);
  const std::size_t row_octets = static_cast<std::size_t>(stripes_max_) * shape.block_octets;
  data_.resize(shape.rows_data * row_octets);
  parity_.resize(shape.rows_parity * row_octets);
  for (std::size_t row = 0; row < shape.rows_data; ++row) data_rows_.push_back(&data_[row * row_octets]);
  for (std::size_t row = 0; row < shape.rows_parity; ++row) parity_rows_.push_back(&parity_[row * row_octets]);
}

Result<void> StripeBatch::read_data(std::uint64_t first, std::uint64_t count, const ReadAt& read) {
  KHUOI_CHECK(count <= stripes_max_);
  count_ = count;
  for (std::size_t row = 0; row < shape_.rows_data; ++row) {
    const std::span<std::uint8_t> whole(data_rows_[row], static_cast<std::size_t>(count) * shape_.block_octets);
    const std::uint64_t at = (row * shape_.stripes + first) * shape_.block_octets;
    const auto inside = static_cast<std::size_t>(
        at >= shape_.data_octets ? 0 : std::min<std::uint64_t>(whole.size(), shape_.data_octets - at));
    std::size_t have = 0;
    if (inside > 0) {
      KHUOI_TRY(have, read(at, whole.first(inside)));
    }
    std::ranges::fill(whole.subspan(have), std::uint8_t{0});
  }
  return {};
}

std::span<std::uint8_t> StripeBatch::data_block(std::size_t row, std::uint64_t stripe_in_batch) {
  return {data_rows_[row] + stripe_in_batch * shape_.block_octets, shape_.block_octets};
}

std::span<std::uint8_t> StripeBatch::parity_block(std::size_t row, std::uint64_t stripe_in_batch) {
  return {parity_rows_[row] + stripe_in_batch * shape_.block_octets, shape_.block_octets};
}

void StripeBatch::encode(const ParityCode& code) {
  code.encode(static_cast<std::size_t>(count_) * shape_.block_octets, data_rows_, parity_rows_);
}

}  // namespace khuoi::storage

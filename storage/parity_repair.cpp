#include <algorithm>

#include "storage/parity.h"
#include "storage/parity_code.h"

namespace khuoi::storage {
namespace {

constexpr std::size_t repair_octets = std::size_t{1} << 20;

/// A range of a file, with zeros for what is missing.
Result<Bytes> read_padded(const ReadAt& read, std::uint64_t offset, std::uint64_t octets) {
  Bytes out(static_cast<std::size_t>(octets));
  KHUOI_TRY(const std::size_t have, read(offset, out));
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(have), out.end(), std::uint8_t{0});
  return out;
}

/// A header says where it lies itself, which no chance octets do. It is looked for in the last sixteenth of the file,
/// where it must be even if all of the section is still there.
Result<std::optional<std::uint64_t>> find_header(std::uint64_t file_octets, const ReadAt& read) {
  const std::uint64_t window = file_octets / 16 + 16384;
  std::uint64_t at = file_octets > window ? file_octets - window : 0;
  Bytes buffer(repair_octets);
  while (at + ParityShape::mark_octets <= file_octets) {
    KHUOI_TRY(const std::size_t have, read(at, buffer));
    if (have < ParityShape::mark_octets) break;
    const auto end = buffer.begin() + static_cast<std::ptrdiff_t>(have);
    for (auto it = buffer.begin(); (it = std::search(it, end, parity_magic.begin(), parity_magic.end())) != end; ++it) {
      const auto place = static_cast<std::size_t>(it - buffer.begin());
      if (place + ParityShape::mark_octets > have) break;
      const auto data_octets = decode_mark(ByteView(buffer).subspan(place, ParityShape::mark_octets));
      if (data_octets && *data_octets == at + place) return data_octets;
    }
    at += have - (ParityShape::mark_octets - 1);
  }
  return std::optional<std::uint64_t>();
}

class Repair final {
 public:
  Repair(std::uint64_t data_octets, const ReadAt& read, const WriteAt& write)
      : shape_(ParityShape::for_data(data_octets)), read_(read), write_(write) {}

  Result<RepairReport> run() {
    report_.parity_found = true;
    report_.data_octets = shape_.data_octets;
    KHUOI_TRY_VOID(read_tables());
    KHUOI_TRY_VOID(check_data());
    if (report_.blocks_damaged == 0 && !any_unknown_) return report_;
    const ParityCode code(shape_);
    StripeBatch batch(shape_);
    for (std::uint64_t first = 0; first < shape_.stripes; first += batch.stripes_max()) {
      const std::uint64_t count = std::min(batch.stripes_max(), shape_.stripes - first);
      if (any_bad(first, count)) KHUOI_TRY_VOID(repair_batch(code, batch, first, count));
    }
    note_still_damaged();
    return report_;
  }

 private:
  enum class State : std::uint8_t {
    good,
    bad,
    unknown,  ///< both copies of its checksum are gone
  };

  Result<void> read_tables() {
    KHUOI_TRY(const Bytes first, read_padded(read_, shape_.table_at(0), shape_.table_octets()));
    KHUOI_TRY(const Bytes second, read_padded(read_, shape_.table_at(1), shape_.table_octets()));
    crcs_.resize(shape_.blocks_data);
    states_.assign(shape_.blocks_data, State::good);
    for (std::size_t block = 0, at = 0; block < crcs_.size();) {
      const std::size_t entries = std::min(ParityShape::table_chunk_entries, crcs_.size() - block);
      const std::size_t octets = entries * ParityShape::crc_octets;
      const auto whole = [&](const Bytes& table) {
        return Reader(ByteView(table).subspan(at + octets)).u32() == crc32c(ByteView(table).subspan(at, octets));
      };
      const Bytes* const table = whole(first) ? &first : whole(second) ? &second : nullptr;
      Reader reader(table == nullptr ? ByteView() : ByteView(*table).subspan(at, octets));
      for (std::size_t i = 0; i < entries; ++i, ++block) {
        crcs_[block] = reader.u32();
        if (table == nullptr) states_[block] = State::unknown;
      }
      chunks_known_.push_back(table != nullptr);
      any_unknown_ = any_unknown_ || table == nullptr;
      at += octets + ParityShape::crc_octets;
    }
    return {};
  }

  Result<void> check_data() {
    Bytes buffer(std::min<std::uint64_t>(repair_octets, shape_.blocks_data * shape_.block_octets));
    std::uint64_t block = 0;
    for (std::uint64_t at = 0; at < shape_.data_octets; at += buffer.size()) {
      const auto inside = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), shape_.data_octets - at));
      KHUOI_TRY(const std::size_t have, read_(at, inside));
      std::ranges::fill(inside.subspan(have), std::uint8_t{0});
      for (std::size_t from = 0; from < inside.size(); from += shape_.block_octets, ++block) {
        const ByteView octets = inside.subspan(from, shape_.octets_in_block(block));
        const bool missing = from + octets.size() > have;
        if (missing || (states_[block] == State::good && crc32c(octets) != crcs_[block])) {
          states_[block] = State::bad;
          ++report_.blocks_damaged;
        }
      }
    }
    return {};
  }

  [[nodiscard]] bool any_bad(std::uint64_t first, std::uint64_t count) const {
    for (std::size_t row = 0; row < shape_.rows_data; ++row) {
      for (std::uint64_t block = row * shape_.stripes + first; block < row * shape_.stripes + first + count; ++block) {
        if (block < shape_.blocks_data && states_[block] != State::good) return true;
      }
    }
    return false;
  }

  [[nodiscard]] std::vector<std::size_t> rows_in(std::uint64_t stripe, State state) const {
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < shape_.rows_data; ++row) {
      const std::uint64_t block = row * shape_.stripes + stripe;
      if (block < shape_.blocks_data && states_[block] == state) rows.push_back(row);
    }
    return rows;
  }

  Result<void> repair_batch(const ParityCode& code, StripeBatch& batch, std::uint64_t first, std::uint64_t count) {
    for (const bool with_unknown : {true, false}) {
      // A block that cannot be checked counts as lost; where that makes too many losses, as sound.
      KHUOI_TRY_VOID(batch.read_data(first, count, read_));
      std::vector<std::vector<std::size_t>> lost(static_cast<std::size_t>(count));
      for (std::uint64_t i = 0; i < count; ++i) {
        lost[i] = rows_in(first + i, State::bad);
        if (with_unknown) std::ranges::copy(rows_in(first + i, State::unknown), std::back_inserter(lost[i]));
        for (const std::size_t row : lost[i]) std::ranges::fill(batch.data_block(row, i), std::uint8_t{0});
      }
      batch.encode(code);
      for (std::uint64_t i = 0; i < count; ++i) {
        if (!lost[i].empty()) KHUOI_TRY_VOID(repair_stripe(code, batch, first + i, i, lost[i]));
      }
      if (!any_unknown_) break;
    }
    return {};
  }

  /// `batch` holds the stripe with its lost rows zero, and the parity of that.
  Result<void> repair_stripe(const ParityCode& code, StripeBatch& batch, std::uint64_t stripe, std::uint64_t in_batch,
                             const std::vector<std::size_t>& lost) {
    std::vector<std::size_t> parity_rows;
    std::vector<std::uint8_t*> syndromes;
    for (std::size_t row = 0; row < shape_.rows_parity && parity_rows.size() < lost.size(); ++row) {
      const std::uint64_t at = shape_.parity_at(shape_.parity_block(stripe, row));
      KHUOI_TRY(const Bytes stored, read_padded(read_, at, shape_.block_octets + ParityShape::crc_octets));
      const ByteView block = ByteView(stored).first(shape_.block_octets);
      if (Reader(ByteView(stored).subspan(shape_.block_octets)).u32() != crc32c(block)) continue;
      const auto syndrome = batch.parity_block(row, in_batch);
      for (std::size_t i = 0; i < block.size(); ++i) syndrome[i] ^= block[i];
      parity_rows.push_back(row);
      syndromes.push_back(syndrome.data());
    }
    if (parity_rows.size() < lost.size()) return {};
    std::vector<std::uint8_t*> out;
    for (const std::size_t row : lost) out.push_back(batch.data_block(row, in_batch).data());
    code.solve(shape_.block_octets, lost, parity_rows, syndromes, out);
    for (const std::size_t row : lost) {
      KHUOI_TRY_VOID(keep(row * shape_.stripes + stripe, batch.data_block(row, in_batch)));
    }
    return {};
  }

  Result<void> keep(std::uint64_t block, ByteView padded) {
    const ByteView octets = padded.first(shape_.octets_in_block(block));
    if (states_[block] == State::bad) {
      const bool known = chunks_known_[block / ParityShape::table_chunk_entries];
      if (known && crc32c(octets) != crcs_[block]) return {};
      ++report_.blocks_repaired;
    }
    states_[block] = State::good;
    return write_(block * shape_.block_octets, octets);
  }

  void note_still_damaged() {
    auto& ranges = report_.still_damaged;
    for (std::uint64_t block = 0; block < shape_.blocks_data; ++block) {
      if (states_[block] != State::bad) continue;
      const std::uint64_t at = block * shape_.block_octets;
      const std::uint64_t octets = shape_.octets_in_block(block);
      if (!ranges.empty() &&
          (ranges.back().offset + ranges.back().octets == at || ranges.size() == damaged_ranges_max)) {
        ranges.back().octets = at + octets - ranges.back().offset;
      } else {
        ranges.push_back({at, octets});
      }
    }
  }

  const ParityShape shape_;
  const ReadAt& read_;
  const WriteAt& write_;
  RepairReport report_;
  std::vector<std::uint32_t> crcs_;
  std::vector<State> states_;
  std::vector<bool> chunks_known_;  ///< per chunk of the table
  bool any_unknown_ = false;
};

}  // namespace

Result<std::optional<std::uint64_t>> data_octets_by_foot(std::uint64_t file_octets, const ReadAt& read) {
  if (file_octets < ParityShape::mark_octets) return std::optional<std::uint64_t>();
  KHUOI_TRY(const Bytes foot, read_padded(read, file_octets - ParityShape::mark_octets, ParityShape::mark_octets));
  auto data_octets = decode_mark(foot);
  const bool fits = data_octets && ParityShape::for_data(*data_octets).file_octets() == file_octets;
  return fits ? data_octets : std::nullopt;
}

Result<RepairReport> repair_data(std::uint64_t file_octets, const ReadAt& read, const WriteAt& write) {
  KHUOI_TRY(auto data_octets, data_octets_by_foot(file_octets, read));
  if (!data_octets) {
    KHUOI_TRY(data_octets, find_header(file_octets, read));
  }
  if (!data_octets) {
    RepairReport report;
    report.data_octets = file_octets;
    return report;
  }
  return Repair(*data_octets, read, write).run();
}

}  // namespace khuoi::storage

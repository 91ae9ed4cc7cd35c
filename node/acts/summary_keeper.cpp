#include "node/acts/summary_keeper.h"

#include "node/acts/summary.h"

namespace khuoi::node {

using sync::DossierKey;
using sync::DossierRow;
using sync::ReplicaReader;
using sync::Walk;

namespace {
/// In one turn so many are looked at, and so many made, of so much XML.
constexpr std::size_t rows_a_turn = 5000;
constexpr std::size_t made_a_turn = 100;
constexpr std::size_t octets_a_turn = 1U << 20U;

/// One picture of the store.
class Turn final {
 public:
  Turn(ReplicaReader& reader, const sync::ReadTxn& txn) : reader_(reader), txn_(txn), summaries_(reader, txn) {}
  [[nodiscard]] bool full() const { return rows_ >= rows_a_turn || made_ >= made_a_turn || octets_ >= octets_a_turn; }
  Result<void> look_at(const DossierKey& key, const Result<DossierRow>& row) {
    ++rows_;
    if (!row || row->erased) return {};
    KHUOI_TRY(const bool kept, sync::KeptSummaries::has(txn_, row->number));
    if (kept) {
      KHUOI_TRY(const auto octets, reader_.summaries().of(txn_, row->number, row->domain));
      if (!octets || !Summaries::is_of_earlier(*octets)) return {};
    }
    KHUOI_TRY(const Summary made, summaries_.of(key, *row));
    ++made_;
    octets_ += made.octets_read;
    return {};
  }
  [[nodiscard]] auto take_made() { return summaries_.take_made(); }

 private:
  ReplicaReader& reader_;
  const sync::ReadTxn& txn_;
  Summaries summaries_;
  std::size_t rows_ = 0;
  std::size_t made_ = 0;
  std::size_t octets_ = 0;
};
}  // namespace

SummaryKeeper::SummaryKeeper(Engine& engine, From from)
    : engine_(engine), seen_(engine.changes().since(0).now), walks_(from == From::beginning) {}

Result<bool> SummaryKeeper::keep_some() {
  const auto since = engine_.changes().since(seen_);
  seen_ = since.now;
  if (since.all) {
    walks_ = true;
    next_ = 0;
    numbers_.clear();
  }
  if (!since.all) numbers_.insert(since.dossiers.begin(), since.dossiers.end());
  if (!walks_ && numbers_.empty()) return false;
  bool is_commune = false;
  bool over = false;
  std::vector<Summaries::Made> made;
  KHUOI_TRY_VOID(engine_.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    is_commune = reader.self().is_commune();
    if (!is_commune) return {};
    Turn turn(reader, txn);
    over = true;
    const auto take = [&](std::uint32_t number, const DossierKey& key, const Result<DossierRow>& row) -> Result<Walk> {
      if (!walks_ && number != *numbers_.begin()) return Walk::stop;
      KHUOI_TRY_VOID(turn.look_at(key, row));
      next_ = number + 1;
      over = !turn.full();
      return walks_ && over ? Walk::on : Walk::stop;
    };
    if (walks_) KHUOI_TRY_VOID(reader.dossiers().each_from(txn, next_, take));
    while (!walks_ && !numbers_.empty() && over) {
      KHUOI_TRY(const bool kept, sync::KeptSummaries::has(txn, *numbers_.begin()));
      if (!kept) KHUOI_TRY_VOID(reader.dossiers().each_from(txn, *numbers_.begin(), take));
      numbers_.erase(numbers_.begin());
    }
    made = turn.take_made();
    return {};
  }));
  if (!is_commune) {
    walks_ = false;
    numbers_.clear();
    return false;
  }
  walks_ = walks_ && !over;
  const auto keep = [&](sync::Replica& replica, sync::Batch& batch) { return Summaries::keep(replica, batch, made); };
  if (!made.empty()) KHUOI_TRY_VOID(engine_.work_as(std::vector<sync::LockKey>(), keep, true));
  return walks_ || !numbers_.empty();
}

Result<void> SummaryKeeper::keep_all(const std::function<bool()>& stop) {
  bool more = true;
  while (more && !stop()) {
    KHUOI_TRY(more, keep_some());
  }
  return {};
}

}  // namespace khuoi::node

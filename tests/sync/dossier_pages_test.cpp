#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

TEST_CASE("list: pages of any size tell every dossier once, with those that do not decode or have no number",
          "[sync][dossier]") {
  const std::size_t rows_max = GENERATE(1, 2, 3, 7, 100);
  CAPTURE(rows_max);
  MetPair pair;
  for (int n = 1; n <= 6; ++n) pair.hamlet.submit(test_submission(uuid(n), "An"));
  std::vector<sync::DossierKey> keys;
  {
    auto txn = pair.hamlet.replica->read();
    keys = *sync::dossier_rows.keys(**txn);
  }
  std::uint32_t lost = 0;
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(batch.txn.put(sync::Table::dossier, octets_of_part(keys[1]), Bytes{1, 2}));
    KHUOI_TRY(const auto row, sync::dossier_rows.get(batch.txn, keys[3]));
    lost = row->number;
    return sync::number_rows.erase(batch, lost);
  });
  std::vector<std::uint32_t> numbers;
  std::size_t damaged = 0;
  sync::DossierViews::Page page;
  for (int rounds = 0; !page.over; ++rounds) {
    REQUIRE(rounds < 10);
    auto txn = pair.hamlet.replica->read();  // each page has a picture of its own
    const auto done = pair.hamlet.replica->views().list(
        **txn, page, rows_max, [&](const sync::DossierKey&, const sync::DossierRow* row, sync::DossierEntry& one) {
          damaged += one.state == "damaged" && row == nullptr ? 1U : 0U;
          numbers.push_back(one.number);
        });
    REQUIRE(done);
  }
  REQUIRE(numbers.size() == 6);
  CHECK(damaged == 1);
  CHECK(numbers.back() == lost);
  CHECK(std::is_sorted(numbers.begin(), numbers.end() - 1));
  CHECK(std::set<std::uint32_t>(numbers.begin(), numbers.end()).size() == 6);
}

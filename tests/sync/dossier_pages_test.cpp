#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

TEST_CASE("list: pages of any size tell every dossier once, with those that do not decode",
          "[sync][dossier]") {
  const std::size_t rows_max = GENERATE(1, 2, 3, 7, 100);
  CAPTURE(rows_max);
  MetPair pair;
  for (int n = 1; n <= 6; ++n) pair.hamlet.submit(test_submission(uuid(n), "An"));
  pair.hamlet.work([&](sync::Batch& batch) {
    return batch.txn.put(sync::Table::dossier, octets_of_part(std::uint32_t{2}), Bytes{1, 2});
  });
  std::vector<std::uint32_t> numbers;
  std::size_t damaged = 0;
  sync::DossierViews::Page page;
  for (int rounds = 0; !page.over; ++rounds) {
    REQUIRE(rounds < 10);
    auto txn = pair.hamlet.replica->read();  // each page has a picture of its own
    const auto done = pair.hamlet.replica->views().list(
        **txn, page, rows_max, [&](const sync::DossierKey& key, const sync::DossierRow* row, sync::DossierEntry& one) {
          const bool is_damaged = one.state == "damaged" && row == nullptr;
          damaged += is_damaged ? 1U : 0U;
          if (is_damaged) CHECK(key.id == sync::dossier_id_of("uuid:" + uuid(2)));
          numbers.push_back(one.number);
        });
    REQUIRE(done);
  }
  CHECK(numbers == std::vector<std::uint32_t>{1, 2, 3, 4, 5, 6});
  CHECK(damaged == 1);
}

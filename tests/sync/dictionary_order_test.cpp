#include <algorithm>

#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

TEST_CASE("library: a dictionary that comes before its form waits for it, and holds nothing up", "[sync][library][regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  for (int i = 0; i < 40; ++i) pair.hamlet.submit(test_submission(uuid(i), "Nông Văn " + std::to_string(i % 5)));
  talk(pair.hamlet, pair.commune);
  TestNode late(sync::Role::hamlet, "Nà Lay", 3);
  pair.join(late);
  pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const std::size_t trained, pair.commune.replica->trainer().at_once(batch));
    CHECK(trained == 1);
    return {};
  });
  // Sealed ones first: the dictionary. Forms are public.
  std::vector<sync::Sealed> records = records_of(pair.commune, pair.commune.replica->self().node);
  std::ranges::stable_partition(records, [](const sync::Sealed& one) { return one.header.audience != audience_everyone(); });
  for (const sync::Sealed& record : records) give(late, record, true);
  CHECK(status_of(late).unopened == 0);
  late.submit(test_submission(uuid(99), "Nông Văn 3"));
  talk(late, pair.commune);
  CHECK(pair.commune.list().size() == 41);
  check_store_is_sound(late);
}

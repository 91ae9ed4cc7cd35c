#include "tests/support/replica_pair.h"

using namespace khuoi;
using namespace khuoi::tests;

TEST_CASE("receipts: a box that a restored commune forgot, and learns of from another box, sends everything again",
          "[sync][receipts][regress]") {
  ReplicaPair pair;
  const auto image = pair.commune.disk->clone();
  TestNode late(sync::Role::hamlet, "Nà Lay", 3);
  pair.join(late);
  Stick stick;
  sync_stick(pair.commune, stick);
  sync_stick(late, stick);
  late.submit(test_submission("00000000-0000-4000-8000-000000000001", "Tên"));
  for (TestNode* node : {&late, &pair.commune, &late, &pair.hamlet, &pair.commune, &pair.hamlet}) sync_stick(*node, stick);
  for (const auto& entry : late.list()) REQUIRE(entry.state == "received");

  pair.commune.restore(*image);
  Stick fresh;
  REQUIRE(pair.commune.replica->roster().node(late.replica->self().node) == nullptr);
  talk(pair.hamlet, pair.commune);
  REQUIRE(pair.commune.replica->roster().node(late.replica->self().node) != nullptr);
  // The box itself has nothing to say until the commune does.
  for (int round = 0; round < 2; ++round) {
    sync_stick(late, fresh);
    sync_stick(pair.commune, fresh);
  }
  sync_stick(late, fresh);
  sync_stick(pair.commune, fresh);
  CHECK(pair.commune.list().size() == 1);
}

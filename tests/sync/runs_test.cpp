#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {
sync::RunRow sample_run_row() {
  sync::RunRow row;
  row.audience = AudienceId::filled(3);
  row.forked = true;
  row.domain = sync::Domain::health;
  row.opener.recipient = row.audience;
  row.opener.previous = RunId::filled(4);
  row.opener.previous_last = 17;
  row.opener.ordinal = 5;
  row.held = RangeSet(0, 9);
  row.held.add(20, 30);
  row.safe = RangeSet(0, 3);
  row.changed = 77;
  row.chained_up_to = 9;
  row.chain.fill(6);
  row.uncovered = true;
  return row;
}
}  // namespace

TEST_CASE("runs: a run's row is read as it was written", "[sync][runs]") {
  const sync::RunRow row = sample_run_row();
  const auto read = part_of<sync::RunRow>(octets_of_part(row));
  REQUIRE(read);
  CHECK(octets_of_part(*read) == octets_of_part(row));
  CHECK(read->held == row.held);
  CHECK(read->safe == row.safe);
  CHECK(read->opener.previous == row.opener.previous);
  CHECK(read->opener.previous_last == 17);
  CHECK(read->forked);
  CHECK(read->uncovered);
  CHECK_FALSE(read->is_public);
  CHECK(read->domain == sync::Domain::health);
  CHECK(read->chained_up_to == 9);
}

TEST_CASE("runs: a row that is cut or has something after it is damaged", "[sync][runs]") {
  Bytes octets = octets_of_part(sample_run_row());
  for (std::size_t size = 0; size < octets.size(); ++size)
    CHECK_FALSE(part_of<sync::RunRow>(ByteView(octets).first(size)));
  octets.push_back(0);
  CHECK_FALSE(part_of<sync::RunRow>(octets));
}

TEST_CASE("runs: a batch that is dropped leaves the rows as they were", "[sync][runs]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  const CraftedRun run(pair.hamlet, kem_of(pair.commune));
  {
    auto work = pair.commune.replica->begin(pair.commune.now);
    REQUIRE(work);
    REQUIRE(pair.commune.replica->accept(work->batch(), run.opener(), true));
    auto* row = *pair.commune.replica->runs().edit(work->batch(), run.key());
    CHECK(row->held.contains(0));
  }
  auto txn = pair.commune.replica->read();
  CHECK(*pair.commune.replica->runs().find(**txn, run.key()) == nullptr);
}

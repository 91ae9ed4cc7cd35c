// The audit log of a commune: what is noted, listed and signed, and what it costs.
#include "tests/node/audit_fixture.h"
#include "tests/support/counted_store.h"
#include "tests/support/golden.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace khuoi::tests;

TEST_CASE("audit: what is noted is listed, the newest first", "[node][audit]") {
  AuditHall hall;
  CHECK(hall.wrong().empty());
  CHECK(hall.verify().count == 0);
  CHECK(hall.entries().empty());
  hall.at_second(audit_midnight + 5);
  hall.note({"Lan", Act::By::page, "state", "1f0c9a", "processing"});
  hall.note({"", Act::By::service, "dictionary train", "", ""});
  const auto all = hall.entries();
  REQUIRE(all.size() == 2);
  CHECK(all[0].number == 2);
  CHECK(all[0].row.act.by == Act::By::service);
  CHECK(all[1].number == 1);
  CHECK(all[1].row.act.person == "Lan");
  CHECK(all[1].row.act.detail == "processing");
  CHECK(all[1].row.at.value == audit_midnight + 5);
  CHECK(all[1].row.trusted);
  CHECK(text_of_audit_day(all[1].row.day) == "2026-10-01");
  CHECK(hall.wrong().empty());
  CHECK(hall.verify().count == 2);
  CHECK(hall.verify().hash == all[0].row.hash);
}

TEST_CASE("audit: an act that is not committed leaves no entry", "[node][audit]") {
  AuditHall hall;
  hall.note_nth(1);
  const AuditRows before = hall.rows();
  {
    auto work = hall.node.replica->begin(hall.node.now);
    REQUIRE(work);
    REQUIRE(AuditLog::note(*hall.node.replica, work->batch(), {.what = "state"}));
  }
  CHECK(hall.rows() == before);
  hall.note_nth(2);
  CHECK(hall.wrong().empty());
}

TEST_CASE("audit: a hamlet keeps no log", "[node][audit]") {
  TestNode box(sync::Role::hamlet, "Khuổi Mèo", 2);
  box.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(AuditLog::note(*box.replica, batch, {.what = "slot add"}));
    KHUOI_TRY_VOID(sign_finished_day(*box.replica, batch));
    KHUOI_TRY(const auto head, audit_heads.get(batch.txn, {}));
    CHECK_FALSE(head);
    return {};
  });
}

TEST_CASE("audit: a long text is cut between two characters, and one that is no text is made one", "[node][audit]") {
  AuditHall hall;
  std::string sentence;
  while (sentence.size() < 5000) sentence += "ệ";  // three octets each
  hall.note({sentence, Act::By::page, sentence, "x" + sentence, "xy" + sentence});
  hall.note({"\xff\xfe" "a", Act::By::page, "\xc3", "", std::string(999, 'a') + "ệ"});
  const auto all = hall.entries();
  REQUIRE(all.size() == 2);
  const Act& cut = all[1].row.act;
  CHECK(cut.person == sentence.substr(0, 126));
  CHECK(cut.what == sentence.substr(0, 63));
  CHECK(cut.target == "x" + sentence.substr(0, 126));
  CHECK(cut.detail == "xy" + sentence.substr(0, 996));
  CHECK(all[0].row.act.person == "??a");
  CHECK(all[0].row.act.what == "?");
  CHECK(all[0].row.act.detail == std::string(999, 'a'));
  CHECK(hall.wrong().empty());
}

TEST_CASE("audit: a filter goes by person, act and the beginning of what it was about", "[node][audit]") {
  const FullAuditHall hall;
  CHECK(hall.entries().size() == 40);
  CHECK(hall.entries({.person = "clerk 1"}).size() == 14);
  CHECK(hall.entries({.person = "clerk"}).empty());
  CHECK(hall.entries({.what = "form add"}).size() == 8);
  CHECK(hall.entries({.target = "1f0c9a3"}).size() == 11);
  CHECK(hall.entries({.person = "clerk 0", .what = "form add", .target = "1f0c9a3"}).size() == 1);
}

TEST_CASE("audit: the entries of a finished day are signed by the first of the next, and by the service", "[node][audit]") {
  AuditHall hall;
  hall.tick();
  CHECK(hall.count_of(NodeRow::audit_day) == 0);
  hall.at_second(audit_midnight + 86399);
  hall.note_nth(1);
  hall.tick();
  CHECK(hall.count_of(NodeRow::audit_day) == 0);
  hall.at_second(audit_midnight + 86400);
  hall.note_nth(2);
  CHECK(hall.count_of(NodeRow::audit_day) == 1);
  hall.at_second(audit_midnight + 5 * one_day);
  hall.tick();
  CHECK(hall.count_of(NodeRow::audit_day) == 2);
  const AuditRows before = hall.rows();
  hall.tick();
  CHECK(hall.rows() == before);
  hall.note_nth(3);
  CHECK(hall.count_of(NodeRow::audit_day) == 2);
  CHECK(hall.wrong().empty());
}

TEST_CASE("audit: with the clock set back entries keep coming, and days are signed by the greatest so far", "[node][audit]") {
  AuditHall hall;
  hall.at_second(audit_midnight + 3 * one_day);
  hall.note_nth(1);
  hall.at_second(audit_midnight + 4 * one_day);
  hall.tick();  // signs the first day, which the clock then goes back to
  hall.at_second(audit_midnight);
  hall.note_nth(2);
  hall.at_second(audit_midnight + one_day);
  hall.note_nth(3);
  hall.tick();
  CHECK(hall.count_of(NodeRow::audit_day) == 1);
  CHECK(hall.wrong().empty());
  hall.at_second(audit_midnight + 5 * one_day);
  hall.note_nth(4);
  CHECK(hall.count_of(NodeRow::audit_day) == 1);
  CHECK(hall.wrong().empty());
  const auto all = hall.entries();
  CHECK(all[0].row.trusted);
  CHECK_FALSE(all[1].row.trusted);
  CHECK_FALSE(all[2].row.trusted);
  CHECK(all[3].row.trusted);
  CHECK(text_of_audit_day(all[1].row.day) == "2026-10-04");
  hall.at_second(0);
  hall.note_nth(5);
  hall.at_second(-5);
  hall.note_nth(6);
  CHECK(hall.wrong().empty());
}

TEST_CASE("audit: octets of the log are those written down", "[node][audit][golden]") {
  const auto golden = read_golden("audit_golden.txt");
  const auto check = [&](const std::string& name, const Bytes& made) {
    INFO(name << " " << to_hex(made));
    CHECK(golden.contains(name));
    if (golden.contains(name)) CHECK(golden.at(name) == to_hex(made));
  };
  SeededRng rng(5);
  const CommuneId commune = CommuneId::filled(0xc0);
  const sync::SignKeyPair keys = sync::make_sign_key(rng);
  const AuditSigner signer{keys.secret_key, commune};
  AuditEntryRow first{.at = UnixSeconds{audit_midnight}, .day = audit_day_of(UnixSeconds{audit_midnight}), .trusted = true};
  first.act = {"Lan", Act::By::command, "state", "1f0c9a", "đã nhận"};
  Bytes octets = octets_of_part(first);
  first.hash = audit_hash(commune, {}, 1, ByteView(octets).subspan(32));
  check("entry_1", octets_of_part(first));
  AuditEntryRow second{.at = UnixSeconds{audit_midnight + one_day}, .day = first.day + 1, .head_damaged = true};
  second.act = {.by = Act::By::service, .what = "audit damaged"};
  octets = octets_of_part(second);
  second.hash = audit_hash(commune, first.hash, 2, ByteView(octets).subspan(32));
  check("entry_2", octets_of_part(second));
  check("entry_2_key", audit_key_of(NodeRow::audit_entry, 2));
  AuditDayRow day{.number = 1};
  signer.sign(day, first.day, first.hash);
  check("day", octets_of_part(day));
  check("day_key", octets_of_part(std::tuple(NodeRow::audit_day, first.day)));
  AuditHeadRow head{.count = 2, .hash = second.hash, .day = second.day};
  signer.sign(head);
  check("head", octets_of_part(head));
  check("key", to_bytes(keys.public_key));
}

TEST_CASE("audit: neither an entry nor a page of a list costs more in a long log", "[node][audit]") {
  AuditHall hall;
  CountedStore counted(*hall.node.disk);
  const auto rows_of_note = [&] {
    hall.note_nth(1);
    hall.node.replica.reset();
    auto replica = sync::Replica::open(counted, hall.node.rng);
    REQUIRE(replica);
    {
      auto work = (*replica)->begin(hall.node.now);
      REQUIRE(work);
      counted.take_rows();
      REQUIRE(AuditLog::note(**replica, work->batch(), {.what = "state"}));
    }
    const std::uint64_t out = counted.take_rows();
    replica->reset();
    hall.node.start();
    return out;
  };
  CHECK(rows_of_note() == 2);
  hall.node.work([&](sync::Batch& batch) -> Result<void> {
    for (int n = 0; n < 5100; ++n) {
      KHUOI_TRY_VOID(AuditLog::note(*hall.node.replica, batch, {.person = "Lan", .what = "state"}));
    }
    return {};
  });
  CHECK(rows_of_note() == 2);
  auto txn = counted.begin_read();
  REQUIRE(txn);
  std::size_t seen = 0;
  const auto count = [&](const AuditLog::Entry&) { ++seen; };
  auto more = AuditLog::newest(**txn, {}, std::nullopt, 20, count);
  REQUIRE(more);
  CHECK(seen == 20);
  CHECK(*more == 5082);
  CHECK(counted.take_rows() == 21);
  // Who is nowhere is looked for in two calls.
  more = AuditLog::newest(**txn, {.person = "Mai"}, std::nullopt, 20, count);
  REQUIRE(more);
  CHECK(seen == 20);
  CHECK(*more == 102);
  CHECK(counted.take_rows() == AuditLog::rows_looked_at_max + 1);
  more = AuditLog::newest(**txn, {.person = "Mai"}, *more, 20, count);
  REQUIRE(more);
  CHECK_FALSE(*more);
  txn->reset();
  CHECK(hall.wrong().empty());
}

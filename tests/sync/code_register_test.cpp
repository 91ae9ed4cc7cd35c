#include <iostream>
#include <random>

#include "sync/dossiers/code_register.h"
#include "tests/support/replica_pair.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::CodeRegister;
using sync::OfficialCode;

namespace {

constexpr std::int64_t a_day = 24LL * 3600;
/// 1 December 2026, 08:00 in Vietnam.
constexpr std::int64_t first_morning = 1'796'086'800;

sync::DossierKey dossier_of(std::uint64_t number) {
  sync::DossierKey out;
  for (std::size_t i = 0; i < 8; ++i) out.id.value[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return out;
}

/// A register on a disk of its own, with a clock that is set at will.
struct Register {
  std::unique_ptr<sim::MemoryStore> disk = std::make_unique<sim::MemoryStore>();
  std::int64_t wall = first_morning;

  template <typename Fn>
  auto work(const Fn& fn, bool commits = true) {
    auto txn = disk->begin_write();
    REQUIRE(txn);
    sync::Batch batch{**txn, {Instant(Micros(1)), UnixSeconds{wall}}};
    auto out = fn(batch);
    if (commits && out) REQUIRE((*txn)->commit());
    return out;
  }
  Result<OfficialCode> give(std::uint64_t dossier, bool commits = true) {
    return work([&](sync::Batch& batch) { return CodeRegister::give(batch, dossier_of(dossier)); }, commits);
  }
  std::vector<std::string> wrong() {
    auto txn = disk->begin_read();
    REQUIRE(txn);
    const auto out = CodeRegister::check(**txn);
    REQUIRE(out);
    return *out;
  }
  void set_unit(const std::string& unit) {
    REQUIRE(work([&](sync::Batch& batch) { return CodeRegister::set_unit(batch, unit); }));
  }
  Result<void> confirm(const std::string& code) {
    return work([&](sync::Batch& batch) { return CodeRegister::confirm_last(batch, code); });
  }
  void note(const std::string& code, std::uint64_t dossier) {
    REQUIRE(work([&](sync::Batch& batch) { return CodeRegister::note(batch, code, dossier_of(dossier)); }));
  }
};

}  // namespace

TEST_CASE("official code: it is taken apart only as it is written", "[sync][codes]") {
  const OfficialCode code{"000.00.12.H56", 20261201, 42};
  CHECK(code.text() == "000.00.12.H56-261201-0042");
  CHECK(sync::official_code_of(code.text()) == code);
  CHECK(OfficialCode{"H1", 20261201, 12345}.text() == "H1-261201-12345");
  CHECK(sync::official_code_of("H1-261201-12345")->number == 12345);
  for (const char* other : {"", "-", "--", "H1", "H1-261201", "H1-261201-", "H1-261201-42", "H1-261201-00042", "H1-261301-0042",
                            "H1-260230-0042", "-261201-0042", "H 1-261201-0042", "H1-261201-0000", "H1-26121-00042",
                            "H1-261201-004a", "H1-261201-9999999999", "H1-2612011-0042"}) {
    INFO(other);
    CHECK_FALSE(sync::official_code_of(other));
  }
}

TEST_CASE("official code: the day is Vietnam's", "[sync][codes]") {
  CHECK(sync::vietnam_day({first_morning}) == 20261201);
  CHECK(sync::vietnam_day({first_morning - 8 * 3600 - 1}) == 20261130);  // 23:59:59
  CHECK(sync::vietnam_day({first_morning - 8 * 3600}) == 20261201);
  CHECK(sync::vietnam_day({0}) == 0);
  CHECK(sync::vietnam_day({-a_day}) == 0);
  CHECK(sync::vietnam_day({4'200'000'000}) == 0);
  CHECK(sync::day_text(20261201) == "2026-12-01");
  CHECK(sync::day_of_text("2026-12-01") == 20261201U);
  CHECK_FALSE(sync::day_of_text("2026-02-30"));
  CHECK_FALSE(sync::day_of_text("2026-2-3"));
}

TEST_CASE("codes: numbers of a day follow each other, and a dropped commit uses none up", "[sync][codes]") {
  Register one;
  CHECK(one.give(1).error().code == Errc::usage);  // no unit yet
  one.set_unit("000.00.12.H56");
  CHECK(one.give(1)->text() == "000.00.12.H56-261201-0001");
  CHECK(one.give(2, false)->text() == "000.00.12.H56-261201-0002");
  CHECK(one.give(3)->text() == "000.00.12.H56-261201-0002");
  one.wall += a_day;
  CHECK(one.give(4)->text() == "000.00.12.H56-261202-0001");
  one.wall -= a_day;  // the clock was set back: that day goes on where it was
  CHECK(one.give(5)->text() == "000.00.12.H56-261201-0003");
  one.set_unit("000.00.99.H56");  // merged into another commune: numbers go on
  CHECK(one.give(6)->text() == "000.00.99.H56-261201-0004");
  one.wall = 0;
  CHECK(one.give(7).error().code == Errc::denied);
  CHECK(one.wrong().empty());
}

TEST_CASE("codes: a void one keeps its reason, and one without a reason is refused", "[sync][codes]") {
  Register one;
  one.set_unit("H56");
  const auto use_up = [&](const std::string& reason) {
    return one.work([&](sync::Batch& batch) { return CodeRegister::use_up(batch, reason); });
  };
  CHECK(use_up("").error().code == Errc::usage);
  CHECK(use_up("viết trên giấy")->text() == "H56-261201-0001");
  CHECK(one.give(1)->number == 2);
  CHECK(one.wrong().empty());
}

TEST_CASE("codes: what a clerk types is refused where the register gives it, or another dossier has it", "[sync][codes]") {
  Register one;
  const auto typed = [&](const std::string& code, std::uint64_t dossier) {
    auto txn = one.disk->begin_read();
    const auto done = CodeRegister::check_typed(**txn, code, dossier_of(dossier));
    return done ? std::optional<Errc>() : done.error().code;
  };
  one.note("cũ 7", 1);
  CHECK_FALSE(typed("cũ 7", 1));
  CHECK(typed("cũ 7", 2) == Errc::conflict);
  one.set_unit("H56");
  REQUIRE(one.give(1));
  CHECK_FALSE(typed("H56-261201-0001", 1));
  CHECK(typed("H56-261201-0001", 2) == Errc::conflict);
  CHECK(typed("H56-261201-0002", 2) == Errc::denied);
  CHECK_FALSE(typed("H99-261201-0002", 2));  // another unit's
}

TEST_CASE("codes: after a restore nothing at or before the confirmed code is given, and what lies between is lost until it comes back",
          "[sync][codes]") {
  Register one;
  one.set_unit("H56");
  REQUIRE(one.give(1));
  CHECK(one.confirm("H56-261205-0001").error().code == Errc::usage);  // a day to come
  CHECK(one.confirm("H99-261201-0001").error().code == Errc::usage);
  CHECK(one.confirm("9").error().code == Errc::usage);
  one.wall += 2 * a_day;
  REQUIRE(one.confirm("H56-261203-0005"));
  CHECK(one.give(2)->text() == "H56-261203-0006");
  one.wall -= a_day;  // the clock is wrong: that day's codes are unknown here
  CHECK(one.give(3)->text() == "H56-261203-0007");
  CHECK(one.wrong().empty());
  // They come back in any order, each once or twice.
  for (const std::uint64_t number : {2U, 1U, 5U, 4U, 2U, 3U}) {
    one.note(OfficialCode{"H56", 20261203, static_cast<std::uint32_t>(number)}.text(), 100 + number);
    CHECK(one.wrong().empty());
  }
  one.note("H56-261202-0003", 200);
  CHECK(one.wrong().empty());
  std::size_t given = 0, lost = 0;
  auto txn = one.disk->begin_read();
  REQUIRE(CodeRegister::each(**txn, 20261203, [&](std::uint32_t, std::uint32_t, const CodeRegister::Number& row) {
    (row.fate == CodeRegister::Fate::given ? given : lost) += 1;
  }));
  CHECK(given == 7);
  CHECK(lost == 0);
  one.note("H56-261203-0002", 999);
  REQUIRE(one.wrong().size() == 1);
  CHECK(one.wrong().front() == "two dossiers have the code H56-261203-0002");
}

TEST_CASE("codes: a replica gives one in the commit that accepts, and the hamlet reads it", "[sync][codes]") {
  ReplicaPair pair;
  pair.commune.now.wall = UnixSeconds{first_morning};
  talk(pair.hamlet, pair.commune);
  for (int i = 1; i <= 3; ++i) pair.hamlet.submit(test_submission(uuid(i), "An"));
  talk(pair.hamlet, pair.commune);
  const auto set = [&](const DossierId& id, sync::State state, const std::string& code = "") {
    auto work = pair.commune.replica->begin(pair.commune.now);
    const auto key = pair.commune.replica->views().resolve(work->batch().txn, id.hex());
    sync::StateChange change;
    change.state = state;
    change.code = code;
    const auto done = pair.commune.replica->set_state(work->batch(), *key, change);
    if (done) REQUIRE(work->commit());
    return done ? std::optional<Errc>() : done.error().code;
  };
  std::vector<DossierId> ids;
  for (const auto& entry : pair.commune.list()) ids.push_back(entry.id);
  CHECK_FALSE(set(ids[0], sync::State::accepted));  // no unit: no code
  pair.commune.work([](sync::Batch& batch) { return CodeRegister::set_unit(batch, "H56"); });
  CHECK_FALSE(set(ids[0], sync::State::processing));
  CHECK_FALSE(set(ids[1], sync::State::needs_papers));
  CHECK_FALSE(set(ids[1], sync::State::accepted));
  CHECK(set(ids[1], sync::State::accepted) == Errc::denied);  // the second clerk
  CHECK(set(ids[2], sync::State::accepted, "H56-261201-0001") == Errc::conflict);
  CHECK(set(ids[2], sync::State::accepted, "H56-261201-0002") == Errc::denied);
  CHECK_FALSE(set(ids[2], sync::State::accepted));
  CHECK_FALSE(set(ids[2], sync::State::processing));
  talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  std::map<std::string, std::string> codes;
  for (const auto& entry : pair.hamlet.list()) codes[entry.id.hex()] = entry.code.value_or("");
  CHECK(codes[ids[0].hex()].empty());
  CHECK(codes[ids[1].hex()] == "H56-261201-0001");
  CHECK(codes[ids[2].hex()] == "H56-261201-0002");
  pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->note_restored(batch); });
  CHECK_FALSE(set(ids[1], sync::State::processing));  // it has its code
  const auto use_up = [&] {
    auto work = pair.commune.replica->begin(pair.commune.now);
    const auto done = CodeRegister::use_up(work->batch(), "giấy");
    return done ? std::optional<Errc>() : done.error().code;
  };
  CHECK(use_up() == Errc::denied);
  pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->confirm_last_code(batch, "H56-261201-0009"); });
  CHECK_FALSE(use_up());
  CHECK(set(ids[0], sync::State::needs_payment) == std::nullopt);
}

TEST_CASE("codes: 100,000 days with crashes, clocks set back and restores give none twice, and explain every gap",
          "[sync][codes]") {
  std::mt19937_64 random(20261201);
  const auto one_in = [&](unsigned n) { return random() % n == 0; };
  Register one;
  one.set_unit("H56");
  std::map<std::string, std::uint64_t> handed_out;  // what left the commune on paper: only committed ones
  OfficialCode greatest;  // of the paper; it need not be the last, where the clock had been set back
  std::uint64_t doubled = 0, crashes = 0, restores = 0, set_back = 0, lost = 0, dossiers = 0;
  std::unique_ptr<sim::MemoryStore> backup = one.disk->clone();
  std::vector<std::pair<std::string, std::uint64_t>> since_backup;
  const auto hand_out = [&](const std::string& code, std::uint64_t dossier) {
    doubled += handed_out.insert({code, dossier}).second ? 0 : 1;
    const OfficialCode of = *sync::official_code_of(code);
    if (std::pair(of.day, of.number) > std::pair(greatest.day, greatest.number)) greatest = of;
    since_backup.emplace_back(code, dossier);
  };
  constexpr int days = 100'000;
  const std::int64_t begin = 946'731'600;  // 1 January 2000, 20:00 in Vietnam; a century has 36,525 days
  for (int day = 0; day < days; ++day) {
    if (day % 36'000 == 0 && day > 0) {  // another century's paper: a register of its own
      CHECK(one.wrong().empty());
      one = Register();
      one.set_unit("H56");
      handed_out.clear();
      backup = one.disk->clone();
      since_backup.clear();
      greatest = {};
    }
    one.wall = begin + (day % 36'000) * a_day;
    const bool back = one_in(50) && day % 36'000 > 10;
    if (back) one.wall -= static_cast<std::int64_t>(random() % 5) * a_day;
    set_back += back ? 1 : 0;
    for (std::uint64_t left = random() % 4; left > 0; --left) {
      const bool crash = one_in(10);
      crashes += crash ? 1 : 0;
      const auto code = one.give(++dossiers, !crash);
      REQUIRE(code);
      if (!crash) hand_out(code->text(), dossiers);
    }
    if (one_in(500)) {
      REQUIRE(one.work([](sync::Batch& batch) { return CodeRegister::use_up(batch, "giấy"); }));
      // It is on paper too: nobody gets it again, before a restore or after it.
      auto txn = one.disk->begin_read();
      std::string used;
      REQUIRE(CodeRegister::each(**txn, sync::vietnam_day({one.wall}), [&](std::uint32_t of, std::uint32_t number, const CodeRegister::Number& row) {
        if (row.fate == CodeRegister::Fate::voided) used = OfficialCode{row.unit, of, number}.text();
      }));
      if (!used.empty() && !handed_out.contains(used)) hand_out(used, 0);
    }
    if (one_in(200)) {
      backup = one.disk->clone();
      since_backup.clear();
    }
    if (one_in(400) && greatest.number > 0) {
      one.disk = backup->clone();
      ++restores;
      one.wall = std::max(one.wall, begin + (day % 36'000) * a_day);
      REQUIRE(one.confirm(greatest.text()));
      lost += since_backup.size();
      std::shuffle(since_backup.begin(), since_backup.end(), random);
      // Some of them come back from hamlets.
      for (std::size_t i = 0; i < since_backup.size() / 2; ++i) {
        if (since_backup[i].second != 0) one.note(since_backup[i].first, since_backup[i].second);
      }
      since_backup.clear();
      backup = one.disk->clone();
    }
  }
  CHECK(doubled == 0);
  CHECK(one.wrong().empty());
  CHECK(crashes > 1000);
  CHECK(restores > 100);
  CHECK(set_back > 1000);
  std::cout << "codes: " << dossiers << " asked for on " << days << " days, " << crashes << " crashes, " << set_back
            << " days with the clock set back, " << restores << " restores that forgot " << lost << ": none twice\n";
}

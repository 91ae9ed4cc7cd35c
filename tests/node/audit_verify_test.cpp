// What verifying finds of an audit log that was tampered with, and what damage costs.
#include "tests/node/audit_fixture.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace khuoi::tests;

namespace {

/// Tampers with the rows of a log, each time with those of the sound one, and counts.
struct AuditTampering {
  AuditHall& hall;
  const AuditRows sound = hall.rows();
  std::size_t tried = 0;
  std::vector<std::string> missed = {};

  void with(const AuditRows& rows, const std::string& what) {
    hall.put_rows(rows);
    ++tried;
    if (hall.wrong().empty()) missed.push_back(what);
  }
};

}  // namespace

TEST_CASE("audit: every octet that changes is found", "[node][audit]") {
  FullAuditHall hall;
  REQUIRE(hall.wrong().empty());
  CHECK(hall.count_of(NodeRow::audit_day) == 3);
  AuditTampering tampering{hall};
  for (const auto& [at, value] : tampering.sound) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      for (const std::uint8_t bits : {std::uint8_t{0x01}, std::uint8_t{0x80}, std::uint8_t{0xff}}) {
        AuditRows rows = tampering.sound;
        rows[at][i] ^= bits;
        tampering.with(rows, "octet " + std::to_string(i) + " of " + to_hex(at));
      }
    }
    for (std::size_t i = 0; i < at.size(); ++i) {
      AuditRows rows = tampering.sound;
      Bytes key = at;
      key[i] ^= 0x80U;
      rows.erase(at);
      rows[key] = value;
      tampering.with(rows, "octet " + std::to_string(i) + " of the key " + to_hex(at));
    }
    AuditRows rows = tampering.sound;
    rows[at].pop_back();
    tampering.with(rows, "a row cut short");
    rows[at] = value;
    rows[at].push_back(0);
    tampering.with(rows, "a row made longer");
  }
  CHECK(tampering.missed == std::vector<std::string>());
  CHECK(tampering.tried > 10800);
}

TEST_CASE("audit: every row that is taken away, put in, moved or swapped is found", "[node][audit]") {
  FullAuditHall hall;
  AuditTampering tampering{hall};
  std::vector<Bytes> keys;
  for (const auto& [at, value] : tampering.sound) keys.push_back(at);
  for (const Bytes& at : keys) {
    AuditRows rows = tampering.sound;
    rows.erase(at);
    tampering.with(rows, "without " + to_hex(at));
    for (const Bytes& other : keys) {
      if (other == at) continue;
      rows = tampering.sound;
      rows[other] = rows[at];
      tampering.with(rows, to_hex(at) + " in the place of " + to_hex(other));
      if (other < at) continue;
      rows = tampering.sound;
      std::swap(rows[other], rows[at]);
      tampering.with(rows, to_hex(at) + " swapped with " + to_hex(other));
    }
    for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{41}, std::uint64_t{1000}, ~std::uint64_t{0}}) {
      rows = tampering.sound;
      rows[audit_key_of(NodeRow::audit_entry, number)] = rows[at];
      tampering.with(rows, to_hex(at) + " at " + std::to_string(number) + " too");
    }
    for (const int days : {-1, 1, 2}) {
      if (at[0] != 0x0c) continue;
      Bytes key = at;
      key.back() = static_cast<std::uint8_t>(key.back() + days);
      rows = tampering.sound;
      if (!rows.emplace(key, rows[at]).second) continue;
      tampering.with(rows, "a daily signature twice");
      rows.erase(at);
      tampering.with(rows, "a daily signature of another day");
    }
    rows = tampering.sound;
    Bytes longer = at;
    longer.push_back(1);
    rows[longer] = rows[at];
    tampering.with(rows, "a row of a longer key");
  }
  CHECK(tampering.missed == std::vector<std::string>());
  CHECK(tampering.tried > 3100);
}

TEST_CASE("audit: a log whose end was cut is found, with its own head and with one made without the key", "[node][audit]") {
  FullAuditHall hall;
  AuditTampering tampering{hall};
  const sync::SignKeyPair other = sync::make_sign_key(hall.node.rng);
  for (std::uint64_t left = 0; left < 40; ++left) {
    AuditRows rows = tampering.sound;
    for (std::uint64_t number = 40; number > left; --number) rows.erase(audit_key_of(NodeRow::audit_entry, number));
    tampering.with(rows, "cut behind " + std::to_string(left));
    AuditHeadRow head{.count = left};
    if (left > 0) {
      const auto last = *audit_entry_of(rows.at(audit_key_of(NodeRow::audit_entry, left)));
      head.hash = last.hash;
      head.day = last.day;
    }
    std::erase_if(rows, [&](const auto& row) {
      return row.first[0] == 0x0c && part_of<AuditDayRow>(row.second)->number >= left;
    });
    head.signature = part_of<AuditHeadRow>(tampering.sound.at(audit_head_key))->signature;
    rows[audit_head_key] = octets_of_part(head);
    tampering.with(rows, "cut behind " + std::to_string(left) + ", with the old signature");
    head.signature = sync::sign(other.secret_key, sync::Purpose::audit, hall.key.commune,
                                {octets_of_part(std::tuple(std::uint8_t{1}, head.count, head.hash, head.day))});
    rows[audit_head_key] = octets_of_part(head);
    tampering.with(rows, "cut behind " + std::to_string(left) + ", signed with another key");
    rows.erase(audit_head_key);
    if (left > 0) tampering.with(rows, "cut behind " + std::to_string(left) + ", without a head");
  }
  CHECK(tampering.missed == std::vector<std::string>());
  CHECK(tampering.tried == 40 * 4 - 1);
}

TEST_CASE("audit: the sentence names the entry and what is wrong with it", "[node][audit]") {
  FullAuditHall hall;
  const AuditRows sound = hall.rows();
  const auto wrong_with = [&](const auto& tamper) {
    AuditRows rows = sound;
    tamper(rows);
    hall.put_rows(rows);
    return hall.wrong();
  };
  const auto entry = [](std::uint64_t number) { return audit_key_of(NodeRow::audit_entry, number); };
  const AuditDay day = audit_day_of(UnixSeconds{audit_midnight + one_day});
  const Bytes day_key = octets_of_part(std::tuple(NodeRow::audit_day, day));
  CHECK(wrong_with([&](AuditRows& rows) { rows.at(entry(17)).back() ^= 1U; }) ==
        "entry 17 was changed, or does not follow the one before it");
  CHECK(wrong_with([&](AuditRows& rows) { rows.erase(entry(17)); }) == "entry 17 is missing");
  CHECK(wrong_with([&](AuditRows& rows) { rows.at(entry(17)).clear(); }) == "entry 17 does not decode");
  CHECK(wrong_with([&](AuditRows& rows) { rows.erase(entry(40)); }) == "entry 40 is missing: the log's head names entry 40");
  CHECK(wrong_with([&](AuditRows& rows) { rows.erase(audit_head_key); }) == "the log's head is missing, behind entry 40");
  CHECK(wrong_with([&](AuditRows& rows) { rows.at(audit_head_key).back() ^= 1U; }) ==
        "the signature of the log's head is not the commune's");
  CHECK(wrong_with([&](AuditRows& rows) { rows.erase(day_key); }) ==
        "the daily signature of 2026-10-02 is missing, over entry 20");
  CHECK(wrong_with([&](AuditRows& rows) { rows.at(day_key).back() ^= 1U; }) ==
        "the daily signature of 2026-10-02 is not the commune's over entry 20");
  CHECK(wrong_with([](AuditRows&) {}).empty());
}

TEST_CASE("audit: a damaged head keeps nothing from being noted, and is told for ever", "[node][audit]") {
  for (const std::size_t octet : {std::size_t{7}, std::size_t{10}, std::size_t{42}, std::size_t{60}, std::size_t{1000}}) {
    CAPTURE(octet);
    FullAuditHall hall;
    AuditRows rows = hall.rows();
    if (octet < rows.at(audit_head_key).size()) rows.at(audit_head_key)[octet] ^= 1U;
    else rows.erase(audit_head_key);
    hall.put_rows(rows);
    CHECK_FALSE(hall.wrong().empty());
    hall.note_nth(41);
    const auto all = hall.entries();
    REQUIRE(all.size() == 42);
    CHECK(all[0].row.act.target == "1f0c9a41");
    CHECK(all[1].number == 41);
    CHECK(all[1].row.act.by == Act::By::service);
    CHECK(all[1].row.act.what == "audit damaged");
    CHECK(all[1].row.head_damaged);
    CHECK_FALSE(all[0].row.head_damaged);
    const std::string told =
        "entry 41 was written after the log's head had been damaged: entries before it may have been cut away";
    CHECK(hall.wrong() == told);
    // Whoever looked writes the head down: what comes later is not hidden behind this any more.
    hall.at_second(audit_midnight + 9 * one_day);
    hall.note_nth(43);
    CHECK(hall.entries().size() == 43);
    CHECK(hall.wrong() == told);
    const auto checked = hall.verify();
    CHECK(checked.count == 43);
    CHECK(hall.verify(known_head(checked.count, checked.hash)).wrong.empty());
    CHECK(hall.verify(known_head(40, all[2].row.hash)).wrong == told);
  }
}

TEST_CASE("audit: a cut end that was noted behind stays cut", "[node][audit]") {
  FullAuditHall hall;
  const AuditRows sound = hall.rows();
  AuditRows rows = sound;
  for (const std::uint64_t number : {38, 39, 40}) rows.erase(audit_key_of(NodeRow::audit_entry, number));
  hall.put_rows(rows);
  hall.note_nth(41);
  CHECK(hall.wrong() == "entry 38 is missing");
  CHECK(hall.entries()[0].number == 42);
  // Without its head, too.
  rows.erase(audit_head_key);
  hall.put_rows(rows);
  hall.note_nth(41);
  CHECK(hall.wrong().starts_with("entry 38 was written after"));
  // All of it.
  hall.put_rows({{audit_head_key, sound.at(audit_head_key)}});
  hall.note_nth(41);
  CHECK(hall.wrong() == "entry 1 is missing");
  // What somebody put in is not written over.
  rows = sound;
  rows[audit_key_of(NodeRow::audit_entry, 50)] = to_bytes(view_of("rubbish"));
  hall.put_rows(rows);
  hall.note_nth(41);
  CHECK(hall.entries()[0].number == 52);
  CHECK(hall.wrong() == "entry 41 is missing");
}

TEST_CASE("audit: whatever becomes of one row, acts are noted and the others are listed", "[node][audit]") {
  FullAuditHall hall;
  const AuditRows sound = hall.rows();
  std::size_t noted = 0;
  for (const auto& [at, value] : sound) {
    for (const Bytes& instead : {Bytes(), Bytes{1, 2, 3}, Bytes(200, 0xff)}) {
      AuditRows rows = sound;
      rows[at] = instead;
      hall.put_rows(rows);
      hall.note_nth(1);
      const auto all = hall.entries();
      const bool entry = at[0] == 0x0a;
      const auto unreadable = std::ranges::count(all, false, &AuditLog::Entry::readable);
      if (unreadable != (entry ? 1 : 0) || all.size() < 41 || hall.wrong().empty()) FAIL("with " << to_hex(at));
      ++noted;
    }
  }
  CHECK(noted == 3 * 44);
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1} << 48U, ~std::uint64_t{0}}) {
    AuditRows rows = sound;
    rows[audit_key_of(NodeRow::audit_entry, number)] = {};
    rows[Bytes{0x0a}] = {};
    rows[Bytes(12, 0x0a)] = {};
    hall.put_rows(rows);
    for (int n = 1; n <= 3; ++n) hall.note_nth(n);
    CHECK(hall.entries().size() >= 45);
    CHECK_FALSE(hall.wrong().empty());
  }
}

TEST_CASE("audit: an older state of the log is found only by a head that was written down", "[node][audit]") {
  FullAuditHall hall;
  const AuditRows older = hall.rows();
  const auto at_40 = hall.verify();
  hall.note_nth(41);
  const auto at_41 = hall.verify();
  CHECK(hall.verify(known_head(at_40.count, at_40.hash)).wrong.empty());
  hall.put_rows(older);
  CHECK(hall.wrong().empty());
  CHECK(hall.verify(known_head(at_41.count, at_41.hash)).wrong ==
        "the log ends with entry 40, before the expected entry 41");
  CHECK(hall.verify(known_head(at_40.count, at_40.hash)).wrong.empty());
  CHECK(hall.verify(known_head(40, at_41.hash)).wrong.starts_with("entry 40 has the hash "));
  CHECK(hall.verify(AuditLog::Known{41, to_bytes(ByteView(at_41.hash).first(10))}).wrong.starts_with("the log ends"));
  CHECK(hall.verify(AuditLog::Known{40, to_bytes(ByteView(at_40.hash).first(10))}).wrong.empty());
  CHECK(hall.verify(known_head(0, {})).wrong.empty());
  CHECK(hall.verify(known_head(0, at_41.hash)).wrong.starts_with("entry 0 has the hash "));
}

#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {
/// A hamlet with one dossier of each domain at hand, and a commune that has answered both.
struct TwoDomains : ReplicaPair {
  TwoDomains() {
    std::string health_form = test_form;
    for (auto at = health_form.find("\"test\""); at != std::string::npos; at = health_form.find("\"test\"")) {
      health_form.replace(at, 6, "\"kham\"");
    }
    commune.work([&](sync::Batch& batch) {
      sync::FormRecord form;
      form.xml = to_bytes(view_of(health_form));
      form.domain = sync::Domain::health;
      return commune.replica->add_form(batch, form);
    });
    talk(hamlet, commune);
    hamlet.submit(test_submission(uuid(1), "Chung"));
    std::string health = test_submission(uuid(2), "Sức khoẻ");
    health.replace(health.find("\"test\""), 6, "\"kham\"");
    hamlet.submit(health);
    talk(hamlet, commune);
  }
  void answer_all() {
    for (const auto& entry : commune.list()) {
      commune.work([&](sync::Batch& batch) -> Result<void> {
        KHUOI_TRY(const auto key, commune.replica->views().resolve(batch.txn, entry.id.hex()));
        sync::StateChange change;
        change.state = sync::State::accepted;
        change.code = "M" + std::to_string(entry.number);
        return commune.replica->set_state(batch, key, change);
      });
    }
    talk(hamlet, commune);
  }
  void unlock_only(sync::Lock lock) {
    auto txn = hamlet.replica->read();
    auto keys = hamlet.replica->reader().open_slots(**txn, "", [](const sync::PassphraseParams&) {
      return Result<sync::Secret>(sync::Secret::copy_of(Bytes(32, 7)));
    });
    txn->reset();
    REQUIRE(keys);
    std::erase_if(*keys, [&](const sync::LockKey& key) { return key.lock != lock; });
    REQUIRE(keys->size() == 1);
    hamlet.work([&](sync::Batch& batch) { return hamlet.replica->unlock(batch, *keys); });
  }
};
}  // namespace

TEST_CASE("keyring: with the keys of one domain nothing of the other opens", "[sync][keyring]") {
  const bool health = GENERATE(false, true);
  CAPTURE(health);
  TwoDomains nodes;
  nodes.answer_all();
  CHECK(status_of(nodes.hamlet).unopened == 2);
  nodes.unlock_only(health ? sync::Lock::health : sync::Lock::general);
  const auto entries = nodes.hamlet.list();
  REQUIRE(entries.size() == 1);
  CHECK(entries.front().form == (health ? "kham" : "test"));
  CHECK(entries.front().state == "accepted");
  CHECK(status_of(nodes.hamlet).unopened == 1);
  auto txn = nodes.hamlet.replica->read();
  std::size_t opened = 0;
  std::size_t closed = 0;
  for (const sync::Sealed& record : records_of(nodes.hamlet, nodes.hamlet.replica->self().node)) {
    if (record.header.number < 2) continue;
    const auto plain = nodes.hamlet.replica->run_keys().read(**txn, record.header.ref());
    if (plain) ++opened;
    else {
      CHECK(plain.error().code == Errc::locked);
      ++closed;
    }
    if (plain) CHECK((plain->domain == sync::Domain::health) == health);
  }
  CHECK(opened >= 1);
  CHECK(closed >= 1);
  // Even a caller who knows the id is not told that it is there.
  const DossierId other = sync::dossier_id_of("uuid:" + uuid(health ? 1 : 2));
  const auto detail = nodes.hamlet.replica->views().detail(**txn, {{}, other});
  REQUIRE_FALSE(detail);
  CHECK(detail.error().code == Errc::not_found);
}

TEST_CASE("keyring: locking again closes what was open", "[sync][keyring]") {
  TwoDomains nodes;
  nodes.hamlet.unlock();
  CHECK(nodes.hamlet.list().front().instance_id.has_value());
  nodes.hamlet.replica->lock();
  CHECK(nodes.hamlet.replica->reader().locked());
  for (const auto& entry : nodes.hamlet.list()) CHECK_FALSE(entry.instance_id.has_value());
  auto txn = nodes.hamlet.replica->read();
  const auto detail = nodes.hamlet.replica->views().detail(**txn, {{}, sync::dossier_id_of("uuid:" + uuid(1))});
  REQUIRE_FALSE(detail);
  CHECK(detail.error().code == Errc::locked);
}

TEST_CASE("keyring: a locked box takes answers in, and shows them once unlocked", "[sync][keyring]") {
  TwoDomains nodes;
  nodes.answer_all();
  for (const auto& entry : nodes.hamlet.list()) CHECK(entry.state == "received");
  nodes.hamlet.start();
  nodes.hamlet.unlock();
  REQUIRE(nodes.hamlet.list().size() == 2);
  for (const auto& entry : nodes.hamlet.list()) {
    CHECK(entry.state == "accepted");
    CHECK(entry.code == "M" + std::to_string(entry.number));
  }
  CHECK(status_of(nodes.hamlet).unopened == 0);
}

TEST_CASE("keyring: a wrong passphrase opens nothing", "[sync][keyring]") {
  ReplicaPair pair;
  auto txn = pair.hamlet.replica->read();
  const auto keys = pair.hamlet.replica->reader().open_slots(**txn, "", [](const sync::PassphraseParams&) {
    return Result<sync::Secret>(sync::Secret::copy_of(Bytes(32, 8)));
  });
  REQUIRE_FALSE(keys);
  CHECK(keys.error().code == Errc::denied);
}

// What is counted in the commits that change it is what a walk over everything counts, whatever happened.
#include "sync/peers/radio_marks.h"
#include "tests/support/seed.h"
#include "tests/sync/announcing_fixture.h"
#include "tests/sync/photo_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

void must_be_counted_right(TestNode& node) {
  const auto txn = node.replica->read();
  REQUIRE(txn);
  const auto wrong = node.replica->reader().miscounts(**txn);
  REQUIRE(wrong);
  for (const std::string& one : *wrong) FAIL_CHECK(node.replica->self().name << ": " << one);
  REQUIRE(wrong->empty());
}

std::vector<sync::RunKey> own_runs(TestNode& node) {
  std::vector<sync::RunKey> out;
  const auto txn = node.replica->read();
  REQUIRE(node.replica->runs().each(**txn, [&](const sync::RunKey& key, const sync::RunRow& row) {
    if (key.author == node.replica->self().node && !row.local) out.push_back(key);
  }));
  return out;
}

class Life final {
 public:
  explicit Life(std::uint64_t seed) : rng_(seed) {
    commune_.unlock();
    publish_form(commune_, test_form);
    publish_form_here();
  }

  void act() {
    const std::uint64_t what = rng_.below(16);
    INFO("act " << what);
    act(what);
    must_be_counted_right(commune_);
    must_be_counted_right(hamlet_);
  }

 private:
  /// Before the grant a hamlet has the form of its own program.
  void publish_form_here() {
    hamlet_.work([&](sync::Batch& batch) {
      const std::array<sync::Replica::BuiltIn, 1> shipped{{{view_of(test_form), sync::Domain::general}}};
      return hamlet_.replica->put_built_in(batch, shipped);
    });
  }
  std::string any_id() { return uuid(static_cast<int>(rng_.below(static_cast<std::uint64_t>(last_) + 1))); }
  std::optional<sync::DossierKey> any_dossier(TestNode& node) {
    const auto txn = node.replica->read();
    std::vector<sync::DossierKey> all;
    REQUIRE(node.replica->dossiers().each_key(
        **txn, [&](const sync::DossierKey& key, const sync::DossierRow& row) {
          if (!row.erased) all.push_back(key);
        }));
    return all.empty() ? std::nullopt : std::optional(all[rng_.below(all.size())]);
  }
  void restart(TestNode& node) {
    node.start();
    if (&node == &commune_ || rng_.below(3) != 0) node.unlock();
  }
  void radio_acknowledges() {
    const auto runs = own_runs(hamlet_);
    if (runs.empty()) return;
    const sync::RunKey key = runs[rng_.below(runs.size())];
    const auto first = static_cast<std::uint32_t>(rng_.below(6));
    hamlet_.work([&](sync::Batch& batch) {
      return sync::RadioMarks::add_received(batch, commune_.replica->self().node, key,
                                            RangeSet(first, first + static_cast<std::uint32_t>(rng_.below(4))),
                                            {static_cast<std::uint32_t>(1 + rng_.below(3)), {}, 0});
    });
  }
  void erase_one() {
    TestNode& node = rng_.below(2) == 0 ? hamlet_ : commune_;
    if (const auto key = any_dossier(node)) {
      node.work([&](sync::Batch& batch) { return node.replica->erase(batch, *key, "quyền"); });
    }
  }
  void answer_one() {
    const auto key = any_dossier(commune_);
    if (!key) return;
    auto work = commune_.replica->begin(commune_.now);
    REQUIRE(work);
    sync::StateChange next;
    next.state = sync::State::accepted;
    if (commune_.replica->set_state(work->batch(), *key, next)) REQUIRE(work->commit());
  }
  void drop_a_batch() {
    TestNode& node = rng_.below(2) == 0 ? hamlet_ : commune_;
    auto work = node.replica->begin(node.now);
    REQUIRE(work);
    sync::Message message;
    message.text = "Không gửi";
    const std::optional<HamletId> to =
        &node == &commune_ ? std::optional(hamlet_.replica->self().hamlet) : std::nullopt;
    (void)node.replica->bulletin().send_message(work->batch(), message, to);
  }
  void act(std::uint64_t what) {
    const bool granted = hamlet_.replica->self().granted();
    switch (what) {
      case 0:
      case 1:
      case 2:
        hamlet_.submit(test_submission(uuid(++last_), "An"));
        return;
      case 3: {
        const auto before = any_id();
        hamlet_.submit(test_submission(uuid(++last_), "Sửa", "", before));
        return;
      }
      case 4:
        return submit_photo(hamlet_, ++last_);
      case 5:
        return erase_one();
      case 6:
        return answer_one();
      case 7:
        announce(commune_, routine("Thông báo " + std::to_string(++last_)));
        return;
      case 8:
        return restart(hamlet_);
      case 9:
        return restart(commune_);
      case 10:
        if (!granted && !hamlet_.replica->reader().locked()) join(commune_, hamlet_);
        return;
      case 11:
        if (granted) sync_stick(rng_.below(2) == 0 ? hamlet_ : commune_, stick_);
        return;
      case 12:
        if (granted) radio_acknowledges();
        return;
      case 13:
        return drop_a_batch();
      case 14:
        if (rng_.below(4) == 0) kept_ = hamlet_.disk->clone();
        if (kept_ && rng_.below(4) == 0) {  // the disk is put back to what it was
          hamlet_.restore(*kept_);
          hamlet_.unlock();
        }
        return;
      default:
        if (granted) talk(hamlet_, commune_);
    }
  }

  SeededRng rng_;
  TestNode commune_{sync::Role::commune, "Sảng Mộc", 1};
  TestNode hamlet_{sync::Role::hamlet, "Khuổi Mèo", 2};
  Stick stick_;
  std::unique_ptr<sim::MemoryStore> kept_;
  int last_ = 0;
};

}  // namespace

TEST_CASE("recount: whatever happens, what is counted on the way is what is there", "[sync][cost][property]") {
  const std::uint64_t seed = seed_of_run(1);
  for (std::uint64_t life = 0; life < 8; ++life) {
    INFO("seed=" << seed << " life " << life);
    Life one(seed + life);
    for (int step = 0; step < 70; ++step) {
      INFO("step " << step);
      one.act();
    }
  }
}

TEST_CASE("recount: what a program that does not count wrote is counted with the next commit", "[sync][cost]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  talk(pair.hamlet, pair.commune);
  const auto records_of = [](TestNode& node) {
    const auto txn = node.replica->read();
    const auto status = node.replica->reader().status(**txn);
    REQUIRE(status);
    return status->records;
  };
  const std::uint64_t before = records_of(pair.commune);
  pair.commune.replica.reset();
  {
    auto txn = pair.commune.disk->begin_write();
    REQUIRE(txn);
    REQUIRE((*txn)->put(sync::Table::record, sync::key_of(sync::Ref{NodeId::filled(9), RunId::filled(9), 2}), Bytes{2, 1, 0}));
    sync::RunRow row;
    row.held = RangeSet(2, 2);
    REQUIRE((*txn)->put(sync::Table::run, octets_of_part(sync::RunKey{NodeId::filled(9), RunId::filled(9)}),
                        octets_of_part(row)));
    REQUIRE((*txn)->commit());
  }
  pair.commune.start();
  CHECK(records_of(pair.commune) == before + 1);  // by walking
  pair.commune.work([](sync::Batch&) { return Result<void>(); });
  const auto txn = pair.commune.replica->read();
  const auto kept = pair.commune.replica->runs().totals(**txn);
  REQUIRE(kept);
  REQUIRE(*kept);
  CHECK((*kept)->records == before + 1);
  CHECK(records_of(pair.commune) == before + 1);
}

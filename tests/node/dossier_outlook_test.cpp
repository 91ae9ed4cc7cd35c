#include "node/links/dossier_outlook.h"

#include "node/acts/send_now.h"
#include "sync/peers/hastened.h"
#include "tests/support/replica_pair.h"

using namespace khuoi;
using namespace khuoi::tests;
using node::LinkOutlook;
using Why = node::LinkOutlook::Why;

namespace {

class OutlookLink final : public node::Link {
 public:
  explicit OutlookLink(LinkOutlook outlook) : outlook_(outlook) {}
  [[nodiscard]] std::string_view kind() const override { return "radio"; }
  [[nodiscard]] std::string_view name() const override { return "mast"; }
  [[nodiscard]] bool leads_to_commune() const override { return true; }
  Result<void> start() override { return {}; }
  void stop() override {}
  [[nodiscard]] node::LinkState state() const override { return {}; }
  [[nodiscard]] std::vector<node::LinkFigure> figures() const override { return {}; }
  [[nodiscard]] std::optional<LinkOutlook> outlook() const override { return outlook_; }
  std::shared_ptr<void> hold() override { return nullptr; }

 private:
  LinkOutlook outlook_;
};

node::Links links_with(LinkOutlook outlook) {
  node::Links out;
  out.push_back(std::make_unique<OutlookLink>(outlook));
  return out;
}
LinkOutlook outlook_why(Why why) {
  LinkOutlook out;
  out.why = why;
  out.minutes = 4;
  out.until = UnixSeconds{1'900'000'000};
  return out;
}
LinkOutlook fiber_is_near() {
  LinkOutlook out = outlook_why(Why::fiber_at);
  out.fiber_at = UnixSeconds{1'900'003'600};
  return out;
}

/// A hamlet that has met its commune.
struct MetHamlet {
  ReplicaPair pair;
  MetHamlet() {
    talk(pair.hamlet, pair.commune);
    talk(pair.hamlet, pair.commune);
  }
  sync::DossierKey submit(std::uint64_t n, const std::string& name = "An") {
    char id[40];
    std::snprintf(id, sizeof id, "00000000-0000-4000-8000-%012llx", static_cast<unsigned long long>(n));
    pair.hamlet.submit(test_submission(id, name));
    const auto txn = pair.hamlet.replica->read();
    const auto key = pair.hamlet.replica->views().resolve(**txn, pair.hamlet.list().back().id.hex());
    REQUIRE(key);
    return *key;
  }
  std::optional<node::DossierOutlook> outlook(const sync::DossierKey& key, LinkOutlook link) {
    const node::Links links = links_with(link);
    const auto txn = pair.hamlet.replica->read();
    const auto row = pair.hamlet.replica->dossiers().row(**txn, key);
    REQUIRE((row && *row));
    auto out = node::outlook_of(pair.hamlet.replica->reader(), **txn, **row, links);
    REQUIRE(out);
    return *out;
  }
  Result<void> send_now(const sync::DossierKey& key, bool has_radio = true) {
    auto writing = pair.hamlet.replica->begin(pair.hamlet.now);
    REQUIRE(writing);
    KHUOI_TRY_VOID(node::send_now(*pair.hamlet.replica, writing->batch(), key, has_radio));
    return writing->commit();
  }
};

}  // namespace

TEST_CASE("dossier outlook: one that waits for the fiber says so, and may be hastened", "[node][radio]") {
  MetHamlet hamlet;
  const auto key = hamlet.submit(1);
  const auto waits = hamlet.outlook(key, fiber_is_near());
  REQUIRE(waits);
  CHECK(waits->way.why == Why::fiber_at);
  CHECK(waits->way.fiber_at == UnixSeconds{1'900'003'600});
  CHECK(waits->may_hasten);
  CHECK_FALSE(waits->hastened);
  REQUIRE(hamlet.send_now(key));
  const auto goes = hamlet.outlook(key, fiber_is_near());
  REQUIRE(goes);
  CHECK(goes->way.why == Why::sending);
  CHECK_FALSE(goes->way.fiber_at);
  CHECK_FALSE(goes->may_hasten);
  CHECK(goes->hastened);
}

TEST_CASE("dossier outlook: what keeps the radio silent keeps each dossier here", "[node][radio]") {
  MetHamlet hamlet;
  const auto key = hamlet.submit(1);
  for (const Why why : {Why::modem, Why::duty, Why::unheard, Why::fiber, Why::sending}) {
    CHECK(hamlet.outlook(key, outlook_why(why))->way.why == why);
    CHECK_FALSE(hamlet.outlook(key, outlook_why(why))->may_hasten);
    CHECK(hamlet.outlook(key, outlook_why(why))->way.until.has_value() == (why == Why::duty));
  }
  CHECK(hamlet.outlook(key, outlook_why(Why::nothing))->way.why == Why::sending);
  LinkOutlook near = outlook_why(Why::modem);
  near.fiber_at = UnixSeconds{1'900'003'600};
  CHECK(hamlet.outlook(key, near)->way.why == Why::modem);
}

TEST_CASE("dossier outlook: what the commune has waits for nothing, and without a radio nobody is told of one",
          "[node][radio]") {
  MetHamlet hamlet;
  const auto key = hamlet.submit(1);
  {
    const auto txn = hamlet.pair.hamlet.replica->read();
    const auto row = hamlet.pair.hamlet.replica->dossiers().row(**txn, key);
    const auto none = node::outlook_of(hamlet.pair.hamlet.replica->reader(), **txn, **row, {});
    REQUIRE(none);
    CHECK_FALSE(*none);
  }
  talk(hamlet.pair.hamlet, hamlet.pair.commune);
  talk(hamlet.pair.hamlet, hamlet.pair.commune);
  CHECK_FALSE(hamlet.outlook(key, fiber_is_near()));
}

TEST_CASE("send now: it is refused by name where it cannot be", "[node][radio]") {
  MetHamlet hamlet;
  const auto key = hamlet.submit(1);
  CHECK(hamlet.send_now(key, false).error().code == Errc::unsupported);
  std::string noise;
  while (noise.size() < 60'000) {
    Bytes octets(64);
    hamlet.pair.hamlet.rng.fill(octets);
    noise += to_hex(octets);
  }
  const auto large = hamlet.submit(2, noise);
  CHECK(hamlet.outlook(large, fiber_is_near())->way.why == Why::too_large);
  CHECK_FALSE(hamlet.outlook(large, fiber_is_near())->may_hasten);
  CHECK(hamlet.send_now(large).error().code == Errc::too_large);
  talk(hamlet.pair.hamlet, hamlet.pair.commune);
  talk(hamlet.pair.hamlet, hamlet.pair.commune);
  CHECK(hamlet.send_now(key).error().code == Errc::not_found);
  auto writing = hamlet.pair.commune.replica->begin(hamlet.pair.commune.now);
  REQUIRE(writing);
  CHECK(node::send_now(*hamlet.pair.commune.replica, writing->batch(), key, true).error().code == Errc::denied);
}

// Models that only look alike, in the hands of whole nodes: what a person reads is what was handed in, or nothing yet.
#include <map>

#include "tests/regress/planting.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

/// What was handed in, by instanceID; every submission of a test goes through it.
struct HandedIn {
  std::map<std::string, std::string> by_id;

  void submit(TestNode& hamlet, int n, const std::string& name) {
    const std::string xml = test_submission(uuid(n), name);
    by_id["uuid:" + uuid(n)] = xml;
    hamlet.submit(xml);
  }

  /// How many submissions a node gives back; each octet by octet.
  std::size_t check_at(TestNode& node) const {
    std::vector<sync::DossierKey> keys;
    auto txn = node.replica->read();
    REQUIRE(node.replica->dossiers().each_key(
        **txn, [&](const sync::DossierKey& key, const sync::DossierRow&) { keys.push_back(key); }));
    std::size_t read = 0;
    for (const sync::DossierKey& key : keys) {
      const auto detail = node.replica->views().detail(**txn, key);
      if (!detail) continue;
      for (const sync::DossierVersion& version : detail->versions) {
        REQUIRE(detail->entry.instance_id.has_value());
        const auto original = by_id.find(*detail->entry.instance_id);
        REQUIRE(original != by_id.end());
        CHECK(text_of(version.xml) == original->second);
        ++read;
      }
    }
    return read;
  }
};

void train_at_once(TestNode& commune) {
  commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const std::size_t trained, commune.replica->trainer().at_once(batch));
    CHECK(trained >= 1);
    return {};
  });
}

/// A second hamlet beside the pair's; both have heard of the commune's form.
struct TwoHamlets {
  ReplicaPair pair;
  TestNode other{sync::Role::hamlet, "Nà Lay", 3};

  TwoHamlets() {
    pair.join(other);
    talk(pair.hamlet, pair.commune);
    talk(other, pair.commune);
  }
};

}  // namespace

TEST_CASE("codec at nodes: a commune and its restored twin each train their next dictionary, and no record changes",
          "[sync][codec][replica]") {
  TwoHamlets the;
  ReplicaPair& pair = the.pair;
  TestNode& other = the.other;
  HandedIn all;
  for (int n = 0; n < 20; ++n) all.submit(n % 2 == 0 ? pair.hamlet : other, n, "Nông Văn " + std::to_string(n % 5));
  talk(pair.hamlet, pair.commune);
  talk(other, pair.commune);

  // The disk was copied: from here on there are two communes of one name and key. Each hears one hamlet and trains.
  TestNode twin(pair.commune.disk->clone(), 77);
  twin.now = pair.commune.now;
  for (int n = 20; n < 50; ++n) all.submit(pair.hamlet, n, "Hoàng Thị " + std::to_string(n % 3));
  for (int n = 50; n < 80; ++n) all.submit(other, n, "Triệu Seo " + std::to_string(n % 4));
  talk(pair.hamlet, pair.commune);
  talk(other, twin);
  train_at_once(pair.commune);
  train_at_once(twin);
  talk(pair.hamlet, pair.commune);
  talk(other, twin);
  for (int n = 80; n < 90; ++n) all.submit(pair.hamlet, n, "Hoàng Thị " + std::to_string(n % 3));
  for (int n = 90; n < 100; ++n) all.submit(other, n, "Triệu Seo " + std::to_string(n % 4));

  // Every path to every commune, then from the twin to the first one's machine by way of the hamlets.
  for (int round = 0; round < 3; ++round) {
    for (TestNode* commune : {&pair.commune, &twin}) {
      for (TestNode* hamlet : {&pair.hamlet, &other}) {
        talk(*hamlet, *commune);
        all.check_at(*commune);
        all.check_at(*hamlet);
      }
    }
  }
  pair.hamlet.unlock();
  other.unlock();
  CHECK(all.check_at(pair.hamlet) + all.check_at(other) == 100);
  // Each reads all of the hamlet it trained with and whatever went by the old model; the others' it holds, unread.
  for (TestNode* commune : {&pair.commune, &twin}) {
    const std::size_t read = all.check_at(*commune);
    CHECK(read >= 60);
    CHECK(read + status_of(*commune).unopened >= 90);
    // A person hears of the twin, and of nothing that a hamlet wrote.
    auto txn = commune->replica->read();
    const auto flagged = sync::quarantined(**txn);
    REQUIRE(flagged);
    for (const sync::Quarantined& one : *flagged) {
      INFO(one.why);
      CHECK(one.ref.author == commune->replica->self().node);
    }
  }
}

TEST_CASE("codec at nodes: a form republished with its version, in any order of arrival, changes no record",
          "[sync][codec][replica]") {
  // Communes of earlier versions published so; today it is refused.
  TwoHamlets the;
  ReplicaPair& pair = the.pair;
  TestNode& other = the.other;
  HandedIn all;
  int next = 0;
  const auto submit_some = [&](TestNode& hamlet) {
    for (int more = 0; more < 10; ++more, ++next) all.submit(hamlet, next, "Lý A " + std::to_string(next % 7));
  };
  const auto changed = [](std::string_view title) {
    std::string form = test_form;
    form.replace(form.find("Test</h:title>"), 4, title);
    return form;
  };
  submit_some(pair.hamlet);
  talk(pair.hamlet, pair.commune);
  train_at_once(pair.commune);
  publish_unasked(pair.commune, changed("Sửa lần một"));
  talk(other, pair.commune);        // has the second form, and a dictionary of the first
  submit_some(other);
  submit_some(pair.hamlet);         // still writes with the first
  publish_unasked(pair.commune, changed("Sửa lần hai"));
  talk(pair.hamlet, pair.commune);  // never saw the second
  submit_some(pair.hamlet);
  talk(other, pair.commune);
  talk(pair.hamlet, pair.commune);
  train_at_once(pair.commune);
  publish_unasked(pair.commune, test_form);  // back to the first
  for (TestNode* hamlet : {&pair.hamlet, &other}) {
    talk(*hamlet, pair.commune);
    submit_some(*hamlet);
    talk(*hamlet, pair.commune);
  }
  CHECK(all.check_at(pair.commune) == static_cast<std::size_t>(next));
  CHECK(status_of(pair.commune).unopened == 0);
  CHECK(status_of(pair.commune).quarantined == 0);
  pair.commune.start();
  CHECK(all.check_at(pair.commune) == static_cast<std::size_t>(next));
  pair.hamlet.unlock();
  other.unlock();
  CHECK(all.check_at(pair.hamlet) + all.check_at(other) == static_cast<std::size_t>(next));
}

TEST_CASE("codec at nodes: a dictionary that another commune trained does not reach a box, nor its records this commune",
          "[sync][codec][replica]") {
  ReplicaPair ours;
  TestNode their_commune(sync::Role::commune, "Vũ Chấn", 11);
  TestNode their_hamlet(sync::Role::hamlet, "Khe Rịa", 12);
  their_commune.unlock();
  join(their_commune, their_hamlet);
  publish_form(their_commune, test_form);  // the same form
  talk(ours.hamlet, ours.commune);
  talk(their_hamlet, their_commune);
  HandedIn our_papers;
  HandedIn their_papers;
  for (int n = 0; n < 30; ++n) our_papers.submit(ours.hamlet, n, "Bế Văn " + std::to_string(n % 4));
  for (int n = 0; n < 30; ++n) their_papers.submit(their_hamlet, n, "Mã Thị " + std::to_string(n % 4));
  talk(ours.hamlet, ours.commune);
  talk(their_hamlet, their_commune);
  train_at_once(ours.commune);
  train_at_once(their_commune);
  talk(ours.hamlet, ours.commune);
  talk(their_hamlet, their_commune);
  our_papers.submit(ours.hamlet, 30, "Bế Văn 1");
  their_papers.submit(their_hamlet, 30, "Mã Thị 1");
  talk(ours.hamlet, ours.commune);
  talk(their_hamlet, their_commune);
  // Somebody mixes up everything that ever travelled.
  for (const sync::Sealed& record : records_of(their_commune, their_commune.replica->self().node)) {
    CHECK(give(ours.hamlet, record, true).taken != sync::Taken::stored);
  }
  for (const sync::Sealed& record : records_of(their_hamlet, their_hamlet.replica->self().node)) {
    CHECK(give(ours.commune, record, true).taken != sync::Taken::stored);
  }
  CHECK(our_papers.check_at(ours.commune) == 31);
  CHECK(their_papers.check_at(their_commune) == 31);
}

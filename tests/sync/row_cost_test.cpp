// What it costs to count, to list a page, to unlock, to find nothing to send, and to send one record: rows of the store,
// which must not grow with what is stored. Of the pages themselves: tests/node/row_cost_test.cpp.
#include <functional>

#include "sync/contact/planner.h"
#include "tests/support/counted_store.h"
#include "tests/sync/announcing_fixture.h"
#include "tests/sync/photo_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

/// By what was asked: how many rows, and of which tables.
struct Cost {
  std::uint64_t rows = 0;
  std::string by_table;
};
using Costs = std::map<std::string, Cost>;

/// A node whose rows are counted.
struct CountedNode {
  TestNode& node;
  CountedStore store;
  explicit CountedNode(TestNode& of) : node(of), store(*of.disk) {
    node.replica.reset();
    auto opened = sync::Replica::open(store, node.rng);
    REQUIRE(opened);
    node.replica = std::move(*opened);
    node.unlock();
    store.take_rows();
  }
  ~CountedNode() { node.replica.reset(); }
  CountedNode(const CountedNode&) = delete;
  CountedNode& operator=(const CountedNode&) = delete;

  template <typename Look>
  Cost rows_of(const Look& look) {
    const auto txn = node.replica->read();
    REQUIRE(txn);
    node.replica->runs().forget();  // as a look of a reader begins
    store.take_rows();
    look(**txn);
    return taken();
  }
  Cost taken() {
    const std::uint64_t rows = store.take_rows();
    return {rows, store.by_table()};
  }
};

void submit_small_photo(TestNode& node, int n) {
  node.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto prepared,
              node.replica->reader().submissions().prepare(batch.txn, view_of(test_submission(uuid(n), "An", "a.jpg"))));
    sync::FileIntake intake(node.rng);
    KHUOI_TRY_VOID(intake.add(batch, Bytes(300, 7)));
    KHUOI_TRY(const auto facts, intake.finish(batch, "a.jpg", "image/jpeg"));
    KHUOI_TRY_VOID(node.replica->intake().submit(batch, prepared, {facts}));
    return {};
  });
}

/// So many dossiers, a photo at each tenth, an item of each kind at each tenth, a run for each twentieth; all receipted.
void fill(ReplicaPair& pair, int dossiers) {
  talk(pair.hamlet, pair.commune);
  for (int n = 0; n < dossiers; ++n) {
    if (n % 20 == 0) {
      for (TestNode* node : {&pair.hamlet, &pair.commune}) {
        node->start();
        node->unlock();
      }
    }
    if (n % 10 == 0) {
      submit_small_photo(pair.hamlet, n);
      announce(pair.commune, routine("Thông báo " + std::to_string(n)));
      pair.commune.work([&](sync::Batch& batch) -> Result<void> {
        sync::Document document;
        document.title = "Văn bản";
        KHUOI_TRY_VOID(pair.commune.replica->bulletin().add_document(batch, document, true));
        return {};
      });
      pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
        sync::Message message;
        message.text = "Tin";
        KHUOI_TRY_VOID(pair.hamlet.replica->bulletin().send_message(batch, message, std::nullopt));
        return {};
      });
    } else {
      pair.hamlet.submit(test_submission(uuid(n), "An"));
    }
    if ((n + 1) % (dossiers / 4) == 0) talk(pair.hamlet, pair.commune);
  }
  for (int round = 0; round < 3; ++round) talk(pair.hamlet, pair.commune);
}

void add_costs(CountedNode& at, const std::string& who, Costs& to) {
  sync::Replica& replica = *at.node.replica;
  const NodeId peer = sync::Planner(replica).peers().front();
  to[who + " records without a receipt"] =
      at.rows_of([&](const sync::ReadTxn& txn) { REQUIRE(replica.reader().unreceipted(txn)); });
  to[who + " status"] = at.rows_of([&](const sync::ReadTxn& txn) {
    const auto status = replica.reader().status(txn);
    REQUIRE(status);
    CHECK(status->dossiers > 100);
    CHECK(status->dossiers_unreadable == 0);
  });
  to[who + " whether something waits for keys"] =
      at.rows_of([&](const sync::ReadTxn& txn) { CHECK_FALSE(*replica.reader().waits_for_keys(txn)); });
  to[who + " records to go"] = at.rows_of([&](const sync::ReadTxn& txn) {
    const auto found = sync::Planner(replica).records(txn, peer, {});
    REQUIRE(found);
    CHECK(found->empty());
  });
  to[who + " files to go"] = at.rows_of([&](const sync::ReadTxn& txn) {
    const auto found = sync::Planner(replica).files(txn, peer, {});
    REQUIRE(found);
    CHECK(found->empty());
  });
  to[who + " counts of items"] = at.rows_of([&](const sync::ReadTxn& txn) {
    for (const sync::Kind kind : {sync::Kind::announcement, sync::Kind::document, sync::Kind::message}) {
      const auto counts = replica.items().counts(txn, kind);
      REQUIRE(counts);
      CHECK(counts->all > 0);
    }
  });
  to[who + " the newest messages"] = at.rows_of([&](const sync::ReadTxn& txn) {
    const auto newest = replica.items().newest(txn, sync::Kind::message, 10);
    REQUIRE(newest);
    CHECK(newest->size() == 10);
  });
}

/// One page of the list, from the middle of it.
void add_list(CountedNode& at, const std::string& who, Costs& to) {
  to[who + " a list of 50"] = at.rows_of([&](const sync::ReadTxn& txn) {
    sync::DossierViews::Page page;
    page.next = 100;
    std::size_t listed = 0;
    REQUIRE(at.node.replica->views().list(txn, page, 50, [&](const auto&, const auto*, const auto&) { ++listed; }));
    CHECK(listed == 50);
  });
}

/// What people and links do, one commit each.
void add_acts(CountedNode& hamlet, CountedNode& commune, int dossier, Costs& to) {
  const auto add_act = [&](CountedNode& at, const std::string& what, const std::function<void()>& act) {
    at.node.replica->runs().forget();  // what stands there from before would be free
    at.store.take_rows();
    act();
    to[what] = at.taken();
  };
  add_act(hamlet, "hamlet: unlock", [&] {
    hamlet.node.replica->lock();
    hamlet.node.unlock();
  });
  add_act(commune, "commune: unlock", [&] { commune.node.unlock(); });
  for (const sync::State state : {sync::State::accepted, sync::State::processing}) {
    add_act(commune, "commune: the state " + std::string(sync::name_of(state)), [&] {
      commune.node.work([&](sync::Batch& batch) {
        const auto key = sync::DossierViews::resolve(batch.txn, sync::dossier_id_of("uuid:" + uuid(dossier)).hex());
        sync::StateChange next;
        next.state = state;
        return key ? commune.node.replica->set_state(batch, *key, next) : Result<void>(key.error());
      });
    });
  }
  add_act(commune, "commune: one announcement", [&] { announce(commune.node, routine("Họp thôn")); });
  add_act(hamlet, "hamlet: one submission", [&] { hamlet.node.submit(test_submission(uuid(900'000 + dossier), "Bình")); });
}

Costs costs_with(int dossiers) {
  ReplicaPair pair;
  fill(pair, dossiers);
  Costs out;
  CountedNode hamlet(pair.hamlet), commune(pair.commune);
  // What was told of the photos is repeated until a later statement shows that it was heard.
  pair.hamlet.submit(test_submission(uuid(899'999), "Bình"));
  for (int round = 0; round < 3; ++round) talk(pair.hamlet, pair.commune);
  add_costs(hamlet, "hamlet:", out);
  add_costs(commune, "commune:", out);
  add_list(hamlet, "hamlet:", out);
  add_list(commune, "commune:", out);
  const auto add_contact = [&](const std::string& what) {
    hamlet.store.take_rows();
    commune.store.take_rows();
    const Talk talked = talk(pair.hamlet, pair.commune);
    CHECK(talked.finished);
    out["hamlet: " + what] = hamlet.taken();
    out["commune: " + what] = commune.taken();
  };
  add_contact("an idle contact");
  pair.hamlet.submit(test_submission(uuid(900'000), "Bình"));
  add_contact("a contact with one record");
  submit_small_photo(pair.hamlet, 900'001);
  add_contact("a contact with one photo");
  Costs first;
  add_acts(hamlet, commune, 121, first);
  talk(pair.hamlet, pair.commune);  // of several runs to go their whole chains are read, once after a start
  add_acts(hamlet, commune, 122, out);
  add_contact("a contact with a state and an announcement");
  return out;
}

}  // namespace

TEST_CASE("row cost: what is asked of a node costs the same with ten times as much stored", "[sync][cost]") {
  const Costs few = costs_with(200);
  const Costs many = costs_with(2000);
  std::string table;
  for (const auto& [what, cost] : few) {
    table += what + std::string(std::max<std::size_t>(44, what.size()) - what.size(), ' ') + std::to_string(cost.rows) +
             " -> " + std::to_string(many.at(what).rows) + "\n";
  }
  WARN(table);
  for (const auto& [what, cost] : few) {
    INFO(what << "\nfew:  " << cost.by_table << "\nmany: " << many.at(what).by_table);
    CHECK(many.at(what).rows <= cost.rows + 16);
  }
}

#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

struct Contact {
  sync::Counts dialler;
  bool finished = false;
};

/// A single contact as node/links has it: what came and what goes out share a batch, and the dialler hangs up as soon as
/// it has nothing more to say, without hearing what would still come.
struct Pace {
  std::size_t dialler;   ///< messages a batch
  std::size_t listener;  ///< the same
};
Contact contact_once(TestNode& dialler, TestNode& listener, const Pace& pace) {
  sync::Session a(*dialler.replica, {.dials = true}, listener.replica->keys().sign().public_key);
  sync::Session b(*listener.replica, {}, dialler.replica->keys().sign().public_key);
  std::deque<Bytes> to_b;
  std::deque<Bytes> to_a;
  const auto turn = [&](TestNode& node, sync::Session& session, std::deque<Bytes>& in, std::deque<Bytes>& out,
                        std::size_t messages) {
    node.work([&](sync::Batch& batch) -> Result<void> {
      for (std::size_t n = 0; n < messages && !in.empty(); ++n) {
        KHUOI_TRY_VOID(session.on_message(batch, in.front()));
        in.pop_front();
      }
      KHUOI_TRY(auto said, session.transmit(batch, 64U << 10U));
      for (Bytes& message : said) out.push_back(std::move(message));
      return {};
    });
  };
  for (int round = 0; round < 300; ++round) {
    do {
      turn(dialler, a, to_a, to_b, pace.dialler);
    } while (!to_a.empty() && pace.listener > pace.dialler);  // the listener is slow: it finds all of it waiting
    if (a.finished() && to_a.empty() && to_b.empty()) break;
    turn(listener, b, to_b, to_a, pace.listener);
  }
  return {a.counts(), a.finished()};
}

}  // namespace

TEST_CASE("session: a single contact ends with the receipt for all it brought, and the next moves nothing",
          "[sync][session]") {
  for (const std::size_t messages_a_batch : {1U, 2U, 3U, 64U}) {
    ReplicaPair pair;
    REQUIRE(contact_once(pair.hamlet, pair.commune, {messages_a_batch, messages_a_batch}).finished);
    for (int n = 0; n < 60; ++n) {
      char id[] = "00000000-0000-4000-8000-000000000000";
      id[35] = static_cast<char>('0' + n % 10);
      id[34] = static_cast<char>('0' + n / 10);
      pair.hamlet.submit(test_submission(id, std::string(700, static_cast<char>('a' + n % 26))));
    }
    INFO("messages a batch: " << messages_a_batch);
    const Contact first = contact_once(pair.hamlet, pair.commune, {messages_a_batch, messages_a_batch});
    CHECK(first.finished);
    CHECK(first.dialler.records_out == 60);
    for (const auto& entry : pair.hamlet.list()) CHECK(entry.state == "received");
    const Contact second = contact_once(pair.hamlet, pair.commune, {messages_a_batch, messages_a_batch});
    CHECK(second.finished);
    CHECK(second.dialler.control_in == 0);
    CHECK(second.dialler.control_out == 0);
    CHECK(second.dialler.records_out == 0);
  }
}

TEST_CASE("session: a commune that got back what it had lost says so, and its giver gives it no more",
          "[sync][session][regress]") {
  const std::size_t at_box = GENERATE(1, 2, 64);
  const std::size_t at_commune = GENERATE(1, 2, 64);
  CAPTURE(at_box, at_commune);
  const Pace pace{at_box, at_commune};
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);  // the form
  pair.hamlet.submit(test_submission(uuid(1), "Một"));
  REQUIRE(contact_once(pair.hamlet, pair.commune, pace).finished);
  const auto image = pair.commune.disk->clone();
  const sync::DossierKey key = only_key(pair.commune);
  for (const sync::State state : {sync::State::accepted, sync::State::processing}) {
    pair.commune.start();
    pair.commune.work([&](sync::Batch& batch) {
      sync::StateChange change;
      change.state = state;
      return pair.commune.replica->set_state(batch, key, change);
    });
    contact_once(pair.hamlet, pair.commune, pace);
  }
  pair.commune.restore(*image);
  pair.hamlet.submit(test_submission(uuid(2), "Hai"));
  for (int contact = 0; contact < 4; ++contact) contact_once(pair.hamlet, pair.commune, pace);
  CHECK(records_of(pair.commune, pair.commune.replica->self().node).size() ==
        records_of(pair.hamlet, pair.commune.replica->self().node).size());
  const Contact rest = contact_once(pair.hamlet, pair.commune, pace);
  CHECK(rest.finished);
  CHECK(rest.dialler.control_out + rest.dialler.records_out + rest.dialler.control_in == 0);
}

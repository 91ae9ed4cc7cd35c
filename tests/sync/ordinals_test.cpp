// Who may raise a node's ordinal, and what becomes of one that somebody raised.
#include "sync/log/starts.h"
#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::Head;
using sync::Receipts;
using sync::Session;

namespace {
NodeId id_of(const TestNode& node) { return node.replica->self().node; }

sync::PeerRow row_at(TestNode& node, const TestNode& peer) {
  auto txn = node.replica->read();
  return *node.replica->peers().row(**txn, id_of(peer));
}
std::uint64_t number_at(TestNode& node, std::string_view name) {
  auto txn = node.replica->read();
  return *sync::meta_number(**txn, name);
}
sync::Starts::Figures figures_of(TestNode& node) {
  auto txn = node.replica->read();
  return *sync::Starts::figures(**txn);
}
Bytes proof_by(const TestNode& node, std::uint32_t ordinal, std::uint8_t start) {
  sync::StartId id{};
  id.fill(start);
  return sync::encode_start_proof({node.replica->self().commune, id_of(node), ordinal, id},
                                  node.replica->keys().sign().secret_key);
}
Receipts::Absorbed give_proof(TestNode& to, ByteView proof, const NodeId& brought_by) {
  Receipts::Absorbed out = Receipts::Absorbed::rejected;
  to.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(out, to.replica->receipts().absorb_proof(batch, proof, brought_by));
    return {};
  });
  return out;
}

/// A box that is enrolled, and speaks the protocol with words of its own.
class Liar final {
 public:
  Liar(TestNode& box, TestNode& commune)
      : box_(box), commune_(commune), session_(*commune.replica, {}, key_of_node(box)) {}
  Result<void> say(const sync::SessionMessage& message) {
    auto work = commune_.replica->begin(commune_.now);
    REQUIRE(work);
    const auto done = session_.on_message(work->batch(), sync::encode_message(message));
    if (!done) return done;
    return work->commit();
  }
  Result<void> hello(const Head& echo) {
    sync::Hello hello;
    hello.commune = box_.replica->self().commune;
    hello.node = id_of(box_);
    hello.nonce = 1;
    hello.echo = echo;
    return say(hello);
  }
  /// What the commune answers: how many statements of holdings.
  std::size_t hear() {
    std::size_t statements = 0;
    commune_.work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(const auto out, session_.transmit(batch, 1U << 20U));
      for (const Bytes& message : out) {
        const auto decoded = sync::decode_message(message);
        const auto* statement = std::get_if<sync::StatementMessage>(&*decoded);
        statements += statement != nullptr && statement->octets.at(0) == 'H' ? 1 : 0;
      }
      return {};
    });
    return statements;
  }

 private:
  TestNode& box_;
  TestNode& commune_;
  Session session_;
};

Head head_of(std::uint32_t ordinal, std::uint64_t sequence) { return {ordinal, sequence, {9, 9, 9, 9, 9, 9, 9, 9}}; }
}  // namespace

TEST_CASE("ordinals: an enrolled box that echoes ever later heads ends no receipts of an honest one",
          "[sync][ordinals][regress]") {
  ReplicaPair pair;
  TestNode thief(sync::Role::hamlet, "Nà Lay", 5);
  pair.join(thief);
  talk(pair.hamlet, pair.commune);
  talk(thief, pair.commune);
  const std::uint64_t before = number_at(pair.commune, "starts");
  std::uint32_t ordinal = 1;
  for (int contact = 0; contact < 300; ++contact) {
    Liar liar(thief, pair.commune);
    ordinal += 4096;
    REQUIRE(liar.hello(head_of(ordinal, 5)));
    CHECK(liar.hear() <= 1);
    for (int more = 0; more < 3; ++more) {
      ordinal += 4096;
      REQUIRE(liar.say(sync::CaughtUp{0, head_of(ordinal, 5)}));
      CHECK(liar.hear() <= 1);
    }
  }
  CHECK(number_at(pair.commune, "starts") == before);
  CHECK(figures_of(pair.commune).foreign == 0);
  CHECK(figures_of(pair.commune).echoes >= 299);  // and a person sees what goes on
  pair.hamlet.submit(test_submission(uuid(1), "Khai sinh"));
  CHECK(talk(pair.hamlet, pair.commune).finished);
  CHECK(pair.hamlet.list().front().state == "received");
  CHECK(row_at(pair.hamlet, pair.commune).absorbed.ordinal <= before);
  // The thief's own statement is as good as ever, too: once it says what is true, it is believed.
  thief.submit(test_submission(uuid(2), "Khai sinh"));
  for (int contact = 0; contact < 3; ++contact) talk(thief, pair.commune);
  CHECK(thief.list().front().state == "received");
  check_store_is_sound(pair.commune);
}

TEST_CASE("ordinals: of all echoes that a peer invents in one session one is answered, and then it is hung up on",
          "[sync][ordinals]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  talk(pair.hamlet, pair.commune);
  const Head first = head_of(7, 1);
  Liar liar(pair.hamlet, pair.commune);
  REQUIRE(liar.hello(first));
  CHECK(row_at(pair.commune, pair.hamlet).superseded == first);
  CHECK(liar.hear() == 1);
  std::size_t statements = 0;
  int frames = 0;
  for (; frames < 100'000; ++frames) {
    if (!liar.say(sync::CaughtUp{0, head_of(8 + static_cast<std::uint32_t>(frames), 1)})) break;
    if (frames % 4 == 0) statements += liar.hear();
  }
  CHECK(frames < 40);
  CHECK(statements <= 1);
  CHECK(row_at(pair.commune, pair.hamlet).superseded == first);
  // The same word again and again costs nothing, and changes nothing.
  Liar dull(pair.hamlet, pair.commune);
  REQUIRE(dull.hello(first));
  dull.hear();
  const std::uint64_t sequence = number_at(pair.commune, "holdings_sequence");
  for (int frame = 0; frame < 20'000; ++frame) REQUIRE(dull.say(sync::CaughtUp{0, first}));
  CHECK(number_at(pair.commune, "holdings_sequence") == sequence);
}

TEST_CASE("ordinals: nobody but the node itself raises them, by proof or by statement", "[sync][ordinals]") {
  ReplicaPair pair;
  TestNode thief(sync::Role::hamlet, "Nà Lay", 5);
  pair.join(thief);
  talk(pair.hamlet, pair.commune);
  talk(thief, pair.commune);
  const std::uint64_t before = number_at(pair.commune, "starts");
  // Signed by another, in the commune's name.
  sync::StartProof lie{pair.commune.replica->self().commune, id_of(pair.commune), 500, {1}};
  const Bytes forged = sync::encode_start_proof(lie, thief.replica->keys().sign().secret_key);
  CHECK(give_proof(pair.commune, forged, id_of(thief)) == Receipts::Absorbed::rejected);
  // The thief's own: kept, and no more.
  CHECK(give_proof(pair.commune, proof_by(thief, 500, 1), id_of(thief)) == Receipts::Absorbed::applied);
  // A signed statement that echoes whatever it likes.
  auto said = *sync::decode_holdings(statement_of(thief, pair.commune));
  for (int n = 0; n < 20; ++n) {
    said.head.sequence += 1;
    said.echo = head_of(5000 + static_cast<std::uint32_t>(n), 3);
    pair.commune.work([&](sync::Batch& batch) -> Result<void> {
      const auto done = pair.commune.replica->receipts().absorb(
          batch, sync::encode_holdings(said, thief.replica->keys().sign().secret_key), sync::Path::stick);
      return done ? Result<void>() : done.error();
    });
  }
  CHECK(number_at(pair.commune, "starts") == before);
  CHECK(figures_of(pair.commune).foreign == 0);
}

TEST_CASE("ordinals: a proof of a start that this node signed and forgot has it go past it, once", "[sync][ordinals]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  talk(pair.hamlet, pair.commune);
  const Bytes lost = proof_by(pair.commune, 40, 7);
  CHECK(give_proof(pair.commune, lost, id_of(pair.hamlet)) == Receipts::Absorbed::applied);
  CHECK(figures_of(pair.commune).foreign == 1);
  CHECK(figures_of(pair.commune).copies == 0);
  const auto said = sync::decode_holdings(statement_of(pair.commune, pair.hamlet));
  CHECK(said->head.ordinal == 41);
  CHECK(give_proof(pair.commune, lost, id_of(pair.hamlet)) == Receipts::Absorbed::old);
  CHECK(sync::decode_holdings(statement_of(pair.commune, pair.hamlet))->head == said->head);
  // Its own, of which it knows.
  const Bytes own = sync::encode_start_proof(
      {pair.commune.replica->self().commune, id_of(pair.commune), said->head.ordinal, said->head.start},
      pair.commune.replica->keys().sign().secret_key);
  CHECK(give_proof(pair.commune, own, id_of(pair.hamlet)) == Receipts::Absorbed::old);
  CHECK(figures_of(pair.commune).foreign == 1);
  CHECK(talk(pair.hamlet, pair.commune).finished);
  CHECK(row_at(pair.hamlet, pair.commune).absorbed.ordinal == 41);
}

TEST_CASE("ordinals: what a node signed past belief raises nothing", "[sync][ordinals]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  const std::uint64_t before = number_at(pair.commune, "starts");
  for (const std::uint32_t ordinal : {sync::heal_ordinal, sync::void_ordinal - 1, sync::void_ordinal, 0xffffffffU}) {
    CHECK(give_proof(pair.commune, proof_by(pair.commune, ordinal, 3), id_of(pair.hamlet)) == Receipts::Absorbed::old);
    auto said = *sync::decode_holdings(statement_of(pair.commune, pair.hamlet));
    said.head = head_of(ordinal, 1);
    pair.commune.work([&](sync::Batch& batch) -> Result<void> {
      const auto done = pair.commune.replica->receipts().absorb(
          batch, sync::encode_holdings(said, pair.commune.replica->keys().sign().secret_key), sync::Path::stick);
      return done ? Result<void>() : done.error();
    });
  }
  CHECK(number_at(pair.commune, "starts") == before);
}

TEST_CASE("ordinals: a void head is passed over, and one that was applied counts as none", "[sync][ordinals]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  talk(pair.hamlet, pair.commune);
  auto said = *sync::decode_holdings(statement_of(pair.commune, pair.hamlet));
  const Head good = said.head;
  said.head.ordinal = sync::void_ordinal;
  said.runs.clear();
  const Bytes poisoned = sync::encode_holdings(said, pair.commune.replica->keys().sign().secret_key);
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto done, pair.hamlet.replica->receipts().absorb(batch, poisoned, sync::Path::stick));
    CHECK(done == Receipts::Absorbed::old);
    return {};
  });
  CHECK(row_at(pair.hamlet, pair.commune).absorbed == good);
  CHECK(pair.hamlet.list().front().state == "received");
  // As an earlier version left it.
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(auto row, pair.hamlet.replica->peers().row(batch.txn, id_of(pair.commune)));
    row.absorbed = said.head;
    return pair.hamlet.replica->peers().put(batch, id_of(pair.commune), row);
  });
  CHECK(row_at(pair.hamlet, pair.commune).absorbed.none());
  CHECK(pair.hamlet.list().front().state == "received");  // marks stay
}

TEST_CASE("ordinals: a commune that an earlier version let somebody poison heals at its next start",
          "[sync][ordinals][regress]") {
  const bool by_stick = GENERATE(false, true);
  const std::uint64_t starts = GENERATE(0xff0000ULL, 0x1000005ULL, 0xffffffffULL, 0x100000003ULL);
  CAPTURE(by_stick, starts);
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  talk(pair.hamlet, pair.commune);
  const std::uint64_t own = number_at(pair.commune, "starts");
  // What it left: the count, a start with its heads, and a hamlet that applied one and echoed it.
  const auto ordinal = static_cast<std::uint32_t>(std::min<std::uint64_t>(starts, 0xffffffff));
  const Head poisoned{ordinal, 1'000, {4, 4, 4, 4, 4, 4, 4, 4}};
  pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(sync::put_meta_number(batch, "starts", starts));
    KHUOI_TRY_VOID(sync::put_meta_number(batch, "holdings_sequence", 1'000));
    const sync::Rows<std::uint64_t, sync::StartId> rows(sync::Note::start, "a start");
    KHUOI_TRY_VOID(rows.put(batch, ordinal, poisoned.start));
    KHUOI_TRY(auto row, pair.commune.replica->peers().row(batch.txn, id_of(pair.hamlet)));
    row.stated = row.echoed = poisoned;
    row.my_sequence = poisoned.sequence;
    return pair.commune.replica->peers().put(batch, id_of(pair.hamlet), row);
  });
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(auto row, pair.hamlet.replica->peers().row(batch.txn, id_of(pair.commune)));
    row.absorbed = poisoned;
    return pair.hamlet.replica->peers().put(batch, id_of(pair.commune), row);
  });
  pair.commune.start();
  // A peer of an earlier version has the poisoned head in force: the first statement to it names that one.
  if (poisoned.is_void()) {
    const auto healed = sync::decode_holdings(statement_of(pair.commune, pair.hamlet));
    CHECK(healed->head.ordinal == own + 1);
    CHECK(healed->supersedes == poisoned);
  }
  pair.hamlet.submit(test_submission(uuid(2), "Bình"));
  Stick stick;
  exchange(pair, by_stick, stick);
  for (const auto& entry : pair.hamlet.list()) CHECK(entry.state == "received");
  CHECK(figures_of(pair.commune).healed == 1);
  CHECK(number_at(pair.commune, "starts") == own + 1);
  CHECK(row_at(pair.hamlet, pair.commune).absorbed.ordinal == own + 1);
  Stick before = stick;
  if (by_stick) {
    sync_stick(pair.commune, stick);
    sync_stick(pair.hamlet, stick);
    CHECK(stick == before);
  } else {
    const Talk rest = talk(pair.hamlet, pair.commune);
    CHECK(rest.dialler.control_out + rest.listener.control_out + rest.dialler.records_out == 0);
  }
  pair.commune.start();
  pair.hamlet.submit(test_submission(uuid(3), "Chi"));
  talk(pair.hamlet, pair.commune);
  CHECK(figures_of(pair.commune).healed == 1);
  for (const auto& entry : pair.hamlet.list()) CHECK(entry.state == "received");
  check_store_is_sound(pair.commune);
}

namespace {
void publish_another(TestNode& commune, const std::string& name) {  // so that a box has something new to state
  std::string xml = test_form;
  xml.replace(xml.find("id=\"test\""), 9, "id=\"" + name + "\"");
  publish_form(commune, xml);
}
}  // namespace

TEST_CASE("ordinals: a copy of a disk that still writes is told from a past that was lost", "[sync][ordinals]") {
  const bool copied = GENERATE(true, false);
  CAPTURE(copied);
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  REQUIRE(pair.hamlet.replica->close(pair.hamlet.now));
  TestNode twin(pair.hamlet.disk->clone(), 77);
  twin.now = pair.hamlet.now;
  pair.hamlet.start();
  for (int round = 0; round < 4; ++round) {
    publish_another(pair.commune, "f" + std::to_string(round));
    if (copied || round == 0) CHECK(talk(twin, pair.commune).finished);
    CHECK(talk(pair.hamlet, pair.commune).finished);
  }
  const sync::Starts::Figures figures = figures_of(pair.hamlet);
  CHECK(figures.foreign > 0);
  CHECK((figures.copies > 0) == copied);
  CHECK(figures.healed == 0);
  if (!copied) {
    CHECK(figures.foreign == 1);
    const Talk rest = talk(pair.hamlet, pair.commune);
    CHECK(rest.dialler.control_out + rest.listener.control_out == 0);
  }
}

TEST_CASE("ordinals: a node with an earlier version's peer, which keeps no proofs, recovers from a restore as well",
          "[sync][ordinals]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  const auto image = pair.commune.disk->clone();
  pair.commune.start();
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  talk(pair.hamlet, pair.commune);
  pair.hamlet.work([&](sync::Batch& batch) {  // the hamlet was of an earlier version until now
    return sync::Rows<NodeId, Bytes>(sync::Note::proof, "a proof").erase(batch, id_of(pair.commune));
  });
  pair.commune.restore(*image);
  for (int contact = 0; contact < 3; ++contact) talk(pair.hamlet, pair.commune);
  CHECK(pair.commune.list().size() == 1);
  CHECK(pair.hamlet.list().front().state == "received");
  CHECK(figures_of(pair.commune).foreign == 0);
  CHECK(figures_of(pair.commune).echoes == 1);
}

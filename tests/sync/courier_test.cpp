#include "sync/wire/block.h"
#include "sync/wire/segment.h"
#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {
/// A hamlet's bundle with some submissions, and both nodes as they were when it was written.
struct Carried {
  ReplicaPair pair;
  Bytes bundle;
  std::unique_ptr<sim::MemoryStore> commune_image;

  explicit Carried(int submissions) {
    talk(pair.hamlet, pair.commune);
    for (int i = 0; i < submissions; ++i) pair.hamlet.submit(test_submission(uuid(i), "Số " + std::to_string(i)));
    Stick stick;
    sync_stick(pair.hamlet, stick);
    REQUIRE(stick.size() == 1);
    bundle = stick.begin()->second;
    commune_image = pair.commune.disk->clone();
  }
  /// A commune that knows nothing of the bundle yet.
  [[nodiscard]] std::unique_ptr<TestNode> commune() const {
    auto out = std::make_unique<TestNode>(commune_image->clone(), 55);
    out->now = pair.commune.now;
    return out;
  }
};

std::set<Bytes> bodies_of(TestNode& node, const NodeId& author) {
  std::set<Bytes> out;
  for (const sync::Sealed& record : records_of(node, author)) out.insert(record.body);
  return out;
}
}  // namespace

TEST_CASE("courier: every flipped octet of a bundle costs its segment only, and nothing wrong is taken", "[sync][courier]") {
  Carried carried(3);
  const NodeId author = carried.pair.hamlet.replica->self().node;
  const std::set<Bytes> real = bodies_of(carried.pair.hamlet, author);
  for (std::size_t at = 0; at < carried.bundle.size(); ++at) {
    const auto commune = carried.commune();
    Stick stick;
    stick.emplace("0000000000000001", carried.bundle);
    stick.begin()->second[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
    sync_stick(*commune, stick);
    INFO("octet " << at);
    for (const Bytes& body : bodies_of(*commune, author)) CHECK(real.contains(body));
    CHECK(commune->list().size() <= 3);
    CHECK(status_of(*commune).quarantined == 0);
    if (at % 16 == 0) {  // what did not come in, comes when the sender writes again
      stick.clear();
      stick.emplace("0000000000000002", carried.bundle);
      sync_stick(*commune, stick);
      CHECK(commune->list().size() == 3);
    }
  }
}

TEST_CASE("courier: cut at any octet, a bundle gives what is whole, and the rest comes again", "[sync][courier]") {
  Carried carried(3);
  const NodeId author = carried.pair.hamlet.replica->self().node;
  const std::set<Bytes> real = bodies_of(carried.pair.hamlet, author);
  for (std::size_t size = 0; size < carried.bundle.size(); size += 7) {
    const auto commune = carried.commune();
    Stick stick;
    stick.emplace("0000000000000001", Bytes(carried.bundle.begin(), carried.bundle.begin() + static_cast<std::ptrdiff_t>(size)));
    sync_stick(*commune, stick);
    INFO("cut at " << size);
    for (const Bytes& body : bodies_of(*commune, author)) CHECK(real.contains(body));
    stick.clear();
    stick.emplace("0000000000000001", carried.bundle);
    sync_stick(*commune, stick);
    CHECK(commune->list().size() == 3);
  }
}

TEST_CASE("courier: a stick with one damaged segment of many merges the others, and the sender fills the hole", "[sync][courier]") {
  Carried carried(2500);
  REQUIRE(carried.bundle.size() > 2 * sync::segment_payload_aim);
  TestNode& hamlet = carried.pair.hamlet;
  TestNode& commune = carried.pair.commune;
  Stick stick;
  stick.emplace("0000000000000001", carried.bundle);
  stick.begin()->second[carried.bundle.size() / 2] ^= 0xffU;
  sync_stick(commune, stick);
  const std::size_t came = commune.list().size();
  CHECK(came > 100);
  CHECK(came < 2500);
  sync_stick(hamlet, stick);
  CHECK(status_of(hamlet).waiting == 2500 - came);
  sync_stick(commune, stick);
  CHECK(commune.list().size() == 2500);
  sync_stick(hamlet, stick);
  CHECK(status_of(hamlet).waiting == 0);
}

TEST_CASE("courier: a store without room for all of a bundle keeps what fits, says only that, and takes the rest later", "[sync][courier]") {
  Carried carried(2500);
  const auto whole = carried.commune();
  const std::uint64_t empty_octets = whole->disk->usage().octets_used;
  Stick stick{{"0000000000000001", carried.bundle}};
  sync_stick(*whole, stick);
  const auto commune = carried.commune();
  commune->disk->set_octets_max((empty_octets + whole->disk->usage().octets_used) / 2);
  sync::Courier courier(*commune->replica);
  auto reader = sync::BundleReader::open(
      [&](std::uint64_t at, std::size_t count) -> Result<Bytes> {
        const ByteView from = ByteView(carried.bundle).subspan(at);
        return to_bytes(from.first(std::min(count, from.size())));
      },
      carried.bundle.size());
  REQUIRE(reader);
  const sync::BundleFile file{"0000000000000001", carried.bundle.size(), sync::hash_id<sync::BundleHash>(carried.bundle)};
  const auto content = courier.take_in(*reader, file, [&] { return commune->replica->begin(commune->now); });
  REQUIRE_FALSE(content);
  CHECK(content.error().code == Errc::store_full);
  const std::size_t came = commune->list().size();
  CHECK(came > 500);
  CHECK(came < 2500);
  CHECK(courier.counts().records_in == came);
  commune->disk->set_octets_max(std::uint64_t{1} << 30U);
  stick = {};
  sync_stick(*commune, stick);
  sync_stick(carried.pair.hamlet, stick);
  CHECK(status_of(carried.pair.hamlet).waiting == 2500 - came);
  Stick again{{"0000000000000001", carried.bundle}};
  CHECK(sync_stick(*commune, again).records_in == 2500 - came);
  CHECK(commune->list().size() == 2500);
}

namespace {

/// Takes a bundle in, and gives how many new records each commit brought.
std::vector<std::uint64_t> records_of_commits(TestNode& node, const Bytes& bundle) {
  sync::Courier courier(*node.replica);
  auto reader = sync::BundleReader::open(
      [&](std::uint64_t at, std::size_t count) -> Result<Bytes> {
        const ByteView from = ByteView(bundle).subspan(at);
        return to_bytes(from.first(std::min(count, from.size())));
      },
      bundle.size());
  REQUIRE(reader);
  std::vector<std::uint64_t> before;
  const sync::BundleFile file{"0000000000000001", bundle.size(), sync::hash_id<sync::BundleHash>(bundle)};
  REQUIRE(courier.take_in(*reader, file, [&] {
    before.push_back(courier.counts().records_in);
    return node.replica->begin(node.now);
  }));
  before.push_back(courier.counts().records_in);
  for (std::size_t i = 0; i + 1 < before.size(); ++i) before[i] = before[i + 1] - before[i];
  before.pop_back();
  return before;
}

}  // namespace

TEST_CASE("courier: a large bundle is taken in by commits of a thousand records at most, in its order", "[sync][courier]") {
  Carried carried(2500);
  const auto commune = carried.commune();
  const auto commits = records_of_commits(*commune, carried.bundle);
  CHECK(commits.size() >= 3);
  for (const std::uint64_t records : commits) CHECK(records <= sync::records_a_commit);
  CHECK(commune->list().size() == 2500);
  for (std::size_t i = 0; const sync::DossierEntry& entry : commune->list()) {
    CHECK(entry.instance_id == "uuid:" + uuid(static_cast<int>(i++)));
  }
}

TEST_CASE("courier: one segment of very many records is taken in by several commits, too", "[sync][courier]") {
  Carried carried(2500);
  TestNode& hamlet = carried.pair.hamlet;
  const auto records = records_of(hamlet, hamlet.replica->self().node);
  const sync::BundleHeader header{hamlet.replica->self().commune, hamlet.replica->self().node};
  std::vector<sync::Sealed> sealed;
  for (const sync::Sealed& record : records) {
    if (record.header.audience != audience_everyone()) sealed.push_back(record);
  }
  Bytes bundle = sync::encode_bundle_header(header);
  append(bundle, sync::frame_signed_segment(sync::SegmentType::records, header, sync::encode_block(sealed),
                                            hamlet.replica->keys().sign().secret_key));
  const auto commune = carried.commune();
  const auto commits = records_of_commits(*commune, bundle);
  CHECK(commits.size() >= 3);
  for (const std::uint64_t each : commits) CHECK(each <= sync::records_a_commit);
  CHECK(commune->list().size() == 2500);
}

TEST_CASE("courier: a replayed old stick gives no record and sets nothing back", "[sync][courier]") {
  ReplicaPair pair;
  Stick stick;
  sync_stick(pair.commune, stick);
  sync_stick(pair.hamlet, stick);
  std::vector<Stick> old;
  for (int i = 0; i < 4; ++i) {
    pair.hamlet.submit(test_submission(uuid(i), "Số"));
    sync_stick(pair.hamlet, stick);
    old.push_back(stick);
    sync_stick(pair.commune, stick);
    old.push_back(stick);
    sync_stick(pair.hamlet, stick);
  }
  const auto states = [&] {
    std::vector<std::string> out;
    for (const auto& entry : pair.hamlet.list()) out.push_back(entry.state);
    return out;
  };
  const auto before = states();
  for (Stick& replay : old) {
    Stick renamed;  // a thief may rename the files
    int n = 0;
    for (const auto& [name, octets] : replay) renamed.emplace("ffffffffffffff" + std::to_string(10 + n++), octets);
    const sync::Counts at_commune = sync_stick(pair.commune, renamed);
    CHECK(at_commune.records_in == 0);
    const sync::Counts at_hamlet = sync_stick(pair.hamlet, renamed);
    CHECK(at_hamlet.records_in == 0);
    CHECK(states() == before);
  }
  CHECK(pair.commune.list().size() == 4);
  CHECK(status_of(pair.hamlet).waiting == 0);
  CHECK(talk(pair.hamlet, pair.commune).finished);
  CHECK(states() == before);
}

TEST_CASE("courier: two sticks between the same two nodes are an idempotent union", "[sync][courier]") {
  ReplicaPair pair;
  Stick one;
  Stick two;
  sync_stick(pair.commune, one);
  sync_stick(pair.commune, two);
  sync_stick(pair.hamlet, two);
  for (int i = 0; i < 10; ++i) {
    pair.hamlet.submit(test_submission(uuid(i), "Số"));
    sync_stick(pair.hamlet, i % 2 == 0 ? one : two);
  }
  sync_stick(pair.commune, two);
  sync_stick(pair.commune, one);
  sync_stick(pair.commune, two);
  CHECK(pair.commune.list().size() == 10);
  sync_stick(pair.hamlet, one);
  sync_stick(pair.hamlet, two);
  for (const auto& entry : pair.hamlet.list()) CHECK(entry.state == "received");
}

TEST_CASE("courier: another commune's bundle is left alone, and one forged in our name is refused", "[sync][courier]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  TestNode foreign_commune(sync::Role::commune, "Xã khác", 41);
  TestNode foreign_hamlet(sync::Role::hamlet, "Xóm khác", 42);
  foreign_commune.unlock();
  Bytes grant;
  foreign_commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto request, sync::decode_request(foreign_hamlet.replica->enrolment().enrol_request()));
    KHUOI_TRY(grant, foreign_commune.replica->enrolment().grant(batch, {request, std::nullopt, batch.now.wall}));
    return {};
  });
  Stick stick;
  sync_stick(foreign_commune, stick);
  const Stick before = stick;
  const sync::Counts counts = sync_stick(pair.hamlet, stick);
  CHECK(counts.records_in + counts.control_in == 0);
  for (const auto& [name, octets] : before) CHECK(stick.at(name) == octets);

  // A thief's own signature over a bundle that names our commune and a real hamlet.
  SeededRng rng(3);
  const sync::SignKeyPair thief = sync::make_sign_key(rng);
  const sync::BundleHeader header{pair.commune.replica->self().commune, pair.hamlet.replica->self().node};
  sync::BundleWriter writer(header, thief.secret_key);
  const CraftedRun run(pair.hamlet, kem_of(pair.commune));
  std::vector<sync::Sealed> records{run.opener(), {run.header(2, sync::Class::sealed, sync::Rank::high), Bytes(64, 9)}};
  Bytes bundle = writer.header();
  append(bundle, writer.records(records));
  Stick forged;
  forged.emplace("00000000000000aa", bundle);
  const sync::Counts at_commune = sync_stick(pair.commune, forged);
  CHECK(at_commune.records_in + at_commune.control_in == 0);
  CHECK(at_commune.records_rejected == 1);
}

TEST_CASE("courier: a bundle whose records wait is not taken for done when junk came first", "[sync][courier][regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  for (int i = 0; i < 3; ++i) pair.hamlet.submit(test_submission(uuid(i), "Số"));
  auto records = records_of(pair.hamlet, pair.hamlet.replica->self().node);
  for (sync::Sealed record : records) {
    if (record.header.number < 2) continue;
    record.body[0] ^= 1U;
    CHECK(give(pair.commune, record, false).taken == sync::Taken::waiting);
  }
  Stick stick;
  sync_stick(pair.hamlet, stick);
  sync_stick(pair.commune, stick);
  CHECK(pair.commune.list().size() == 3);
}

TEST_CASE("courier: nobody can make it seem that the commune was heard from", "[sync][courier][regress]") {
  ReplicaPair pair;
  Stick stick;
  sync_stick(pair.commune, stick);
  sync_stick(pair.hamlet, stick);
  const auto heard = [&] {
    auto txn = pair.hamlet.replica->read();
    const auto row = pair.hamlet.replica->peers().row(**txn, pair.commune.replica->self().node);
    REQUIRE(row);
    return row->heard_at.value;
  };
  const std::int64_t before = heard();
  REQUIRE(before == pair.hamlet.now.wall.value);
  pair.hamlet.now.wall = UnixSeconds{before + 86'400};
  const sync::BundleHeader claims{pair.commune.replica->self().commune, pair.commune.replica->self().node};
  sync::BundleWriter forger(claims, pair.hamlet.replica->keys().sign().secret_key);
  Bytes bundle = forger.header();
  append(bundle, forger.statements(std::vector<Bytes>{to_bytes(view_of("Rjunk"))}));
  Stick forged{{"00000000000000ff", bundle}};
  sync_stick(pair.hamlet, forged);
  CHECK(heard() == before);
}

TEST_CASE("courier: two hamlets on one stick get what is theirs", "[sync][courier]") {
  ReplicaPair pair;
  TestNode other(sync::Role::hamlet, "Nà Lay", 5);
  pair.join(other);
  Stick stick;
  sync_stick(pair.commune, stick);
  CHECK(sync_stick(pair.hamlet, stick).records_in == 1);
  CHECK(sync_stick(other, stick).records_in == 1);
  pair.hamlet.submit(test_submission(uuid(1), "Của Khuổi Mèo"));
  other.submit(test_submission(uuid(2), "Của Nà Lay"));
  sync_stick(pair.hamlet, stick);
  sync_stick(other, stick);
  CHECK(other.list().size() == 1);
  CHECK(sync_stick(pair.commune, stick).records_in == 2);
  sync_stick(pair.hamlet, stick);
  sync_stick(other, stick);
  CHECK(pair.hamlet.list().front().state == "received");
  CHECK(other.list().front().state == "received");
}

TEST_CASE("courier: what a commune gave back before it was restored is proved by its own signature, author copies too",
          "[sync][courier][regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  const auto commune_image = pair.commune.disk->clone();
  const auto hamlet_image = pair.hamlet.disk->clone();
  pair.hamlet.submit(test_submission(uuid(1), "Một"));
  talk(pair.hamlet, pair.commune);
  pair.hamlet.restore(*hamlet_image);
  pair.hamlet.submit(test_submission(uuid(2), "Hai"));
  Stick stick;
  sync::Counts given;
  for (int round = 0; round < 3 && given.records_out == 0; ++round) {
    sync_stick(pair.hamlet, stick);
    given = sync_stick(pair.commune, stick);
  }
  REQUIRE(given.records_out == 1);
  pair.commune.restore(*commune_image);
  pair.hamlet.restore(*hamlet_image);
  sync_stick(pair.commune, stick);
  CHECK(pair.commune.list().size() == 1);  // the second one's only copy was on the disks that both lost
  for (int contact = 0; contact < 4; ++contact) talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  CHECK(pair.hamlet.list().size() == 1);
  CHECK(status_of(pair.hamlet).unopened == 0);
  check_store_is_sound(pair.hamlet);
  check_store_is_sound(pair.commune);
}

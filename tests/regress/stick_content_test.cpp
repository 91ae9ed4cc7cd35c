// What stands for a bundle on a stick: its octets, never its name, its length or a header that anybody can write.
#include "node/sticks/stick_sync.h"
#include "sync/wire/bundle.h"
#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

namespace fs = std::filesystem;

struct Village {
  DiskNode commune{sync::Role::commune, "Sảng Mộc"};
  DiskNode hamlet{sync::Role::hamlet, "Khuổi Mèo"};
  TempFolder stick;

  Village() {
    join_with_form(commune, hamlet);
    visit(commune);
    visit(hamlet);
    visit(commune);
    visit(hamlet);
  }
  node::StickReport visit(const DiskNode& at) const {
    auto report = node::sync_stick(*at.engine, stick.path(), {});
    INFO((report ? std::string() : report.error().what));
    REQUIRE(report);
    return std::move(*report);
  }
  /// Bundles by their writer.
  [[nodiscard]] std::vector<fs::path> bundles_of(const DiskNode& writer) const {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(stick / "KHUOI")) {
      const Bytes octets = read_file(entry.path());
      const Bytes id = to_bytes(writer.self().node.view());
      if (entry.path().extension() == ".kbn" && std::equal(id.begin(), id.end(), octets.begin() + 16)) {
        out.push_back(entry.path());
      }
    }
    return out;
  }
  /// Of these the one with most in it: beside it there may be one with a word to the other side.
  [[nodiscard]] fs::path largest_of(const DiskNode& writer) const {
    const auto all = bundles_of(writer);
    REQUIRE_FALSE(all.empty());
    return *std::ranges::max_element(all, {}, [](const fs::path& one) { return fs::file_size(one); });
  }
  [[nodiscard]] std::map<std::string, Bytes> octets() const {
    std::map<std::string, Bytes> out;
    for (const auto& entry : fs::recursive_directory_iterator(stick.path())) {
      if (entry.is_regular_file()) out.emplace(entry.path().string(), read_file(entry.path()));
    }
    return out;
  }
};

/// Bears a writer's name, and is as long as asked: whatever fills it, no key made it.
Bytes keyless(const sync::Self& writer, std::size_t octets, bool with_segments) {
  SeededRng rng(7);
  const sync::SignKeyPair nobody = sync::make_sign_key(rng);
  sync::BundleWriter bundle({writer.commune, writer.node}, nobody.secret_key);
  Bytes out = bundle.header();
  while (with_segments && out.size() + 2'000 < octets) {
    Bytes chunk(1'000);
    rng.fill(chunk);
    append(out, bundle.chunk({sync::FileId::filled(9), 0, static_cast<std::uint32_t>(out.size())}, chunk));
  }
  // The rest as a segment of a type that is stepped over: not even damage.
  const std::size_t rest = octets - out.size() - sync::segment_head_octets;
  append(out, sync::frame_segment(static_cast<sync::SegmentType>(99), {writer.commune, writer.node}, {Bytes(rest, 0)}));
  return out;
}

bool nothing_moved(const node::StickReport& report) {
  const sync::Counts& c = report.counts;
  return c.records_in + c.records_out + c.records_duplicate + c.records_rejected + c.control_in + c.control_out +
                 c.bytes_in + c.bytes_out + c.attachments_in + c.attachments_out + report.bundles_written +
                 report.bundles_removed ==
             0 &&
         report.faults.empty();
}

}  // namespace

TEST_CASE("stick: a keyless bundle of the same name and length, plugged in first, does not hide the honest one",
          "[regress][stick]") {
  const bool with_segments = GENERATE(false, true);
  CAPTURE(with_segments);
  Village village;
  village.hamlet.submit(1, 400);
  village.visit(village.hamlet);
  const fs::path written = village.largest_of(village.hamlet);
  const Bytes honest = read_file(written);
  write_file(written, keyless(village.hamlet.self(), honest.size(), with_segments));
  REQUIRE(fs::file_size(written) == honest.size());
  village.visit(village.commune);
  CHECK(village.commune.list().empty());
  write_file(written, honest);
  village.visit(village.commune);
  CHECK(village.commune.list().size() == 400);
  village.visit(village.hamlet);
  CHECK(village.hamlet.count_in_state("received") == 400);
}

TEST_CASE("stick: a genuine but older bundle under the same name and length does not hide the newer one either",
          "[regress][stick]") {
  Village village;
  village.hamlet.submit(1);
  village.visit(village.hamlet);
  const Bytes older = read_file(village.largest_of(village.hamlet));
  village.visit(village.commune);
  village.visit(village.hamlet);
  village.hamlet.submit(2);
  village.visit(village.hamlet);
  const fs::path second = village.largest_of(village.hamlet);
  const Bytes newer = read_file(second);
  REQUIRE(newer != older);
  Bytes as_long = older;
  as_long.resize(newer.size(), 0);  // shorter or longer: what is behind or missing is damage, and what is whole is real
  write_file(second, as_long);
  village.visit(village.commune);
  write_file(second, newer);
  village.visit(village.commune);
  CHECK(village.commune.list().size() == 2);
}

TEST_CASE("stick: the same stick twice is a no-op at either end, and so is one that was hashed", "[regress][stick]") {
  Village village;
  village.hamlet.submit(1, 30);
  village.visit(village.hamlet);
  village.visit(village.commune);
  village.visit(village.hamlet);
  village.visit(village.commune);
  village.visit(village.hamlet);
  const auto before = village.octets();
  for (const DiskNode* at : {&village.commune, &village.hamlet, &village.commune}) {
    CHECK(nothing_moved(village.visit(*at)));
  }
  CHECK(village.octets() == before);
}

TEST_CASE("stick: a bundle in this box's own name that it did not write keeps nothing of its off the stick",
          "[regress][stick]") {
  Village village;
  const sync::Self self = village.hamlet.self();
  // It claims to hold the box's statement, in the very head that the box will give, and its request to join.
  SeededRng rng(7);
  const sync::SignKeyPair nobody = sync::make_sign_key(rng);
  sync::BundleWriter forged({self.commune, self.node}, nobody.secret_key);
  village.hamlet.submit(1);
  Bytes statement;
  village.hamlet.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(auto row, replica.peers().row(batch.txn, self.commune_node));
    row.echoed = {};  // so that it has something to say
    KHUOI_TRY_VOID(replica.peers().put(batch, self.commune_node, row));
    KHUOI_TRY(auto made, replica.receipts().make(batch, self.commune_node));
    statement = std::move(made.octets);
    return {};
  });
  const auto said = sync::decode_holdings(statement);
  sync::Holdings lie = *said;
  lie.runs.clear();
  Bytes octets = forged.header();
  append(octets, forged.statements(std::vector<Bytes>{sync::tag_statement(
                     sync::StatementType::holdings, sync::encode_holdings(lie, nobody.secret_key))}));
  append(octets, forged.request(Bytes(100, 1)));
  write_file(village.stick / "KHUOI/00000000000000aa.kbn", octets);
  village.visit(village.hamlet);
  bool stands = false;
  for (const fs::path& bundle : village.bundles_of(village.hamlet)) {
    const Bytes there = read_file(bundle);
    stands = stands || std::search(there.begin(), there.end(), statement.begin(), statement.end()) != there.end();
  }
  CHECK(stands);
  village.visit(village.commune);
  CHECK(village.commune.list().size() == 1);
}

TEST_CASE("stick: another's request in a new box's name does not keep its own off the stick", "[regress][stick]") {
  DiskNode fresh(sync::Role::hamlet, "Nà Lay");
  TempFolder stick;
  fs::create_directories(stick / "KHUOI");
  SeededRng rng(7);
  const sync::SignKeyPair nobody = sync::make_sign_key(rng);
  sync::BundleWriter forged({CommuneId(), fresh.self().node}, nobody.secret_key);
  Bytes octets = forged.header();
  append(octets, forged.request(Bytes(100, 1)));
  write_file(stick / "KHUOI/00000000000000aa.kbn", octets);
  REQUIRE(node::sync_stick(*fresh.engine, stick.path(), {}));
  Bytes request;
  REQUIRE(fresh.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    request = reader.membership().enrol_request();
    return {};
  }));
  bool stands = false;
  for (const auto& entry : fs::directory_iterator(stick / "KHUOI")) {
    const Bytes there = read_file(entry.path());
    stands = stands || std::search(there.begin(), there.end(), request.begin(), request.end()) != there.end();
  }
  CHECK(stands);
}

TEST_CASE("stick: what a bundle carried and a later receipt on the same stick still lacks is written again",
          "[regress][stick]") {
  Village village;
  village.hamlet.submit(1, 20);
  village.visit(village.hamlet);
  CHECK(village.hamlet.count_in_state("sent") == 20);
  const fs::path first = village.largest_of(village.hamlet);
  const Bytes honest = read_file(first);
  // At the commune something else lies in its place; the commune has a word of its own to say meanwhile.
  write_file(first, keyless(village.hamlet.self(), honest.size(), false));
  village.commune.work([](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(replica.receipts().tell_time(batch));
    return {};
  });
  village.visit(village.commune);
  write_file(first, honest);
  village.visit(village.hamlet);
  CHECK_FALSE(fs::exists(first));
  CHECK_FALSE(village.bundles_of(village.hamlet).empty());
  CHECK(village.hamlet.count_in_state("sent") == 20);
  // Without another receipt it stays as it is.
  const auto before = village.octets();
  CHECK(nothing_moved(village.visit(village.hamlet)));
  CHECK(village.octets() == before);
  village.visit(village.commune);
  village.visit(village.hamlet);
  CHECK(village.hamlet.count_in_state("received") == 20);
}

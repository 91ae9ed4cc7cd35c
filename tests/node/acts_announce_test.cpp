#include "node/acts/announce.h"
#include "node/acts/answer.h"
#include "node/acts/publish.h"
#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

sync::Secret officer_key(std::uint8_t which) { return sync::Secret::copy_of(Bytes(32, which)); }

struct Commune : DiskNode {
  Commune() : DiskNode(sync::Role::commune, "Sảng Mộc") {
    unlock();
    sync::PassphraseParams params;
    params.operations = 1;
    params.memory_kib = 8;
    work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
      KHUOI_TRY_VOID(replica.enrolment().add_officer(batch, "Lan", params, officer_key(1)));
      return replica.enrolment().add_officer(batch, "Minh", params, officer_key(2));
    });
  }
  [[nodiscard]] sync::AnnouncementContent content(sync::Urgency urgency) const {
    sync::AnnouncementContent out;
    out.text = "Nước suối dâng cao";
    out.urgency = urgency;
    out.issued = engine->now().wall;
    out.expires = UnixSeconds{out.issued.value + 86400};
    return out;
  }
  [[nodiscard]] std::size_t left() const {
    std::size_t out = 0;
    REQUIRE(engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(const auto items, reader.items().list(txn));
      out = items.size();
      return {};
    }));
    return out;
  }
  [[nodiscard]] std::size_t waiting() const {
    std::size_t out = 0;
    REQUIRE(engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(const auto all, node::emergencies(reader, txn));
      out = all.size();
      return {};
    }));
    return out;
  }
};

}  // namespace

TEST_CASE("announce: an emergency leaves once two different officers approved it", "[node][acts]") {
  const Commune commune;
  const auto done = node::announce(*commune.engine, commune.content(sync::Urgency::emergency), "all", std::nullopt);
  REQUIRE(done);
  CHECK(done->waits);
  CHECK(commune.left() == 0);
  const std::string digits = done->id.hex().substr(0, 8);
  const auto lan = node::approvable(*commune.engine, "Lan", digits);
  const auto minh = node::approvable(*commune.engine, "Minh", digits);
  REQUIRE(lan);
  REQUIRE(minh);
  CHECK(lan->emergency.content.text == "Nước suối dâng cao");
  const auto first = node::approve_with_key(*commune.engine, *lan, officer_key(1));
  REQUIRE(first);
  CHECK_FALSE(*first);
  const auto same = node::approve_with_key(*commune.engine, *lan, officer_key(1));
  REQUIRE(same);
  CHECK_FALSE(*same);
  CHECK_FALSE(node::approve_with_key(*commune.engine, *minh, officer_key(1)));
  CHECK(commune.waiting() == 1);
  CHECK(commune.left() == 0);
  const auto second = node::approve_with_key(*commune.engine, *minh, officer_key(2));
  REQUIRE(second);
  CHECK(*second);
  CHECK(commune.waiting() == 0);
  CHECK(commune.left() == 1);
  const auto late = node::approve_with_key(*commune.engine, *minh, officer_key(2));
  REQUIRE_FALSE(late);
  CHECK(late.error().code == Errc::not_found);
}

TEST_CASE("announce: what is no emergency leaves at once", "[node][acts]") {
  const Commune commune;
  const auto done = node::announce(*commune.engine, commune.content(sync::Urgency::routine), "", std::nullopt);
  REQUIRE(done);
  CHECK_FALSE(done->waits);
  CHECK(commune.left() == 1);
}

TEST_CASE("announce: who is no officer, or names no emergency, is told so", "[node][acts]") {
  const Commune commune;
  const auto done = node::announce(*commune.engine, commune.content(sync::Urgency::emergency), "all", std::nullopt);
  REQUIRE(done);
  const auto code = [&](const std::string& officer, const std::string& digits) {
    const auto found = node::approvable(*commune.engine, officer, digits);
    REQUIRE_FALSE(found);
    return found.error().code;
  };
  CHECK(code("Hoa", done->id.hex()) == Errc::not_found);
  CHECK(code("Lan", done->id.hex().substr(0, 5)) == Errc::not_found);
  CHECK(code("Lan", "ffffffffffffffff") == Errc::not_found);
}

TEST_CASE("acts: what only the commune does is refused at a hamlet", "[node][acts]") {
  const DiskNode hamlet(sync::Role::hamlet, "Khuổi Mèo");
  const auto is_denied = [](const auto& done) { return !done && done.error().code == Errc::denied; };
  sync::AnnouncementContent content;
  content.urgency = sync::Urgency::emergency;
  CHECK(is_denied(node::announce(*hamlet.engine, content, "", std::nullopt)));
  CHECK(is_denied(node::publish_document(*hamlet.engine, "Hướng dẫn", "", {}, true)));
  CHECK(is_denied(node::answer(*hamlet.engine, "123456", {}, {})));
}

TEST_CASE("publish: a document for all hamlets is refused while none has joined", "[node][acts]") {
  const Commune commune;
  const auto none = node::publish_document(*commune.engine, "Hướng dẫn", "all", {}, false);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::not_found);
}

#include "node/acts/staged_files.h"
#include "sync/seal/hash.h"
#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;
using node::FileSource;

namespace {

constexpr std::size_t large_octets = (std::size_t{9} << 20U) + 17;

/// A source over octets at hand that gives pieces of this size, and fails after `fails_after` of them.
FileSource source_over(const std::string& name, Bytes content, std::size_t piece_octets,
                       std::size_t fails_after = SIZE_MAX) {
  FileSource out;
  out.name = name;
  out.open = [content = std::move(content), piece_octets, fails_after]() -> Result<FileSource::Pieces> {
    return FileSource::Pieces([content, piece_octets, fails_after, at = std::size_t{0},
                               pieces = std::size_t{0}]() mutable -> Result<ByteView> {
      if (pieces++ == fails_after) return fail(Errc::io, "the disk it is read from broke");
      const ByteView piece = ByteView(content).subspan(at, std::min(piece_octets, content.size() - at));
      at += piece.size();
      return piece;
    });
  };
  return out;
}

Bytes octets_of(std::size_t count) {
  Bytes out(count);
  SeededRng(5).fill(out);
  return out;
}

std::size_t rows_in(const DiskNode& node, sync::Table table) {
  std::size_t out = 0;
  REQUIRE(node.engine->look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) {
    return sync::scan_prefix(txn, table, {}, [&](ByteView, ByteView) { return ++out != 0; });
  }));
  return out;
}

Bytes content_in_store(const DiskNode& node, const sync::FileFacts& facts) {
  Bytes out;
  REQUIRE(node.engine->look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) {
    return sync::Files::read(txn, facts, [&](ByteView piece) -> Result<void> {
      append(out, piece);
      return {};
    });
  }));
  return out;
}

}  // namespace

TEST_CASE("staged files: whatever the pieces, the same octets are stored under the same mark", "[node][acts]") {
  const DiskNode node(sync::Role::hamlet, "Khuổi Mèo");
  for (const std::size_t octets : {std::size_t{0}, std::size_t{1}, std::size_t{65536}, large_octets}) {
    for (const std::size_t piece : {std::size_t{1} << 12U, std::size_t{65536}, std::size_t{4} << 20U}) {
      const Bytes content = octets_of(octets);
      const FileSource source = source_over("a.csv", content, piece);
      node::StagedFile staged(*node.engine);
      std::size_t room = octets % 2 == 0 ? 0 : node::staged_octets_max;
      REQUIRE(staged.begin(source));
      REQUIRE(staged.stream(room));
      sync::FileFacts facts;
      node.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
        KHUOI_TRY(facts, staged.finish(batch));
        return sync::Files::note(batch, facts, {}, replica.self().node);
      });
      staged.keep();
      CHECK(facts.octets == octets);
      CHECK(facts.name == "a.csv");
      CHECK(facts.type == "text/csv");
      CHECK(content_in_store(node, facts) == content);
      CHECK(staged.content() == sync::Blake2b(32).add(content).finish());
      CHECK(*node::content_of(source) == staged.content());
    }
  }
}

TEST_CASE("staged files: what a commit named and what was kept stays, all else is erased", "[node][acts]") {
  const DiskNode node(sync::Role::hamlet, "Khuổi Mèo");
  const std::size_t before = rows_in(node, sync::Table::chunk);
  SECTION("the source fails after some commits") {
    const auto done =
        node::work_with_files(*node.engine, {source_over("a.jpg", octets_of(large_octets), std::size_t{1} << 20U, 6)},
                              [](sync::Replica&, sync::Batch&, const auto&) { return Result<void>(); });
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::io);
    CHECK(rows_in(node, sync::Table::chunk) == before);
  }
  SECTION("the record is refused") {
    const auto done = node::work_with_files(
        *node.engine, {source_over("a.jpg", octets_of(large_octets), 65536), source_over("b.jpg", octets_of(9), 4)},
        [](sync::Replica&, sync::Batch&, const auto& files) {
          CHECK(files.size() == 2);
          return Result<void>(fail(Errc::denied, "refused"));
        });
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::denied);
    CHECK(rows_in(node, sync::Table::chunk) == before);
  }
  SECTION("whoever gave it is gone after its first part") {
    FileSource source = source_over("a.jpg", octets_of(large_octets), 65536);
    int calls = 0;
    source.taken = [&](std::uint64_t octets) -> Result<void> {
      ++calls;
      CHECK(octets > 0);
      return fail(Errc::closed, "gone");
    };
    const auto done = node::work_with_files(*node.engine, {source},
                                            [](sync::Replica&, sync::Batch&, const auto&) { return Result<void>(); });
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::closed);
    CHECK(calls == 1);
    CHECK(rows_in(node, sync::Table::chunk) == before);
  }
  SECTION("the commit was made") {
    sync::FileFacts facts;
    REQUIRE(node::work_with_files(*node.engine, {source_over("a.jpg", octets_of(large_octets), 65536)},
                                  [&](sync::Replica& replica, sync::Batch& batch, const auto& files) {
                                    facts = files.front();
                                    return sync::Files::note(batch, facts, {}, replica.self().node);
                                  }));
    CHECK(content_in_store(node, facts) == octets_of(large_octets));
  }
}

TEST_CASE("staged files: a stranger's name tells no type that a beginning refutes", "[node][acts]") {
  const DiskNode node(sync::Role::hamlet, "Khuổi Mèo");
  const auto type_of = [&](const std::string& name, std::string_view content, FileSource::Type type) {
    FileSource source = source_over(name, to_bytes(view_of(content)), 65536);
    source.type = type;
    std::string out;
    REQUIRE(node::work_with_files(*node.engine, {source}, [&](sync::Replica&, sync::Batch&, const auto& files) {
      out = files.front().type;
      return Result<void>();
    }));
    return out;
  };
  using Type = FileSource::Type;
  CHECK(type_of("a.jpg", "<html>", Type::by_name) == "image/jpeg");
  CHECK(type_of("a.jpg", "<html>", Type::by_beginning) == "application/octet-stream");
  CHECK(type_of("a.txt", "\xff\xd8\xff", Type::by_beginning) == "image/jpeg");
  CHECK(type_of("a.csv", "name,age", Type::by_beginning) == "text/csv");
  CHECK(type_of("a.csv", "", Type::by_beginning) == "text/csv");
}

// What pages, metrics and commands read of a hamlet's store: rows, which must not grow with what is stored.
#include "node/acts/summary.h"
#include "tests/node/served_counter.h"
#include "tests/regress/test_caller.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

struct RowCost {
  std::string what;
  std::uint64_t rows = 0;
};

/// A hamlet's page and commands, with so many dossiers and so many runs that the commune has, and some that it has not.
class FilledHamlet final {
 public:
  explicit FilledHamlet(std::size_t dossiers)
      : served_(sync::Role::hamlet, [&](DiskNode& hamlet) { fill(hamlet, dossiers); }) {
    served_.hamlet.unlock();
    served_.visitor->person = "trưởng thôn";
    served_.visitor->may = Capabilities::all_domains();
  }

  /// Another thread may look for its own ends meanwhile: the least of some tries is what it costs.
  template <typename Ask>
  std::uint64_t rows_of(const Ask& ask) {
    const storage::LmdbStore& store = served_.hamlet.engine->store();
    std::uint64_t least = ~std::uint64_t{0};
    for (int i = 0; i < 8; ++i) {
      const std::uint64_t before = store.rows_read();
      ask();
      least = std::min(least, store.rows_read() - before);
    }
    return least;
  }

  std::vector<RowCost> costs() {
    std::vector<RowCost> out;
    const auto page = [&](const std::string& path) {
      out.push_back({"GET " + path, rows_of([&] {
                       const std::string answer = served_.ask("GET", path);
                       INFO(answer);
                       CHECK(answer.starts_with("HTTP/1.1 200"));
                     })});
    };
    page("/api/home");
    page("/metrics");
    page("/api/messages?count=5");
    page("/api/documents?count=5");
    TestCaller caller;
    out.push_back({"khuoi status --json", rows_of([&] {
                     CHECK(caller.run(*served_.hamlet.engine, "status", {{"--json", {}}}) == node::exit_success);
                   })});
    out.push_back({"a list of 50", rows_of([&] { list_page(); })});
    out.push_back({"unlock", rows_of([&] {
                     CHECK(served_.hamlet.engine->lock());
                     served_.hamlet.unlock();
                   })});
    page("/api/home");
    out.back().what += " after all that";
    return out;
  }

 private:
  static void fill(DiskNode& hamlet, std::size_t dossiers) {
    const DiskNode commune(sync::Role::commune, "Sảng Mộc");
    join_with_form(commune, hamlet);
    Serving serving(*commune.engine);
    contact(hamlet, serving.place());
    hamlet.unlock();
    constexpr std::size_t a_start = 20;
    for (std::size_t n = 0; n < dossiers; n += a_start) {
      if (n != 0) hamlet.open();  // each start has a run of its own
      hamlet.unlock();
      hamlet.submit(n, a_start);
      say_something(hamlet, commune);
    }
    for (int i = 0; i < 3; ++i) contact(hamlet, serving.place());
    hamlet.open();
    hamlet.unlock();
    hamlet.submit(dossiers, 3);
  }
  static void say_something(const DiskNode& hamlet, const DiskNode& commune) {
    hamlet.work([](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
      sync::Message message;
      message.text = "Tin";
      KHUOI_TRY_VOID(replica.bulletin().send_message(batch, message, std::nullopt));
      return {};
    });
    commune.work([](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
      sync::Document document;
      document.title = "Văn bản";
      KHUOI_TRY_VOID(replica.bulletin().add_document(batch, document, true));
      return {};
    });
  }
  void list_page() {
    REQUIRE(served_.hamlet.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      node::Summaries summaries(reader, txn);
      const auto fill_in = [&](const sync::DossierKey& key, const sync::DossierRow& row,
                               sync::DossierEntry& entry) -> Result<void> {
        KHUOI_TRY(const node::Summary one, summaries.of(key, row));
        node::fill(entry, one);
        return {};
      };
      sync::DossierViews::Page page;
      page.next = 100;
      std::size_t listed = 0;
      KHUOI_TRY_VOID(reader.views().list(
          txn, page, 50, [&](const auto&, const auto*, const auto&) { ++listed; }, fill_in));
      CHECK(listed == 50);
      return {};
    }));
  }

  Served served_;
};

}  // namespace

TEST_CASE("row cost: pages, metrics and commands read as many rows with ten times as much stored", "[node][cost]") {
  const std::vector<RowCost> few = FilledHamlet(200).costs();
  const std::vector<RowCost> many = FilledHamlet(2000).costs();
  REQUIRE(few.size() == many.size());
  std::string table;
  for (std::size_t i = 0; i < few.size(); ++i) {
    table += few[i].what + ": " + std::to_string(few[i].rows) + " -> " + std::to_string(many[i].rows) + "\n";
  }
  WARN(table);
  for (std::size_t i = 0; i < few.size(); ++i) {
    INFO(few[i].what);
    CHECK(few[i].rows > 0);
    CHECK(many[i].rows <= few[i].rows + 16);
  }
}

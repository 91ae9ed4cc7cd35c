// What is opened beforehand, on another thread, is taken in as what is opened when it comes: it saves work, and decides
// nothing.
#include "sync/replica/record_opener.h"

#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

using Opened = std::vector<std::optional<sync::OpenedRecord>>;
constexpr int coming_dossiers = 12;
constexpr const char* list_words = "what a list shows";

Bytes some_words(sync::ReplicaReader&, const sync::ReadTxn&, sync::DossierRecord&&) { return to_bytes(view_of(list_words)); }

/// Records of a hamlet that its commune has not, an edit and a withdrawal among them.
struct Coming : MetPair {
  std::vector<sync::Sealed> records;
  std::unique_ptr<sim::MemoryStore> image;  ///< of the commune, before they come

  Coming() {
    for (int n = 0; n < coming_dossiers; ++n) hamlet.submit(test_submission(uuid(n), "An " + std::to_string(n)));
    hamlet.submit(test_submission(uuid(100), "Bình", "", uuid(0)));
    image = commune.disk->clone();
    const auto txn = hamlet.replica->read();
    const auto candidates = sync::Planner(*hamlet.replica).records(**txn, commune.replica->self().node, {});
    REQUIRE(candidates);
    for (const sync::Candidate& one : *candidates) {
      auto record = hamlet.replica->sealed(**txn, one.ref);
      REQUIRE(record);
      records.push_back(std::move(*record));
    }
  }
  [[nodiscard]] std::unique_ptr<TestNode> another_commune() const {
    auto out = std::make_unique<TestNode>(image->clone(), 55);
    out->now = commune.now;
    return out;
  }
};

Opened opened_by(TestNode& node, std::span<const sync::Sealed> records, sync::RecordOpener::WordsMaker maker = {}) {
  SeededRng rng(9);
  const sync::Published known = node.replica->published();
  const auto txn = node.replica->read();
  const auto reader = sync::ReplicaReader::open(**txn, known, {}, rng);
  REQUIRE(reader);
  REQUIRE((*reader)->renew(**txn, known));
  return sync::RecordOpener(std::move(maker)).open(**reader, **txn, records);
}

void accept_all(TestNode& node, const std::vector<sync::Sealed>& records, const Opened& opened) {
  node.work([&](sync::Batch& batch) -> Result<void> {
    for (std::size_t i = 0; i < records.size(); ++i) {
      KHUOI_TRY_VOID(node.replica->accept(batch, records[i], true, opened[i] ? &*opened[i] : nullptr));
    }
    return {};
  });
}

std::map<std::string, std::string> all_rows_of(TestNode& node) {
  std::map<std::string, std::string> out;
  const auto txn = node.replica->read();
  for (std::size_t table = 0; table < sync::table_count; ++table) {
    const auto name = std::string(sync::name_of(static_cast<sync::Table>(table)));
    REQUIRE((*txn)->scan(static_cast<sync::Table>(table), {}, [&](ByteView key, ByteView value) {
      out.emplace(name + " " + to_hex(key), to_hex(value));
    }));
  }
  return out;
}

std::size_t opened_count(const Opened& opened) {
  return static_cast<std::size_t>(std::ranges::count_if(opened, [](const auto& one) { return one.has_value(); }));
}

std::set<std::string> coming_instances_of(TestNode& node) {
  std::set<std::string> out;
  for (const sync::DossierEntry& entry : node.list()) out.insert(entry.instance_id.value_or("unread"));
  return out;
}

}  // namespace

TEST_CASE("record opener: a store is the same whether its records were opened beforehand or not", "[sync][replica]") {
  Coming coming;
  const auto one = coming.another_commune();
  const auto other = coming.another_commune();
  const Opened opened = opened_by(*one, coming.records);
  CHECK(opened_count(opened) == coming_dossiers + 1);  // all but an opener and an author copy
  std::size_t decoded = 0;
  for (const auto& each : opened) decoded += each && each->version ? 1 : 0;
  CHECK(decoded == coming_dossiers + 1);
  accept_all(*one, coming.records, opened);
  accept_all(*other, coming.records, Opened(coming.records.size()));
  CHECK(one->list().size() == coming_dossiers);
  CHECK(all_rows_of(*one) == all_rows_of(*other));
  check_store_is_sound(*one);
}

TEST_CASE("record opener: what was opened with another opener, or by another roster, is opened anew", "[sync][replica]") {
  Coming coming;
  const auto honest = coming.another_commune();
  accept_all(*honest, coming.records, Opened(coming.records.size()));
  for (const bool by_roster : {false, true}) {
    const auto commune = coming.another_commune();
    Opened opened = opened_by(*commune, coming.records);
    for (auto& one : opened) {
      if (!one) continue;
      if (one->version) one->version->facts.instance_id = "uuid:a lie";
      if (by_roster) ++one->roster_statements;
      else one->with.enc[0] ^= 1U;
    }
    accept_all(*commune, coming.records, opened);
    CHECK(coming_instances_of(*commune) == coming_instances_of(*honest));
  }
}

TEST_CASE("record opener: forged records, and those of a forged opener, are not opened", "[sync][replica]") {
  Coming coming;
  const auto commune = coming.another_commune();
  auto forged = coming.records;
  for (sync::Sealed& record : forged) {
    if (record.header.record_class == sync::Class::sealed) record.body.back() ^= 1U;
  }
  CHECK(opened_count(opened_by(*commune, forged)) == 0);
  accept_all(*commune, forged, opened_by(*commune, forged));
  CHECK(commune->list().empty());

  forged = coming.records;
  const auto opener = std::ranges::find(forged, sync::Class::opener, [](const auto& one) { return one.header.record_class; });
  REQUIRE(opener != forged.end());
  opener->body.back() ^= 1U;
  CHECK(opened_count(opened_by(*coming.another_commune(), forged)) == 0);
}

TEST_CASE("record opener: cut and empty bodies are passed over", "[sync][replica]") {
  Coming coming;
  const auto commune = coming.another_commune();
  auto cut = coming.records;
  for (std::size_t i = 0; i < cut.size(); ++i) cut[i].body.resize(i % 2 == 0 ? 0 : cut[i].body.size() / 2);
  CHECK(opened_count(opened_by(*commune, cut)) == 0);
  CHECK(opened_by(*commune, {}).empty());
}

TEST_CASE("record opener: at a hamlet nothing is opened beforehand", "[sync][replica]") {
  Coming coming;
  CHECK(opened_count(opened_by(coming.hamlet, coming.records)) == 0);
}

TEST_CASE("record opener: the words of a new dossier are kept with it, and go when it is edited", "[sync][replica][dossier]") {
  Coming coming;
  const auto commune = coming.another_commune();
  std::size_t kept = 0;
  accept_all(*commune, coming.records, opened_by(*commune, coming.records, some_words));
  const auto txn = commune->replica->read();
  REQUIRE(commune->replica->dossiers().each_key(**txn, [&](const sync::DossierKey&, const sync::DossierRow& row) {
    const auto found = commune->replica->summaries().of(**txn, row.number, row.domain);
    REQUIRE(found);
    const bool is_edited = row.items.size() > 1;
    CHECK(found->has_value() != is_edited);
    if (*found) CHECK(text_of(**found) == list_words);
    kept += *found ? 1 : 0;
    return true;
  }));
  CHECK(kept == coming_dossiers - 1);
}

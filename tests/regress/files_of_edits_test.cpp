// Each version has the files that came with it, whatever their names and in whatever order they came.
#include "tests/regress/handing_in.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

using NamedFiles = std::multimap<std::string, std::string>;

struct HandedIn {
  std::string xml;
  std::vector<HandedFile> files;
};
struct EditsCase {
  std::string name;
  std::vector<HandedIn> steps;
  std::map<std::string, NamedFiles> wanted;  ///< by XML
};

std::string turn(int own, int edits = -1, const std::string& file = "audit.csv", const std::string& more = "") {
  return test_submission(uuid(own), "Lần " + std::to_string(own) + more, file, edits < 0 ? "" : uuid(edits));
}

std::vector<EditsCase> edits_cases() {
  const std::string a = "audit.csv";
  const std::string nfc = "\xe1\xba\xa3nh.jpg";
  const std::string nfd = "a\xcc\x89nh.jpg";
  return {
      {"edits of edits, each with its own", {{turn(1), {{a, "1"}}}, {turn(2, 1), {{a, "2"}}}, {turn(3, 2), {{a, "3"}}}},
       {{turn(1), {{a, "1"}}}, {turn(2, 1), {{a, "2"}}}, {turn(3, 2), {{a, "3"}}}}},
      {"backwards", {{turn(3, 2), {{a, "3"}}}, {turn(2, 1), {{a, "2"}}}, {turn(1), {{a, "1"}}}},
       {{turn(1), {{a, "1"}}}, {turn(2, 1), {{a, "2"}}}, {turn(3, 2), {{a, "3"}}}}},
      {"a name in other capitals", {{turn(1, -1, "Audit.CSV"), {{"Audit.CSV", "1"}}}, {turn(2, 1), {{a, "2"}}}},
       {{turn(1, -1, "Audit.CSV"), {{"Audit.CSV", "1"}}}, {turn(2, 1), {{a, "2"}}}}},
      {"capitals that differ are no file of the first", {{turn(1, -1, "Audit.CSV"), {{"Audit.CSV", "1"}}}, {turn(2, 1), {}}},
       {{turn(1, -1, "Audit.CSV"), {{"Audit.CSV", "1"}}}, {turn(2, 1), {{a, "(nothing came)"}}}}},
      {"composed, then decomposed", {{turn(1, -1, nfc), {{nfd, "1"}}}, {turn(2, 1, nfd), {{nfc, "2"}}}, {turn(3, 2, nfd), {}}},
       {{turn(1, -1, nfc), {{nfc, "1"}}}, {turn(2, 1, nfd), {{nfc, "2"}}}, {turn(3, 2, nfd), {{nfc, "2"}}}}},
      {"empty, then full", {{turn(1), {{a, ""}}}, {turn(1), {{a, "1"}}}, {turn(2, 1), {{a, ""}}}, {turn(2, 1), {{a, "2"}}}},
       {{turn(1), {{a, "1"}}}, {turn(2, 1), {{a, "2"}}}}},
      {"full, then empty", {{turn(1), {{a, "1"}}}, {turn(1), {{a, ""}}}}, {{turn(1), {{a, "1"}}}}},
      {"the same file in both", {{turn(1), {{a, "x"}}}, {turn(2, 1), {{a, "x"}}}}, {{turn(1), {{a, "x"}}}, {turn(2, 1), {{a, "x"}}}}},
      {"a file that comes with a later try", {{turn(1), {}}, {turn(2, 1), {}}, {turn(2, 1), {{a, "2"}}}, {turn(1), {{a, "1"}}}},
       {{turn(1), {{a, "1"}}}, {turn(2, 1), {{a, "2"}}}}},
      {"two tries with two files", {{turn(1), {{a, "1"}}}, {turn(1), {{a, "one"}}}}, {{turn(1), {{a, "1"}, {a, "one"}}}}},
      {"an edit without, of one without, of one with", {{turn(1), {{a, "1"}}}, {turn(2, 1), {}}, {turn(3, 2), {}}},
       {{turn(1), {{a, "1"}}}, {turn(2, 1), {{a, "1"}}}, {turn(3, 2), {{a, "1"}}}}},
      {"nothing comes from a later edit", {{turn(1), {}}, {turn(2, 1), {{a, "2"}}}},
       {{turn(1), {{a, "(nothing came)"}}}, {turn(2, 1), {{a, "2"}}}}},
      {"nothing comes from a sibling", {{turn(1), {}}, {turn(2, 1), {{a, "2"}}}, {turn(3, 1), {}}},
       {{turn(1), {{a, "(nothing came)"}}}, {turn(2, 1), {{a, "2"}}}, {turn(3, 1), {{a, "(nothing came)"}}}}},
      {"other words under one instanceID", {{turn(1), {{a, "1"}}}, {turn(1, -1, a, " khác"), {{a, "khác"}}}},
       {{turn(1), {{a, "1"}}}, {turn(1, -1, a, " khác"), {{a, "khác"}}}}},
      {"an edit that drops the question", {{turn(1), {{a, "1"}}}, {turn(2, 1, ""), {{a, "2"}}}}, {{turn(1), {{a, "1"}}}, {turn(2, 1, ""), {}}}},
      {"a ring", {{turn(1, 2), {{a, "1"}}}, {turn(2, 1), {}}}, {{turn(1, 2), {{a, "1"}}}, {turn(2, 1), {{a, "1"}}}}},
      {"a whole path", {{turn(1, -1, "/sdcard/audit.csv"), {{a, "1"}}}, {turn(2, 1), {}}},
       {{turn(1, -1, "/sdcard/audit.csv"), {{a, "1"}}}, {turn(2, 1), {{a, "1"}}}}},
      {"before the first was there", {{turn(2, 1), {}}, {turn(1), {{a, "1"}}}}, {{turn(2, 1), {{a, "1"}}}, {turn(1), {{a, "1"}}}}},
  };
}

std::map<std::string, NamedFiles> files_at(TestNode& node) {
  std::map<std::string, NamedFiles> out;
  for (const auto& [instance, version] : versions_at(node)) out[version.xml].insert(version.files.begin(), version.files.end());
  return out;
}

}  // namespace

TEST_CASE("files of edits: each version shows its own on both sides, by fiber, stick and in any order", "[regress]") {
  const auto cases = edits_cases();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const EditsCase& one = cases[i];
    for (const Way way : {every_way.at(i % every_way.size()), Way::shuffled}) {
      INFO(one.name << ", way " << static_cast<int>(way));
      ReplicaPair pair;
      talk(pair.hamlet, pair.commune);
      for (const HandedIn& step : one.steps) hand_in(pair.hamlet, step.xml, step.files);
      carry(pair.hamlet, pair.commune, way, i);
      pair.hamlet.unlock();
      CHECK(files_at(pair.hamlet) == one.wanted);
      CHECK(files_at(pair.commune) == one.wanted);
    }
  }
}

TEST_CASE("files of edits: an edit keeps its own when what it edits is damaged, withdrawn or answered", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  hand_in(pair.hamlet, turn(1), {{"audit.csv", "1"}});
  hand_in(pair.hamlet, turn(2, 1), {{"audit.csv", "2"}});
  pair.hamlet.unlock();
  pair.hamlet.work([&](sync::Batch& batch) { return pair.hamlet.replica->withdraw(batch, only_key(pair.hamlet), "đổi ý"); });
  carry(pair.hamlet, pair.commune, Way::stick);
  pair.commune.work([&](sync::Batch& batch) {
    sync::StateChange needs;
    needs.state = sync::State::needs_papers;
    return pair.commune.replica->set_state(batch, only_key(pair.commune), needs);
  });
  hand_in(pair.hamlet, turn(3, 1), {{"audit.csv", "3"}});
  carry(pair.hamlet, pair.commune, Way::stick);
  for (TestNode* node : {&pair.hamlet, &pair.commune}) {
    const auto key = only_key(*node);
    node->work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(const auto row, node->replica->dossiers().row(batch.txn, key));
      return turn_over(batch.txn, row->items.front().ref);
    });
    node->start();
    node->unlock();
    const std::map<std::string, NamedFiles> wanted{{turn(2, 1), {{"audit.csv", "2"}}}, {turn(3, 1), {{"audit.csv", "3"}}}};
    CHECK(files_at(*node) == wanted);
  }
}

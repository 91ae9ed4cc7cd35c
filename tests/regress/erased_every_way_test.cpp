// Whatever is handed in for an erased dossier is kept apart and told of, in every order and by every path.
#include "tests/regress/handing_in.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

std::string words(int own, int edits = -1, const std::string& more = "", const std::string& photo = "") {
  return test_submission(uuid(own), "Lời " + std::to_string(own) + more, photo, edits < 0 ? "" : uuid(edits));
}

/// A step of a story: something handed in, or the erasure of the dossier that an instance stands in.
struct Step {
  std::string xml;
  int erase = -1;
  static Step in(std::string xml) { return {std::move(xml), -1}; }
  static Step erased(int instance) { return {{}, instance}; }
};
struct ErasedCase {
  std::string name;
  std::vector<Step> steps;
  std::vector<std::string> told;   ///< what the sender hears that it is kept apart
  std::vector<std::string> lives;  ///< what stands in dossiers afterwards
};

std::vector<ErasedCase> erased_cases() {
  const auto in = &Step::in;
  const auto erased = &Step::erased;
  return {
      {"an edit", {in(words(1)), erased(1), in(words(2, 1))}, {words(2, 1)}, {}},
      {"an edit of an edit of it", {in(words(1)), in(words(2, 1)), erased(1), in(words(3, 2))}, {words(3, 2)}, {}},
      {"an edit of what is kept apart", {in(words(1)), erased(1), in(words(2, 1)), in(words(3, 2))}, {words(2, 1), words(3, 2)}, {}},
      {"erased by the edit's id", {in(words(1)), in(words(2, 1)), erased(2), in(words(3, 1))}, {words(3, 1)}, {}},
      {"other words under its instanceID", {in(words(1)), erased(1), in(words(1, -1, " khác"))}, {words(1, -1, " khác")}, {}},
      {"an edit that names itself", {in(words(1)), erased(1), in(words(1, 1))}, {words(1, 1)}, {}},
      {"two edits", {in(words(1)), erased(1), in(words(2, 1)), in(words(3, 1))}, {words(2, 1), words(3, 1)}, {}},
      {"the same edit twice", {in(words(1)), erased(1), in(words(2, 1)), in(words(2, 1))}, {words(2, 1)}, {}},
      {"the first, when only its edit was here and erased", {in(words(2, 1)), erased(2), in(words(1))}, {words(1)}, {}},
      {"what an erased edit edits, which edits another", {in(words(3, 2)), erased(3), in(words(2, 1)), in(words(1))},
       {words(2, 1)}, {words(1)}},
      {"a live dossier, by an erased edit's way", {in(words(1)), in(words(3, 2)), erased(3), in(words(2, 1))}, {words(2, 1)},
       {words(1)}},
      {"what leads to it by an edit kept apart", {in(words(1)), in(words(3, 2)), erased(1), in(words(2, 1))}, {words(2, 1)},
       {words(3, 2)}},
      {"a long way to a live dossier", {in(words(1)), in(words(4, 3)), in(words(3, 2)), erased(4), in(words(2, 1)), in(words(5, 2))},
       {words(2, 1)}, {words(1), words(5, 2)}},
      {"both ends of a way, one after the other", {in(words(1)), in(words(3, 2)), erased(3), erased(1), in(words(2, 1))},
       {words(2, 1)}, {}},
      {"an edit of what was erased, and of what leads to it", {in(words(1)), in(words(3, 2)), erased(3), in(words(4, 3)), in(words(2, 1))},
       {words(4, 3), words(2, 1)}, {words(1)}},
      {"another dossier lives", {in(words(1)), in(words(5)), erased(1), in(words(6, 5)), in(words(2, 1))}, {words(2, 1)},
       {words(5), words(6, 5)}},
  };
}

std::multiset<std::string> apart_at_node(TestNode& node) {
  auto txn = node.replica->read();
  const auto all = sync::quarantined(**txn);
  REQUIRE(all);
  std::multiset<std::string> out;
  for (const auto& one : *all) {
    INFO(one.why);
    CHECK(one.why.find("an edit of an erased dossier") != std::string::npos);
    const auto plain = node.replica->run_keys().read(**txn, one.ref);
    REQUIRE(plain);
    const auto xml = node.replica->dossiers().reader().xml_of(**txn, *plain);
    REQUIRE(xml);
    out.emplace(text_of(*xml));
  }
  return out;
}

std::multiset<std::string> living_at(TestNode& node) {
  std::multiset<std::string> out;
  for (const auto& [instance, version] : versions_at(node)) out.insert(version.xml);
  return out;
}

sync::DossierKey key_at(TestNode& node, int instance) {
  auto txn = node.replica->read();
  const auto key = node.replica->views().resolve(**txn, sync::dossier_id_of("uuid:" + uuid(instance)).hex());
  REQUIRE(key);
  return *key;
}

/// As sticks that left before an erasure still hold them.
void note_records(TestNode& node, std::map<sync::Ref, sync::Sealed>& written) {
  auto txn = node.replica->read();
  std::vector<std::pair<sync::RunKey, sync::RunRow>> runs;
  REQUIRE(node.replica->runs().each(**txn, [&](const sync::RunKey& key, const sync::RunRow& row) {
    if (key.author == node.replica->self().node && !row.local) runs.emplace_back(key, row);
  }));
  for (const auto& [key, row] : runs) {
    for (const auto& [first, last] : row.held.ranges()) {
      for (std::uint32_t number = first; number <= last; ++number) {
        const sync::Ref ref{key.author, key.run, number};
        if (auto record = node.replica->sealed(**txn, ref)) written.emplace(ref, std::move(*record));
      }
    }
  }
}

}  // namespace

TEST_CASE("erased every way: what is handed in afterwards is told, kept apart on both sides, and what lives lives on", "[regress]") {
  int turn = 0;
  for (const ErasedCase& one : erased_cases()) {
    for (const bool met_before : {true, false}) {
      for (const Way way : {++turn % 3 == 0 ? Way::stick : Way::fiber}) {
        INFO(one.name << (met_before ? ", met before" : "") << ", way " << static_cast<int>(way));
        ReplicaPair pair;
        talk(pair.hamlet, pair.commune);
        std::multiset<std::string> told;
        for (const Step& step : one.steps) {
          if (step.erase >= 0) {
            if (met_before) talk(pair.hamlet, pair.commune);
            pair.hamlet.work([&](sync::Batch& batch) { return pair.hamlet.replica->erase(batch, key_at(pair.hamlet, step.erase), "quyền"); });
            if (met_before) talk(pair.hamlet, pair.commune);
          } else if (const auto taken = hand_in(pair.hamlet, step.xml); taken.erased && !taken.repeat) {
            told.insert(step.xml);
          }
        }
        const std::multiset<std::string> wanted(one.told.begin(), one.told.end());
        const std::multiset<std::string> lives(one.lives.begin(), one.lives.end());
        CHECK(told == wanted);
        carry(pair.hamlet, pair.commune, way);
        pair.hamlet.unlock();
        for (TestNode* node : {&pair.hamlet, &pair.commune}) {
          INFO(node->replica->self().name);
          CHECK(apart_at_node(*node) == wanted);
          CHECK(living_at(*node) == lives);
        }
        check_store_is_sound(pair.commune);
      }
    }
  }
}

TEST_CASE("erased every way: in whatever order the commune hears of it, it keeps, shows and forgets what the hamlet does", "[regress]") {
  for (const ErasedCase& one : erased_cases()) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      INFO(one.name << ", seed " << seed);
      ReplicaPair pair;
      talk(pair.hamlet, pair.commune);
      std::map<sync::Ref, sync::Sealed> written;
      for (const Step& step : one.steps) {
        if (step.erase < 0) hand_in(pair.hamlet, step.xml);
        note_records(pair.hamlet, written);
        if (step.erase >= 0) pair.hamlet.work([&](sync::Batch& batch) { return pair.hamlet.replica->erase(batch, key_at(pair.hamlet, step.erase), "quyền"); });
      }
      note_records(pair.hamlet, written);
      std::vector<sync::Sealed> records;
      for (const auto& [ref, record] : written) records.push_back(record);
      SeededRng rng(seed);
      for (std::size_t i = records.size(); i > 1; --i) std::swap(records[i - 1], records[rng.below(i)]);
      for (int round = 0; round < 3; ++round) {
        for (const auto& record : records) give(pair.commune, record, true);
      }
      carry(pair.hamlet, pair.commune, Way::fiber);
      CHECK(apart_at_node(pair.commune) == std::multiset<std::string>(one.told.begin(), one.told.end()));
      CHECK(living_at(pair.commune) == std::multiset<std::string>(one.lives.begin(), one.lives.end()));
      check_store_is_sound(pair.commune);
    }
  }
}

TEST_CASE("erased every way: what the commune erased is gone at a hamlet that had linked it to another dossier, which lives on",
          "[regress]") {
  for (const Way way : {Way::fiber, Way::stick}) {
    INFO("way " << static_cast<int>(way));
    ReplicaPair pair;
    talk(pair.hamlet, pair.commune);
    hand_in(pair.hamlet, words(3, 2, "", "a.jpg"), {{"a.jpg", "of the erased"}});
    carry(pair.hamlet, pair.commune, way);
    hand_in(pair.hamlet, words(1, -1, "", "a.jpg"), {{"a.jpg", "of the living"}});
    hand_in(pair.hamlet, words(2, 1));
    pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->erase(batch, only_key(pair.commune), "quyền"); });
    pair.hamlet.unlock();
    CHECK(pair.hamlet.list().size() == 1);
    carry(pair.hamlet, pair.commune, way);
    pair.hamlet.unlock();
    for (TestNode* node : {&pair.hamlet, &pair.commune}) {
      INFO(node->replica->self().name);
      CHECK(apart_at_node(*node) == std::multiset<std::string>{words(2, 1)});
      CHECK(living_at(*node) == std::multiset<std::string>{words(1, -1, "", "a.jpg")});
      CHECK(versions_at(*node).begin()->second.files.begin()->second == "of the living");
      CHECK(key_at(*node, 1) != key_at(*node, 3));
      CHECK(node->list().size() == 2);
      std::size_t files = 0;
      auto txn = node->replica->read();
      REQUIRE(sync::Files::each(**txn, [&](const sync::Files::Row& row) { files += row.complete ? 1 : 0; }));
      CHECK(files == 1);
      txn->reset();
      check_store_is_sound(*node);
    }
  }
}

TEST_CASE("erased every way: by the commune, and the hamlet's edit with a photo is kept apart with it", "[regress]") {
  for (const Way way : {Way::fiber, Way::stick}) {
    for (const bool heard_first : {true, false}) {
      INFO("way " << static_cast<int>(way) << (heard_first ? ", heard first" : ""));
      ReplicaPair pair;
      talk(pair.hamlet, pair.commune);
      hand_in(pair.hamlet, words(1, -1, "", "a.jpg"), {{"a.jpg", "first"}});
      carry(pair.hamlet, pair.commune, way);
      pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->erase(batch, only_key(pair.commune), "quyền"); });
      if (heard_first) carry(pair.hamlet, pair.commune, way);
      const std::string edit = words(2, 1, "", "a.jpg");
      hand_in(pair.hamlet, edit, {{"a.jpg", "second"}});
      carry(pair.hamlet, pair.commune, way);
      pair.hamlet.unlock();
      CHECK(apart_at_node(pair.commune) == std::multiset<std::string>{edit});
      for (TestNode* node : {&pair.hamlet, &pair.commune}) CHECK(living_at(*node).empty());
      // Its photo waits with it at the commune.
      std::size_t files = 0;
      auto txn = pair.commune.replica->read();
      REQUIRE(sync::Files::each(**txn, [&](const sync::Files::Row& row) { files += row.complete ? 1 : 0; }));
      CHECK(files == 1);
      txn->reset();
      check_store_is_sound(pair.commune);
    }
  }
}

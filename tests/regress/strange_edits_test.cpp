// Edits that name what nobody should edit: themselves, a ring, another form's dossier, one of the other domain.
#include "tests/regress/handing_in.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

std::string with_form(std::string xml, const std::string& form) {
  return xml.replace(xml.find("id=\"test\""), 9, "id=\"" + form + "\"");
}
std::string with_ids(const std::string& instance, const std::string& deprecated, const std::string& name) {
  return "<data id=\"test\" version=\"1\"><name>" + name + "</name><photo/><meta><instanceID>" + instance +
         "</instanceID><deprecatedID>" + deprecated + "</deprecatedID></meta></data>";
}
std::string ban(int own, int edits = -1, const std::string& words = "") {
  return test_submission(uuid(own), "Bản " + std::to_string(own) + words, "", edits < 0 ? "" : uuid(edits));
}
std::string health(const std::string& xml) { return with_form(xml, "visit"); }
std::string other(const std::string& xml) { return with_form(xml, "other"); }

struct StrangeCase {
  std::string name;
  std::vector<std::string> handed_in;
  std::size_t dossiers = 1;
  std::size_t conflicts = 0;
};

std::vector<StrangeCase> strange_cases() {
  std::vector<std::string> backwards;
  for (int n = 30; n >= 0; --n) backwards.push_back(ban(n, n - 1));
  return {
      {"names itself", {ban(1, 1)}},
      {"names itself, and its plain twin comes", {ban(1, 1), ban(1)}, 1, 1},
      {"a ring of two", {ban(1, 2), ban(2, 1)}, 1, 1},
      {"a ring of three", {ban(1, 2), ban(2, 3), ban(3, 1)}, 1, 1},
      {"a ring that a plain one opens", {ban(1, 2), ban(2, 1), ban(1, -1, " khác")}, 1, 1},
      {"two edits of one", {ban(1), ban(2, 1), ban(3, 1)}, 1, 1},
      {"two edits before the one", {ban(2, 1), ban(3, 1), ban(1)}, 1, 1},
      {"an edit of each of two", {ban(1), ban(2, 1), ban(3, 1), ban(4, 2), ban(5, 3)}, 1, 1},
      {"one edit three times", {ban(1), ban(2, 1), ban(2, 1), ban(2, 1)}},
      {"backwards, thirty of them", backwards},
      {"of another form's dossier", {ban(1), other(ban(2, 1))}},
      {"of another form's dossier, the edit first", {other(ban(2, 1)), ban(1)}},
      {"the id in capitals is another id", {ban(1), with_ids("uuid:" + uuid(2), "UUID:" + uuid(1), "Hoa")}, 2},
      {"blanks around the ids", {ban(1), with_ids(" \nuuid:" + uuid(2) + "\t", "\r\n uuid:" + uuid(1) + " ", "Trống")}},
      {"an empty deprecatedID", {with_ids("uuid:" + uuid(1), " ", "Rỗng"), ban(2, 1)}},
      {"ids that are words", {with_ids("hồ sơ 1", "", "Chữ"), with_ids("hồ sơ 2", "hồ sơ 1", "Chữ hai")}},
      {"ids in two normal forms are two", {with_ids("ho\xcc\x82", "", "NFD"), with_ids("h\xc3\xb4", "", "NFC"),
                                           with_ids("2", "ho\xcc\x82", "Sửa NFD")}, 2},
      {"of one of the other domain", {health(ban(1)), ban(2, 1)}, 2},
      {"of one of the other domain, the edit first", {ban(2, 1), health(ban(1))}, 2},
      {"a health edit of a general dossier", {ban(1), health(ban(2, 1)), ban(3, 1)}, 2},
      {"one instanceID in both domains", {ban(1), health(ban(1))}, 2},
      {"one instanceID in both domains, each with its edit", {health(ban(1)), ban(1), health(ban(2, 1)), ban(3, 1)}, 2},
      {"edits of edits in both domains", {ban(2, 1), health(ban(1)), ban(3, 2), health(ban(4, 1)), health(ban(5, 4))}, 2},
  };
}

/// A box that opens both domains, and its commune, with a form of each and a second general one.
struct StrangePair : ReplicaPair {
  StrangePair() {
    commune.work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY_VOID(commune.replica->add_form(batch, record_of_form(with_form(test_form, "other"))));
      sync::FormRecord visit = record_of_form(with_form(test_form, "visit"));
      visit.domain = sync::Domain::health;
      return commune.replica->add_form(batch, visit);
    });
    talk(hamlet, commune);
  }
};

void check_nothing_is_lost(TestNode& node, const StrangeCase& one) {
  INFO("at " << node.replica->self().name);
  const auto rows = node.list();
  CHECK(rows.size() == one.dossiers);
  std::size_t conflicts = 0;
  for (const auto& row : rows) {
    INFO(row.problem);
    CHECK(row.problem.empty());
    CHECK(row.instance_id.has_value());
    conflicts += row.conflict == true ? 1 : 0;
  }
  CHECK(conflicts == one.conflicts);
  const auto versions = versions_at(node);
  for (const std::string& xml : std::set<std::string>(one.handed_in.begin(), one.handed_in.end())) {
    const auto shown = std::ranges::count_if(versions, [&](const auto& version) { return version.second.xml == xml; });
    INFO(xml);
    CHECK(shown == 1);
  }
  const auto key_of = node.replica->read();
  for (const auto& [instance, version] : versions) {
    const auto found = node.replica->dossiers().row(**key_of, version.key);
    REQUIRE((found && *found));
    CHECK(((*found)->domain == sync::Domain::health) == (version.xml.find("id=\"visit\"") != std::string::npos));
  }
}

/// The code that a dossier was given, by the XML in force of it.
std::map<std::string, std::string> codes_at(TestNode& node) {
  std::map<std::string, std::string> out;
  for (const auto& [instance, version] : versions_at(node)) {
    if (!version.current) continue;
    auto txn = node.replica->read();
    const auto detail = node.replica->views().detail(**txn, version.key);
    REQUIRE(detail);
    out.emplace(version.xml, detail->entry.code.value_or("none"));
  }
  return out;
}

void check_answers_arrive(ReplicaPair& pair) {
  int given = 0;
  for (const auto& [instance, version] : versions_at(pair.commune)) {
    if (!version.current) continue;
    pair.commune.work([&, key = version.key](sync::Batch& batch) {
      sync::StateChange accepted;
      accepted.state = sync::State::accepted;
      accepted.code = "H" + std::to_string(++given);
      return pair.commune.replica->set_state(batch, key, accepted);
    });
  }
  carry(pair.hamlet, pair.commune, Way::fiber);
  pair.hamlet.unlock();
  const auto codes = codes_at(pair.hamlet);
  CHECK(codes == codes_at(pair.commune));
  for (const auto& [xml, code] : codes) CHECK(code.starts_with("H"));
}

}  // namespace

TEST_CASE("strange edits: whatever they name, every version is shown once and each dossier hears its own answer", "[regress]") {
  const auto cases = strange_cases();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const StrangeCase& one = cases[i];
    std::set<Way> ways{every_way.at(i % every_way.size())};
    if (one.dossiers > 1) ways.insert(Way::shuffled);
    for (const Way way : ways) {
      INFO(one.name << ", way " << static_cast<int>(way));
      StrangePair pair;
      for (const std::string& xml : one.handed_in) hand_in(pair.hamlet, xml);
      carry(pair.hamlet, pair.commune, way, i);
      pair.hamlet.unlock();
      check_nothing_is_lost(pair.hamlet, one);
      check_nothing_is_lost(pair.commune, one);
      check_answers_arrive(pair);
      check_store_is_sound(pair.commune);
    }
  }
}

TEST_CASE("strange edits: an edit of the other domain hides nothing from who may read the first", "[regress]") {
  StrangePair pair;
  hand_in(pair.hamlet, ban(1));
  hand_in(pair.hamlet, health(ban(2, 1)));
  hand_in(pair.hamlet, health(ban(3)));
  hand_in(pair.hamlet, ban(4, 3));
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(auto keys, pair.hamlet.replica->reader().open_slots(batch.txn, "", [](const sync::PassphraseParams&) {
      return Result<sync::Secret>(sync::Secret::copy_of(Bytes(32, 7)));
    }));
    std::vector<sync::LockKey> head;
    for (auto& key : keys) {
      if (key.lock == sync::Lock::general) head.push_back(std::move(key));
    }
    return pair.hamlet.replica->unlock(batch, head);
  });
  std::set<std::string> read;
  for (const auto& row : pair.hamlet.list()) {
    CHECK(row.problem.empty());
    read.insert(row.instance_id.value_or("hidden"));
  }
  CHECK(read == std::set<std::string>{"uuid:" + uuid(1), "uuid:" + uuid(4)});
}

// What the page notes about a person goes with the slot, whoever takes it away, and what follows is said before.
#include <catch2/catch.hpp>

#include "node/acts/person_rows.h"
#include "tests/regress/test_caller.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

constexpr auto both = node::Capabilities::all_domains();

/// A hamlet of 'head', whose slot was made with the node, and further people; `opens`: what is known of each.
struct Box {
  DiskNode hamlet{sync::Role::hamlet, "Khuổi Mèo"};
  TestCaller caller;
  std::vector<std::string> ended;
  node::Lent lent;

  Box() {
    lent.person_changed = [this](const std::string& person) { ended.push_back(person); };
    caller.service = &lent;
  }
  void person(const std::string& name, node::Capabilities opens) const {
    hamlet.work([&](sync::Replica&, sync::Batch& batch) -> Result<void> {
      sync::PassphraseParams params;
      params.operations = 1;
      params.memory_kib = 8;
      std::vector<sync::LockKey> keys;
      keys.push_back({sync::Lock::general, sync::Secret::copy_of(Bytes(32, 1))});
      if (name != "head")
        KHUOI_TRY_VOID(sync::Keyring::put_slot(
            batch, sync::make_passphrase_slot(name, params, test_phrase_key(), keys, hamlet.engine->rng())));
      KHUOI_TRY_VOID(node::given_rows.put(batch, name, 1));
      KHUOI_TRY_VOID(node::pin_rows.put(batch, name, Bytes(8, 1)));
      return opens.none() ? Result<void>() : node::put_opened(batch, name, opens);
    });
  }
  [[nodiscard]] std::uint64_t rows(const std::string& name) const {
    std::uint64_t out = 0;
    REQUIRE(hamlet.engine->look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(const auto opens, node::person_rows.get(txn, name));
      KHUOI_TRY(const auto pin, node::pin_rows.get(txn, name));
      KHUOI_TRY(const auto given, node::given_rows.get(txn, name));
      out = (opens ? 1 : 0) + (pin ? 1 : 0) + (given ? 1 : 0);
      return {};
    }));
    return out;
  }
  node::ExitCode remove(const std::string& name) {
    return caller.run(*hamlet.engine, "slot remove", {{"PERSON", {name}}});
  }
  [[nodiscard]] bool says(std::string_view words) const { return caller.warned.find(words) != std::string::npos; }
};

}  // namespace

TEST_CASE("slot remove: domain, PIN, mark and sessions go with the slot", "[regress]") {
  Box box;
  box.person("head", both);
  box.person("y tế", node::Capability::read_health);
  CHECK(box.rows("y tế") == 3);
  CHECK(box.remove("y tế") == node::exit_success);
  CHECK(box.rows("y tế") == 0);
  CHECK(box.rows("head") == 3);
  CHECK(box.ended == std::vector<std::string>{"y tế"});
  CHECK(box.caller.warned.empty());
  CHECK(box.remove("y tế") == node::exit_failure);  // a second time
  CHECK(box.ended.size() == 1);
  CHECK(box.remove("head") == node::exit_failure);  // the very last
  CHECK(box.rows("head") == 3);
}

TEST_CASE("slot remove: what nobody else is known to open is said, and asked at a terminal", "[regress]") {
  Box box;
  box.person("trưởng xóm", node::Capability::read_general);
  box.person("y tế", node::Capability::read_health);
  box.person("mới", {});  // never logged in: nobody knows what this opens
  box.caller.answer = false;
  CHECK(box.remove("y tế") == node::exit_failure);
  CHECK(box.caller.asked.find("'health'") != std::string::npos);
  CHECK(box.caller.asked.find("'general'") == std::string::npos);
  CHECK(box.rows("y tế") == 3);
  CHECK(box.ended.empty());
  box.caller.answer = std::nullopt;  // a script is warned
  CHECK(box.remove("y tế") == node::exit_success);
  CHECK(box.says("'health'"));
  // The first person's slot is older than any login on the page: it may open both.
  CHECK(box.remove("head") == node::exit_success);
  CHECK(box.says("'health'"));
  CHECK_FALSE(box.says("'general'"));
  box.caller.answer = true;
  CHECK(box.remove("trưởng xóm") == node::exit_success);
  CHECK(box.caller.asked.find("'general'") != std::string::npos);
  CHECK(box.caller.warned.empty());
}

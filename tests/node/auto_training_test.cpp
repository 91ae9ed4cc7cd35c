#include "node/acts/auto_training.h"

#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace khuoi::tests;

namespace {

/// Dictionaries in force at a node, over all its forms.
std::size_t dictionaries_at(const DiskNode& node) {
  std::size_t count = 0;
  REQUIRE(node.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const auto forms, reader.library().forms(txn));
    for (const sync::FormEntry& form : forms) {
      KHUOI_TRY(const Bytes octets, reader.library().dictionary_in_force(txn, form.hash));
      if (!octets.empty()) ++count;
    }
    return {};
  }));
  return count;
}

}  // namespace

TEST_CASE("auto training: a commune's service learns from what came in, once it is worth it", "[node][service]") {
  DiskPair pair;
  Serving server(*pair.commune.engine);
  contact(pair.hamlet, server.place());
  pair.hamlet.submit(0, 40);
  contact(pair.hamlet, server.place());
  const auto trained = train_when_due(*pair.commune.engine);
  REQUIRE(trained);
  CHECK(*trained == 1);
  CHECK(dictionaries_at(pair.commune) == 1);
  const auto again = train_when_due(*pair.commune.engine);
  REQUIRE(again);
  CHECK(*again == 0);
  contact(pair.hamlet, server.place());
  CHECK(dictionaries_at(pair.hamlet) == 1);
  const auto at_hamlet = train_when_due(*pair.hamlet.engine);
  REQUIRE(at_hamlet);
  CHECK(*at_hamlet == 0);
}

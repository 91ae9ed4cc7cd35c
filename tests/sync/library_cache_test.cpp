#include "tests/support/replica_pair.h"

using namespace khuoi;
using namespace khuoi::tests;

TEST_CASE("library: the models in use stay in memory, however many were used before", "[sync][library][regress]") {
  ReplicaPair pair;
  std::vector<ModelHash> models;
  pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    for (int n = 0; n < 9; ++n) {
      sync::FormRecord form;
      const std::string id = "form_" + std::to_string(n);
      std::string xml = test_form;
      xml.replace(xml.find("id=\"test\""), 9, "id=\"" + id + "\"");
      form.xml = to_bytes(view_of(xml));
      KHUOI_TRY_VOID(pair.commune.replica->add_form(batch, form));
      KHUOI_TRY(const auto entry, pair.commune.replica->library().form(batch.txn, id, "1"));
      KHUOI_TRY(const auto model, pair.commune.replica->library().model_for(batch.txn, entry->hash));
      models.push_back(model->hash());
    }
    return {};
  });
  auto txn = pair.commune.replica->read();
  REQUIRE(txn);
  sync::Library& library = pair.commune.replica->library();
  // Making one costs a thousand times what using one does.
  for (std::size_t first = 0; first + 3 <= models.size(); ++first) {
    std::vector<std::shared_ptr<const sync::Model>> kept;
    for (std::size_t n = first; n < first + 3; ++n) kept.push_back(*library.model(**txn, models[n]));
    for (int round = 0; round < 3; ++round) {
      for (std::size_t n = 0; n < 3; ++n) CHECK(*library.model(**txn, models[first + n]) == kept[n]);
    }
  }
}

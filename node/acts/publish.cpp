#include "node/acts/publish.h"

#include "node/acts/naming.h"

namespace khuoi::node {

using sync::Replica;
using sync::ReplicaReader;

Result<void> publish_document(Engine& engine, const std::string& title, const std::string& to,
                              const std::vector<FileSource>& files, bool is_public) {
  sync::Document document;
  document.title = title;
  KHUOI_TRY(document.to, hamlets_of_commune(engine, to, "documents are published by the commune"));
  if (document.to.empty() && !is_public) {
    KHUOI_TRY_VOID(engine.look([&](ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
      for (const sync::NodeFacts* box : reader.roster().nodes()) {
        if (!box->revoked) document.to.push_back(box->hamlet);
      }
      return {};
    }));
    if (document.to.empty())
      return fail(Errc::not_found, "no hamlet has joined yet; --public keeps it for all that will");
  }
  return work_with_files(engine, files, [&](Replica& replica, sync::Batch& batch, auto facts) -> Result<void> {
    document.files = std::move(facts);
    KHUOI_TRY_VOID(replica.bulletin().add_document(batch, document, is_public));
    return {};
  });
}

Result<sync::FormFacts> read_publishable_form(ByteView xml) {
  KHUOI_TRY(auto facts, sync::read_form(xml));
  if (facts.searched_lists.empty()) return facts;
  const auto& first = facts.searched_lists.front();
  return fail(Errc::unsupported, "the question '" + first.question + "' takes its choices with search('" + first.file +
                                     "'), which no page can read: it would store a column's name as the answer. Use "
                                     "select_one_from_file (an itemset over the file) instead; nothing was published");
}

Result<void> publish_form(Engine& engine, sync::FormRecord form, const std::vector<FileSource>& media) {
  return work_with_files(engine, media, [&](Replica& replica, sync::Batch& batch, auto files) {
    form.media = std::move(files);
    return replica.add_form(batch, form);
  });
}

}  // namespace khuoi::node

#include "node/acts/filled_form.h"

#include "sync/record/answers.h"
#include "sync/record/form_labels.h"

namespace khuoi::node {

Result<std::vector<FilledLine>> filled_form(sync::ReplicaReader& reader, const sync::ReadTxn& txn,
                                            const sync::DossierVersion& version) {
  const auto form = reader.library().form(txn, version.facts.head.form_id, version.facts.head.version);
  const auto xml = form && *form ? reader.library().xml(txn, (*form)->hash) : Result<Bytes>(Bytes());
  const auto labels = xml ? sync::read_form_labels(*xml, "vi") : Result<sync::FormLabels>(sync::FormLabels());
  KHUOI_TRY(const auto answers, sync::read_answers(version.xml));
  std::vector<FilledLine> out;
  for (const auto& [path, text] : answers) {
    if (path == "meta" || path.starts_with("meta/")) continue;
    const sync::FormLabels::Question* question = nullptr;
    if (labels) {
      const auto found = labels->questions.find(path);
      if (found != labels->questions.end()) question = &found->second;
    }
    out.push_back({path, question != nullptr && !question->label.empty() ? question->label : path,
                   sync::spoken_answer(question, text)});
  }
  return out;
}

}  // namespace khuoi::node

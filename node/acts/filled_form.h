#pragma once

#include <string>
#include <vector>

#include "sync/replica/replica_reader.h"

namespace khuoi::node {

/// One question of a submission and what was answered, in words.
struct FilledLine {
  std::string path;
  std::string question;  ///< the form's own words in Vietnamese; the path where it has none, or is not here
  std::string answer;    ///< the label of a choice; else as it stands
};
/// What a submission says, a line a question, in its own order; without what the program itself wrote (meta).
/// Errors: malformed.
Result<std::vector<FilledLine>> filled_form(sync::ReplicaReader& reader, const sync::ReadTxn& txn,
                                            const sync::DossierVersion& version);

}  // namespace khuoi::node

#pragma once

#include <string>
#include <string_view>

#include "sync/replica/replica.h"

namespace khuoi::node {

/// One dossier as lists show it.
struct Summary {
  sync::DossierKey key;
  DossierId id;
  std::uint32_t number = 0;
  std::string form, version, title, label;
  std::string state;
  bool pending = false;
  bool conflict = false;
  bool erased = false;
  std::uint32_t files_have = 0, files_of = 0;
  std::string code;
  std::string due;             ///< yyyy-mm-dd, what the commune set
  std::int64_t at = 0;         ///< when it was first written
  std::uint32_t answers = 0;   ///< state changes by the commune
  bool unseen = false;         ///< of these, one that nobody looked at yet
  std::string follow_up;           ///< yyyy-mm-dd of the next visit, where the form asks for it (FormFacts::FollowUp)
  std::string follow_up_what;      ///< what for: the value of a choice, or words
  std::string follow_up_question;  ///< the end of the path, in the form, of the question that gave it
  std::string searched;        ///< its first words, as search_text makes them
  std::string found_always;    ///< of these number, form, code and label; empty once it is on a shelf
  std::size_t octets_read = 0; ///< of XML, to make this
  bool unreadable = false;     ///< some record of it cannot be read here
};

/// A text as a list shows it: 200 octets at most, cut where a character ends, then an ellipsis.
std::string shortened(std::string_view text);

/// How many of the commune's answers to a dossier somebody has looked at.
Result<std::uint64_t> answers_seen(const sync::ReadTxn& txn, const sync::DossierKey& key);
Result<void> put_answers_seen(sync::Batch& batch, const sync::DossierKey& key, std::uint64_t count);
std::uint32_t answers_in(const sync::DossierRow& row);

/// All that a list shows of one dossier. Its domain is open. Errors: what reading says.
Result<Summary> summarise(sync::ReplicaReader& reader, const sync::ReadTxn& txn, const sync::DossierKey& key,
                          const sync::DossierRow& row);

}  // namespace khuoi::node

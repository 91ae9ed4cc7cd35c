#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/acts/identity.h"
#include "sync/replica/replica.h"

namespace khuoi::node {

/// How the octets of SummaryWords stand: before them, in one octet. Those of before it was there began with the high octet
/// of a time, which is 0: they are not read, and made again.
struct SummaryLayout {
  static constexpr std::uint8_t now = 2;
  static void write(Writer& to) { to.u8(now); }
  static void read(Reader& from) {
    if (from.u8() != now) from.refuse();
  }
};

/// What the records of one dossier say of it in lists: made once, and kept (sync/dossiers/kept_summaries.h).
struct SummaryWords {
  std::string form, version, instance_id, label;
  std::string code;
  std::string due;             ///< yyyy-mm-dd, what the commune set
  std::int64_t at = 0;         ///< when it was first written
  std::string follow_up;           ///< yyyy-mm-dd of the next visit, where the form asks for it (FormFacts::FollowUp)
  std::string follow_up_what;      ///< what for: the value of a choice, or words
  std::string follow_up_question;  ///< the end of the path, in the form, of the question that gave it
  std::string searched;        ///< its first words, as search_text makes them; of a Summary behind its number
  std::vector<sync::FileId> files;   ///< of the version in force: those that came under their names
  std::uint32_t files_of = 0;  ///< and how many there are to be
  std::array<std::uint8_t, 8> form_mark{};  ///< the first octets of the hash of the form that it was made with; zero: none
  std::vector<Identity> people;      ///< at a commune: whom it names (SuspectIndex)
  static constexpr std::size_t octets_max = 1U << 20U;
  static auto parts(auto& words) {
    return parts_of(SummaryLayout(), words.at, words.form_mark, words.files_of, Counted(words.form, octets_max),
                    Counted(words.version, octets_max), Counted(words.instance_id, octets_max),
                    Counted(words.label, octets_max), Counted(words.code, octets_max), Counted(words.due, octets_max),
                    Counted(words.follow_up, octets_max), Counted(words.follow_up_what, octets_max),
                    Counted(words.follow_up_question, octets_max), List(words.files), List(words.people, identities_max), words.searched);
  }
};

/// One dossier as lists show it.
struct Summary : SummaryWords {
  sync::DossierKey key;
  DossierId id;
  std::uint32_t number = 0;
  std::string title;
  std::string state;
  bool pending = false;
  bool conflict = false;
  bool erased = false;
  bool withdrawal_asked = false;
  std::uint32_t files_have = 0;
  std::uint32_t answers = 0;   ///< state changes by the commune
  bool unseen = false;         ///< of these, one that nobody looked at yet
  std::string problem;         ///< one sentence of what of it cannot be read here
  std::size_t octets_read = 0; ///< of XML, to make this; none when it was kept
  [[nodiscard]] bool unreadable() const { return !problem.empty(); }
};

/// A text as a list shows it: 200 octets at most, cut where a character ends, then an ellipsis.
std::string shortened(std::string_view text);
/// What its row of `list` shows of its records.
void fill(sync::DossierEntry& to, const Summary& summary);
/// By what a dossier is found even where there are too many to be found by all that they say: number, title, code, label.
std::string found_always(const Summary& summary);

/// How many of the commune's answers to a dossier somebody has looked at.
Result<std::uint64_t> answers_seen(const sync::ReadTxn& txn, const sync::DossierKey& key);
Result<void> put_answers_seen(sync::Batch& batch, const sync::DossierKey& key, std::uint64_t count);
std::uint32_t answers_in(const sync::DossierRow& row);

/// Summaries of dossiers whose domain is open, of one picture of the store: as they were kept, or made from records.
class Summaries final {
 public:
  /// Borrows both for its life.
  Summaries(sync::ReplicaReader& reader, const sync::ReadTxn& txn) : reader_(reader), txn_(txn) {}

  /// Errors: the store's. What cannot be read is `problem`.
  Result<Summary> of(const sync::DossierKey& key, const sync::DossierRow& row);

  /// The words of a dossier of this one record, which has its XML and was not looked up: as octets for KeptSummaries. Empty
  /// where they may not be kept.
  Bytes words_of_first(sync::DossierRecord&& first);

  /// What was made and may be kept.
  struct Made {
    sync::DossierKey key;
    Bytes row;  ///< octets of the row that it was made of
    Bytes words;
  };
  std::vector<Made> take_made() { return std::exchange(made_, {}); }
  /// Keeps them, but those whose dossier changed since. With their domains open. Errors: the store's.
  static Result<void> keep(sync::Replica& replica, sync::Batch& batch, const std::vector<Made>& made);
  /// Whether what was kept is of an earlier program, and to be made again.
  static bool is_of_earlier(ByteView kept) { return kept.empty() || kept[0] != SummaryLayout::now; }

 private:
  Result<const std::optional<sync::FormEntry>*> form_of(const std::string& id, const std::string& version);
  Result<std::optional<SummaryWords>> kept(const sync::DossierRow& row);
  Result<void> make(const sync::DossierRow& row, Summary& out);
  Result<void> make_of(sync::DossierReader::Content content, Summary& out);
  Result<void> take_version(const sync::DossierRecord& version, Summary& out);
  void take_people(const sync::Answers& answers, const std::optional<sync::FormEntry>& form, Summary& out);

  sync::ReplicaReader& reader_;
  const sync::ReadTxn& txn_;
  std::map<std::pair<std::string, std::string>, std::optional<sync::FormEntry>> forms_;
  std::vector<Made> made_;
};

/// Summaries::words_of_first of one picture: for a sync::RecordOpener.
Bytes words_of_first(sync::ReplicaReader& reader, const sync::ReadTxn& txn, sync::DossierRecord&& first);

}  // namespace khuoi::node

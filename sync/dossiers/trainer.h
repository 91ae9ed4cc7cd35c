#pragma once

#include <map>

#include "sync/dossiers/dossiers.h"
#include "sync/log/record_writer.h"
#include "sync/record/record.h"

namespace khuoi::sync {

/// What a commune learns from: of each form what submissions say, the oldest first, and the dictionary in force. Of the
/// newest 1,000 dossiers those of at most 64 KiB, up to learned_octets_max a form and four times that in all.
struct TrainingSet {
  struct OfForm {
    Bytes form_xml;
    Bytes dictionary;  ///< as it travels; empty while there is none
    std::vector<Bytes> submissions;
    std::size_t octets = 0;  ///< of these
  };
  std::map<FormHash, OfForm> forms;
  std::size_t octets = 0;  ///< of all submissions
};

enum class Training {
  at_once,            ///< somebody asked for it
  when_a_tenth_less,  ///< the commune by itself: only where records that were not learned from become smaller by a tenth
};

/// New dictionaries, cleaned of persons, for those forms where they are wanted and are not the one in force. Takes about
/// a millisecond a submission; needs no store, so that nobody waits. Errors: too_large; closed once `stop` said true.
Result<std::vector<DictionaryRecord>> learn(const TrainingSet& set, Training training, const StopAsked& stop = {});

/// What there is to learn from here. Writes nothing.
class Lessons final {
 public:
  Lessons(Core& core, RunKeys& run_keys, Library& library, Dossiers& dossiers)
      : core_(core), run_keys_(run_keys), library_(library), dossiers_(dossiers) {}

  /// Whether enough has come in since the last time. Never at a hamlet.
  [[nodiscard]] Result<bool> due(const ReadTxn& txn) const;
  /// Errors: denied (at a hamlet); closed once `stop` said true.
  Result<TrainingSet> set(const ReadTxn& txn, const StopAsked& stop = {});

 private:
  Result<bool> learn_from(const ReadTxn& txn, const Ref& ref, TrainingSet& out);

  Core& core_;
  RunKeys& run_keys_;
  Library& library_;
  Dossiers& dossiers_;
};

/// How a commune trains the dictionaries that its boxes encode submissions with. In steps, so that nobody waits while
/// learn() works on what Lessons gave; at_once() is for tests and tools.
class Trainer final {
 public:
  Trainer(Core& core, RunWriter& writer, Library& library, Lessons& lessons)
      : core_(core), writer_(writer), library_(library), lessons_(lessons) {}

  /// That it was tried, committed before the work begins, so that what it fails on is not met at every start again.
  Result<void> note(Batch& batch);
  /// Each box gets the dictionaries.
  Result<void> publish(Batch& batch, const std::vector<DictionaryRecord>& dictionaries);
  /// All of it; gives for how many forms a new dictionary was published.
  Result<std::size_t> at_once(Batch& batch);
  /// A box that joins gets what is in force.
  Result<void> send_in_force(Batch& batch, const NodeFacts& box);

 private:
  Result<void> send(Batch& batch, const NodeFacts& box, const DictionaryRecord& record);

  Core& core_;
  RunWriter& writer_;
  Library& library_;
  Lessons& lessons_;
};

}  // namespace khuoi::sync

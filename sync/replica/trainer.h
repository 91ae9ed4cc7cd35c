#pragma once

#include <map>

#include "sync/record/record.h"
#include "sync/replica/library.h"

namespace khuoi::sync {

/// What a commune learns from: of each form what submissions say, the oldest first, and the dictionary in force.
struct TrainingSet {
  struct OfForm {
    Bytes form_xml;
    Bytes dictionary;  ///< as it travels; empty while there is none
    std::vector<Bytes> submissions;
  };
  std::map<FormHash, OfForm> forms;
};

enum class Training {
  at_once,            ///< somebody asked for it
  when_a_tenth_less,  ///< the commune by itself: only where records that were not learned from become smaller by a tenth
};

/// New dictionaries, cleaned of persons, for those forms where they are wanted and are not the one in force. Takes about
/// a millisecond a submission; needs no store, so that nobody waits. Errors: too_large.
Result<std::vector<DictionaryRecord>> learn(const TrainingSet& set, Training training);

}  // namespace khuoi::sync

#pragma once

#include <map>

#include "sync/record/record.h"
#include "sync/replica/library.h"

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

}  // namespace khuoi::sync

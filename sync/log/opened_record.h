#pragma once

#include <optional>

#include "sync/record/header.h"
#include "sync/record/instance.h"
#include "sync/record/record.h"

namespace khuoi::sync {

/// What a version of a dossier says, decoded with the form that its model names: that never changes.
struct DecodedVersion {
  InstanceFacts facts;
  Bytes words;  ///< what lists show of a dossier that has no other record (KeptSummaries); empty: not made
};

/// A sealed record that was opened before the batch that takes it in, on another thread (RecordOpener). It saves work and
/// decides nothing: whoever takes the record in compares what it was opened with, and else opens it anew.
struct OpenedRecord {
  Opener with;                        ///< of its run
  std::size_t roster_statements = 0;  ///< how many were known: they only become more
  Plain plain;
  std::optional<DecodedVersion> version;
};

}  // namespace khuoi::sync

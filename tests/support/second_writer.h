#pragma once

#include "sync/replica/replica.h"

namespace khuoi::sync {

/// A second writer of a node: under its name it writes what no act of the node would.
struct SecondWriter {
  static RunWriter of(Replica& replica) { return {replica.core_, replica.run_keys_, replica.starts_}; }
  static DossierIndex& index_of(Replica& replica) { return replica.index_; }
};

}  // namespace khuoi::sync

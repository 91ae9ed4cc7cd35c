#pragma once

#include "node/engine/engine.h"
#include "node/engine/read_ahead.h"
#include "node/sticks/bundle_stream.h"
#include "sync/replica/record_opener.h"

namespace khuoi::node {

/// The pieces of a bundle, read on a thread of its own and, at a commune, their records opened there, while those before
/// them are taken in: three pieces are in memory at most. What cannot be opened beforehand is opened when it is taken in.
class PiecesAhead final {
 public:
  /// Borrows both for its life.
  PiecesAhead(Engine& engine, BundleStream& stream);
  /// Waits. As ReadAhead::next().
  Result<std::optional<sync::SegmentPiece>> next() { return ahead_.next(); }

 private:
  Result<std::optional<sync::SegmentPiece>> make();

  Engine& engine_;
  BundleStream& stream_;
  sync::RecordOpener opener_;
  ReadAhead<sync::SegmentPiece> ahead_;  ///< last: its thread uses the rest
};

}  // namespace khuoi::node

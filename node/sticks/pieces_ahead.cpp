#include "node/sticks/pieces_ahead.h"

#include <utility>

#include "node/acts/summary.h"

namespace khuoi::node {

using sync::ReplicaReader;

PiecesAhead::PiecesAhead(Engine& engine, BundleStream& stream)
    : engine_(engine), stream_(stream), opener_(&words_of_first), ahead_([this] { return make(); }) {}

Result<std::optional<sync::SegmentPiece>> PiecesAhead::make() {
  KHUOI_TRY(auto piece, stream_.next());
  if (!piece) return piece;
  // A look that fails leaves the piece as it was read.
  (void)engine_.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    for (sync::HeldSegment& held : piece->segments) held.open_ahead(opener_, reader, txn);
    return {};
  });
  return piece;
}

}  // namespace khuoi::node

#pragma once

#include "sync/contact/bundle_content.h"
#include "sync/contact/taker.h"

namespace khuoi::sync {

/// Asked for a fresh batch whenever enough has gathered and was committed.
using BeginBatch = std::function<Result<Replica::Work>()>;
/// Asked for the next piece of a bundle, until the last, never while a batch is open.
using BundlePieces = std::function<Result<SegmentPiece>()>;

/// Takes in a whole bundle, a commit a piece, and tells what stands in it; its hash comes with the last piece. A piece
/// that a full store cannot take goes on segment by segment, as far as there is room. Of a bundle of another commune
/// nothing is asked for. Errors: those of `pieces`, `begin` and the store; what was committed before stays, and is
/// counted.
Result<BundleContent> take_bundle(Replica& replica, Taker& taker, StickFinds& finds, const BundleHeader& header,
                                  const BundlePieces& pieces, const BundleFile& file, const BeginBatch& begin);

}  // namespace khuoi::sync

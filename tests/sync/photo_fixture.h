#pragma once

#include "sync/files/file_intake.h"
#include "tests/sync/hostile_support.h"

namespace khuoi::tests {

/// A submission with one photo of 150,000 octets.
inline void submit_photo(TestNode& node, int n) {
  node.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto prepared,
              node.replica->reader().submissions().prepare(batch.txn, view_of(test_submission(uuid(n), "An", "giay.jpg"))));
    sync::FileIntake intake(node.rng);
    Bytes photo(150'000);
    node.rng.fill(photo);
    KHUOI_TRY_VOID(intake.add(batch, photo));
    KHUOI_TRY(const auto facts, intake.finish(batch, "giay.jpg", "image/jpeg"));
    KHUOI_TRY_VOID(node.replica->intake().submit(batch, prepared, {facts}));
    return {};
  });
}

}  // namespace khuoi::tests

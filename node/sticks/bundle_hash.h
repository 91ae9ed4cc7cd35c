#pragma once

#include <functional>

#include "sync/contact/pieces.h"
#include "sync/seal/hash.h"

namespace khuoi::node {

/// The hash of a whole file on a stick, made of what is read of it anyway: octets that come in their order are added as
/// they come, and what was left out is read for it. Threads: one owner.
class BundleHasher final {
 public:
  /// Gives at most `octets` of the file from `offset`.
  using Read = std::function<Result<Bytes>(std::uint64_t offset, std::size_t octets)>;
  explicit BundleHasher(Read read) : read_(std::move(read)) {}
  /// From here on what was left out is read so.
  void read_through(Read read) { read_ = std::move(read); }
  /// What was read at `offset`. Errors: io, of the octets before it.
  Result<void> note(std::uint64_t offset, ByteView octets);
  /// Of all `octets` of the file, once. `gone` is asked now and then, and ends it. Errors: io; closed.
  Result<sync::BundleHash> finish(std::uint64_t octets, const std::function<bool()>& gone = {});

 private:
  Result<void> read_up_to(std::uint64_t offset, const std::function<bool()>& gone);

  Read read_;
  sync::Blake2b hash_{sync::BundleHash::octets};
  std::uint64_t done_ = 0;
};

}  // namespace khuoi::node

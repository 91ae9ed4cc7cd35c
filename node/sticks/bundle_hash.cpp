#include "node/sticks/bundle_hash.h"

#include <algorithm>

namespace khuoi::node {

namespace {
constexpr std::size_t hash_read_octets = std::size_t{1} << 20U;
}

Result<void> BundleHasher::note(std::uint64_t offset, ByteView octets) {
  KHUOI_TRY_VOID(read_up_to(offset, {}));
  if (offset + octets.size() <= done_) return {};
  const ByteView news = octets.subspan(static_cast<std::size_t>(done_ - offset));
  hash_.add(news);
  done_ += news.size();
  return {};
}

Result<sync::BundleHash> BundleHasher::finish(std::uint64_t octets, const std::function<bool()>& gone) {
  KHUOI_TRY_VOID(read_up_to(octets, gone));
  return *sync::BundleHash::from(hash_.finish());
}

Result<void> BundleHasher::read_up_to(std::uint64_t offset, const std::function<bool()>& gone) {
  while (done_ < offset) {
    if (gone && gone()) return fail(Errc::closed, "stopped");
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(hash_read_octets, offset - done_));
    KHUOI_TRY(const Bytes octets, read_(done_, wanted));
    if (octets.empty()) return fail(Errc::io, "the bundle became shorter while it was read");
    hash_.add(octets);
    done_ += octets.size();
  }
  return {};
}

}  // namespace khuoi::node

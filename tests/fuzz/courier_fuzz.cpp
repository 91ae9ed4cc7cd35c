#include "sync/contact/courier.h"

#include <algorithm>

#include "sim/memory_store.h"
#include "sync/seal/hash.h"
#include "sync/wire/segment.h"
#include "tests/fuzz/fuzz_pair.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {
void plug_in(FuzzPair& pair, const Bytes& bundle) {
  const auto disk = pair.commune_disk->clone();
  const auto commune = pair.open(*disk);
  const auto source = [&](std::uint64_t offset, std::size_t asked) -> Result<Bytes> {
    const auto from = static_cast<std::size_t>(std::min<std::uint64_t>(offset, bundle.size()));
    return to_bytes(ByteView(bundle).subspan(from, std::min(asked, bundle.size() - from)));
  };
  auto reader = sync::BundleReader::open(source, bundle.size());
  if (!reader) return;
  sync::Courier courier(*commune);
  const sync::BundleFile file{"0123456789abcdef", bundle.size(), sync::hash_id<sync::BundleHash>(bundle)};
  const auto content = courier.take_in(*reader, file, [&] { return commune->begin(fuzz_now); });
  KHUOI_CHECK(static_cast<bool>(content));
  std::vector<sync::BundleContent> mine;
  if (courier.is_mine(content->header)) mine.push_back(*content);
  auto work = commune->begin(fuzz_now);
  for (const sync::BundleContent& bundle_of_mine : mine) {
    KHUOI_CHECK(static_cast<bool>(courier.may_drop(work->batch().txn, bundle_of_mine)));
  }
  const auto parcel = courier.pack(work->batch(), mine);
  KHUOI_CHECK(static_cast<bool>(parcel));
  KHUOI_CHECK(static_cast<bool>(work->commit()));
  check_still_sound(pair, *disk);
}
}  // namespace

/// The octets as a bundle, and as what an enrolled box signed: the first octet says which segment they fill.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > sync::segment_payload_aim) return 0;
  FuzzPair& pair = FuzzPair::instance();
  static const auto hamlet = pair.open(*pair.hamlet_disk);
  static const auto commune_id = hamlet->self().commune;
  const ByteView octets(data + 1, size - 1);
  const sync::BundleHeader header{commune_id, (data[0] & 8U) != 0 ? hamlet->self().commune_node : hamlet->self().node};
  const sync::Secret& secret = hamlet->keys().sign().secret_key;
  sync::BundleWriter writer(header, secret);
  Bytes bundle = writer.header();
  switch (data[0] & 7U) {
    case 0: append(bundle, sync::frame_signed_segment(sync::SegmentType::records, header, octets, secret)); break;
    case 1: append(bundle, sync::frame_signed_segment(sync::SegmentType::statements, header, octets, secret)); break;
    case 2: append(bundle, sync::frame_segment(sync::SegmentType::chunk, header, {octets})); break;
    case 3: append(bundle, sync::frame_segment(sync::SegmentType::request, header, {octets})); break;
    case 4: append(bundle, octets); break;
    default: bundle = to_bytes(octets);
  }
  plug_in(pair, bundle);
  return 0;
}

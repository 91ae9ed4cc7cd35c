#include "sync/contact/session.h"

#include "sim/memory_store.h"
#include "tests/fuzz/fuzz_pair.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {
/// What an enrolled box may say: raw octets, or octets dressed as one of the messages.
Bytes message_from(std::uint8_t how, ByteView octets) {
  switch (how % 5) {
    case 0: return sync::encode_message(sync::RecordsMessage{to_bytes(octets)});
    case 1: return sync::encode_message(sync::StatementMessage{to_bytes(octets)});
    case 2: return sync::encode_message(sync::ChunkMessage{{}, to_bytes(octets)});
    case 3: return sync::encode_message(sync::CaughtUp{octets.size(), {}});
    default: return to_bytes(octets);
  }
}

/// The hamlet's honest first word, the same for every input: a node that starts for each would cost a third of the time.
Bytes make_hello(FuzzPair& pair) {
  const auto disk = pair.hamlet_disk->clone();
  const auto hamlet = pair.open(*disk);
  const auto commune = hamlet->roster().commune()->sign;
  sync::Session dialler(*hamlet, {.dials = true}, commune);
  auto work = hamlet->begin(fuzz_now);
  const auto said = dialler.transmit(work->batch(), 1U << 20U);
  KHUOI_CHECK(said && said->size() == 1);
  return said->front();
}
}  // namespace

/// An honest hello, then whatever comes, each piece led by what it is and how long.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzPair& pair = FuzzPair::instance();
  static const Bytes hello = make_hello(pair);
  static const sync::SignPublic hamlet_key = pair.open(*pair.hamlet_disk)->keys().sign().public_key;
  const auto commune_disk = pair.commune_disk->clone();
  const auto commune = pair.open(*commune_disk);
  sync::Session listener(*commune, {}, hamlet_key);
  std::vector<Bytes> messages{hello};
  Reader from(ByteView(data, size));
  while (from.ok() && messages.size() < 16) {
    const std::uint8_t how = from.u8();
    const std::size_t octets = from.u8();
    messages.push_back(message_from(how, from.raw(std::min(octets, from.rest().size()))));
  }
  for (const Bytes& message : messages) {
    auto work = commune->begin(fuzz_now);
    if (!listener.on_message(work->batch(), message)) break;
    KHUOI_CHECK(static_cast<bool>(listener.transmit(work->batch(), 1U << 20U)));
    KHUOI_CHECK(static_cast<bool>(work->commit()));
  }
  check_still_sound(pair, *commune_disk);
  return 0;
}

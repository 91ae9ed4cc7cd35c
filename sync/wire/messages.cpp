#include "sync/wire/messages.h"

#include <capnp/message.h>
#include <capnp/serialize-packed.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include "sync/files/chunk_tree.h"
#include "sync/record/packed.h"
#include "sync/wire/wire.capnp.h"

namespace khuoi::sync {

namespace {

std::uint64_t number_of(ByteView octets) { return Reader(octets).u64(); }

template <typename IdType>
IdType id_of(std::uint64_t number) {
  Bytes octets;
  Writer(octets).u64(number);
  return *IdType::from(octets);
}

kj::ArrayPtr<const kj::byte> bytes_of(ByteView octets) { return {octets.data(), octets.size()}; }
Bytes octets_of(capnp::Data::Reader data) { return {data.begin(), data.end()}; }

void write(wire::Head::Builder to, const Head& head) {
  to.setOrdinal(head.ordinal);
  to.setSequence(head.sequence);
  to.setStart(number_of(head.start));
}
Head read(wire::Head::Reader from) {
  Head out;
  out.ordinal = from.getOrdinal();
  out.sequence = from.getSequence();
  out.start = id_of<Id<struct StartTag, 8>>(from.getStart()).value;
  return out;
}

void write(wire::Hello::Builder to, const Hello& hello) {
  to.setCommune(number_of(hello.commune.view()));
  to.setNode(number_of(hello.node.view()));
  to.setCapabilities(hello.capabilities);
  if (!hello.head.none()) write(to.initHead(), hello.head);
  if (!hello.echo.none()) write(to.initEcho(), hello.echo);
  to.setRosterDigest(hello.roster_digest);
  to.setNonce(hello.nonce);
  to.setAnswers(hello.answers);
  to.setTime(hello.time.value);
  to.setCaughtUp(hello.caught_up);
  if (!hello.grant.empty()) to.setGrant(bytes_of(hello.grant));
  to.setSayWhole(hello.say_whole);
  to.setEchoSum(hello.echo_sum);
}

Hello read(wire::Hello::Reader from) {
  Hello out;
  out.commune = id_of<CommuneId>(from.getCommune());
  out.node = id_of<NodeId>(from.getNode());
  out.capabilities = from.getCapabilities();
  out.head = read(from.getHead());
  out.echo = read(from.getEcho());
  out.roster_digest = from.getRosterDigest();
  out.nonce = from.getNonce();
  out.answers = from.getAnswers();
  out.time.value = from.getTime();
  out.caught_up = from.getCaughtUp();
  out.grant = octets_of(from.getGrant());
  out.say_whole = from.getSayWhole();
  out.echo_sum = from.getEchoSum();
  return out;
}

struct WriteUnion {
  wire::Message::Builder to;
  void operator()(const Hello& hello) { write(to.initHello(), hello); }
  void operator()(const StatementMessage& message) { to.setStatement(bytes_of(message.octets)); }
  void operator()(const RecordsMessage& message) { to.setRecords(bytes_of(message.block)); }
  void operator()(const ChunkMessage& message) {
    auto chunk = to.initChunk();
    chunk.setFile(bytes_of(message.place.file.view()));
    chunk.setLevel(message.place.level);
    chunk.setIndex(message.place.index);
    chunk.setOctets(bytes_of(message.octets));
  }
  void operator()(const CarriedMessage& message) { to.setCarried(bytes_of(message.segment)); }
  void operator()(const CaughtUp& message) {
    auto caught_up = to.initCaughtUp();
    caught_up.setTaken(message.taken);
    if (!message.echo.none()) write(caught_up.initEcho(), message.echo);
    caught_up.setSayWhole(message.say_whole);
  }
};

Result<SessionMessage> read_union(wire::Message::Reader from) {
  switch (from.which()) {
    case wire::Message::HELLO: return SessionMessage(read(from.getHello()));
    case wire::Message::STATEMENT: return SessionMessage(StatementMessage{octets_of(from.getStatement())});
    case wire::Message::RECORDS: return SessionMessage(RecordsMessage{octets_of(from.getRecords())});
    case wire::Message::CHUNK: {
      const auto chunk = from.getChunk();
      const Bytes file = octets_of(chunk.getFile());
      const auto id = FileId::from(file);
      if (!id) return fail(Errc::malformed, "message: a chunk of a file with no id");
      return SessionMessage(ChunkMessage{{*id, chunk.getLevel(), chunk.getIndex()}, octets_of(chunk.getOctets())});
    }
    case wire::Message::CARRIED: return SessionMessage(CarriedMessage{octets_of(from.getCarried())});
    case wire::Message::CAUGHT_UP: {
      const auto caught_up = from.getCaughtUp();
      return SessionMessage(CaughtUp{caught_up.getTaken(), read(caught_up.getEcho()), caught_up.getSayWhole()});
    }
  }
  return fail(Errc::unsupported, "message: a kind of a later version");
}

/// What a message carries besides a few fields.
std::size_t payload_octets(const SessionMessage& message) {
  if (const auto* statement = std::get_if<StatementMessage>(&message)) return statement->octets.size();
  if (const auto* records = std::get_if<RecordsMessage>(&message)) return records->block.size();
  if (const auto* chunk = std::get_if<ChunkMessage>(&message)) return chunk->octets.size();
  if (const auto* carried = std::get_if<CarriedMessage>(&message)) return carried->segment.size();
  if (const auto* hello = std::get_if<Hello>(&message)) return hello->grant.size();
  return 0;
}

/// Cap'n Proto zeroes what it is to use, 8 KiB unless told, and takes more by and by.
constexpr unsigned words_of_fields = 64;

}  // namespace

Bytes encode_message(const SessionMessage& message) {
  const std::size_t payload = payload_octets(message);
  capnp::MallocMessageBuilder builder(static_cast<unsigned>(payload / 8) + words_of_fields);
  std::visit(WriteUnion{builder.initRoot<wire::Message>()}, message);
  kj::VectorOutputStream out(payload + payload / 64 + 8 * std::size_t{words_of_fields});
  capnp::writePackedMessage(out, builder);
  const auto packed = out.getArray();
  return {packed.begin(), packed.end()};
}

Result<SessionMessage> decode_message(ByteView packed) {
  if (packed.size() > frame_octets_max) return fail(Errc::too_large, "message: larger than a frame may be");
  KHUOI_TRY(const auto words, unpack_words(packed, frame_octets_max));
  try {
    const kj::ArrayPtr<const capnp::word> array(reinterpret_cast<const capnp::word*>(words.data()), words.size());
    capnp::FlatArrayMessageReader message(array, {.traversalLimitInWords = 8 * words.size() + 64, .nestingLimit = 16});
    if (message.getEnd() != array.end()) return fail(Errc::malformed, "message: something follows it");
    return read_union(message.getRoot<wire::Message>());
  } catch (const kj::Exception& error) {
    return fail(Errc::malformed, std::string("message: ") + error.getDescription().cStr());
  }
}

ReceivedMessage::ReceivedMessage(ByteView packed) : message(decode_message(packed)), octets(packed.size()) {}

void ReceivedMessage::hash_chunks(std::span<ReceivedMessage> messages) {
  std::vector<ByteView> chunks;
  std::vector<ReceivedMessage*> received;
  for (ReceivedMessage& one : messages) {
    const auto* chunk = one.message ? std::get_if<ChunkMessage>(&*one.message) : nullptr;
    if (chunk == nullptr) continue;
    chunks.push_back(chunk->octets);
    received.push_back(&one);
  }
  const std::vector<ChunkHash> hashes = hashes_of_chunks(chunks);
  for (std::size_t i = 0; i < received.size(); ++i) received[i]->chunk_hash = hashes[i];
}

}  // namespace khuoi::sync

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include "sync/record/body_codec.h"
#include "sync/record/packed.h"
#include "sync/record/record.capnp.h"

namespace khuoi::sync {

namespace {

/// Thrown and caught in this file only: the readers below are called from within Cap'n Proto's own exceptions anyway,
/// and a body has too many fields to test each by hand.
struct Malformed {
  const char* what;
};

template <typename IdType>
IdType id_of(std::uint64_t number) {
  Bytes octets;
  Writer(octets).u64(number);
  return *IdType::from(octets);
}

template <std::size_t N>
std::array<std::uint8_t, N> array_of(capnp::Data::Reader from) {
  if (from.size() != N) throw Malformed{"a key, id, hash or signature of a wrong length"};
  std::array<std::uint8_t, N> out{};
  std::copy(from.begin(), from.end(), out.begin());
  return out;
}
DossierId dossier_of(capnp::Data::Reader from) { return DossierId(array_of<16>(from)); }
Bytes octets_of(capnp::Data::Reader from) { return {from.begin(), from.end()}; }
std::string text_from(capnp::Text::Reader from) { return {from.begin(), from.size()}; }

template <typename List>
void refuse_over(const List& list, std::size_t limit) {
  if (list.size() > limit) throw Malformed{"a list past its limit"};
}

Ref read(schema::Ref::Reader from) {
  return {id_of<NodeId>(from.getAuthor()), id_of<RunId>(from.getRun()), from.getNumber()};
}

FileFacts read(schema::File::Reader from) {
  FileFacts out;
  out.name = text_from(from.getName());
  out.octets = from.getOctets();
  out.type = text_from(from.getType());
  out.key = array_of<32>(from.getKey());
  out.root = ChunkHash(array_of<32>(from.getRoot()));
  return out;
}

std::vector<Ref> read_seen(capnp::List<schema::Ref>::Reader from) {
  refuse_over(from, seen_max);
  std::vector<Ref> out;
  out.reserve(from.size());
  for (const auto one : from) out.push_back(read(one));
  return out;
}

std::vector<FileFacts> read_files(capnp::List<schema::File>::Reader from) {
  refuse_over(from, files_max);
  std::vector<FileFacts> out;
  for (const auto one : from) out.push_back(read(one));
  return out;
}

std::vector<HamletId> read_hamlets(capnp::List<std::uint64_t>::Reader from) {
  refuse_over(from, recipients_max);
  std::vector<HamletId> out;
  for (const std::uint64_t one : from) out.push_back(id_of<HamletId>(one));
  return out;
}

Edit read(schema::EditFacts::Reader from) { return {dossier_of(from.getDossier()), read_seen(from.getSeen()), {}}; }

Withdrawal read(schema::Withdrawal::Reader from) {
  return {dossier_of(from.getDossier()), read_seen(from.getSeen()), text_from(from.getReason())};
}

Manifest read(schema::ManifestOfVersion::Reader from) {
  Manifest out{dossier_of(from.getDossier()), read(from.getFile())};
  if (from.hasVersion()) out.version = read(from.getVersion());
  return out;
}

Pick read(schema::Pick::Reader from) {
  return {dossier_of(from.getDossier()), read(from.getChosen()), read_seen(from.getSeen())};
}

StateChange read(schema::State::Reader from) {
  StateChange out;
  out.hamlet = id_of<HamletId>(from.getHamlet());
  out.dossier = dossier_of(from.getDossier());
  const auto state = state_numbered(from.getState());
  if (!state) throw Malformed{"a state that is none of the ten"};
  out.state = *state;
  out.code = text_from(from.getCode());
  out.note = text_from(from.getNote());
  out.due = text_from(from.getDue());
  out.fee_vnd = from.getFeeVnd();
  out.files = read_files(from.getFiles());
  out.seen = read_seen(from.getSeen());
  return out;
}

AnnouncementContent read(schema::AnnouncementContent::Reader from) {
  AnnouncementContent out;
  out.text = text_from(from.getText());
  if (from.getUrgency() > static_cast<std::uint8_t>(Urgency::emergency)) throw Malformed{"an unknown urgency"};
  out.urgency = static_cast<Urgency>(from.getUrgency());
  out.to = read_hamlets(from.getTo());
  if (from.getSlots() > 3) throw Malformed{"an unknown slot"};
  out.noon = (from.getSlots() & 1U) != 0;
  out.afternoon = (from.getSlots() & 2U) != 0;
  out.issued.value = from.getIssued();
  out.expires.value = from.getExpires();
  if (from.hasClip()) out.clip = read(from.getClip());
  return out;
}

Announcement read(schema::Announcement::Reader from) {
  Announcement out;
  out.content = octets_of(from.getContent());
  refuse_over(from.getApprovals(), approvals_max);
  for (const auto one : from.getApprovals()) {
    out.approvals.push_back({id_of<NodeId>(one.getOfficer()), array_of<64>(one.getSignature())});
  }
  return out;
}

Played read(schema::Played::Reader from) {
  return {read(from.getAnnouncement()), UnixSeconds{from.getAt()}, from.getByPerson(), from.getNotHeard()};
}

Document read(schema::Document::Reader from) {
  return {text_from(from.getTitle()), read_files(from.getFiles()), read_hamlets(from.getTo())};
}

DocumentRead read(schema::DocumentRead::Reader from) {
  return {read(from.getDocument()), UnixSeconds{from.getAt()}, text_from(from.getPerson())};
}

Message read(schema::Message::Reader from) { return {text_from(from.getText()), text_from(from.getPerson())}; }

FormRecord read(schema::Form::Reader from) {
  FormRecord out;
  out.id = text_from(from.getId());
  out.version = text_from(from.getVersion());
  out.title = text_from(from.getTitle());
  if (from.getDomain() > static_cast<std::uint8_t>(Domain::health)) throw Malformed{"an unknown domain"};
  out.domain = static_cast<Domain>(from.getDomain());
  out.xml = octets_of(from.getXml());
  out.media = read_files(from.getMedia());
  out.closed = from.getClosed();
  return out;
}

DictionaryRecord read(schema::Dictionary::Reader from) {
  return {array_of<32>(from.getFormHash()), octets_of(from.getOctets())};
}

GroupKey read(schema::GroupKeyOfEpoch::Reader from) { return {array_of<32>(from.getKey()), from.getEpoch()}; }

Checkpoint read(schema::Checkpoint::Reader from) {
  return {id_of<RunId>(from.getRun()), from.getUpTo(), array_of<32>(from.getChain()), from.getFinal(),
          array_of<64>(from.getSignature())};
}

NodeHealth read(schema::NodeHealth::Reader from) {
  return {text_from(from.getVersion()), from.getStoreOctets(), from.getDiskFreeOctets(), from.getUptimeSeconds(),
          from.getClockTrusted()};
}

Erase read(schema::Erase::Reader from) {
  return {id_of<HamletId>(from.getHamlet()), dossier_of(from.getDossier()), text_from(from.getReason())};
}

/// Runs `use` on the message's reader; whatever Cap'n Proto throws at junk ends here.
template <typename Out, typename Use>
Result<Out> with_message(ByteView packed, std::size_t unpacked_octets_max, Use use) {
  KHUOI_TRY(const auto words, unpack_words(packed, unpacked_octets_max));
  const kj::ArrayPtr<const capnp::word> array(reinterpret_cast<const capnp::word*>(words.data()), words.size());
  try {
    capnp::FlatArrayMessageReader message(array, {.traversalLimitInWords = 8 * words.size(), .nestingLimit = 16});
    if (message.getEnd() != array.end()) return fail(Errc::malformed, "message: something follows it");
    return use(message);
  } catch (const Malformed& error) {
    return fail(Errc::malformed, std::string("message: ") + error.what);
  } catch (const kj::Exception& error) {
    return fail(Errc::malformed, std::string("message: ") + error.getDescription().cStr());
  }
}

Body read_root(Kind kind, capnp::MessageReader& message) {
  switch (kind) {
    case Kind::edit:
      return read(message.getRoot<schema::EditFacts>());
    case Kind::withdrawal:
      return read(message.getRoot<schema::Withdrawal>());
    case Kind::manifest:
      return read(message.getRoot<schema::ManifestOfVersion>());
    case Kind::pick:
      return read(message.getRoot<schema::Pick>());
    case Kind::state:
      return read(message.getRoot<schema::State>());
    case Kind::announcement:
      return read(message.getRoot<schema::Announcement>());
    case Kind::played:
      return read(message.getRoot<schema::Played>());
    case Kind::document:
      return read(message.getRoot<schema::Document>());
    case Kind::document_read:
      return read(message.getRoot<schema::DocumentRead>());
    case Kind::message:
      return read(message.getRoot<schema::Message>());
    case Kind::form:
      return read(message.getRoot<schema::Form>());
    case Kind::dictionary:
      return read(message.getRoot<schema::Dictionary>());
    case Kind::group_key:
      return read(message.getRoot<schema::GroupKeyOfEpoch>());
    case Kind::checkpoint:
      return read(message.getRoot<schema::Checkpoint>());
    case Kind::node_health:
      return read(message.getRoot<schema::NodeHealth>());
    case Kind::erase:
      return read(message.getRoot<schema::Erase>());
    default:
      throw Malformed{"a kind that is no message"};
  }
}

}  // namespace

Result<Body> unpack_body(Kind kind, ByteView packed, std::size_t unpacked_octets_max) {
  return with_message<Body>(packed, unpacked_octets_max,
                            [kind](capnp::MessageReader& message) { return read_root(kind, message); });
}

Result<AnnouncementContent> decode_announcement_content(ByteView octets) {
  if (octets.size() > record_octets_max) return fail(Errc::too_large, "announcement: over 1 MiB");
  KHUOI_TRY(auto content, with_message<AnnouncementContent>(octets, message_octets_max, [](capnp::MessageReader& message) {
              return read(message.getRoot<schema::AnnouncementContent>());
            }));
  KHUOI_TRY_VOID(check_announcement_content(content));
  return content;
}

}  // namespace khuoi::sync

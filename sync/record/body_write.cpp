#include <capnp/message.h>
#include <capnp/serialize-packed.h>
#include <kj/io.h>

#include "sync/base/check.h"
#include "sync/record/body_codec.h"
#include "sync/record/record.capnp.h"

namespace khuoi::sync {

namespace {

std::uint64_t number_of(const std::array<std::uint8_t, 8>& id) { return Reader(id).u64(); }
capnp::Data::Reader data_of(ByteView octets) { return {octets.data(), octets.size()}; }
capnp::Text::Reader text_in(const std::string& text) { return {text.c_str(), text.size()}; }

void write(schema::Ref::Builder to, const Ref& from) {
  to.setAuthor(number_of(from.author.value));
  to.setRun(number_of(from.run.value));
  to.setNumber(from.number);
}

void write(schema::File::Builder to, const FileFacts& from) {
  to.setName(text_in(from.name));
  to.setOctets(from.octets);
  to.setType(text_in(from.type));
  to.setKey(data_of(from.key));
  to.setRoot(data_of(from.root.view()));
}

void write(schema::Approval::Builder to, const Approval& from) {
  to.setOfficer(number_of(from.officer.value));
  to.setSignature(data_of(from.signature));
}

template <typename List, typename From>
void write_list(List to, const std::vector<From>& from) {
  for (unsigned i = 0; i < to.size(); ++i) write(to[i], from[i]);
}
template <typename From>
unsigned count_of(const std::vector<From>& from) {
  return static_cast<unsigned>(from.size());
}
void write_ids(capnp::List<std::uint64_t>::Builder to, const std::vector<HamletId>& from) {
  for (unsigned i = 0; i < to.size(); ++i) to.set(i, number_of(from[i].value));
}

void write(schema::EditFacts::Builder to, const Edit& from) {
  to.setDossier(data_of(from.dossier.view()));
  write_list(to.initSeen(count_of(from.seen)), from.seen);
}

void write(schema::Withdrawal::Builder to, const Withdrawal& from) {
  to.setDossier(data_of(from.dossier.view()));
  write_list(to.initSeen(count_of(from.seen)), from.seen);
  to.setReason(text_in(from.reason));
}

void write(schema::Manifest::Builder to, const Manifest& from) {
  to.setDossier(data_of(from.dossier.view()));
  write(to.initFile(), from.file);
}

void write(schema::ManifestOfVersion::Builder to, const Manifest& from) {
  to.setDossier(data_of(from.dossier.view()));
  write(to.initFile(), from.file);
  write(to.initVersion(), *from.version);
}

void write(schema::Pick::Builder to, const Pick& from) {
  to.setDossier(data_of(from.dossier.view()));
  write(to.initChosen(), from.chosen);
  write_list(to.initSeen(count_of(from.seen)), from.seen);
}

void write(schema::State::Builder to, const StateChange& from) {
  to.setHamlet(number_of(from.hamlet.value));
  to.setDossier(data_of(from.dossier.view()));
  to.setState(static_cast<std::uint8_t>(from.state));
  to.setCode(text_in(from.code));
  to.setNote(text_in(from.note));
  to.setDue(text_in(from.due));
  to.setFeeVnd(from.fee_vnd);
  write_list(to.initFiles(count_of(from.files)), from.files);
  write_list(to.initSeen(count_of(from.seen)), from.seen);
}

void write(schema::AnnouncementContent::Builder to, const AnnouncementContent& from) {
  to.setText(text_in(from.text));
  to.setUrgency(static_cast<std::uint8_t>(from.urgency));
  write_ids(to.initTo(count_of(from.to)), from.to);
  to.setSlots(static_cast<std::uint8_t>((from.noon ? 1 : 0) | (from.afternoon ? 2 : 0)));
  to.setIssued(from.issued.value);
  to.setExpires(from.expires.value);
  if (from.clip) write(to.initClip(), *from.clip);
}

void write(schema::Announcement::Builder to, const Announcement& from) {
  to.setContent(data_of(from.content));
  write_list(to.initApprovals(count_of(from.approvals)), from.approvals);
}

void write(schema::Played::Builder to, const Played& from) {
  write(to.initAnnouncement(), from.announcement);
  to.setAt(from.at.value);
  to.setByPerson(from.by_person);
  to.setNotHeard(from.not_heard);
}

void write(schema::Document::Builder to, const Document& from) {
  to.setTitle(text_in(from.title));
  write_list(to.initFiles(count_of(from.files)), from.files);
  write_ids(to.initTo(count_of(from.to)), from.to);
}

void write(schema::DocumentRead::Builder to, const DocumentRead& from) {
  write(to.initDocument(), from.document);
  to.setAt(from.at.value);
  to.setPerson(text_in(from.person));
}

void write(schema::Message::Builder to, const Message& from) {
  to.setText(text_in(from.text));
  to.setPerson(text_in(from.person));
}

void write(schema::Form::Builder to, const FormRecord& from) {
  to.setId(text_in(from.id));
  to.setVersion(text_in(from.version));
  to.setTitle(text_in(from.title));
  to.setDomain(static_cast<std::uint8_t>(from.domain));
  to.setXml(data_of(from.xml));
  write_list(to.initMedia(count_of(from.media)), from.media);
  to.setClosed(from.closed);
}

void write(schema::Dictionary::Builder to, const DictionaryRecord& from) {
  to.setFormHash(data_of(from.form_hash));
  to.setOctets(data_of(from.octets));
}

void write(schema::GroupKey::Builder to, const GroupKey& from) { to.setKey(data_of(from.key)); }

void write(schema::GroupKeyOfEpoch::Builder to, const GroupKey& from) {
  to.setKey(data_of(from.key));
  to.setEpoch(from.epoch);
}

void write(schema::Checkpoint::Builder to, const Checkpoint& from) {
  to.setRun(number_of(from.run.value));
  to.setUpTo(from.up_to);
  to.setChain(data_of(from.chain));
  to.setFinal(from.final);
  to.setSignature(data_of(from.signature));
}

void write(schema::NodeHealth::Builder to, const NodeHealth& from) {
  to.setVersion(text_in(from.version));
  to.setStoreOctets(from.store_octets);
  to.setDiskFreeOctets(from.disk_free_octets);
  to.setUptimeSeconds(from.uptime_seconds);
  to.setClockTrusted(from.clock_trusted);
}

void write(schema::Erase::Builder to, const Erase& from) {
  to.setHamlet(number_of(from.hamlet.value));
  to.setDossier(data_of(from.dossier.view()));
  to.setReason(text_in(from.reason));
}

template <typename Schema, typename From>
Bytes pack(const From& from) {
  capnp::MallocMessageBuilder message;
  write(message.initRoot<Schema>(), from);
  kj::VectorOutputStream out;
  capnp::writePackedMessage(out, message);
  const auto octets = out.getArray();
  return {octets.begin(), octets.end()};
}

struct Packer {
  Bytes operator()(const Submission&) const { return {}; }
  Bytes operator()(const Edit& from) const { return pack<schema::EditFacts>(from); }
  Bytes operator()(const Withdrawal& from) const { return pack<schema::Withdrawal>(from); }
  /// The shorter form where there is no version: what earlier programs wrote keeps its octets.
  Bytes operator()(const Manifest& from) const {
    return from.version ? pack<schema::ManifestOfVersion>(from) : pack<schema::Manifest>(from);
  }
  Bytes operator()(const Pick& from) const { return pack<schema::Pick>(from); }
  Bytes operator()(const StateChange& from) const { return pack<schema::State>(from); }
  Bytes operator()(const Announcement& from) const { return pack<schema::Announcement>(from); }
  Bytes operator()(const Played& from) const { return pack<schema::Played>(from); }
  Bytes operator()(const Document& from) const { return pack<schema::Document>(from); }
  Bytes operator()(const DocumentRead& from) const { return pack<schema::DocumentRead>(from); }
  Bytes operator()(const Message& from) const { return pack<schema::Message>(from); }
  Bytes operator()(const FormRecord& from) const { return pack<schema::Form>(from); }
  Bytes operator()(const DictionaryRecord& from) const { return pack<schema::Dictionary>(from); }
  Bytes operator()(const GroupKey& from) const {
    return from.epoch != 0 ? pack<schema::GroupKeyOfEpoch>(from) : pack<schema::GroupKey>(from);
  }
  Bytes operator()(const Checkpoint& from) const { return pack<schema::Checkpoint>(from); }
  Bytes operator()(const NodeHealth& from) const { return pack<schema::NodeHealth>(from); }
  Bytes operator()(const Erase& from) const { return pack<schema::Erase>(from); }
};

}  // namespace

Bytes pack_body(const Body& body) { return std::visit(Packer{}, body); }

Bytes encode_announcement_content(const AnnouncementContent& content) {
  return pack<schema::AnnouncementContent>(content);
}

}  // namespace khuoi::sync

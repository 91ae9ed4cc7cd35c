#include "sync/membership/roster_codec.h"

#include <capnp/message.h>
#include <capnp/serialize-packed.h>
#include <kj/io.h>

#include <algorithm>

#include "sync/base/check.h"
#include "sync/membership/roster.capnp.h"
#include "sync/record/packed.h"

namespace khuoi::sync {

namespace {

/// Thrown and caught in this file only: Cap'n Proto throws at junk in any getter, so one more costs no clarity.
struct Malformed {
  Error error;
};
[[noreturn]] void refuse(std::string what) { throw Malformed{fail(Errc::malformed, std::move(what))}; }

std::uint64_t number_of(const std::array<std::uint8_t, 8>& id) { return Reader(id).u64(); }
template <typename IdType>
IdType id_of(std::uint64_t number) {
  Bytes octets;
  Writer(octets).u64(number);
  return *IdType::from(octets);
}
capnp::Data::Reader data_of(ByteView octets) { return {octets.data(), octets.size()}; }
capnp::Text::Reader text_in(const std::string& text) { return {text.c_str(), text.size()}; }

/// A zero key is what an unset field reads as; X25519 with it gives nothing secret.
std::array<std::uint8_t, 32> key_from(capnp::Data::Reader from, const char* which) {
  std::array<std::uint8_t, 32> out{};
  if (from.size() != out.size()) refuse(std::string("roster: the ") + which + " key is not 32 octets");
  std::copy(from.begin(), from.end(), out.begin());
  if (out == std::array<std::uint8_t, 32>{}) refuse(std::string("roster: the ") + which + " key is all zero");
  return out;
}

std::string name_from(capnp::Text::Reader from) {
  const std::string_view name(from.begin(), from.size());
  if (auto checked = check_name(name); !checked) throw Malformed{std::move(checked).error()};
  return std::string(name);
}

template <typename Facts>
void write_keys(schema::BoxKeys::Builder to, const Facts& from) {
  to.setSign(data_of(from.sign));
  to.setAuth(data_of(from.auth));
  to.setReaderGeneral(data_of(from.reader_general));
  to.setReaderHealth(data_of(from.reader_health));
}

template <typename Facts>
void read_keys(schema::BoxKeys::Reader from, Facts& to) {
  to.sign = key_from(from.getSign(), "signing");
  to.auth = key_from(from.getAuth(), "auth");
  to.reader_general = key_from(from.getReaderGeneral(), "general reader");
  to.reader_health = key_from(from.getReaderHealth(), "health reader");
}

struct StatementWriter {
  schema::RosterStatement::Builder to;

  void operator()(const NodeFacts& from) {
    auto grant = to.initGrant();
    grant.setHamlet(number_of(from.hamlet.value));
    grant.setName(text_in(from.name));
    write_keys(grant.initKeys(), from);
    grant.setRadioAlias(from.radio_alias);
    grant.setGranted(from.granted.value);
  }
  void operator()(const RevocationFacts& from) {
    auto revocation = to.initRevocation();
    revocation.setNode(number_of(from.node.value));
    revocation.setAt(from.at.value);
    auto runs = revocation.initCountedUpTo(static_cast<unsigned>(from.counted_up_to.size()));
    unsigned place = 0;
    for (const auto& [run, number] : from.counted_up_to) {
      runs[place].setRun(number_of(run.value));
      runs[place].setNumber(number);
      ++place;
    }
  }
  void operator()(const CommuneFacts& from) {
    auto commune = to.initCommune();
    commune.setName(text_in(from.name));
    commune.setAuthority(data_of(from.authority));
    commune.setSign(data_of(from.sign));
    commune.setRadio(data_of(from.radio));
    commune.setSerial(from.serial);
    auto keys = commune.initKem(static_cast<unsigned>(from.kem.size()));
    for (unsigned place = 0; place < keys.size(); ++place) keys.set(place, data_of(from.kem[place]));
  }
  void operator()(const OfficerFacts& from) {
    auto officer = to.initOfficer();
    officer.setKey(data_of(from.key));
    officer.setName(text_in(from.name));
    officer.setRevoked(from.revoked);
  }
  void operator()(const UnknownFacts&) { KHUOI_CHECK(false && "a statement of no kind is never written"); }
};

NodeFacts read(schema::Grant::Reader from) {
  NodeFacts out;
  out.hamlet = id_of<HamletId>(from.getHamlet());
  out.name = name_from(from.getName());
  read_keys(from.getKeys(), out);
  out.node = node_id_of(out.sign);
  out.radio_alias = from.getRadioAlias();
  out.granted.value = from.getGranted();
  return out;
}

RevocationFacts read(schema::Revocation::Reader from) {
  const auto runs = from.getCountedUpTo();
  if (runs.size() > revocation_runs_max) refuse("roster: a revocation names too many runs");
  RevocationFacts out;
  out.node = id_of<NodeId>(from.getNode());
  out.at.value = from.getAt();
  for (const auto one : runs) {
    std::uint32_t& number = out.counted_up_to[id_of<RunId>(one.getRun())];
    number = std::max(number, one.getNumber());
  }
  return out;
}

CommuneFacts read(schema::CommuneStatement::Reader from) {
  const auto keys = from.getKem();
  if (keys.size() == 0 || keys.size() > kem_keys_max) refuse("roster: a commune names no KEM key, or too many");
  CommuneFacts out;
  out.name = name_from(from.getName());
  out.authority = key_from(from.getAuthority(), "authority");
  out.commune = commune_id_of(out.authority);
  out.sign = key_from(from.getSign(), "commune's signing");
  out.node = node_id_of(out.sign);
  out.radio = key_from(from.getRadio(), "radio");
  out.serial = from.getSerial();
  for (const auto key : keys) out.kem.push_back(key_from(key, "KEM"));
  return out;
}

OfficerFacts read(schema::OfficerStatement::Reader from) {
  OfficerFacts out;
  out.key = key_from(from.getKey(), "officer's");
  out.officer = node_id_of(out.key);
  out.name = name_from(from.getName());
  out.revoked = from.getRevoked();
  return out;
}

EnrolRequest read(schema::EnrolRequest::Reader from) {
  EnrolRequest out;
  out.name = name_from(from.getName());
  read_keys(from.getKeys(), out);
  return out;
}

StatementFacts read(schema::RosterStatement::Reader from) {
  switch (from.which()) {
    case schema::RosterStatement::GRANT:
      return read(from.getGrant());
    case schema::RosterStatement::REVOCATION:
      return read(from.getRevocation());
    case schema::RosterStatement::COMMUNE:
      return read(from.getCommune());
    case schema::RosterStatement::OFFICER:
      return read(from.getOfficer());
  }
  return UnknownFacts{};
}

Bytes pack(capnp::MallocMessageBuilder& message) {
  kj::VectorOutputStream out;
  capnp::writePackedMessage(out, message);
  const auto octets = out.getArray();
  return {octets.begin(), octets.end()};
}

template <typename Schema, typename Facts>
Result<Facts> unpack(ByteView packed) {
  constexpr std::uint64_t traversal_factor = 8;  // design section 11
  constexpr int nesting_max = 16;
  KHUOI_TRY(const auto words, unpack_words(packed));
  const kj::ArrayPtr<const capnp::word> array(reinterpret_cast<const capnp::word*>(words.data()), words.size());
  try {
    capnp::FlatArrayMessageReader message(
        array, {.traversalLimitInWords = traversal_factor * words.size(), .nestingLimit = nesting_max});
    if (message.getEnd() != array.end()) return fail(Errc::malformed, "roster: something follows the message");
    return Facts(read(message.getRoot<Schema>()));
  } catch (const Malformed& thrown) {
    return thrown.error;
  } catch (const kj::Exception& thrown) {
    return fail(Errc::malformed, std::string("roster: ") + thrown.getDescription().cStr());
  }
}

}  // namespace

Bytes pack_statement(const StatementFacts& facts) {
  capnp::MallocMessageBuilder message;
  std::visit(StatementWriter{message.initRoot<schema::RosterStatement>()}, facts);
  return pack(message);
}

Result<StatementFacts> unpack_statement(ByteView packed) {
  return unpack<schema::RosterStatement, StatementFacts>(packed);
}

Bytes pack_request(const EnrolRequest& request) {
  capnp::MallocMessageBuilder message;
  auto to = message.initRoot<schema::EnrolRequest>();
  to.setName(text_in(request.name));
  write_keys(to.initKeys(), request);
  return pack(message);
}

Result<EnrolRequest> unpack_request(ByteView packed) { return unpack<schema::EnrolRequest, EnrolRequest>(packed); }

std::optional<Signed> split_signed(ByteView whole) {
  if (whole.size() <= signature_octets) return std::nullopt;
  return Signed{whole.first(whole.size() - signature_octets), whole.last(signature_octets)};
}

}  // namespace khuoi::sync

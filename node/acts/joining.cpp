#include "node/acts/joining.h"

#include <algorithm>
#include <fstream>
#include <functional>

#include "node/acts/naming.h"

namespace khuoi::node {

namespace fs = std::filesystem;
using sync::Replica;
using sync::ReplicaReader;

namespace {

Result<std::vector<Bytes>> statements_in(ByteView armoured) {
  KHUOI_TRY(const Bytes octets, sync::unarmour("grant", text_of(armoured)));
  return sync::decode_grant_file(octets);
}

/// What of DIR/papers `read` takes, by name; what it does not is another box's, or damaged.
Result<std::vector<PaperGrant>> papers(const Engine& engine, std::string_view kind,
                                       const std::function<Result<Invitation>(ByteView)>& read) {
  std::vector<PaperGrant> out;
  std::error_code failed;
  for (const fs::directory_entry& entry : fs::directory_iterator(engine.dir() / "papers", failed)) {
    if (entry.path().extension() != kind || !entry.is_regular_file(failed)) continue;
    if (entry.file_size(failed) > 2 * sync::grant_file_octets_max || failed) continue;
    std::ifstream from(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(from)), std::istreambuf_iterator<char>());
    if (auto invitation = read(view_of(text))) {
      out.push_back({entry.path().string(), std::move(*invitation), to_bytes(view_of(text))});
    }
  }
  std::ranges::sort(out, {}, &PaperGrant::path);
  return out;
}

bool same_digits(std::string_view one, std::string_view other) {
  return sync::only_digits(one) == sync::only_digits(other);
}

}  // namespace

Result<Joining> joining_of(Engine& engine) {
  Joining out;
  KHUOI_TRY_VOID(engine.look([&](ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    if (reader.self().is_commune()) return fail(Errc::denied, "a commune does not ask to be enrolled: hamlets do");
    out.request = reader.membership().enrol_request();
    out.granted = reader.self().granted();
    const sync::CommuneFacts* commune = reader.roster().commune();
    if (commune != nullptr) out.commune = Invitation{commune->name, sync::fingerprint_digits(commune->authority)};
    return {};
  }));
  out.fingerprint = sync::fingerprint_digits(out.request);
  return out;
}

std::string armoured_request(const Joining& joining) { return sync::armour("request", joining.request) + "\n"; }

Result<Asked> read_request(ByteView armoured) {
  KHUOI_TRY(const Bytes octets, sync::unarmour("request", text_of(armoured)));
  KHUOI_TRY(auto request, sync::decode_request(octets));
  return Asked{std::move(request), sync::fingerprint_digits(octets)};
}

Result<void> compare(const Asked& asked, std::string_view digits) {
  if (same_digits(digits, asked.fingerprint)) return {};
  return fail(Errc::denied, "the fingerprint is not that of this request: it is another box's, somebody changed it, "
                            "or one digit was misheard; have it read aloud again");
}

Result<Granted> grant_request(Engine& engine, const std::vector<sync::LockKey>& keys, const Asked& asked,
                              const std::optional<std::string>& replaces) {
  Granted out;
  KHUOI_TRY_VOID(engine.work_as(keys, [&](Replica& replica, sync::Batch& batch) -> Result<void> {
    sync::Enrolment::Grant wanted{asked.request, {}, replica.roster().next_granted(batch.now.wall)};
    if (replaces) {
      KHUOI_TRY(wanted.continues, hamlet_named(replica.roster(), *replaces));
    }
    KHUOI_TRY(const Bytes grant, replica.enrolment().grant(batch, wanted));
    out.armoured = sync::armour("grant", grant) + "\n";
    out.name = wanted.request.name;
    out.own_fingerprint = sync::fingerprint_digits(replica.roster().commune()->authority);
    return {};
  }));
  return out;
}

Result<Invitation> read_grant(Engine& engine, ByteView armoured) {
  KHUOI_TRY(const auto statements, statements_in(armoured));
  NodeId self;
  KHUOI_TRY_VOID(engine.look([&](ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    self = reader.self().node;
    return {};
  }));
  for (const Bytes& statement : statements) {
    const auto authority = sync::Roster::authority_named_in(statement);
    if (!authority) continue;
    sync::Roster roster(*authority);
    for (const Bytes& one : statements) (void)roster.add(one);
    if (roster.node(self) == nullptr || roster.commune() == nullptr) continue;
    return Invitation{roster.commune()->name, sync::fingerprint_digits(*authority)};
  }
  return fail(Errc::denied, "the grant is not for this box: bring the one made from this box's request");
}

Result<void> compare(const Invitation& invitation, std::string_view digits) {
  if (same_digits(digits, invitation.fingerprint)) return {};
  return fail(Errc::denied,
              "the digits are not those of the commune in this grant: it is another commune's, or one digit was misheard");
}

Result<void> keep_recovery(Replica& replica, sync::Batch& batch, const std::vector<sync::LockKey>& keys) {
  if (keys.empty() || replica.self().is_commune() || !replica.self().granted()) return {};
  const std::string name = sync::recovery_name(keys);
  KHUOI_TRY(const auto slots, sync::Keyring::slots(batch.txn));
  for (const auto& [number, slot] : slots) {
    if (slot.kind == sync::Slot::Kind::recovery && (slot.person.empty() || slot.person == name)) return {};
  }
  KHUOI_TRY(const sync::Slot slot, replica.enrolment().recovery_slot(keys));
  return sync::Keyring::put_slot(batch, slot);
}

Result<std::string> take_grant(Engine& engine, const std::vector<sync::LockKey>& keys, ByteView armoured) {
  KHUOI_TRY(const auto statements, statements_in(armoured));
  KHUOI_TRY(const Invitation shown, read_grant(engine, armoured));
  KHUOI_TRY_VOID(engine.work_as(keys, [&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(replica.enrolment().accept_grant(batch, statements));  // refuses statements of two authorities
    // With a phrase at hand: the way back in when it is lost one day.
    return keep_recovery(replica, batch, keys);
  }));
  return shown.commune;
}

Result<std::string> leave_commune(Engine& engine, const std::vector<sync::LockKey>& keys) {
  std::string name;
  KHUOI_TRY_VOID(engine.work_as(keys, [&](Replica& replica, sync::Batch& batch) -> Result<void> {
    if (replica.roster().commune() != nullptr) name = replica.roster().commune()->name;
    return replica.resealing().leave_commune(batch);
  }));
  return name;
}

Result<std::vector<PaperGrant>> grants_from_sticks(Engine& engine) {
  return papers(engine, ".grant", [&](ByteView text) { return read_grant(engine, text); });
}

Result<std::vector<PaperGrant>> requests_from_sticks(Engine& engine) {
  return papers(engine, ".request", [&](ByteView text) -> Result<Invitation> {
    KHUOI_TRY(const Asked asked, read_request(text));
    KHUOI_TRY_VOID(engine.look([&](ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
      const bool known = reader.roster().node(sync::node_id_of(asked.request.sign)) != nullptr;
      return known ? Result<void>(fail(Errc::exists, "let in already")) : Result<void>();
    }));
    return Invitation{asked.request.name, asked.fingerprint};
  });
}

}  // namespace khuoi::node

#include "node/acts/joining.h"

#include <algorithm>
#include <fstream>
#include <functional>

#include "sync/seal/slot.h"

namespace khuoi::node {

namespace fs = std::filesystem;
using sync::Replica;

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

}  // namespace

Result<Invitation> read_grant(Engine& engine, ByteView armoured) {
  KHUOI_TRY(const auto statements, statements_in(armoured));
  NodeId self;
  KHUOI_TRY_VOID(engine.look([&](Replica& replica, const sync::ReadTxn&) -> Result<void> {
    self = replica.self().node;
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
  if (sync::only_digits(digits) == sync::only_digits(invitation.fingerprint)) return {};
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

Result<std::vector<PaperGrant>> grants_from_sticks(Engine& engine) {
  return papers(engine, ".grant", [&](ByteView text) { return read_grant(engine, text); });
}

Result<std::vector<PaperGrant>> requests_from_sticks(Engine& engine) {
  return papers(engine, ".request", [&](ByteView text) -> Result<Invitation> {
    KHUOI_TRY(const Bytes octets, sync::unarmour("request", text_of(text)));
    KHUOI_TRY(const auto request, sync::decode_request(octets));
    KHUOI_TRY_VOID(engine.look([&](Replica& replica, const sync::ReadTxn&) -> Result<void> {
      const bool known = replica.roster().node(sync::node_id_of(request.sign)) != nullptr;
      return known ? Result<void>(fail(Errc::exists, "let in already")) : Result<void>();
    }));
    return Invitation{request.name, sync::fingerprint_digits(octets)};
  });
}

}  // namespace khuoi::node

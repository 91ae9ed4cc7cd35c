#include "node/service/joining.h"

#include <algorithm>
#include <fstream>

#include "sync/seal/slot.h"

namespace khuoi::node {

namespace fs = std::filesystem;
using sync::Replica;

namespace {

Result<std::vector<Bytes>> statements_in(ByteView armoured) {
  KHUOI_TRY(const Bytes octets, sync::unarmour("grant", text_of(armoured)));
  return sync::decode_grant_file(octets);
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

Result<std::string> take_grant(Engine& engine, const std::vector<sync::LockKey>& keys, ByteView armoured) {
  KHUOI_TRY(const auto statements, statements_in(armoured));
  std::string commune;
  KHUOI_TRY_VOID(engine.work_as(keys, [&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(replica.accept_grant(batch, statements));
    if (replica.roster().commune() != nullptr) commune = replica.roster().commune()->name;
    // With a phrase at hand that opens everything: the way back in when it is lost one day.
    if (keys.size() < 2) return {};
    KHUOI_TRY(const sync::Slot slot, replica.recovery_slot(keys));
    return sync::Keyring::put_slot(batch, slot);
  }));
  return commune;
}

Result<std::optional<Bytes>> grant_from_stick(const Engine& engine) {
  std::error_code failed;
  for (const fs::directory_entry& entry : fs::directory_iterator(engine.dir() / "papers", failed)) {
    if (entry.path().extension() != ".grant" || !entry.is_regular_file(failed)) continue;
    if (entry.file_size(failed) > 2 * sync::grant_file_octets_max || failed) continue;
    std::ifstream from(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(from)), std::istreambuf_iterator<char>());
    if (from.good() || from.eof()) return std::optional(to_bytes(view_of(text)));
  }
  return std::optional<Bytes>();
}

}  // namespace khuoi::node

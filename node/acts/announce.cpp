#include "node/acts/announce.h"

#include <boost/json.hpp>

#include "node/acts/naming.h"
#include "node/acts/text.h"
#include "node/engine/phrase.h"

namespace khuoi::node {

using sync::Items;
using sync::Replica;
using sync::ReplicaReader;

namespace {

Result<Emergency> emergency_with(ReplicaReader& reader, const sync::ReadTxn& txn, const std::string& digits) {
  std::optional<Emergency> found;
  KHUOI_TRY(const auto all, emergencies(reader, txn));
  for (const Emergency& one : all) {
    if (digits.size() < 6 || !one.pending.id.hex().starts_with(digits)) continue;
    if (found) return fail(Errc::usage, "several announcements begin with " + digits + ": give more digits");
    found = one;
  }
  if (!found)
    return fail(Errc::not_found,
                "no emergency that waits for approval has the id " + digits + ": see 'khuoi announce list'");
  return *found;
}

}  // namespace

boost::json::object json_of_announcement(const DossierId& id, const sync::AnnouncementContent& content,
                                         std::string_view state) {
  boost::json::array slots;
  if (content.noon) slots.emplace_back("noon");
  if (content.afternoon) slots.emplace_back("afternoon");
  return {{"id", id.hex()},
          {"state", state},
          {"class", name_of(content.urgency)},
          {"text", content.text},
          {"issued", content.issued.value},
          {"expires", content.expires.value},
          {"slots", std::move(slots)}};
}

Result<Announced> announce(Engine& engine, sync::AnnouncementContent content, const std::string& to,
                           const std::optional<FileSource>& clip) {
  KHUOI_TRY(content.to, hamlets_of_commune(engine, to, "announcements are made by the commune"));
  std::vector<FileSource> sources;
  if (clip) sources.push_back(*clip);
  Announced out;
  out.waits = content.urgency == sync::Urgency::emergency;
  KHUOI_TRY_VOID(
      work_with_files(engine, sources, [&](Replica& replica, sync::Batch& batch, auto clips) -> Result<void> {
        if (!clips.empty()) content.clip = clips.front();
        KHUOI_TRY_VOID(sync::check_announcement_content(content));
        const sync::Announcement announcement{sync::encode_announcement_content(content), {}};
        out.id = sync::announcement_id(announcement.content);
        if (out.waits) return replica.items().put_pending(batch, {out.id, announcement});
        KHUOI_TRY_VOID(replica.bulletin().announce(batch, announcement));
        return {};
      }));
  return out;
}

Result<std::vector<Emergency>> emergencies(ReplicaReader& reader, const sync::ReadTxn& txn) {
  std::vector<Emergency> out;
  KHUOI_TRY(const auto waiting, reader.items().pending(txn));
  for (const Items::Pending& one : waiting) {
    const auto content = sync::decode_announcement_content(one.announcement.content);
    if (content) out.push_back({one, *content});
  }
  return out;
}

Result<Approvable> approvable(Engine& engine, const std::string& officer, const std::string& digits) {
  std::optional<Approvable> out;
  KHUOI_TRY_VOID(engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const auto keys, sync::officer_named(txn, officer));
    if (!keys) return fail(Errc::not_found, "there is no officer named '" + officer + "'");
    KHUOI_TRY(Emergency emergency, emergency_with(reader, txn, digits));
    out = {std::move(emergency), officer, *keys};
    return {};
  }));
  return std::move(*out);
}

Result<bool> approve(Engine& engine, const Approvable& what, const sync::Secret& phrase) {
  sync::Secret phrase_key;
  KHUOI_TRY_VOID(derive_each(what.keys.slot.params, phrase, [&](const sync::Secret& key) -> Result<void> {
    KHUOI_TRY_VOID(sync::open_passphrase_slot(what.keys.slot, key));
    phrase_key = key.duplicate();
    return {};
  }));
  return approve_with_key(engine, what, phrase_key);
}

Result<bool> approve_with_key(Engine& engine, const Approvable& what, const sync::Secret& phrase_key) {
  bool left = false;
  KHUOI_TRY_VOID(engine.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    // Somebody else may have signed since it was shown.
    KHUOI_TRY(Emergency now, emergency_with(replica.reader(), batch.txn, what.emergency.pending.id.hex()));
    Items::Pending& pending = now.pending;
    KHUOI_TRY(const sync::Approval approval,
              replica.bulletin().approve(batch.txn, what.officer, pending, [&](const sync::PassphraseParams&) {
                return Result<sync::Secret>(phrase_key.duplicate());
              }));
    auto& approvals = pending.announcement.approvals;
    std::erase_if(approvals, [&](const sync::Approval& before) { return before.officer == approval.officer; });
    approvals.push_back(approval);
    left = replica.items().approved(pending.announcement, now.content);
    if (!left) return replica.items().put_pending(batch, pending);
    KHUOI_TRY_VOID(replica.items().erase_pending(batch, pending.id));
    KHUOI_TRY_VOID(replica.bulletin().announce(batch, pending.announcement));
    return {};
  }));
  return left;
}

}  // namespace khuoi::node

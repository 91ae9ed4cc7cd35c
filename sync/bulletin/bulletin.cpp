#include "sync/bulletin/bulletin.h"

#include "sync/base/check.h"

namespace khuoi::sync {

Result<Ref> Bulletin::announce(Batch& batch, const Announcement& announcement) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "announcements are made by the commune");
  KHUOI_TRY(const auto content, decode_announcement_content(announcement.content));
  if (!board_.items().approved(announcement, content)) {
    return fail(Errc::denied, "an emergency leaves only with the approval of two officers");
  }
  const Rank rank = content.urgency == Urgency::emergency ? Rank::urgent : Rank::high;
  KHUOI_TRY(const Ref ref, writer_.write(batch, Recipient::everyone(), rank, Domain::general, announcement));
  KHUOI_TRY_VOID(receipts_.tell_time(batch));
  return ref;
}

Result<Approval> Bulletin::approve(const ReadTxn& txn, std::string_view officer, const Items::Pending& pending,
                                  const std::function<Result<Secret>(const PassphraseParams&)>& derive) const {
  KHUOI_TRY(const auto keys, officer_named(txn, officer));
  if (!keys) return fail(Errc::not_found, "there is no officer named '" + std::string(officer) + "'");
  KHUOI_TRY(const Secret phrase_key, derive(keys->slot.params));
  KHUOI_TRY(const auto locks, open_passphrase_slot(keys->slot, phrase_key));
  if (locks.empty()) return fail(Errc::damaged, "the officer's key slot is empty");
  KHUOI_TRY(const Secret secret, unwrap_secret(locks.front().key, "officer/secret", keys->wrapped_secret));
  Approval out;
  out.officer = keys->officer;
  out.signature = sign(secret, Purpose::officer, core_.self.commune, {pending.announcement.content});
  return out;
}

Result<Ref> Bulletin::add_document(Batch& batch, const Document& document, bool to_everyone) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "documents are published by the commune");
  std::optional<Ref> first;
  const auto write = [&](const Recipient& to) -> Result<void> {
    KHUOI_TRY(const Ref ref, writer_.write(batch, to, Rank::normal, Domain::general, document));
    if (!first) first = ref;
    return {};
  };
  if (to_everyone) {
    KHUOI_TRY_VOID(write(Recipient::everyone()));
    return *first;
  }
  if (document.to.empty()) return fail(Errc::usage, "say which hamlets the document is for");
  for (const HamletId& hamlet : document.to) {
    KHUOI_TRY(const Recipient to, box_recipient(core_, hamlet, Domain::general));
    KHUOI_TRY_VOID(write(to));
  }
  return *first;
}

Result<Ref> Bulletin::send_message(Batch& batch, const Message& message, const std::optional<HamletId>& to) {
  if (core_.self.is_commune() && !to) return fail(Errc::usage, "say which hamlet the message is for: --to NAME");
  if (!core_.self.is_commune() && !core_.self.granted()) {
    return fail(Errc::denied, "this box has not joined a commune yet: messages need somebody to go to");
  }
  KHUOI_TRY(const Recipient recipient, core_.self.is_commune() ? box_recipient(core_, *to, Domain::general)
                                                               : Result<Recipient>(commune_recipient(core_, Domain::general)));
  return writer_.write(batch, recipient, Rank::high, Domain::general, message);
}

Result<Ref> Bulletin::tell(Batch& batch, Rank rank, const Body& body) {
  KHUOI_CHECK(!core_.self.is_commune());
  return writer_.write(batch, commune_recipient(core_, Domain::general), rank, Domain::general, body);
}

}  // namespace khuoi::sync

// What people do with a replica: forms, answers, announcements, documents, messages.
#include <algorithm>

#include "sync/base/check.h"
#include "sync/dossiers/code_register.h"
#include "sync/replica/replica.h"

namespace khuoi::sync {

Result<void> Replica::add_form(Batch& batch, FormRecord form) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "forms are published by the commune");
  KHUOI_TRY(const FormFacts facts, read_form(form.xml));
  form.id = facts.id;
  form.version = facts.version;
  form.title = facts.title;
  KHUOI_TRY(const auto present, library_.form(batch.txn, form.id, form.version));
  const FormHash hash = hash_id<FormHash>(form.xml);
  if (present && present->version == form.version && present->hash != hash) {
    return fail(Errc::exists,
                "the form '" + form.id + "' is published already " +
                    (form.version.empty() ? "without a version" : "as version '" + form.version + "'") +
                    " with other content, and what was filled in with it must stay readable: raise the version in the form "
                    "(the attribute 'version' beside its id), then publish it again");
  }
  const bool same = present && present->version == form.version && present->hash == hash && !present->built_in &&
                    present->domain == form.domain && present->media == form.media && present->closed == form.closed;
  if (same) return {};
  KHUOI_TRY_VOID(records_.write(batch, Recipient::everyone(), Rank::normal, form.domain, form));
  return {};
}

Result<void> Replica::put_built_in(Batch& batch, std::span<const BuiltIn> shipped) {
  for (const BuiltIn& form : shipped) KHUOI_TRY_VOID(library_.put_built_in(batch, form.xml, form.domain));
  KHUOI_TRY(const auto outdated, library_.outdated(batch.txn, ReplicaReader::hashes_of(shipped)));
  for (const FormHash& form : outdated) KHUOI_TRY_VOID(library_.code_without(batch, form));
  acceptor_.note_new_model();
  return {};
}

Result<void> Replica::set_state(Batch& batch, const DossierKey& key, StateChange change) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "the state of a dossier is set by the commune");
  KHUOI_TRY(auto row, dossiers_.brief(batch.txn, key));
  if (!row) return fail(Errc::not_found, "no dossier has the id " + key.id.hex());
  const State from = row->state.value_or(State::fresh);
  if (!may_move(from, change.state)) {
    return fail(Errc::denied, "a dossier that is '" + std::string(name_of(from)) + "' cannot become '" +
                                  std::string(name_of(change.state)) + "'");
  }
  KHUOI_TRY(const CodeRegister::Settings codes, CodeRegister::settings(batch.txn));
  change.hamlet = key.hamlet;
  change.dossier = key.id;
  KHUOI_TRY(const Dossiers::Standing now, dossiers_.standing(batch.txn, *row));
  change.seen = now.seen;
  const bool at_reception = change.state == State::accepted && now.code.empty() && !codes.unit.empty();
  const bool gives_code = change.code.empty() && at_reception;
  if (gives_code || (!change.code.empty() && change.code != now.code)) {
    KHUOI_TRY_VOID(CodeRegister::check_confirmed(batch.txn));
  }
  if (gives_code) {
    KHUOI_TRY(const OfficialCode given, CodeRegister::give(batch, key));
    change.code = given.text();
  } else if (change.code.empty()) {
    change.code = now.code;
  } else if (change.code != now.code) {
    KHUOI_TRY_VOID(CodeRegister::check_typed(batch.txn, change.code, key));
  }
  KHUOI_TRY(const Recipient to, box_recipient(core_, key.hamlet, row->domain));
  KHUOI_TRY_VOID(records_.write(batch, to, Rank::high, row->domain, change));
  return {};
}

Result<void> Replica::note_restored(Batch& batch) {
  if (core_.self.is_commune()) {
    KHUOI_TRY_VOID(put_meta_number(batch, codes_unconfirmed_name, 1));
  }
  return receipts_.note_restored(batch);
}

Result<void> Replica::confirm_last_code(Batch& batch, std::string_view code) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "official codes are the commune's");
  if (code.empty()) return fail(Errc::usage, "an empty code confirms nothing: say the last one that was given");
  KHUOI_TRY(const std::uint64_t unconfirmed, meta_number(batch.txn, codes_unconfirmed_name));
  if (unconfirmed == 0) return fail(Errc::usage, "this commune was not restored since: no code waits to be confirmed");
  KHUOI_TRY_VOID(CodeRegister::confirm_last(batch, std::string(code)));
  KHUOI_TRY_VOID(put_meta_octets(batch, "code_confirmed", view_of(code)));
  return put_meta_number(batch, codes_unconfirmed_name, 0);
}

Result<void> Replica::withdraw(Batch& batch, const DossierKey& key, std::string reason) {
  if (core_.self.is_commune()) return fail(Errc::denied, "a withdrawal is asked for by the hamlet; set the state instead");
  KHUOI_TRY(const auto row, dossiers_.row(batch.txn, key));
  if (!row) return fail(Errc::not_found, "no dossier has the id " + key.id.hex());
  if (row->state && is_closed(*row->state)) return fail(Errc::denied, "the dossier is closed already");
  KHUOI_TRY_VOID(records_.write(batch, commune_recipient(core_, row->domain), Rank::high, row->domain,
                          Withdrawal{key.id, row->seen, std::move(reason)}));
  return {};
}

Result<void> Replica::pick(Batch& batch, const DossierKey& key, const Ref& chosen) {
  if (core_.self.is_commune()) return fail(Errc::denied, "which edit counts is settled at the hamlet");
  KHUOI_TRY(const auto row, dossiers_.row(batch.txn, key));
  if (!row) return fail(Errc::not_found, "no dossier has the id " + key.id.hex());
  KHUOI_TRY(const DossierView view, dossiers_.view(batch.txn, *row));
  if (std::ranges::find(view.heads, chosen) == view.heads.end()) {
    return fail(Errc::usage, "that version is not one of those in conflict");
  }
  KHUOI_TRY_VOID(records_.write(batch, commune_recipient(core_, row->domain), Rank::high, row->domain, Pick{key.id, chosen, view.seen_now}));
  return {};
}

Result<void> Replica::erase(Batch& batch, const DossierKey& key, std::string reason) {
  KHUOI_TRY(const auto row, dossiers_.row(batch.txn, key));
  if (!row) return fail(Errc::not_found, "no dossier has the id " + key.id.hex());
  if (row->erased) return {};
  if (core_.self.is_commune()) {
    KHUOI_TRY(const Recipient to, box_recipient(core_, key.hamlet, row->domain));
    KHUOI_TRY_VOID(records_.write(batch, to, Rank::high, row->domain, Erase{key.hamlet, key.id, std::move(reason)}));
  return {};
  }
  KHUOI_TRY_VOID(records_.write(batch, commune_recipient(core_, row->domain), Rank::high, row->domain,
                          Erase{core_.self.hamlet, key.id, std::move(reason)}));
  return {};
}

}  // namespace khuoi::sync

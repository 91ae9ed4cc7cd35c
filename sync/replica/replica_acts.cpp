// What people and the authority do with a replica: joining, forms, answers, announcements.
#include <algorithm>

#include "sync/base/check.h"
#include "sync/replica/replica.h"

namespace khuoi::sync {

namespace {
/// The chain of openers tells which run came first; their ids are random.
void in_order_of_writing(std::vector<RunKey>& runs, const std::map<RunId, RunId>& before) {
  std::map<RunId, std::size_t> place;
  for (const auto& [run, previous] : before) {
    std::size_t steps = 0;
    for (auto at = before.find(previous); at != before.end() && steps < before.size(); at = before.find(at->second)) ++steps;
    place.emplace(run, steps);
  }
  std::ranges::sort(runs, {}, [&](const RunKey& key) { return std::pair(place.at(key.run), key); });
}

void rename_refs(Body& body, const std::map<Ref, Ref>& replaced) {
  const auto rename = [&](Ref& ref) {
    if (const auto found = replaced.find(ref); found != replaced.end()) ref = found->second;
  };
  if (auto* edit = std::get_if<Edit>(&body)) std::ranges::for_each(edit->seen, rename);
  if (auto* withdrawal = std::get_if<Withdrawal>(&body)) std::ranges::for_each(withdrawal->seen, rename);
  if (auto* pick = std::get_if<Pick>(&body)) {
    std::ranges::for_each(pick->seen, rename);
    rename(pick->chosen);
  }
}
}  // namespace

Recipient Replica::commune_recipient(Domain domain) const { return intake_.recipient(domain); }

Result<Recipient> Replica::box_recipient(const HamletId& hamlet, Domain domain) const {
  const NodeFacts* box = core_.roster.box_of(hamlet);
  if (box == nullptr) return fail(Errc::not_found, "the hamlet " + hamlet.hex() + " has no box in force");
  return Recipient::sealed_to(box->reader(domain), domain);
}

Result<void> Replica::append_and_index(Batch& batch, const Recipient& to, Rank rank, Domain domain, const Body& body) {
  KHUOI_TRY(const Ref ref, writer_.append(batch, to, rank, domain, body));
  Plain plain;
  plain.kind = kind_of(body);
  plain.domain = domain;
  plain.body = body;
  plain.at.wall = batch.now.wall;
  return acceptor_.apply_own(batch, ref, plain);
}

Bytes Replica::enrol_request() const {
  EnrolRequest request;
  request.name = core_.self.name;
  request.sign = core_.keys.sign().public_key;
  request.auth = core_.keys.auth().public_key;
  request.reader_general = core_.keys.reader_public(Domain::general);
  request.reader_health = core_.keys.reader_public(Domain::health);
  return encode_request(request, core_.keys.sign().secret_key);
}

Result<Bytes> Replica::grant(Batch& batch, const Grant& grant) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "only a commune grants");
  if (core_.keys.authority().empty()) return fail(Errc::locked, "locked: granting needs the commune's passphrase");
  NodeFacts facts;
  facts.node = node_id_of(grant.request.sign);
  facts.hamlet = grant.continues ? *grant.continues : HamletId(facts.node.value);
  facts.name = grant.request.name;
  facts.sign = grant.request.sign;
  facts.auth = grant.request.auth;
  facts.reader_general = grant.request.reader_general;
  facts.reader_health = grant.request.reader_health;
  facts.granted = core_.roster.next_granted(grant.at);
  bool granted_before = false;
  for (const NodeFacts* other : core_.roster.nodes()) {
    if (other->node == facts.node && other->revoked) {
      return fail(Errc::denied, "this box was revoked: it must make new keys ('khuoi init' in a new folder)");
    }
    granted_before = granted_before || other->node == facts.node;
    const bool same_name = other->name == facts.name && !other->revoked && other->node != facts.node;
    if (same_name && !grant.continues) {
      return fail(Errc::exists, "a box named '" + facts.name + "' is in force: revoke it first, or say that this one replaces it");
    }
  }
  if (!granted_before) {
    do {
      facts.radio_alias = static_cast<std::uint16_t>(1 + core_.rng.below(0xfffe));
    } while (core_.roster.radio_alias_used(facts.radio_alias));
    const Bytes statement = make_grant(facts, core_.self.commune, core_.keys.authority());
    KHUOI_TRY_VOID(core_.roster.add(statement));
    KHUOI_TRY_VOID(add_roster(batch, statement));
  }
  std::vector<Bytes> statements;
  for (const auto& [hash, octets] : core_.roster.statements()) statements.push_back(octets);
  return encode_grant_file(statements);
}

Result<void> Replica::accept_grant(Batch& batch, std::span<const Bytes> statements) {
  if (core_.self.is_commune()) return fail(Errc::denied, "a commune does not join another one");
  std::optional<SignPublic> authority;
  for (const Bytes& statement : statements) {
    if (const auto named = Roster::authority_named_in(statement)) authority = *named;
  }
  if (!authority) return fail(Errc::malformed, "the grant names no commune");
  Roster roster(*authority);
  for (const Bytes& statement : statements) {
    KHUOI_TRY_VOID(roster.add(statement));
  }
  const NodeFacts* mine = roster.node(core_.self.node);
  if (mine == nullptr || mine->sign != core_.keys.sign().public_key || mine->auth != core_.keys.auth().public_key) {
    return fail(Errc::denied, "the grant is not for this box: bring the one made from this box's request");
  }
  if (roster.commune() == nullptr) return fail(Errc::malformed, "the grant does not hold the commune's keys");
  const CommuneId commune = commune_id_of(*authority);
  if (core_.self.granted() && core_.self.commune != commune) {
    return fail(Errc::denied, "this box belongs to another commune already");
  }
  const bool first = !core_.self.granted();
  KHUOI_TRY_VOID(put_meta_octets(batch, "authority", *authority));
  for (const Bytes& statement : statements) {
    KHUOI_TRY_VOID(add_roster(batch, statement));
  }
  if (first) {
    KHUOI_TRY_VOID(core_.runs.flush(batch));
    writer_.end_runs();
  }
  KHUOI_TRY_VOID(load_self(batch.txn));
  if (!core_.keys.locked()) {
    KHUOI_TRY_VOID(reseal_local(batch));
  }
  return {};
}

Result<bool> Replica::reseal_local(Batch& batch) {
  std::vector<RunKey> local;
  std::map<RunId, RunId> before;
  KHUOI_TRY_VOID(core_.runs.each(batch.txn, [&](const RunKey& key, const RunRow& row) {
    if (row.local) local.push_back(key);
    if (row.local) before.emplace(key.run, row.opener.previous);
    return true;
  }));
  in_order_of_writing(local, before);
  bool all = true;
  std::map<Ref, Ref> replaced;
  for (const RunKey& key : local) {
    KHUOI_TRY(const RunRow* row, core_.runs.find(batch.txn, key));
    if (!core_.keys.open(row->domain)) {
      all = false;
      continue;
    }
    const Domain domain = row->domain;
    std::vector<std::pair<Ref, Rank>> refs;
    KHUOI_TRY_VOID(core_.runs.each_record(batch.txn, key, 2, [&](const RecordView& record) {
      if (!record.erased) refs.emplace_back(record.ref, record.rank);
      return true;
    }));
    for (const auto& [ref, rank] : refs) {
      KHUOI_TRY(Plain plain, run_keys_.read(batch.txn, ref));
      if (plain.kind == Kind::checkpoint) continue;
      rename_refs(plain.body, replaced);
      KHUOI_TRY(const Ref next, writer_.append(batch, commune_recipient(domain), rank, domain, plain.body));
      replaced.emplace(ref, next);
      if (const auto* manifest = std::get_if<Manifest>(&plain.body)) {
        KHUOI_TRY_VOID(Files::note(batch, manifest->file, commune_recipient(domain).audience, core_.self.node));
      }
    }
    run_keys_.forget(key);
    KHUOI_TRY_VOID(batch.txn.erase(Table::meta, view_of("uncovered/" + key.run.hex())));
    KHUOI_TRY_VOID(core_.runs.erase_run(batch, key));
  }
  if (!replaced.empty()) {
    KHUOI_TRY_VOID(dossiers_.replace_refs(batch, replaced));
    KHUOI_TRY_VOID(intake_.replace_refs(batch, replaced));
  }
  return all;
}

Result<Slot> Replica::recovery_slot(const std::vector<LockKey>& keys) {
  if (!core_.self.granted()) return fail(Errc::denied, "before the grant there is no commune to recover with");
  return make_recovery_slot(core_.self.node, core_.roster.commune()->kem.back(), keys, core_.rng);
}

Result<void> Replica::revoke(Batch& batch, const NodeId& node) {
  if (core_.keys.authority().empty()) return fail(Errc::locked, "locked: revoking needs the commune's passphrase");
  const NodeFacts* facts = core_.roster.node(node);
  if (facts == nullptr) return fail(Errc::not_found, "no box has the id " + node.hex());
  if (facts->revoked) return fail(Errc::exists, "the box '" + facts->name + "' is revoked already");
  std::map<RunId, std::uint32_t> counted;
  KHUOI_TRY_VOID(core_.runs.each(batch.txn, [&](const RunKey& key, const RunRow& row) {
    if (key.author == node && !row.held.empty()) counted.emplace(key.run, row.held.last());
    return true;
  }));
  for (const Bytes& statement :
       make_revocations(node, counted, batch.now.wall, core_.self.commune, core_.keys.authority())) {
    KHUOI_TRY_VOID(core_.roster.add(statement));
    KHUOI_TRY_VOID(add_roster(batch, statement));
  }
  // Broadcast frames are filtered by a new key from now on, which the revoked box does not get.
  GroupKey group;
  core_.rng.fill(group.key);
  for (const NodeFacts* box : core_.roster.nodes()) {
    if (box->revoked) continue;
    KHUOI_TRY_VOID(writer_.append(batch, Recipient::sealed_to(box->auth, Domain::general), Rank::normal, Domain::general, group));
  }
  return {};
}

Result<void> Replica::rotate_kem(Batch& batch) {
  if (core_.keys.authority().empty()) return fail(Errc::locked, "locked: a new receiving key needs the commune's passphrase");
  KHUOI_TRY_VOID(core_.keys.add_kem(batch, core_.rng));
  CommuneFacts facts = *core_.roster.commune();
  ++facts.serial;
  facts.kem.push_back(core_.keys.kem().back().public_key);
  const Bytes statement = make_commune_statement(facts, core_.keys.authority());
  KHUOI_TRY_VOID(core_.roster.add(statement));
  writer_.end_runs();  // they were sealed with the old key
  return add_roster(batch, statement);
}

Result<void> Replica::add_officer(Batch& batch, std::string_view name, const PassphraseParams& params, const Secret& phrase_key) {
  if (core_.keys.authority().empty()) return fail(Errc::locked, "locked: certifying an officer needs the commune's passphrase");
  if (name.empty() || name.size() > 64) return fail(Errc::usage, "an officer's name has 1 to 64 octets");
  KHUOI_TRY(const auto present, officer_named(batch.txn, name));
  if (present) return fail(Errc::exists, "there is an officer named '" + std::string(name) + "' already");
  const SignKeyPair pair = make_sign_key(core_.rng);
  std::vector<LockKey> locks;
  locks.push_back({Lock::officer, Secret(32)});
  core_.rng.fill(locks.front().key.writable());
  OfficerKeys keys;
  keys.officer = node_id_of(pair.public_key);
  keys.wrapped_secret = wrap_secret(locks.front().key, "officer/secret", pair.secret_key, core_.rng);
  keys.slot = make_passphrase_slot(std::string(name), params, phrase_key, locks, core_.rng);
  KHUOI_TRY_VOID(put_officer(batch, name, keys));
  OfficerFacts facts;
  facts.officer = keys.officer;
  facts.key = pair.public_key;
  facts.name = name;
  const Bytes statement = make_officer_statement(facts, core_.self.commune, core_.keys.authority());
  KHUOI_TRY_VOID(core_.roster.add(statement));
  return add_roster(batch, statement);
}

Result<void> Replica::add_form(Batch& batch, FormRecord form) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "forms are published by the commune");
  KHUOI_TRY(const FormFacts facts, read_form(form.xml));
  form.id = facts.id;
  form.version = facts.version;
  form.title = facts.title;
  KHUOI_TRY(const auto present, library_.form(batch.txn, form.id, form.version));
  const FormHash hash = hash_id<FormHash>(form.xml);
  const bool same = present && present->version == form.version && present->hash == hash && !present->built_in &&
                    present->domain == form.domain && present->media == form.media && present->closed == form.closed;
  if (same) return {};
  return append_and_index(batch, Recipient::everyone(), Rank::normal, form.domain, form);
}

Result<std::size_t> Replica::train_dictionaries(Batch& batch) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "dictionaries are trained at the commune");
  std::map<FormHash, std::vector<Bytes>> by_form;
  std::vector<Ref> refs;
  KHUOI_TRY_VOID(dossiers_.each_key(batch.txn, [&](const DossierKey&, const DossierRow& row) {
    for (const DossierRow::Item& item : row.items) {
      if (item.kind == Kind::submission && !row.erased) refs.push_back(item.ref);
    }
    return true;
  }));
  constexpr std::size_t learned_max = 1000;  // the newest teach most
  const std::size_t first = refs.size() > learned_max ? refs.size() - learned_max : 0;
  for (std::size_t i = first; i < refs.size(); ++i) {
    KHUOI_TRY(const Plain plain, run_keys_.read(batch.txn, refs[i]));
    const auto* submission = std::get_if<Submission>(&plain.body);
    auto xml = submission != nullptr ? library_.decode(batch.txn, submission->payload) : Result<Bytes>(Bytes());
    const auto head = xml ? read_instance_head(*xml) : Result<InstanceHead>(fail(Errc::not_found, {}));
    if (!head) continue;
    KHUOI_TRY(const auto form, library_.form(batch.txn, head->form_id, head->version));
    if (form) by_form[form->hash].push_back(std::move(*xml));
  }
  std::size_t trained = 0;
  for (const auto& [hash, submissions] : by_form) {
    std::vector<ByteView> views(submissions.begin(), submissions.end());
    KHUOI_TRY(const Bytes form_xml, library_.xml(batch.txn, hash));
    const Dictionary dictionary = train(views, form_xml);
    if (dictionary.submissions.empty()) continue;
    KHUOI_TRY(Bytes octets, dictionary.encode());
    DictionaryRecord record{hash.value, std::move(octets)};
    KHUOI_TRY(const auto before, library_.model_for(batch.txn, hash));
    KHUOI_TRY_VOID(library_.put_dictionary(batch, record));
    KHUOI_TRY(const auto after, library_.model_for(batch.txn, hash));
    if (before->hash() == after->hash()) continue;
    ++trained;
    for (const NodeFacts* box : core_.roster.nodes()) {
      if (box->revoked) continue;
      KHUOI_TRY_VOID(writer_.append(batch, Recipient::sealed_to(box->auth, Domain::general), Rank::normal, Domain::general, record));
    }
  }
  return trained;
}

Result<void> Replica::set_state(Batch& batch, const DossierKey& key, StateChange change) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "the state of a dossier is set by the commune");
  KHUOI_TRY(const auto row, dossiers_.row(batch.txn, key));
  if (!row) return fail(Errc::not_found, "no dossier has the id " + key.id.hex());
  const State from = row->state.value_or(State::fresh);
  if (!may_move(from, change.state)) {
    return fail(Errc::denied, "a dossier that is '" + std::string(name_of(from)) + "' cannot become '" +
                                  std::string(name_of(change.state)) + "'");
  }
  change.hamlet = key.hamlet;
  change.dossier = key.id;
  KHUOI_TRY(const DossierView view, dossiers_.view(batch.txn, *row));
  change.seen = view.seen_now;
  if (view.state && change.code.empty()) change.code = view.state->code;
  KHUOI_TRY(const Recipient to, box_recipient(key.hamlet, row->domain));
  return append_and_index(batch, to, Rank::high, row->domain, change);
}

Result<void> Replica::withdraw(Batch& batch, const DossierKey& key, std::string reason) {
  if (core_.self.is_commune()) return fail(Errc::denied, "a withdrawal is asked for by the hamlet; set the state instead");
  KHUOI_TRY(const auto row, dossiers_.row(batch.txn, key));
  if (!row) return fail(Errc::not_found, "no dossier has the id " + key.id.hex());
  if (row->state && is_closed(*row->state)) return fail(Errc::denied, "the dossier is closed already");
  return append_and_index(batch, commune_recipient(row->domain), Rank::high, row->domain,
                          Withdrawal{key.id, row->seen, std::move(reason)});
}

Result<void> Replica::pick(Batch& batch, const DossierKey& key, const Ref& chosen) {
  if (core_.self.is_commune()) return fail(Errc::denied, "which edit counts is settled at the hamlet");
  KHUOI_TRY(const auto row, dossiers_.row(batch.txn, key));
  if (!row) return fail(Errc::not_found, "no dossier has the id " + key.id.hex());
  KHUOI_TRY(const DossierView view, dossiers_.view(batch.txn, *row));
  if (std::ranges::find(view.heads, chosen) == view.heads.end()) {
    return fail(Errc::usage, "that version is not one of those in conflict");
  }
  return append_and_index(batch, commune_recipient(row->domain), Rank::high, row->domain, Pick{key.id, chosen, view.seen_now});
}

Result<void> Replica::erase(Batch& batch, const DossierKey& key, std::string reason) {
  KHUOI_TRY(const auto row, dossiers_.row(batch.txn, key));
  if (!row) return fail(Errc::not_found, "no dossier has the id " + key.id.hex());
  if (row->erased) return {};
  if (core_.self.is_commune()) {
    KHUOI_TRY(const Recipient to, box_recipient(key.hamlet, row->domain));
    return append_and_index(batch, to, Rank::high, row->domain, Erase{key.hamlet, key.id, std::move(reason)});
  }
  return append_and_index(batch, commune_recipient(row->domain), Rank::high, row->domain,
                          Erase{core_.self.hamlet, key.id, std::move(reason)});
}

Result<Ref> Replica::announce(Batch& batch, const Announcement& announcement) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "announcements are made by the commune");
  KHUOI_TRY(const auto content, decode_announcement_content(announcement.content));
  if (!items_.approved(announcement, content)) {
    return fail(Errc::denied, "an emergency leaves only with the approval of two officers");
  }
  const Rank rank = content.urgency == Urgency::emergency ? Rank::urgent : Rank::high;
  KHUOI_TRY(const Ref ref, writer_.append(batch, Recipient::everyone(), rank, Domain::general, announcement));
  Plain plain;
  plain.kind = Kind::announcement;
  plain.body = announcement;
  KHUOI_TRY_VOID(acceptor_.apply_own(batch, ref, plain));
  return ref;
}

Result<Approval> Replica::approve(const ReadTxn& txn, std::string_view officer, const Items::Pending& pending,
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

Result<Ref> Replica::add_document(Batch& batch, const Document& document, bool to_everyone) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "documents are published by the commune");
  std::optional<Ref> first;
  const auto write = [&](const Recipient& to) -> Result<void> {
    KHUOI_TRY(const Ref ref, writer_.append(batch, to, Rank::normal, Domain::general, document));
    Plain plain;
    plain.kind = Kind::document;
    plain.body = document;
    if (!first) first = ref;
    return acceptor_.apply_own(batch, ref, plain);
  };
  if (to_everyone) {
    KHUOI_TRY_VOID(write(Recipient::everyone()));
    return *first;
  }
  if (document.to.empty()) return fail(Errc::usage, "say which hamlets the document is for");
  for (const HamletId& hamlet : document.to) {
    KHUOI_TRY(const Recipient to, box_recipient(hamlet, Domain::general));
    KHUOI_TRY_VOID(write(to));
  }
  return *first;
}

Result<Ref> Replica::send_message(Batch& batch, const Message& message, const std::optional<HamletId>& to) {
  if (core_.self.is_commune() && !to) return fail(Errc::usage, "say which hamlet the message is for: --to NAME");
  if (!core_.self.is_commune() && !core_.self.granted()) {
    return fail(Errc::denied, "this box has not joined a commune yet: messages need somebody to go to");
  }
  KHUOI_TRY(const Recipient recipient, core_.self.is_commune() ? box_recipient(*to, Domain::general)
                                                               : Result<Recipient>(commune_recipient(Domain::general)));
  KHUOI_TRY(const Ref ref, writer_.append(batch, recipient, Rank::high, Domain::general, message));
  Plain plain;
  plain.kind = Kind::message;
  plain.body = message;
  KHUOI_TRY_VOID(acceptor_.apply_own(batch, ref, plain));
  return ref;
}

Result<Ref> Replica::tell(Batch& batch, Rank rank, const Body& body) {
  KHUOI_CHECK(!core_.self.is_commune());
  KHUOI_TRY(const Ref ref, writer_.append(batch, commune_recipient(Domain::general), rank, Domain::general, body));
  Plain plain;
  plain.kind = kind_of(body);
  plain.body = body;
  KHUOI_TRY_VOID(acceptor_.apply_own(batch, ref, plain));
  return ref;
}

}  // namespace khuoi::sync

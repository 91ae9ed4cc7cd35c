#include "sync/log/run_keys.h"

namespace khuoi::sync {

namespace {
constexpr std::size_t contexts_max = 256;  // each holds a locked page
constexpr std::string_view author_copy_info = "khuoi/1/author-copy";
}  // namespace

Result<Bytes> make_author_copy(const KemPublic& own, const Header& header, const Secret& state, Rng& rng) {
  return hpke_seal_once(own, view_of(author_copy_info), header.encoded(), state.view(), rng);
}

Result<HpkeContext> open_author_copy(const Secret& own, ByteView header, ByteView body) {
  KHUOI_TRY(Bytes state, hpke_open_once(own, view_of(author_copy_info), header, body));
  Secret kept = Secret::copy_of(state);
  wipe(state);
  return HpkeContext::from_state(std::move(kept));
}

Result<HpkeContext> RunKeys::open_own_copy(ByteView header, ByteView body) const {
  if (core_.self.is_commune()) {
    for (const KemKeyPair& pair : core_.keys.kem()) {
      auto opened = open_author_copy(pair.secret_key, header, body);
      if (opened) return opened;
    }
    return fail(Errc::unauthenticated, "an author copy does not open: it is forged or damaged");
  }
  bool some_closed = false;
  for (const Domain domain : {Domain::general, Domain::health}) {
    if (!core_.keys.open(domain)) {
      some_closed = true;
      continue;
    }
    auto opened = open_author_copy(core_.keys.reader_secret(domain), header, body);
    if (opened) return opened;
  }
  if (some_closed) return fail(Errc::locked, "locked: this record needs a passphrase that opens its domain");
  return fail(Errc::unauthenticated, "an author copy does not open: it is forged or damaged");
}

Result<HpkeContext> RunKeys::from_author_copy(const ReadTxn& txn, const RunKey& key, const RunRow& row) {
  const Ref ref{key.author, key.run, 1};
  KHUOI_TRY(const auto copy, core_.runs.record(txn, ref));
  if (!copy) return fail(Errc::not_found, "the author copy of run " + key.run.hex() + " has not come back yet");
  const auto header = core_.runs.header(ref, row, copy->record_class, copy->rank).encoded();
  return open_own_copy(header, copy->body);
}

Result<const HpkeContext*> RunKeys::find(const ReadTxn& txn, const RunKey& key, const RunRow& row) {
  const auto known = core_.opened->contexts.find(key);
  if (known != core_.opened->contexts.end()) return &known->second;
  if (key.author != core_.self.node) return static_cast<const HpkeContext*>(nullptr);
  KHUOI_TRY(auto context, from_author_copy(txn, key, row));
  return keep(key, std::move(context));
}

Result<const HpkeContext*> RunKeys::context(const ReadTxn& txn, const RunKey& key, const RunRow& row, const Ref& probe,
                                            ByteView header, ByteView body) {
  KHUOI_TRY(const HpkeContext* found, find(txn, key, row));
  if (found != nullptr) return found;
  KHUOI_TRY(auto context, make_context(key, row, probe.number, header, body));
  return keep(key, std::move(context));
}

Result<HpkeContext> RunKeys::make_context(const RunKey& key, const RunRow& row, std::uint32_t number, ByteView header,
                                          ByteView body) const {
  const Secret* mine = core_.keys.secret_of(row.audience);
  if (mine == nullptr) return fail(Errc::locked, "locked: this record needs a passphrase that opens its domain");
  const auto author = keys_of_author(core_, key.author);
  if (!author) return fail(Errc::unauthenticated, "the author " + key.author.hex() + " is not in the roster");
  const Bytes info = run_info(core_.self.commune, key.author, key.run, row.audience);
  for (const KemPublic& sender : author->seals_with) {
    auto context = hpke_auth_receiver(row.opener.enc, *mine, info, sender);
    if (context && context->open(number, header, body)) return context;
  }
  return fail(Errc::unauthenticated, "record " + std::to_string(number) + " of run " + key.run.hex() +
                                         " does not open: it is forged or damaged");
}

Result<Plain> RunKeys::open(const ReadTxn& txn, const Ref& ref, const RunRow& row, ByteView header, ByteView body) {
  KHUOI_TRY(const HpkeContext* key, context(txn, run_of(ref), row, ref, header, body));
  return open_with(*key, ref.number, row, header, body);
}

Result<Plain> open_with(const HpkeContext& context, std::uint32_t number, const RunRow& row, ByteView header, ByteView body) {
  KHUOI_TRY(Bytes plain, context.open(number, header, body));
  auto out = decode_plain(plain);
  wipe(plain);
  if (out) complete_time(*out, row);
  return out;
}

void complete_time(Plain& plain, const RunRow& row) {
  if (plain.at.clock_stepped) return;
  plain.at.wall.value = row.opener.wall.value + plain.at.run_seconds;
  plain.at.trusted = row.opener.wall_trusted;
}

Result<Plain> RunKeys::read(const ReadTxn& txn, const Ref& ref) {
  KHUOI_TRY(const RunRow* row, core_.runs.find(txn, run_of(ref)));
  KHUOI_TRY(const auto stored, core_.runs.record(txn, ref));
  if (row == nullptr || !stored) return fail(Errc::not_found, "record " + std::to_string(ref.number) + " is not here");
  if (stored->erased) return fail(Errc::not_found, "record " + std::to_string(ref.number) + " was erased");
  if (stored->record_class == Class::public_record) {
    if (stored->body.size() < signature_octets) return fail(Errc::damaged, "store: a public record is too short");
    auto out = decode_plain(ByteView(stored->body).first(stored->body.size() - signature_octets));
    if (out) complete_time(*out, *row);
    return out;
  }
  const Header header = core_.runs.header(ref, *row, stored->record_class, stored->rank);
  return open(txn, ref, *row, header.encoded(), stored->body);
}

const HpkeContext* RunKeys::keep(const RunKey& key, HpkeContext context) {
  auto& contexts = core_.opened->contexts;
  if (contexts.size() >= contexts_max) contexts.clear();
  return &contexts.insert_or_assign(key, std::move(context)).first->second;
}

}  // namespace khuoi::sync

#include "sync/peers/holdings.h"

namespace khuoi::sync {

namespace {
constexpr unsigned flag_supersedes = 1, flag_whole = 2, flag_say_whole = 4;
constexpr std::uint64_t entries_max = 200'000;

void write_runs(Writer& to, const std::vector<Holdings::RunHeld>& runs) {
  to.varint(runs.size());
  for (const Holdings::RunHeld& run : runs) {
    to.raw(run.run.view());
    write_held(to, run.received, run.safe);
  }
}

Result<std::vector<Holdings::RunHeld>> read_runs(Reader& from) {
  const std::uint64_t count = from.varint();
  if (count > entries_max) return fail(Errc::too_large, "holdings: too many runs");
  std::vector<Holdings::RunHeld> out;
  for (std::uint64_t i = 0; i < count && from.ok(); ++i) {
    Holdings::RunHeld& run = out.emplace_back();
    run.run = RunId(from.array<8>());
    KHUOI_TRY_VOID(read_held(from, run.received, run.safe));
  }
  return out;
}

Result<std::vector<Holdings::FileHeld>> read_files(Reader& from) {
  const std::uint64_t count = from.varint();
  if (count > entries_max) return fail(Errc::too_large, "holdings: too many attachments");
  std::vector<Holdings::FileHeld> out;
  for (std::uint64_t i = 0; i < count && from.ok(); ++i) {
    Holdings::FileHeld& file = out.emplace_back();
    file.file = FileId(from.array<16>());
    file.complete = from.u8() != 0;
    if (!file.complete) {
      KHUOI_TRY(file.held, read_held_chunks(from));
    }
  }
  return out;
}

void write_flags(Writer& to, const Holdings& holdings) {
  unsigned flags = holdings.supersedes ? flag_supersedes : 0U;
  if (holdings.version != 1) flags |= (holdings.whole ? flag_whole : 0U) | (holdings.say_whole ? flag_say_whole : 0U);
  to.u8(static_cast<std::uint8_t>(flags));
}

/// Errors: malformed, for flags of later versions.
Result<void> read_flags(Reader& from, Holdings& out) {
  const unsigned flags = from.u8();
  const unsigned known = out.version == 1 ? flag_supersedes : flag_supersedes | flag_whole | flag_say_whole;
  if ((flags & ~known) != 0) return fail(Errc::malformed, "holdings: unknown flags");
  if ((flags & flag_supersedes) != 0) out.supersedes.emplace();
  out.whole = out.version == 1 || (flags & flag_whole) != 0;
  out.say_whole = (flags & flag_say_whole) != 0;
  return {};
}

Bytes unsigned_part(const Holdings& holdings) {
  Bytes out;
  Writer to(out);
  to.u8(holdings.version).raw(holdings.commune.view()).raw(holdings.from.view()).raw(holdings.to.view());
  if (holdings.version != 1) write_flags(to, holdings);
  write_head(to, holdings.head);
  write_head(to, holdings.echo);
  if (holdings.version == 1) write_flags(to, holdings);
  if (holdings.supersedes) write_head(to, *holdings.supersedes);
  to.u64(holdings.roster_digest).u64(static_cast<std::uint64_t>(holdings.at.value));
  if (holdings.version != 1) to.varint(holdings.tally.count).raw(holdings.tally.sum);
  write_runs(to, holdings.runs);
  to.varint(holdings.wants.size());
  for (const Holdings::Want& want : holdings.wants) {
    to.raw(want.run.view());
    want.numbers.encode(to);
  }
  to.varint(holdings.wants_models.size());
  for (const ModelHash& hash : holdings.wants_models) to.raw(hash.view());
  to.varint(holdings.files.size());
  for (const Holdings::FileHeld& file : holdings.files) {
    to.raw(file.file.view()).u8(file.complete ? 1 : 0);
    if (!file.complete) write_held_chunks(to, file.held);
  }
  return out;
}
}  // namespace

std::size_t encoded_octets(const Holdings& holdings) { return unsigned_part(holdings).size() + signature_octets; }

Bytes encode_holdings(const Holdings& holdings, const Secret& sign_secret) {
  Bytes out = unsigned_part(holdings);
  append(out, sign(sign_secret, Purpose::statement, holdings.commune, {ByteView(out)}));
  return out;
}

Result<Holdings> decode_holdings(ByteView octets) {
  if (octets.size() > holdings_octets_max) return fail(Errc::too_large, "holdings: larger than 8 MiB");
  if (octets.size() < signature_octets) return fail(Errc::malformed, "holdings: cut short");
  Reader from(octets.first(octets.size() - signature_octets));
  Holdings out;
  out.version = from.u8();
  if (out.version != 1 && out.version != 2) return fail(Errc::unsupported, "holdings: of a later version");
  out.commune = CommuneId(from.array<8>());
  out.from = NodeId(from.array<8>());
  out.to = NodeId(from.array<8>());
  if (out.version != 1) KHUOI_TRY_VOID(read_flags(from, out));
  out.head = read_head(from);
  out.echo = read_head(from);
  if (out.version == 1) KHUOI_TRY_VOID(read_flags(from, out));
  if (out.supersedes) out.supersedes = read_head(from);
  out.roster_digest = from.u64();
  out.at.value = static_cast<std::int64_t>(from.u64());
  if (out.version != 1) {
    out.tally.count = from.varint();
    out.tally.sum = from.array<16>();
  }
  KHUOI_TRY(out.runs, read_runs(from));
  const std::uint64_t wants = from.varint();
  if (wants > Holdings::wants_max) return fail(Errc::too_large, "holdings: too many wants");
  for (std::uint64_t i = 0; i < wants && from.ok(); ++i) {
    Holdings::Want& want = out.wants.emplace_back();
    want.run = RunId(from.array<8>());
    KHUOI_TRY(want.numbers, RangeSet::decode(from));
  }
  const std::uint64_t models = from.varint();
  if (models > Holdings::wants_max) return fail(Errc::too_large, "holdings: too many models");
  for (std::uint64_t i = 0; i < models && from.ok(); ++i) out.wants_models.emplace_back(from.array<4>());
  KHUOI_TRY(out.files, read_files(from));
  if (!from.done()) return fail(Errc::malformed, "holdings: cut short, or octets left over");
  return out;
}

bool verify_holdings(ByteView octets, const Holdings& decoded, const SignPublic& key) {
  const ByteView signed_part = octets.first(octets.size() - signature_octets);
  return verify(key, Purpose::statement, decoded.commune, {signed_part}, octets.last(signature_octets));
}

Bytes tag_statement(StatementType type, ByteView octets) {
  Bytes out{static_cast<std::uint8_t>(type)};
  append(out, octets);
  return out;
}

}  // namespace khuoi::sync

#include "sync/contact/radio/elements.h"

#include <algorithm>
#include <limits>

namespace khuoi::sync {

namespace {

enum class ElementKind : std::uint8_t { record = 0, opener = 1, greeting = 2, have = 3, group = 5, run = 6, roster = 7 };

constexpr std::uint8_t length_follows = 63;
constexpr std::uint8_t previous_whole_bit = 0x10;
constexpr std::uint8_t trusted_clock_bit = 0x20;
constexpr std::uint8_t everyone = 0;  ///< which, of the commune
constexpr std::size_t have_runs_max = 256;
/// No element is longer.
constexpr std::size_t element_octets_max = radio_record_octets_max + 64;
constexpr std::int64_t time_begins = 1'577'836'800;  // 2020-01-01

constexpr std::uint8_t note_start = 1;
constexpr std::uint8_t note_time = 2;
constexpr std::uint8_t note_sums_differ = 4;
constexpr std::uint8_t note_refused = 8;
constexpr std::uint8_t note_unknown = 16;

std::uint8_t first_octet(ElementKind kind, std::uint8_t slot = 0) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(kind) << 4U | slot);
}

void write_record(Writer& to, const RadioRecord& record) {
  const std::size_t octets = record.body.size();
  const auto rank = static_cast<unsigned>(record.rank) << 6U;
  const bool in_units = octets % 4 == 0 && octets / 4 < length_follows;
  to.u8(static_cast<std::uint8_t>(rank | (in_units ? octets / 4 : length_follows)));
  if (!in_units) to.varint(octets);
  to.raw(record.body);
}

/// Octets of the 40 bits of a wall time.
void write_wall(Writer& to, UnixSeconds wall) {
  const auto value = static_cast<std::uint64_t>(wall.value);
  to.u8(static_cast<std::uint8_t>(value >> 32U)).u32(static_cast<std::uint32_t>(value));
}

struct Encoder {
  Writer& to;
  void operator()(const RadioGreeting& it) const {
    to.u8(first_octet(ElementKind::greeting)).varint(it.ordinal).raw(it.start).raw(it.commune_start);
    to.u8(static_cast<std::uint8_t>((it.wants_time ? 1U : 0U) | unsigned{it.serial} << 1U)).u32(it.sum);
  }
  void operator()(const RadioOpener& it) const {
    const unsigned flags = (it.previous_whole ? previous_whole_bit : 0U) | (it.wall_trusted ? trusted_clock_bit : 0U) |
                           static_cast<unsigned>(it.rank) << 6U;
    to.u8(first_octet(ElementKind::opener, it.slot)).raw(it.run.view()).u8(static_cast<std::uint8_t>(it.which | flags));
    if (it.which == audience_in_octets) to.raw(it.audience.view());
    if (it.has_enc) to.raw(it.enc);
    to.raw(it.previous_whole ? it.previous.view() : it.previous.view().first(2));
    to.varint(it.previous_last).varint(it.ordinal);
    write_wall(to, it.wall);
    to.raw(it.signature);
  }
  void operator()(const RadioRun& it) const { to.u8(first_octet(ElementKind::run, it.slot)).raw(it.run.view()); }
  void operator()(const RadioRecord& it) const {
    to.u8(first_octet(ElementKind::record, it.slot)).varint(it.number);
    write_record(to, it);
  }
  void operator()(const RadioRoster& it) const { to.u8(first_octet(ElementKind::roster)).counted(it.statement); }
  void operator()(const RadioHave& it) const {
    to.u8(first_octet(ElementKind::have)).varint(it.runs.size());
    for (const auto& [run, numbers] : it.runs) {
      to.raw(run.view());
      numbers.encode(to);
    }
    to.u32(it.sum);
  }
};

std::uint32_t number_of(Reader& from) {
  const std::uint64_t value = from.varint();
  if (value > std::numeric_limits<std::uint32_t>::max()) from.refuse();
  return static_cast<std::uint32_t>(value);
}

Bytes body_of(Reader& from, Rank& rank, bool& too_large) {
  const std::uint8_t head = from.u8();
  rank = static_cast<Rank>(head >> 6U);
  const std::uint8_t units = head & 0x3fU;
  const std::uint64_t octets = units == length_follows ? from.varint() : std::uint64_t{units} * 4;
  too_large = octets > radio_record_octets_max;
  const bool shorter_form = units == length_follows && octets % 4 == 0 && octets / 4 < length_follows;
  if (too_large || shorter_form) from.refuse();
  return to_bytes(from.raw(static_cast<std::size_t>(too_large ? 0 : octets)));
}

RadioOpener opener_of(Reader& from, std::uint8_t slot, bool commune_sends) {
  RadioOpener out;
  out.slot = slot;
  out.run.value = from.array<8>();
  const std::uint8_t flags = from.u8();
  out.rank = static_cast<Rank>(flags >> 6U);
  out.which = flags & 0x0fU;
  out.previous_whole = (flags & previous_whole_bit) != 0;
  out.wall_trusted = (flags & trusted_clock_bit) != 0;
  if (out.which == audience_in_octets) out.audience.value = from.array<8>();
  out.has_enc = !(commune_sends && out.which == everyone);
  if (out.has_enc) out.enc = from.array<32>();
  if (out.previous_whole) {
    out.previous.value = from.array<8>();
  } else {
    const auto begin = from.array<2>();
    std::ranges::copy(begin, out.previous.value.begin());
  }
  out.previous_last = number_of(from);
  out.ordinal = number_of(from);
  const std::uint64_t high = from.u8();
  out.wall.value = static_cast<std::int64_t>(high << 32U | from.u32());
  out.signature = from.array<64>();
  return out;
}

RadioHave have_of(Reader& from) {
  RadioHave out;
  const std::uint64_t count = from.varint();
  if (count > have_runs_max) from.refuse();
  for (std::uint64_t i = 0; from.ok() && i < count; ++i) {
    RunId run;
    run.value = from.array<8>();
    auto numbers = RangeSet::decode(from);
    if (!numbers) {
      from.refuse();
      break;
    }
    out.runs.emplace_back(run, std::move(*numbers));
  }
  out.sum = from.u32();
  return out;
}

}  // namespace

Bytes encode_element(const RadioElement& element) {
  Bytes out;
  Writer to(out);
  std::visit(Encoder{to}, element);
  return out;
}

Bytes encode_group_head(std::uint8_t slot, std::uint32_t first, std::size_t count) {
  Bytes out;
  Writer(out).u8(first_octet(ElementKind::group, slot)).varint(first).varint(count);
  return out;
}

Bytes encode_grouped(const RadioRecord& record) {
  Bytes out;
  Writer to(out);
  write_record(to, record);
  return out;
}

Result<std::optional<RadioElement>> ElementReader::next(bool commune_sends) {
  if (rest_.empty()) return std::optional<RadioElement>();
  Reader from(rest_);
  bool too_large = false;
  std::optional<RadioElement> out;
  const auto grouped = [&](std::uint8_t slot, std::uint32_t number) {
    RadioRecord record{slot, number, Rank::normal, {}};
    record.body = body_of(from, record.rank, too_large);
    out = std::move(record);
  };
  if (group_left_ != 0) {
    grouped(group_slot_, group_next_);
  } else {
    const std::uint8_t first = from.u8();
    const std::uint8_t slot = first & 0x0fU;
    const auto kind = static_cast<ElementKind>(first >> 4U);
    if (slot != 0 && (kind == ElementKind::greeting || kind == ElementKind::have || kind == ElementKind::roster)) {
      return fail(Errc::malformed, "radio: an element with a slot, of a kind that has none");
    }
    switch (kind) {
      case ElementKind::record: {
        const std::uint32_t number = number_of(from);
        grouped(slot, number);
        break;
      }
      case ElementKind::opener:
        out = opener_of(from, slot, commune_sends);
        break;
      case ElementKind::run: {
        RadioRun run{slot, {}};
        run.run.value = from.array<8>();
        out = run;
        break;
      }
      case ElementKind::greeting: {
        RadioGreeting greeting;
        greeting.ordinal = number_of(from);
        greeting.start = from.array<2>();
        greeting.commune_start = from.array<2>();
        const std::uint8_t flags = from.u8();
        greeting.wants_time = (flags & 1U) != 0;
        greeting.serial = flags >> 1U;
        greeting.sum = from.u32();
        out = greeting;
        break;
      }
      case ElementKind::have:
        out = have_of(from);
        break;
      case ElementKind::roster: {
        const std::uint64_t octets = from.varint();
        too_large = octets > radio_record_octets_max;
        out = RadioRoster{to_bytes(from.raw(static_cast<std::size_t>(too_large ? 0 : octets)))};
        break;
      }
      case ElementKind::group: {
        const std::uint32_t number = number_of(from);
        const std::uint64_t count = from.varint();
        if (!from.ok()) break;
        const bool fits = count >= 2 && count - 1 <= std::numeric_limits<std::uint32_t>::max() - number;
        if (!fits) return fail(Errc::malformed, "radio: a group of records whose numbers make no sense");
        rest_.erase(rest_.begin(), rest_.end() - static_cast<std::ptrdiff_t>(from.rest().size()));
        group_slot_ = slot;
        group_next_ = number;
        group_left_ = count;
        return next(commune_sends);
      }
      default:
        return fail(Errc::malformed, "radio: an element of a kind that this version does not know");
    }
  }
  if (too_large) return fail(Errc::too_large, "radio: what is too large to go by radio");
  if (!from.ok()) {
    // What is cut reads as too short; what is longer than any element and still does not read is wrong.
    if (rest_.size() > element_octets_max) return fail(Errc::malformed, "radio: an element that does not decode");
    return std::optional<RadioElement>();
  }
  rest_.erase(rest_.begin(), rest_.end() - static_cast<std::ptrdiff_t>(from.rest().size()));
  if (group_left_ != 0) {
    --group_left_;
    ++group_next_;
  }
  return out;
}

Bytes encode_note(const RadioNote& note) {
  Bytes out;
  Writer to(out);
  to.u8(static_cast<std::uint8_t>(
      (note.start ? note_start : 0U) | (note.time ? note_time : 0U) | (note.sums_differ ? note_sums_differ : 0U) |
      (note.refused.empty() ? 0U : note_refused) | (note.unknown.empty() ? 0U : note_unknown)));
  if (note.start) to.varint(note.start->ordinal).raw(note.start->id);
  if (note.time) {
    const std::int64_t since =
        std::clamp<std::int64_t>(note.time->value - time_begins, 0, std::numeric_limits<std::uint32_t>::max());
    to.u32(static_cast<std::uint32_t>(since));
  }
  if (!note.refused.empty()) note.refused.encode(to);
  if (!note.unknown.empty()) note.unknown.encode(to);
  return out;
}

Result<RadioNote> decode_note(ByteView octets) {
  Reader from(octets);
  RadioNote out;
  const std::uint8_t flags = from.u8();
  if (flags > 31) from.refuse();
  if ((flags & note_start) != 0) {
    RadioNote::Start start;
    start.ordinal = number_of(from);
    start.id = from.array<8>();
    out.start = start;
  }
  if ((flags & note_time) != 0) out.time = UnixSeconds{time_begins + std::int64_t{from.u32()}};
  out.sums_differ = (flags & note_sums_differ) != 0;
  if ((flags & note_refused) != 0) {
    KHUOI_TRY(out.refused, RangeSet::decode(from));
  }
  if ((flags & note_unknown) != 0) {
    KHUOI_TRY(out.unknown, RangeSet::decode(from));
  }
  if (!from.done()) return fail(Errc::malformed, "radio: a note that does not decode");
  return out;
}

}  // namespace khuoi::sync

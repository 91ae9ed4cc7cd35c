#include "sync/wire/block.h"

#include <limits>

#include "sync/base/check.h"

namespace khuoi::sync {

namespace {
constexpr std::uint8_t flag_feed = 1;
constexpr std::size_t feed_octets = 24;
constexpr std::size_t count_octets_max = 3;  // block_records_max as a varint
constexpr std::size_t seal_unit_octets = 4;

std::size_t length_unit(Class record_class) { return record_class == Class::sealed ? seal_unit_octets : 1; }

std::size_t varint_octets(std::uint64_t value) {
  std::size_t octets = 1;
  while ((value >>= 7U) != 0) ++octets;
  return octets;
}

bool same_feed(const Header& a, const Header& b) {
  return a.author == b.author && a.audience == b.audience && a.run == b.run;
}
bool same_class(const Header& a, const Header& b) { return a.record_class == b.record_class && a.rank == b.rank; }
bool follows(const Header& before, const Header& after) {
  return same_feed(before, after) && same_class(before, after) &&
         std::uint64_t{before.number} + 1 == std::uint64_t{after.number};
}

std::size_t body_cost(const Sealed& record) {
  return varint_octets(record.body.size() / length_unit(record.header.record_class)) + record.body.size();
}

/// Everything of a group but its records.
struct GroupHead {
  bool feed_given = false;
  Header first;
  std::uint32_t count = 0;
};

Error malformed(std::string what) { return fail(Errc::malformed, "block: " + std::move(what)); }

/// `before` is the last record so far, or null at the start. Refuses whatever encode_block would have written
/// otherwise.
Result<GroupHead> decode_head(Reader& from, const CommuneId& commune, const Header* before) {
  GroupHead out;
  const std::uint8_t flags = from.u8();
  if ((flags & ~unsigned{flag_feed}) != 0) return malformed("a group with flags this build does not know");
  out.feed_given = (flags & flag_feed) != 0;
  if (!out.feed_given && before == nullptr) return malformed("the first group names no feed");
  if (before != nullptr) out.first = *before;
  if (out.feed_given) {
    out.first.author = NodeId(from.array<8>());
    out.first.audience = AudienceId(from.array<8>());
    out.first.run = RunId(from.array<8>());
  }
  const auto read_class = read_class_octet(from.u8());
  const std::uint64_t number = from.varint();
  const std::uint64_t count = from.varint();
  if (!from.ok()) return malformed("it ends within the head of a group");
  if (!read_class) return malformed("a class octet this build does not know");
  if (count == 0) return malformed("a group without records");
  if (count > block_records_max) return fail(Errc::too_large, "block: more than 65,536 records");
  if (number > std::numeric_limits<std::uint32_t>::max() - (count - 1))
    return malformed("a record number past 32 bits");
  std::tie(out.first.record_class, out.first.rank) = *read_class;
  out.first.commune = commune;
  out.first.number = static_cast<std::uint32_t>(number);
  out.count = static_cast<std::uint32_t>(count);
  if (before != nullptr) {
    if (out.feed_given && same_feed(*before, out.first)) return malformed("a group repeats the feed before it");
    if (follows(*before, out.first)) return malformed("a group that belongs to the one before it");
  }
  return out;
}

Result<Bytes> decode_body(Reader& from, std::size_t unit) {
  const std::uint64_t units = from.varint();
  if (units > body_octets_max / unit) return fail(Errc::too_large, "block: a record of more than 1 MiB");
  const ByteView body = from.raw(static_cast<std::size_t>(units) * unit);
  if (!from.ok()) return malformed("it ends within a record");
  return to_bytes(body);
}
}  // namespace

Bytes encode_block(std::span<const Sealed> records) {
  KHUOI_CHECK(records.size() <= block_records_max);
  Bytes out;
  std::size_t octets = 0;
  for (const Sealed& record : records) octets += body_cost(record);
  out.reserve(octets + 64);
  Writer to(out);
  for (std::size_t at = 0; at < records.size();) {
    const Header& first = records[at].header;
    std::size_t end = at + 1;
    while (end < records.size() && follows(records[end - 1].header, records[end].header)) ++end;
    const bool feed_given = at == 0 || !same_feed(records[at - 1].header, first);
    to.u8(feed_given ? flag_feed : 0);
    if (feed_given) to.raw(first.author.view()).raw(first.audience.view()).raw(first.run.view());
    to.u8(class_octet(first.record_class, first.rank)).varint(first.number).varint(end - at);
    const std::size_t unit = length_unit(first.record_class);
    for (; at < end; ++at) {
      const Bytes& body = records[at].body;
      KHUOI_CHECK(records[at].header.commune == records.front().header.commune);
      KHUOI_CHECK(body.size() <= body_octets_max);
      KHUOI_CHECK(body.size() % unit == 0);
      to.varint(body.size() / unit).raw(body);
    }
  }
  return out;
}

std::size_t block_cost(const Sealed& record) {
  return 1 + feed_octets + 1 + varint_octets(record.header.number) + count_octets_max + body_cost(record);
}

std::size_t block_cost(const Sealed& record, const Sealed& previous) {
  if (follows(previous.header, record.header)) return body_cost(record);
  return block_cost(record) - (same_feed(previous.header, record.header) ? feed_octets : 0);
}

Result<std::vector<Sealed>> decode_block(ByteView octets, const CommuneId& commune) {
  std::vector<Sealed> out;
  Reader from(octets);
  while (!from.rest().empty()) {
    KHUOI_TRY(const GroupHead head, decode_head(from, commune, out.empty() ? nullptr : &out.back().header));
    if (out.size() + head.count > block_records_max) return fail(Errc::too_large, "block: more than 65,536 records");
    const std::size_t unit = length_unit(head.first.record_class);
    for (std::uint32_t i = 0; i < head.count; ++i) {
      Sealed record;
      record.header = head.first;
      record.header.number += i;
      KHUOI_TRY(record.body, decode_body(from, unit));
      out.push_back(std::move(record));
    }
  }
  return out;
}

}  // namespace khuoi::sync

#pragma once

#include <span>
#include <vector>

#include "sync/record/header.h"
#include "sync/seal/signature.h"

namespace khuoi::sync {

/// The largest body a record can travel with: 1 MiB and what its class adds (a signature of 64, or a tag of 16).
inline constexpr std::size_t body_octets_max = record_octets_max + signature_octets;
inline constexpr std::size_t block_records_max = 65536;

/// Records packed for a link or a stick; what neighbours share is written once (see FORMATS.md). Typical cost beside
/// the body: one octet a record. The order given is kept. A block is: groups to its end. A group is: u8 flags | [feed
/// 24 when bit 0: author, audience, run; else as before] | class u8 | first number varint | count varint | count ×
/// (length varint | body). Sealed lengths are in units of four octets. One list of records has one encoding. All
/// records are of one commune, at most block_records_max; sealed bodies are a multiple of four octets.
Bytes encode_block(std::span<const Sealed> records);
/// Octets the record adds to a block at most, for budgets.
std::size_t block_cost(const Sealed& record);
/// The same when it follows `previous` in the block, which is mostly far less.
std::size_t block_cost(const Sealed& record, const Sealed& previous);
/// `commune` completes the headers. Errors: malformed, too_large (a body over body_octets_max, more than
/// block_records_max records).
Result<std::vector<Sealed>> decode_block(ByteView octets, const CommuneId& commune);

}  // namespace khuoi::sync

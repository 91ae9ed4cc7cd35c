#pragma once

#include <array>

#include "sync/contact/giver.h"
#include "sync/contact/pieces.h"

namespace khuoi::sync {

/// BLAKE2b-128 of a statement.
using StatementHash = std::array<std::uint8_t, 16>;
StatementHash hash_of_statement(ByteView octets);

/// What stands in one bundle on a stick, as far as its segments are whole. One that was written now is counted when it is
/// known to stay.
struct BundleContent : Given {
  BundleHeader header;
  std::vector<std::pair<NodeId, Head>> holdings;  ///< of the writer: to whom, and how new
  std::set<StatementHash> roster;                 ///< roster statements
  std::set<StatementHash> later;                  ///< tagged statements in segments of type 5
  bool request = false;
  bool damaged = false;                           ///< something was skipped, or did not verify
  bool proved = false;                            ///< something in it is its writer's own, by signature or index
  using Given::add;
  /// What stands there, but not whose it is and how good.
  void add(const BundleContent& other);
};

/// A file on a stick. Name and length are hints: they can be anybody's.
struct BundleFile {
  std::string_view name;
  std::uint64_t octets = 0;
  std::optional<BundleHash> hash;
};

/// What a stick brought besides records, statements and chunks, over all its bundles.
struct StickFinds {
  std::uint64_t foreign = 0;               ///< bundles of other communes
  std::vector<Bytes> requests;             ///< for enrolment, for a commune to show
  std::vector<std::vector<Bytes>> grants;  ///< for a hamlet to accept
  std::set<Custody::Name> carried;         ///< standing in bundles of other boxes
  bool receipt = false;                    ///< the commune's, and new, in a bundle that it wrote
};

}  // namespace khuoi::sync

#pragma once

#include <functional>

#include "sync/record/record.h"

namespace khuoi::sync {

/// Who may write records of a kind.
enum class Writers : std::uint8_t {
  nobody,     ///< it never stands in a plaintext
  anybody,
  hamlets,
  commune,
  its_owner,  ///< the commune, or the hamlet that the record names
};
/// The room that takes its content in.
enum class Room : std::uint8_t { none, log, library, keys, bulletin, dossiers, health };

/// All that is known of a kind apart from its body. A new kind is one row here, its struct in record.h, and how that is
/// written, read and checked (body_*.cpp).
struct KindFacts {
  Kind kind;
  std::string_view name;
  Writers writers;
  Room room;
  bool peoples = false;  ///< what people wrote, as `records_*` and `waiting` count it; all else is control
  /// Of a dossier, by its hamlet: what a box takes along when it leaves its commune.
  bool of_the_hamlet = false;
  bool version = false;  ///< it holds XML of a dossier
};
/// Of a number that is no kind: a row that says so.
const KindFacts& facts_of(Kind kind);

inline bool is_version(Kind kind) { return facts_of(kind).version; }

/// The dossier that a record names; nothing for kinds that name none, and for a submission, whose XML tells.
std::optional<DossierId> dossier_named(const Body& body);
/// What its author had seen, for the kinds that say so.
const std::vector<Ref>* seen_of(const Body& body);
/// Visits every other record that this one refers to.
void each_ref(Body& body, const std::function<void(Ref&)>& visit);

}  // namespace khuoi::sync

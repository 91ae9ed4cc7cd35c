#pragma once

#include <cstdint>

namespace khuoi::sync {

/// In tables `note` and `node` the first octet of a key says of what kind the row is. Kinds from here on are of this box's
/// commune: they go when it leaves that (Resealing), whoever they belong to.
inline constexpr std::uint8_t kinds_of_the_commune = 0x80;

/// The kinds in table `note`. Numbers are never used again.
enum class Note : std::uint8_t {
  start = 0x01,          ///< log/starts.cpp
  start_foreign = 0x02,  ///< log/starts.cpp
  judged = 0x03,         ///< log/acceptor.cpp
  uncovered = 0x04,      ///< log/run_writer.h
  moved = 0x05,          ///< dossiers
  health = 0x06,         ///< replica/rooms.cpp
  local_lane = 0x07,     ///< log/run_writer.cpp
  dossier_mark = 0x08,   ///< dossiers/dossier_marks.h
  dossier_items = 0x09,  ///< dossiers/dossier_row.h
  totals = 0x0a,         ///< log/totals.h
  dossier_counts = 0x0b,  ///< dossiers/dossier_marks.h
  code = 0x0c,           ///< dossiers/code_register.h
  code_day = 0x0d,       ///< dossiers/code_register.h
  code_settings = 0x0e,  ///< dossiers/code_register.h
  code_typed = 0x0f,     ///< dossiers/code_register.h

  lane = kinds_of_the_commune,  ///< log/run_writer.cpp
  successor = 0x81,             ///< log/lane.cpp
  checkpoint = 0x82,            ///< log/run_checks.cpp
  waiting = 0x83,               ///< log/waiting_records.cpp
  quota = 0x84,                 ///< log/author_quota.cpp
  asked = 0x85,                 ///< peers/peers.h
  proof = 0x86,                 ///< peers/start_proof.cpp
  heard = 0x87,                 ///< peers/echoes.cpp
  passage = 0x88,               ///< peers/passages.cpp
  file_told = 0x89,             ///< peers/receipts.cpp
  bundle = 0x8a,                ///< contact/known_bundles.cpp
  emergency = 0x8b,             ///< bulletin/items.cpp
  carried_octets = 0x8c,        ///< contact/custody.cpp
  carried_order = 0x8d,         ///< contact/custody.cpp
  by_radio = 0x8e,              ///< peers/radio_marks.cpp
  file_path = 0x8f,             ///< peers/file_paths.cpp
  hastened = 0x90,              ///< peers/hastened.cpp
  held_of = 0x91,               ///< log/held_of.h
  told_of = 0x92,               ///< peers/told_of.h
  lost = 0x93,                  ///< peers/lost_records.cpp
  outgoing = 0x94,              ///< log/outgoing.cpp
  outgoing_at = 0x95,           ///< log/outgoing.cpp
  looked_after = 0x96,          ///< peers/to_go.cpp
  to_go = 0x97,                 ///< peers/to_go.cpp
  untold = 0x98,                ///< peers/untold.cpp
  told_up_to = 0x99,            ///< peers/untold.cpp
  unreceipted = 0x9a,           ///< peers/unreceipted.cpp
  outgoing_looked = 0x9b,       ///< log/outgoing.cpp
};

}  // namespace khuoi::sync

#pragma once

#include "node/engine/node_rows.h"

namespace khuoi::node {

// What a commune's people note of dossiers among themselves: it never leaves the commune.

/// By the dossier's number; no row: nobody opened it.
struct DeskMark {
  std::int64_t seen_at = 0;  ///< when somebody opened it first; 0: nobody did
  std::string charge;        ///< the account in charge; empty: nobody
  static auto parts(auto& mark) { return parts_of(mark.seen_at, mark.charge); }
};
inline constexpr NodeRows<std::uint32_t, DeskMark> desk_mark_rows{NodeRow::desk_mark, "what the desk notes of a dossier"};

/// By the dossier's number and its own.
struct DeskNote {
  std::int64_t at = 0;
  std::string person;
  std::string text;
  static auto parts(auto& note) { return parts_of(note.at, Counted(note.person, 256), note.text); }
};
inline constexpr NodeRows<std::pair<std::uint32_t, std::uint32_t>, DeskNote> desk_note_rows{NodeRow::desk_note,
                                                                                          "a note of the desk"};
/// When this commune was last backed up.
inline constexpr NodeRows<std::tuple<>, std::uint64_t> backup_at_rows{NodeRow::backup_at, "when it was backed up"};
inline constexpr std::size_t note_octets_max = 4096;

Result<void> add_desk_note(sync::Batch& batch, std::uint32_t number, const DeskNote& note);
Result<std::vector<DeskNote>> desk_notes(const sync::ReadTxn& txn, std::uint32_t number);
/// The dossier was erased: what was noted of it goes too.
Result<void> erase_desk_rows(sync::Batch& batch, std::uint32_t number);

}  // namespace khuoi::node

#pragma once

#include "sync/store/rows.h"

namespace khuoi::node {

/// The kinds of rows in table `node`, which the core never looks into; each is declared beside whoever uses it. Numbers
/// are never used again.
enum class NodeRow : std::uint8_t {
  person = 0x01,          ///< acts/person_rows.h
  pin = 0x02,             ///< acts/person_rows.h
  phrase_given = 0x03,    ///< acts/person_rows.h
  form_problem = 0x04,    ///< acts/form_problems.cpp
  health_read = 0x05,     ///< people/read_guard.cpp
  phone = 0x06,           ///< openrosa/accounts.cpp
  tries = 0x07,           ///< people/backoff.h
  slip = 0x08,            ///< counter/slips.cpp
  health_told_at = 0x09,  ///< app/health_report.cpp
  audit_entry = 0x0a,     ///< acts/audit_rows.h
  audit_head = 0x0b,      ///< acts/audit_rows.h
  audit_day = 0x0c,       ///< acts/audit_rows.h
  account = 0x0d,         ///< acts/accounts.cpp
  desk_mark = 0x0e,       ///< acts/desk_marks.h
  desk_note = 0x0f,       ///< acts/desk_marks.h
  desk_filter = 0x10,     ///< desk/filter_routes.cpp
  backup_at = 0x11,       ///< acts/desk_marks.h

  answers_seen = sync::kinds_of_the_commune,  ///< acts/summary.cpp
};

template <typename Key, typename Row>
struct NodeRows final : sync::Rows<Key, Row> {
  constexpr NodeRows(NodeRow kind, std::string_view what) : sync::Rows<Key, Row>(sync::Table::node, kind, what) {}
};

}  // namespace khuoi::node

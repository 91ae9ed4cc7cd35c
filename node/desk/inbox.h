#pragma once

#include <boost/json.hpp>

#include "node/counter/shelf.h"
#include "node/desk/desk.h"

namespace khuoi::desk {

/// What of the dossiers an inbox shows: what an account may read and asked for.
struct InboxQuery {
  enum class Only : std::uint8_t { all, fresh, unseen, open, overdue, due_soon, conflicts, withdrawals, mine };

  node::Capabilities may;
  std::string person;  ///< who asks: whose charge `mine` is
  std::string today, soon;  ///< yyyy-mm-dd
  Only only = Only::all;
  std::vector<std::string> words;  ///< as search_text makes them: each must occur
  std::string state, form, charge, since, until;
  std::optional<HamletId> hamlet;

  /// Errors: usage for what is no day, word or id.
  static Result<InboxQuery> of(const Request& request, UnixSeconds now);
  /// What `only` may ask for, of one row: found once, since a list looks at every row.
  struct Facts {
    bool fresh = false, unseen = false, open = false, overdue = false, due_soon = false, conflict = false, withdrawal = false,
         mine = false;
    [[nodiscard]] bool has(Only wanted) const;
    /// Whether it stands before the others: nobody looked at it yet, or its day is over.
    [[nodiscard]] bool is_first() const { return unseen || overdue; }
  };
  [[nodiscard]] Facts facts_of(const node::Summary& one, const Desk::Mark& mark) const;
  [[nodiscard]] bool takes(const node::Summary& one, const Desk::Mark& mark, const Facts& facts) const;
};

/// By which path the last files of the boxes of these hamlets came, where some are still to come. Errors: the store's.
Result<std::map<HamletId, std::string>> file_paths(node::Engine& engine, const std::vector<HamletId>& hamlets);
/// The files of a row that are still to come; null when all are here.
boost::json::value json_of_to_come(const node::Summary& one, const std::map<HamletId, std::string>& paths);

/// One row, as API.md says.
boost::json::object json_of_inbox_row(const node::Summary& one, sync::Domain domain, const Desk::Mark& mark,
                                      const std::map<HamletId, std::string>& hamlets, std::string_view today);

}  // namespace khuoi::desk

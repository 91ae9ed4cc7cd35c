#include "sync/dossiers/dossier_row.h"

namespace khuoi::sync {

namespace {
auto parts_but_state(auto& stored, auto& state) {
  auto& row = stored.row;
  return parts_of(stored.key, row.shown, state,
                  Flags(row.conflict, row.erased, row.withdrawal_asked, row.stale, row.domain, row.unreadable, row.open_ends),
                  row.items_before, List(row.items), List(row.heads), List(row.seen), List(row.firsts));
}
}  // namespace

void StoredDossier::write(Writer& to) const {
  const std::uint8_t number_of_state = row.state ? static_cast<std::uint8_t>(*row.state) : 0;
  write_part(to, parts_but_state(*this, number_of_state));
}

void StoredDossier::read(Reader& from) {
  std::uint8_t number_of_state = 0;
  auto all = parts_but_state(*this, number_of_state);
  read_part(from, all);
  row.state = state_numbered(number_of_state);
}

}  // namespace khuoi::sync

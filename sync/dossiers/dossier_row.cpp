#include "sync/dossiers/dossier_row.h"

namespace khuoi::sync {

namespace {
auto parts_but_state(auto& row, auto& state) {
  return parts_of(row.number, row.shown, state,
                  Flags(row.conflict, row.erased, row.withdrawal_asked, row.stale, row.domain, row.unreadable),
                  List(row.items), List(row.heads), List(row.seen));
}
}  // namespace

void DossierRow::write(Writer& to) const {
  const std::uint8_t number_of_state = state ? static_cast<std::uint8_t>(*state) : 0;
  write_part(to, parts_but_state(*this, number_of_state));
}

void DossierRow::read(Reader& from) {
  std::uint8_t number_of_state = 0;
  auto all = parts_but_state(*this, number_of_state);
  read_part(from, all);
  state = state_numbered(number_of_state);
}

}  // namespace khuoi::sync

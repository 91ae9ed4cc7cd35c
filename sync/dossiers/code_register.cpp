#include "sync/dossiers/code_register.h"

#include <algorithm>
#include <map>

#include "sync/seal/hash.h"
#include "sync/store/meta.h"

namespace khuoi::sync {

namespace {

using DayAndNumber = std::pair<std::uint32_t, std::uint32_t>;

constexpr std::string_view none_given = "none";

constexpr Rows<DayAndNumber, CodeRegister::Number> code_number_rows{Note::code, "a number of an official code"};
/// The last number of a day.
constexpr Rows<std::uint32_t, std::uint32_t> code_day_rows{Note::code_day, "the last official code of a day"};
constexpr Rows<std::tuple<>, CodeRegister::Settings> code_settings_rows{Note::code_settings, "how official codes are made"};
/// By the hash of a code of another make: whose it is.
constexpr Rows<std::array<std::uint8_t, 16>, DossierKey> typed_code_rows{Note::code_typed, "a code that somebody typed"};

std::array<std::uint8_t, 16> typed_key(std::string_view code) {
  std::array<std::uint8_t, 16> out{};
  const Bytes hash = Blake2b(out.size(), {}).add(view_of(code)).finish();
  std::ranges::copy(hash, out.begin());
  return out;
}

Result<OfficialCode> next_code(Batch& batch) {
  KHUOI_TRY_VOID(CodeRegister::check_confirmed(batch.txn));
  KHUOI_TRY(const CodeRegister::Settings settings, CodeRegister::settings(batch.txn));
  if (settings.unit.empty())
    return fail(Errc::usage, "this commune has no unit code yet, from which official codes are made: 'khuoi unit set CODE'");
  const std::uint32_t today = vietnam_day(batch.now.wall);
  if (today == 0) return fail(Errc::denied, "no official code is given while the clock is not of this century: set it");
  OfficialCode out{settings.unit, std::max(today, settings.floor_day), 0};
  KHUOI_TRY(const std::uint32_t last, code_day_rows.get_or_new(batch.txn, out.day));
  out.number = last + 1;
  return out;
}

/// Errors: damaged, rather than a number twice.
Result<void> put_next(Batch& batch, const OfficialCode& code, const CodeRegister::Number& row) {
  KHUOI_TRY(const auto taken, code_number_rows.get(batch.txn, {code.day, code.number}));
  if (taken) return fail(Errc::damaged, "the register of official codes counts " + code.text() + " twice: restore a backup");
  KHUOI_TRY_VOID(code_number_rows.put(batch, {code.day, code.number}, row));
  return code_day_rows.put(batch, code.day, std::max(code.number, row.through));
}

/// The row that speaks of a number, and where it begins.
Result<std::optional<std::pair<std::uint32_t, CodeRegister::Number>>> row_of(const ReadTxn& txn, const OfficialCode& code) {
  using Found = std::optional<std::pair<std::uint32_t, CodeRegister::Number>>;
  KHUOI_TRY(auto own, code_number_rows.get(txn, {code.day, code.number}));
  if (own) return Found(std::pair(code.number, std::move(*own)));
  Found out;
  // Ranges are few: only restores make them.
  KHUOI_TRY_VOID(code_number_rows.each(txn, code.day, [&](const DayAndNumber& at, CodeRegister::Number& row) {
    if (at.second <= code.number && code.number <= row.through) out = std::pair(at.second, std::move(row));
  }));
  return out;
}

/// A number that a row began with gets its own: what that says of the numbers behind it stays.
Result<void> keep_rest(Batch& batch, const OfficialCode& code, const CodeRegister::Number& row) {
  for (std::uint32_t next = code.number + 1; next <= row.through; ++next) {
    KHUOI_TRY(const auto taken, code_number_rows.get(batch.txn, {code.day, next}));
    if (!taken) return code_number_rows.put(batch, {code.day, next}, row);
  }
  return {};
}

}  // namespace

Result<CodeRegister::Settings> CodeRegister::settings(const ReadTxn& txn) { return code_settings_rows.get_or_new(txn, {}); }

Result<void> CodeRegister::check_confirmed(const ReadTxn& txn) {
  KHUOI_TRY(const std::uint64_t unconfirmed, meta_number(txn, codes_unconfirmed_name));
  if (unconfirmed == 0) return {};
  return fail(Errc::denied,
              "this commune was put back from a backup, and may have given codes since that it forgot: look up the last one, "
              "and say it with 'khuoi node confirm-code CODE'");
}

Result<void> CodeRegister::set_unit(Batch& batch, const std::string& unit) {
  if (!unit.empty() && !is_unit_code(unit))
    return fail(Errc::usage, "'" + unit + "' is no unit code: it has 1 to 32 letters, digits and dots, as 000.00.12.H56");
  KHUOI_TRY(Settings now, settings(batch.txn));
  now.unit = unit;
  return code_settings_rows.put(batch, {}, now);
}

Result<OfficialCode> CodeRegister::give(Batch& batch, const DossierKey& dossier) {
  KHUOI_TRY(OfficialCode code, next_code(batch));
  KHUOI_TRY_VOID(put_next(batch, code, {Fate::given, code.number, dossier, false, code.unit, {}}));
  return code;
}

Result<OfficialCode> CodeRegister::use_up(Batch& batch, const std::string& reason) {
  if (reason.empty()) return fail(Errc::usage, "a void code has a reason: whoever looks for it later must find one");
  KHUOI_TRY(OfficialCode code, next_code(batch));
  KHUOI_TRY_VOID(put_next(batch, code, {Fate::voided, code.number, {}, false, code.unit, reason}));
  return code;
}

Result<void> CodeRegister::check_typed(const ReadTxn& txn, const std::string& text, const DossierKey& dossier) {
  KHUOI_TRY(const Settings now, settings(txn));
  const auto code = official_code_of(text);
  if (code) {
    KHUOI_TRY(const auto known, row_of(txn, *code));
    const bool own = known && known->second.unit == code->unit;
    const bool is_its = own && known->second.fate == Fate::given && known->second.dossier == dossier;
    if (is_its) return {};
    if (own && known->second.fate == Fate::given) return fail(Errc::conflict, "the code " + text + " is that of another dossier");
    // One that a backup did not know of is typed in again, from the paper.
    if (own && known->second.fate == Fate::lost) return {};
    if (code->unit == now.unit)
      return fail(Errc::denied, "this commune gives the codes of its own unit by itself: leave " + text + " away");
  }
  KHUOI_TRY(const auto holder, typed_code_rows.get(txn, typed_key(text)));
  if (holder && *holder != dossier) return fail(Errc::conflict, "the code " + text + " is that of another dossier");
  return {};
}

Result<void> CodeRegister::note(Batch& batch, const std::string& text, const DossierKey& dossier) {
  if (text.empty()) return {};
  KHUOI_TRY(const Settings now, settings(batch.txn));
  const auto code = official_code_of(text);
  if (!code || now.unit.empty() || code->unit != now.unit) {
    const auto key = typed_key(text);
    KHUOI_TRY(const auto holder, typed_code_rows.get(batch.txn, key));
    return holder ? Result<void>() : typed_code_rows.put(batch, key, dossier);
  }
  KHUOI_TRY(const std::uint32_t last, code_day_rows.get_or_new(batch.txn, code->day));
  KHUOI_TRY(auto row, code_number_rows.get(batch.txn, {code->day, code->number}));
  if (row && row->fate == Fate::given) {
    if (row->dossier == dossier || row->doubled) return {};
    row->doubled = true;
    return code_number_rows.put(batch, {code->day, code->number}, *row);
  }
  if (row) KHUOI_TRY_VOID(keep_rest(batch, *code, *row));
  // What lies between, given after the backup like this one, has not come back yet.
  if (code->number > last + 1) {
    const Number between{Fate::lost, code->number - 1, {}, false, code->unit, "given after the backup"};
    KHUOI_TRY_VOID(code_number_rows.put(batch, {code->day, last + 1}, between));
  }
  KHUOI_TRY_VOID(code_number_rows.put(batch, {code->day, code->number}, {Fate::given, code->number, dossier, false, code->unit, {}}));
  return code->number > last ? code_day_rows.put(batch, code->day, code->number) : Result<void>();
}

Result<void> CodeRegister::confirm_last(Batch& batch, const std::string& text) {
  KHUOI_TRY(Settings now, settings(batch.txn));
  if (now.unit.empty() || text == none_given) return {};
  const auto code = official_code_of(text);
  if (!code || code->unit != now.unit)
    return fail(Errc::usage, "'" + text + "' is no code of this unit: they are written as " +
                                 OfficialCode{now.unit, 20261201, 42}.text() + ", the number that of the last one");
  const std::uint32_t tomorrow = vietnam_day({batch.now.wall.value + 24LL * 3600});
  if (code->day > tomorrow)
    return fail(Errc::usage, "'" + text + "' is of a day to come: look at the code and at this machine's clock");
  now.floor_day = std::max(now.floor_day, code->day);
  KHUOI_TRY_VOID(code_settings_rows.put(batch, {}, now));
  KHUOI_TRY(const std::uint32_t last, code_day_rows.get_or_new(batch.txn, code->day));
  if (code->number <= last) return {};
  const Number lost{Fate::lost, code->number, {}, false, code->unit, "given after the backup"};
  return put_next(batch, {code->unit, code->day, last + 1}, lost);
}

Result<void> CodeRegister::each(const ReadTxn& txn, std::uint32_t day, const Numbers& visit) {
  const auto one = [&](const DayAndNumber& at, Number& row) { return visit(at.first, at.second, row); };
  return day == 0 ? code_number_rows.each(txn, std::tuple<>(), one, code_number_rows.pass_over_damaged)
                  : code_number_rows.each(txn, day, one, code_number_rows.pass_over_damaged);
}

Result<std::vector<std::string>> CodeRegister::check(const ReadTxn& txn) {
  std::vector<std::string> out;
  std::uint32_t day_now = 0, explained = 0;
  const auto gap = [&](std::uint32_t day, std::uint32_t from, std::uint32_t to) {
    out.push_back("of " + day_text(day) + " nothing explains number " + std::to_string(from) +
                  (from == to ? "" : " to " + std::to_string(to)));
  };
  const auto end_day = [&]() -> Result<void> {
    if (day_now == 0) return {};
    KHUOI_TRY(const std::uint32_t last, code_day_rows.get_or_new(txn, day_now));
    if (last > explained) gap(day_now, explained + 1, last);
    if (last < explained) out.push_back("the count of " + day_text(day_now) + " ends before its last code");
    return {};
  };
  KHUOI_TRY_VOID(each(txn, 0, [&](std::uint32_t day, std::uint32_t number, const Number& row) -> Result<void> {
    if (day != day_now) {
      KHUOI_TRY_VOID(end_day());
      day_now = day;
      explained = 0;
    }
    if (number > explained + 1) gap(day, explained + 1, number - 1);
    if (row.doubled) out.push_back("two dossiers have the code " + OfficialCode{row.unit, day, number}.text());
    explained = std::max(explained, std::max(number, row.through));
    return {};
  }));
  KHUOI_TRY_VOID(end_day());
  return out;
}

}  // namespace khuoi::sync

#include "sync/codec/value_model.h"

#include <algorithm>
#include <bit>

#include "sync/codec/context_kinds.h"

namespace khuoi::sync {
namespace {

bool has_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char octet) { return octet >= '0' && octet <= '9'; });
}

std::uint64_t fold_sign(std::int64_t value) {
  return value >= 0 ? static_cast<std::uint64_t>(value) << 1U : (static_cast<std::uint64_t>(-(value + 1)) << 1U) | 1U;
}
std::int64_t unfold_sign(std::uint64_t folded) {
  const auto half = static_cast<std::int64_t>(folded >> 1U);
  return (folded & 1U) == 0 ? half : -half - 1;
}

}  // namespace

Symbol ValueModel::seen_value(std::uint32_t field, std::string_view value) const {
  if (value.size() > seen_octets_max) return no_symbol;
  const Symbol symbol = symbols_.find(SymbolKind::value, value);
  if (symbol == no_symbol) return no_symbol;
  const std::uint32_t seen_min = has_digit(value) ? 2 : 1;  // one number seen once is hardly a habit
  const SymbolCounts::Seen seen = counts_.find(context_key(number(Ctx::value_seen), field));
  for (std::uint32_t entry = 0; entry < seen.distinct; ++entry) {
    if (seen.entries[entry].symbol == symbol) return seen.entries[entry].count >= seen_min ? symbol : no_symbol;
  }
  return no_symbol;
}

void ValueModel::code(std::uint32_t field, std::string_view value, bool marked, std::string& out) {
  const std::size_t start = out.size();
  std::optional<DateTime> time;
  Symbol seen = no_symbol;
  Symbol kind = fixed::kind_tokens;
  if (!coder_.decoding()) {
    time = parse_date_time(value);
    if (!time) seen = seen_value(field, value);
    kind = time ? fixed::kind_time : seen != no_symbol ? fixed::kind_seen : fixed::kind_tokens;
  }
  kind = coder_.code(std::array{context_key(number(Ctx::value_kind), field)}, kind,
                     [&](Symbol s) { return fixed::kind_tokens + coder_.uniform(s - fixed::kind_tokens, 3); });
  switch (kind) {
    case fixed::kind_time:
      code_time(field, time.value_or(DateTime{}), out);
      break;
    case fixed::kind_seen: {
      const Symbol coded = coder_.known(counts_.find(context_key(number(Ctx::value_seen), field)), seen);
      if (!symbols_.is(coded, SymbolKind::value)) {
        coder_.set_failed();
        return;
      }
      out.append(symbols_.text(coded));
      break;
    }
    case fixed::kind_tokens:
      code_tokens(field, value, marked, out);
      break;
    default:
      coder_.set_failed();
      return;
  }
  if (coder_.learning() && value.size() <= seen_octets_max && !(marked && has_mark(value))) {
    counts_.add(context_key(number(Ctx::value_seen), field), symbols_.intern(SymbolKind::value, value));
  }
  remember(field, std::string_view(out).substr(start));
}

void ValueModel::remember(std::uint32_t field, std::string_view value) {
  const auto same = std::find_if(earlier_.begin(), earlier_.end(), [&](const Earlier& e) { return e.field == field; });
  if (same == earlier_.end() && earlier_.size() == earlier_max) return;
  const Earlier earlier{field, static_cast<std::uint32_t>(earlier_texts_.size()),
                        static_cast<std::uint32_t>(value.size())};
  earlier_texts_.append(value);
  if (same == earlier_.end()) {
    earlier_.push_back(earlier);
  } else {
    *same = earlier;
  }
  if (value.size() >= reference_octets_min) first_octets_[static_cast<std::uint8_t>(value[0])] = true;
}

const ValueModel::Earlier* ValueModel::reference_at(std::string_view text) const {
  if (!first_octets_[static_cast<std::uint8_t>(text[0])]) return nullptr;
  const Earlier* longest = nullptr;
  for (const Earlier& earlier : earlier_) {
    if (earlier.octets < reference_octets_min || (longest != nullptr && earlier.octets <= longest->octets)) continue;
    if (text.starts_with(text_of(earlier))) longest = &earlier;
  }
  return longest;
}

Symbol ValueModel::reference_symbol(std::uint32_t field) {
  std::array<char, 4> name{};
  for (unsigned octet = 0; octet < 4; ++octet) name[octet] = static_cast<char>((field >> (8 * octet)) & 0xffU);
  const Symbol symbol = symbols_.intern(SymbolKind::reference, std::string_view(name.data(), name.size()));
  symbols_.set_note(symbol, field);
  return symbol;
}

void ValueModel::code_time(std::uint32_t field, const DateTime& time, std::string& out) {
  Symbol zone = coder_.decoding() ? no_symbol : symbols_.intern(SymbolKind::zone, time.zone);
  zone = coder_.code(std::array{context_key(number(Ctx::time_zone), field), context_key(number(Ctx::time_zone_any), 0)},
                     zone, [&](Symbol s) { return words_.spell_symbol(SymbolKind::zone, s); });
  if (!symbols_.is(zone, SymbolKind::zone)) {
    coder_.set_failed();
    return;
  }
  const std::int64_t base = last_ms_.value_or(base_ms_);
  const std::uint64_t folded = coder_.decoding() ? 0 : fold_sign(time.ms - base);
  const Symbol bits =
      coder_.code(std::array{context_key(number(Ctx::time_bits), field, last_ms_ ? 1 : 0)},
                  static_cast<Symbol>(std::bit_width(folded)), [&](Symbol s) { return coder_.uniform(s, 64); });
  if (bits > 48) {
    coder_.set_failed();
    return;
  }
  std::uint64_t coded = bits;
  if (bits >= 2) {
    const std::uint64_t top = std::uint64_t{1} << (bits - 1);
    coded = top | coder_.bits(folded & (top - 1), bits - 1);
  }
  const std::int64_t ms = base + unfold_sign(coded);
  out.append(date_time_text(ms, symbols_.text(zone)));
  last_ms_ = ms;
}

Symbol ValueModel::code_token(std::uint32_t field, std::uint32_t at, Symbol token, std::array<Symbol, 2> before,
                              bool loose) {
  const std::uint32_t one = context_part(symbols_, before[1]);
  const std::uint32_t by_place = context_key(number(Ctx::token_at), field, at);
  const auto fallback = [&](Symbol symbol) {
    std::uint32_t reference = 0;
    if (!coder_.decoding() && symbols_.is(symbol, SymbolKind::reference)) {
      while (earlier_[reference].field != symbols_.note(symbol)) ++reference;
    }
    const Symbol coded =
        words_.code(symbol, loose ? fixed::unknown : before[1], static_cast<std::uint32_t>(earlier_.size()), reference);
    return coded != no_symbol ? coded : reference_symbol(earlier_[reference].field);
  };
  if (loose) return coder_.code(std::array{by_place}, token, fallback);
  return coder_.code(std::array{context_key(number(Ctx::token_two), field, one, context_part(symbols_, before[0])),
                                context_key(number(Ctx::token_one), field, one), by_place},
                     token, fallback);
}

ValueModel::Next ValueModel::next_token(std::string_view& value, bool marked) {
  Next next;
  if (value.empty()) return next;
  if (const Earlier* earlier = marked ? nullptr : reference_at(value)) {
    next.symbol = reference_symbol(earlier->field);
    value.remove_prefix(earlier->octets);
    return next;
  }
  next.token = token_at(value, marked);
  const std::string_view text = next.token.text;
  value.remove_prefix(static_cast<std::size_t>(text.data() + text.size() - value.data()));
  switch (next.token.kind) {
    case Token::Kind::word:
      next.symbol = words_.intern_word(text);
      break;
    case Token::Kind::digits:
      next.symbol = fixed::digits;
      break;
    case Token::Kind::hex:
      next.symbol = fixed::hex;
      break;
    case Token::Kind::punctuation:
      next.symbol = static_cast<std::uint8_t>(text[0]);
      break;
    case Token::Kind::uuid:
    case Token::Kind::any_uuid:
      next.symbol = fixed::uuid;
      break;
    case Token::Kind::joint:
    case Token::Kind::any_word:
      next.symbol = fixed::unknown;
      break;
  }
  return next;
}

void ValueModel::code_tokens(std::uint32_t field, std::string_view value, bool marked, std::string& out) {
  std::array<Symbol, 2> before{fixed::unknown, fixed::unknown};
  bool loose = false;
  for (std::uint32_t at = 0; !coder_.failed();) {
    const Next next = next_token(value, marked);
    if (next.token.kind == Token::Kind::joint) {
      loose = true;
      continue;
    }
    Symbol token = next.symbol;
    if (token != fixed::unknown) {
      token = code_token(field, at, token, before, loose && next.token.kind == Token::Kind::word);
      if (token == fixed::end) return;
      code_rest(field, at, token, next.token, out);
    }
    loose = false;
    before = {before[1], token};
    ++at;
    if (out.size() > octets_max_) coder_.set_failed();
  }
}

void ValueModel::code_rest(std::uint32_t field, std::uint32_t at, Symbol symbol, const Token& token, std::string& out) {
  if (symbol == fixed::digits || symbol == fixed::hex) {
    code_run(field, at, symbol, token.text, out);
  } else if (symbol == fixed::uuid) {
    code_uuid(token.kind == Token::Kind::uuid ? token.text : std::string_view{}, out);
  } else if (symbol < 256) {
    out.push_back(static_cast<char>(symbol));
  } else if (symbols_.is(symbol, SymbolKind::token)) {
    out.append(symbols_.text(symbol));
  } else if (symbols_.is(symbol, SymbolKind::reference)) {
    const std::uint32_t named = symbols_.note(symbol);
    const auto found =
        std::find_if(earlier_.begin(), earlier_.end(), [&](const Earlier& e) { return e.field == named; });
    if (found == earlier_.end()) {
      coder_.set_failed();
    } else {
      out.append(text_of(*found));
    }
  } else {
    coder_.set_failed();
  }
}

void ValueModel::code_uuid(std::string_view uuid, std::string& out) {
  const UuidBits bits = uuid.empty() ? UuidBits{} : uuid_bits(uuid);
  const std::uint64_t high = coder_.bits(bits.high, 61);
  const std::uint64_t low = coder_.bits(bits.low, 61);
  if (!coder_.learning()) out.append(uuid_text({high, low}));
}

void ValueModel::code_run(std::uint32_t field, std::uint32_t at, Symbol kind, std::string_view run, std::string& out) {
  const auto octets = coder_.code(
      std::array{context_key(number(Ctx::run_length), field, at, kind), context_key(number(Ctx::run_length_any), kind)},
      static_cast<Symbol>(run.size()), [&](Symbol s) { return coder_.uniform(s, run_octets_max + 1); });
  if (octets > run_octets_max) {
    coder_.set_failed();
    return;
  }
  code_digits(context_key(number(Ctx::digit), field, at, (kind << 8U) | octets), kind == fixed::hex ? 16 : 10, run,
              octets, out);
}

void ValueModel::code_digits(std::uint32_t run_context, std::uint32_t base, std::string_view run, std::size_t octets,
                             std::string& out) {
  static constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::uint32_t enough = 100;  // digits seen at a place before what went before it is asked too
  std::uint32_t before = base;
  for (std::size_t at = 0; at < octets;) {
    const auto place = static_cast<std::uint32_t>(at);
    const std::uint32_t by_place = context_key(run_context, place);
    const std::uint32_t after = context_key(run_context, place, before + 1);
    counts_.prefetch(after);
    SymbolCounts::Seen seen = counts_.find(by_place);
    const auto value_at = [&](std::size_t digit) {
      return digit < run.size() ? static_cast<std::uint32_t>(digits.find(run[digit])) : 0U;
    };
    if (coder_.learning()) {
      if (run[at] == mark::any_digit) {
        before = base;
      } else {
        before = value_at(at);
        counts_.add(by_place, before);
        if (at > 0) counts_.add(after, before);
      }
      out.push_back(run[at++]);
      continue;
    }
    if (seen.total == 0) {
      // Nothing is known of this place: up to four digits at once, each as likely as the others.
      std::uint32_t value = 0;
      std::uint32_t total = 1;
      const std::size_t end = std::min(octets, at + (base == 10 ? 4 : 3));
      for (std::size_t digit = at; digit < end; ++digit, total *= base) value = value * base + value_at(digit);
      value = coder_.uniform(value, total);
      for (; at < end; ++at) out.push_back(digits[(value / (total /= base)) % base]);
      before = value % base;
      continue;
    }
    if (const SymbolCounts::Seen closer = counts_.find(after); closer.total >= enough) seen = closer;
    std::array<std::uint32_t, 16> weights;
    weights.fill(1);
    for (std::uint32_t entry = 0; entry < seen.distinct; ++entry) {
      if (seen.entries[entry].symbol < base)
        weights[seen.entries[entry].symbol] += 2 * std::min(seen.entries[entry].count, 4000U);
    }
    before = coder_.weighted(value_at(at), std::span(weights).first(base));
    out.push_back(digits[before]);
    ++at;
  }
}

void ValueModel::learn_possible(std::uint32_t field, std::string_view value) {
  counts_.add(context_key(number(Ctx::value_seen), field), symbols_.intern(SymbolKind::value, value), 2);
  counts_.add(context_key(number(Ctx::value_kind), field), fixed::kind_seen);
}

void ValueModel::learn_time(std::uint32_t field, std::uint32_t bits) {
  counts_.add(context_key(number(Ctx::value_kind), field), fixed::kind_time);
  counts_.add(context_key(number(Ctx::time_zone), field), symbols_.intern(SymbolKind::zone, "+07:00"));
  counts_.add(context_key(number(Ctx::time_bits), field, bits < 30 ? 1 : 0), bits);
}

}  // namespace khuoi::sync

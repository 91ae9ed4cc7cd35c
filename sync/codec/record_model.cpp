#include "sync/codec/record_model.h"

#include <algorithm>

#include "sync/codec/context_kinds.h"

namespace khuoi::sync {
namespace {

constexpr std::size_t usual_octets = 2048;  // a record's XML has hardly more

/// What a tail is likely to depend on when its tag is new: the sort of tag.
std::uint32_t sort_of(std::string_view piece) {
  const std::string_view tag = piece.substr(1);
  const auto kind = static_cast<std::uint8_t>(piece[0]);
  const std::uint32_t shape = closes(tag) ? 1U : tag.ends_with("/>") ? 2U : tag.starts_with("<?") ? 3U : 0U;
  return kind | (shape << 8U);
}

}  // namespace

RecordModel::RecordModel()
    : coder_(counts_, symbols_), words_(coder_, symbols_), values_(coder_, counts_, symbols_, words_) {}

Symbol RecordModel::intern_piece(Piece::Kind kind, std::string_view tag) {
  std::string text(1, static_cast<char>(kind));
  text.append(tag);
  return symbols_.intern(SymbolKind::piece, text);
}

Symbol RecordModel::code_piece(const Place& place, Symbol piece) {
  const std::uint32_t before = context_part(symbols_, place.piece_before);
  return coder_.code(
      std::array{context_key(number(Ctx::piece), place.path.place(), before),
                 context_key(number(Ctx::piece_after), before), context_key(number(Ctx::piece_in), place.path.path())},
      piece, [&](Symbol s) {
        const Symbol more = coder_.code(std::array{context_key(number(Ctx::piece_more), 0)}, s != fixed::end,
                                        [&](Symbol m) { return coder_.uniform(m, 2); });
        return more == 0 ? fixed::end : words_.spell_symbol(SymbolKind::piece, s);
      });
}

Symbol RecordModel::code_tail(const Place& place, Symbol piece, std::string_view tail, std::string& out) {
  const std::uint32_t sort = sort_of(symbols_.text(piece));
  Symbol symbol = coder_.decoding() ? no_symbol : symbols_.intern(SymbolKind::tail, tail);
  symbol = coder_.code(std::array{context_key(number(Ctx::tail), symbols_.hash(piece), place.path.root()),
                                  context_key(number(Ctx::tail_after), sort, place.path.depth(),
                                              context_part(symbols_, place.tail_before)),
                                  context_key(number(Ctx::tail_any), sort)},
                       symbol, [&](Symbol s) { return words_.spell_symbol(SymbolKind::tail, s); });
  if (!symbols_.is(symbol, SymbolKind::tail)) {
    coder_.set_failed();
    return fixed::unknown;
  }
  out.append(symbols_.text(symbol));
  return symbol;
}

void RecordModel::code_record(std::string_view xml, bool marked, std::size_t octets_max, std::string& out) {
  values_.start_record(octets_max);
  XmlPieces pieces(xml);
  Place place;
  while (!coder_.failed()) {
    Piece piece;
    Symbol symbol = fixed::end;
    if (!coder_.decoding() && pieces.next(piece)) symbol = intern_piece(piece.kind, piece.tag);
    symbol = code_piece(place, symbol);
    if (symbol == fixed::end) return;
    if (!symbols_.is(symbol, SymbolKind::piece) || symbols_.text(symbol).empty()) {
      coder_.set_failed();
      return;
    }
    const auto kind = static_cast<Piece::Kind>(symbols_.text(symbol)[0]);
    const std::size_t tag_at = out.size();
    out.append(symbols_.text(symbol).substr(1));
    const std::size_t tag_octets = out.size() - tag_at;
    // Looked up anew each time: both texts move when something is added.
    const auto tag = [&] { return std::string_view(out).substr(tag_at, tag_octets); };
    if (kind == Piece::Kind::leaf) {
      const std::size_t name_octets = name_of_tag(tag()).size();
      values_.code(place.path.field(name_of_tag(tag())), piece.value, marked, out);
      out.append("</").append(out, tag_at + 1, name_octets).append(">");
    }
    place.path.pass(kind, tag());
    const Symbol tail = code_tail(place, symbol, piece.tail, out);
    place.piece_before = symbol;
    place.tail_before = coder_.failed() ? fixed::unknown : tail;
    if (out.size() > octets_max) coder_.set_failed();
  }
}

void RecordModel::learn_words(std::string_view running_text) {
  coder_.start_learning();
  words_.learn(running_text);
}

void RecordModel::learn_submission(std::string_view xml) {
  coder_.start_learning();
  scratch_.clear();
  code_record(xml, true, ~std::size_t{0}, scratch_);
}

void RecordModel::learn_form(const FormHints& form) {
  coder_.start_learning();
  for (const std::string& tag : form.root_tags)
    words_.spell_symbol(SymbolKind::piece, intern_piece(Piece::Kind::tag, tag));
  for (const std::string& text : form.texts) words_.learn(text);
  // Twice: with every leaf empty, as many a client writes what was not asked, and with every leaf filled.
  for (const bool filled : {false, true}) {
    Place place;
    XmlPieces pieces(form.blank);
    Piece piece;
    for (bool more = true; more;) {
      more = pieces.next(piece);
      const bool leaf = more && (piece.tag.ends_with("/>") || piece.kind == Piece::Kind::leaf);
      const std::string_view name = name_of_tag(piece.tag);
      std::string tag(piece.tag);
      Piece::Kind kind = piece.kind;
      if (leaf) {
        if (tag.ends_with("/>")) tag.erase(tag.find_last_not_of(" \t\r\n", tag.size() - 3) + 1);
        if (tag.ends_with(">")) tag.pop_back();
        tag.append(filled ? ">" : "/>");
        kind = filled ? Piece::Kind::leaf : Piece::Kind::tag;
      }
      const Symbol symbol = more ? intern_piece(kind, tag) : fixed::end;
      code_piece(place, symbol);
      if (!more) break;
      if (leaf && filled) learn_field(place.path.field(name), form);
      place.path.pass(kind, tag);
      place.piece_before = symbol;
      const std::uint32_t sort = sort_of(symbols_.text(symbol));
      for (const std::string_view tail : {"", "\n"}) {
        const Symbol t = words_.spell_symbol(SymbolKind::tail, symbols_.intern(SymbolKind::tail, tail));
        counts_.add(context_key(number(Ctx::tail_any), sort), t);
      }
    }
  }
}

void RecordModel::learn_field(std::uint32_t field, const FormHints& form) {
  const auto found = form.fields.find(field);
  if (found == form.fields.end()) return;
  const FormHints::Field& facts = found->second;
  for (const std::string& value : facts.possible) values_.learn_possible(field, value);
  if (facts.time_bits != 0) values_.learn_time(field, facts.time_bits);
  for (const std::string& value : facts.shapes) {
    values_.start_record(~std::size_t{0});
    values_.code(field, value, true, scratch_);
  }
}

void RecordModel::freeze() {
  counts_.freeze();
  symbols_.freeze();
  scratch_ = {};
}

void RecordModel::roll_back() {
  counts_.roll_back();
  symbols_.roll_back();
}

std::optional<Bytes> RecordModel::encode(std::string_view xml) {
  coder_.start_encoding();
  scratch_.clear();
  code_record(xml, false, ~std::size_t{0}, scratch_);
  roll_back();
  if (coder_.failed()) return std::nullopt;
  return coder_.finish_encoding();
}

std::optional<std::string> RecordModel::decode(ByteView octets, std::size_t octets_max) {
  coder_.start_decoding(octets);
  std::string out;
  out.reserve(std::min(octets_max, usual_octets));
  code_record({}, false, octets_max, out);
  roll_back();
  if (!coder_.decoded_all() || out.size() > octets_max) return std::nullopt;
  return out;
}

}  // namespace khuoi::sync

// Cleaning: how submissions become a dictionary that holds no person. FORMATS.md says what stays and why.
#include <algorithm>
#include <set>

#include "sync/base/rng.h"
#include "sync/codec/dictionary.h"
#include "sync/codec/form_facts.h"
#include "sync/codec/letters.h"
#include "sync/codec/numbers.h"
#include "sync/codec/people.h"
#include "sync/codec/secrets.h"
#include "sync/codec/value_tokens.h"
#include "sync/codec/xml_pieces.h"
#include "sync/seal/hash.h"

namespace khuoi::sync {
namespace {

/// One place of a value: what is written there, and what else at this place it may be exchanged with.
struct Part {
  std::string text;
  char sort = 'w';  // s: a whole value or sentence, w: word, p: punctuation, d: digits, x: hex, u: uuid
};
/// A leaf of one submission.
struct Leaf {
  std::uint32_t submission = 0;
  std::vector<Part> parts;
};

std::string_view letters_of(std::string_view word) { return word[0] == ' ' ? word.substr(1) : word; }

/// A value's sentences, each with the space before it.
std::vector<std::string_view> sentences_of(std::string_view value) {
  std::vector<std::string_view> out;
  while (!value.empty()) {
    const std::size_t stop = value.find(". ");
    out.push_back(value.substr(0, stop == std::string_view::npos ? stop : stop + 1));
    value.remove_prefix(out.back().size());
  }
  return out;
}

/// So many different tags are looked for in the form: it may be long, and who hands in makes up tags as he likes.
constexpr std::size_t tags_looked_for_max = 4096;

class Cleaner final {
 public:
  Cleaner(std::span<const ByteView> submissions, ByteView form_xml, const StopAsked& stop)
      : stop_(stop),
        form_(text_of(form_xml)),
        facts_(read_form_hints(form_)),
        texts_(texts_of(submissions)),
        people_(people_of(texts_)),
        secrets_(texts_, people_) {
    for (const auto& [field, facts] : facts_.fields) own_words_.insert(facts.possible.begin(), facts.possible.end());
    find_base();
    for (std::uint32_t at = 0; at < texts_.size() && !stopped(); ++at) count(at);
  }

  Dictionary clean() {
    std::vector<std::uint32_t> common;
    for (std::uint32_t at = 0; at < texts_.size() && !stopped(); ++at) {
      if (structure_is_common(at)) common.push_back(at);
    }
    for (const std::uint32_t at : common) cut(at);
    shuffle();
    for (auto& of_field : leaves_) {
      for (Leaf& leaf : of_field.second) hide(leaf);
    }
    Dictionary out;
    if (stopped()) return out;
    for (const std::uint32_t at : common) out.submissions.push_back(write(at));
    return out;
  }

 private:
  [[nodiscard]] bool stopped() const { return stop_ && stop_(); }


  static std::vector<std::string_view> texts_of(std::span<const ByteView> submissions) {
    std::vector<std::string_view> out;
    for (const ByteView submission : submissions) out.push_back(text_of(submission));
    return out;
  }

  static std::string thing(char sort, std::uint32_t field, std::size_t place, std::string_view text) {
    std::string out(1, sort);
    out.append(std::to_string(field)).append("/").append(std::to_string(place)).append("/").append(text);
    return out;
  }

  template <typename Visit>
  static void each_piece(std::string_view text, Visit visit) {
    XmlPath path;
    XmlPieces pieces(text);
    for (Piece piece; pieces.next(piece); path.pass(piece.kind, piece.tag)) {
      visit(piece, piece.kind == Piece::Kind::leaf ? XmlPath::step(path.place(), name_of_tag(piece.tag)) : 0U);
    }
  }

  void find_base() {
    std::optional<std::int64_t> first;
    for (const std::string_view text : texts_) {
      each_piece(text, [&](const Piece& piece, std::uint32_t) {
        const auto time = parse_date_time(piece.value);
        if (time && (!first || time->ms < *first)) first = time->ms;
      });
    }
    constexpr std::int64_t day_ms = 86'400'000;
    base_ms_ = first ? *first / day_ms * day_ms : 0;
  }

  void count(std::uint32_t at) {
    const std::uint32_t person = people_[at];
    each_piece(texts_[at], [&](const Piece& piece, std::uint32_t field) {
      given_.add(thing('t', 0, 0, piece.tag), person);
      given_.add(thing('a', 0, 0, piece.tail), person);
      if (piece.kind != Piece::Kind::leaf || piece.value.size() > learned_value_octets_max) return;
      given_.add(thing('s', field, 0, piece.value), person);
      std::size_t place = 0;
      for (const std::string_view sentence : sentences_of(piece.value)) {
        given_.add(thing('s', field, 1, sentence), person);
        count_tokens(field, sentence, person, place);
      }
    });
  }

  void count_tokens(std::uint32_t field, std::string_view text, std::uint32_t person, std::size_t& place) {
    for (; !text.empty(); ++place) {
      const Token token = token_at(text, false);
      text.remove_prefix(token.text.size());
      if (token.kind == Token::Kind::word) given_.add(thing('w', 0, 0, letters_of(token.text)), person);
      if (token.kind != Token::Kind::digits) continue;
      for (std::size_t kept = 1; kept <= std::min(token.text.size(), digits_kept_max); ++kept) {
        given_.add(thing('d', field, place * 256 + token.text.size(), token.text.substr(0, kept)), person);
      }
    }
  }

  /// Tags and the text between them go into the dictionary as they are, so they must say nothing of anybody.
  bool structure_is_common(std::uint32_t at) const {
    bool common = true;
    each_piece(texts_[at], [&](const Piece& piece, std::uint32_t) {
      common = common && piece.kind != Piece::Kind::other && !stopped();
      if (!common) return;
      const bool blank_tail = piece.tail.find_first_not_of(" \t\r\n") == std::string_view::npos;
      common = common && (blank_tail || (given_.enough(thing('a', 0, 0, piece.tail)) && may_stay_whole(0, piece.tail)));
      common = common && (is_plain_tag(piece.tag) || form_says(piece.tag) ||
                          (given_.enough(thing('t', 0, 0, piece.tag)) && attributes_may_stay(piece.tag)));
    });
    return common;
  }

  /// An XML declaration, or a tag of a name alone that the form knows.
  bool is_plain_tag(std::string_view tag) const {
    if (tag.starts_with("<?xml ") && tag.size() < 60) return true;
    const bool closing = closes(tag);
    const std::string_view name = name_of_tag(closing ? tag.substr(1) : tag);
    const std::size_t rest = tag.size() - name.size() - (closing ? 2 : 1);
    return !name.empty() && rest <= 2 && form_says(name);
  }

  /// Whether the form's XML holds this text, one of the submissions' own. Past the limit it is said to hold nothing new.
  bool form_says(std::string_view text) const {
    const auto known = form_says_.find(text);
    if (known != form_says_.end()) return known->second;
    if (form_says_.size() >= tags_looked_for_max) return false;
    return form_says_.emplace(text, form_.find(text) != std::string_view::npos).first->second;
  }

  bool may_stay_whole(std::uint32_t field, std::string_view text) const {
    return numbers_may_stay(text) && !secrets_.named_in(field, text);
  }

  /// What a tag says of its form (id, version, namespaces) may be any number; what else it says is as a leaf's value.
  bool attributes_may_stay(std::string_view tag) const {
    for (std::size_t equals = tag.find('='); equals != std::string_view::npos;) {
      const std::string_view name = tag.substr(0, equals).substr(tag.substr(0, equals).find_last_of(" \t\r\n") + 1);
      const std::size_t end = equals + 1 < tag.size() ? tag.find(tag[equals + 1], equals + 2) : std::string_view::npos;
      if (end == std::string_view::npos) return false;
      const bool of_form = name == "id" || name == "version" || name.starts_with("xmlns");
      if (!of_form && !may_stay_whole(0, tag.substr(equals + 2, end - equals - 2))) return false;
      equals = tag.find('=', end);
    }
    return true;
  }

  void cut(std::uint32_t at) {
    std::optional<std::int64_t> before_ms;
    std::optional<std::int64_t> written_ms;
    each_piece(texts_[at], [&](const Piece& piece, std::uint32_t field) {
      if (piece.kind != Piece::Kind::leaf) return;
      Leaf leaf{at, {}};
      if (const auto time = parse_date_time(piece.value)) {
        // Only how far times lie apart, to a power of two, is kept of them.
        const std::int64_t ms = written_ms.value_or(base_ms_) + rounded(time->ms - before_ms.value_or(base_ms_));
        leaf.parts.push_back({date_time_text(ms, time->zone), 't'});
        before_ms = time->ms;
        written_ms = ms;
      } else {
        leaf.parts = parts_of(field, piece.value);
      }
      leaves_[field].push_back(std::move(leaf));
    });
  }

  static std::int64_t rounded(std::int64_t apart) {
    std::int64_t power = 1;
    while (power * 2 <= std::abs(apart)) power *= 2;
    return apart == 0 ? 0 : apart < 0 ? -power : power;
  }

  bool is_own(std::string_view value) const {
    while (!value.empty()) {
      const std::size_t space = value.find(' ');
      if (!own_words_.contains(std::string(value.substr(0, space)))) return false;
      value.remove_prefix(space == std::string_view::npos ? value.size() : space + 1);
    }
    return true;
  }

  std::vector<Part> parts_of(std::uint32_t field, std::string_view value) const {
    const bool marks = std::any_of(value.begin(), value.end(), [](char octet) { return octet > 0 && octet < 6; });
    if (marks || value.empty() || value.size() > learned_value_octets_max) return {};
    if (is_own(value)) return {{std::string(value), 's'}};
    if (given_.enough(thing('s', field, 0, value)) && may_stay_whole(field, value)) return {{std::string(value), 's'}};
    std::vector<Part> parts;
    std::size_t place = 0;
    for (const std::string_view sentence : sentences_of(value)) {
      if (given_.enough(thing('s', field, 1, sentence)) && may_stay_whole(field, sentence) && has_words(sentence)) {
        parts.push_back({std::string(sentence), 's'});
        place += sentence.size();
      } else {
        cut_tokens(field, sentence, place, parts);
      }
    }
    return parts;
  }

  void cut_tokens(std::uint32_t field, std::string_view text, std::size_t& place, std::vector<Part>& parts) const {
    const std::string_view whole = text;
    const std::vector<LongNumber> numbers = long_numbers(whole);
    const bool address = whole.find('@') != std::string_view::npos;  // of a mailbox
    for (; !text.empty(); ++place) {
      const std::size_t offset = whole.size() - text.size();
      const Token token = token_at(text, false);
      text.remove_prefix(token.text.size());
      switch (token.kind) {
        case Token::Kind::word: {
          const bool kept = own_words_.contains(std::string(letters_of(token.text))) ||
                            (!address && given_.enough(thing('w', 0, 0, letters_of(token.text))));
          parts.push_back({kept ? std::string(token.text) : std::string(1, mark::any_word), 'w'});
          break;
        }
        case Token::Kind::digits:
          parts.push_back({kept_digits(field, place, token.text, digits_kept_at(whole, offset, numbers)), 'd'});
          break;
        case Token::Kind::hex:
          parts.push_back({mark::any_hex + std::string(token.text.size(), mark::any_digit), 'x'});
          break;
        case Token::Kind::uuid:
          parts.push_back({std::string(1, mark::any_uuid), 'u'});
          break;
        default:
          parts.push_back({std::string(token.text), 'p'});
          break;
      }
    }
  }

  /// The longest start of a run, of up to `most` digits, that three people share; then its length in marks.
  std::string kept_digits(std::uint32_t field, std::size_t place, std::string_view run, std::size_t most) const {
    std::size_t kept = std::min(run.size(), most);
    while (kept > 0 && !given_.enough(thing('d', field, place * 256 + run.size(), run.substr(0, kept)))) --kept;
    return std::string(run.substr(0, kept)).append(run.size() - kept, mark::any_digit);
  }

  /// Parts from several records may happen to make what one of them told: then one of them goes too.
  void hide(Leaf& leaf) const {
    if (!leaf.parts.empty() && leaf.parts[0].sort == 't') return;
    const auto together = [&] {
      std::string text;
      for (const Part& part : leaf.parts) text.append(part.text);
      return text;
    };
    for (auto told = secrets_.told_at(together()); told && !stopped(); told = secrets_.told_at(together())) {
      std::size_t part = 0;
      for (std::size_t end = leaf.parts[0].text.size(); end <= *told; end += leaf.parts[part].text.size()) ++part;
      const bool digits = leaf.parts[part].sort == 'd';
      leaf.parts[part].text = digits ? std::string(leaf.parts[part].text.size(), mark::any_digit)
                                     : std::string(1, mark::any_word);
    }
  }

  /// Path by path, each place of a value goes to another submission, and then each value does. The order is drawn from
  /// what is being cleaned, so the same submissions make the same dictionary.
  void shuffle() {
    Blake2b hash(32);
    for (const std::string_view text : texts_) hash.add(view_of(text));
    const Bytes digest = hash.finish();
    SeededRng rng(Reader(digest).u64());
    const auto mix = [&](std::size_t count, const auto& swap) {
      for (std::size_t at = count; at > 1; --at) swap(at - 1, static_cast<std::size_t>(rng.below(at)));
    };
    for (auto& of_field : leaves_) {
      std::vector<Leaf>& leaves = of_field.second;
      std::map<std::string, std::vector<std::size_t>> by_shape;
      for (std::size_t at = 0; at < leaves.size(); ++at) by_shape[shape_of(leaves[at])].push_back(at);
      for (const auto& of_shape : by_shape) {
        const std::vector<std::size_t>& members = of_shape.second;
        for (std::size_t place = 0; place < leaves[members[0]].parts.size(); ++place) {
          mix(members.size(), [&](std::size_t a, std::size_t b) {
            std::swap(leaves[members[a]].parts[place], leaves[members[b]].parts[place]);
          });
        }
      }
      if (!leaves.empty() && !leaves[0].parts.empty() && leaves[0].parts[0].sort == 't') continue;
      mix(leaves.size(), [&](std::size_t a, std::size_t b) { std::swap(leaves[a].parts, leaves[b].parts); });
    }
  }

  static std::string shape_of(const Leaf& leaf) {
    std::string shape;
    for (const Part& part : leaf.parts) {
      shape.push_back(part.sort);
      if (part.sort == 'p') shape.append(part.text);
      if (part.sort == 'd') shape.append(std::to_string(part.text.size()));
      if (part.sort == 't') shape.append(std::to_string(leaf.submission));
    }
    return shape;
  }

  Bytes write(std::uint32_t at) {
    std::string out;
    each_piece(texts_[at], [&](const Piece& piece, std::uint32_t field) {
      out.append(piece.tag);
      if (piece.kind == Piece::Kind::leaf) {
        const Leaf& leaf = leaves_[field][written_[field]++];
        for (std::size_t part = 0; part < leaf.parts.size(); ++part) {
          if (part > 0) out.push_back(mark::joint);
          out.append(leaf.parts[part].text);
        }
        out.append("</").append(name_of_tag(piece.tag)).append(">");
      }
      out.append(piece.tail);
    });
    return to_bytes(view_of(out));
  }

  const StopAsked& stop_;
  std::string_view form_;
  mutable std::map<std::string_view, bool> form_says_;
  FormHints facts_;
  std::vector<std::string_view> texts_;
  std::vector<std::uint32_t> people_;
  Secrets secrets_;
  std::set<std::string> own_words_;  // choices of the form
  std::int64_t base_ms_ = 0;
  GivenBy given_;
  std::map<std::uint32_t, std::vector<Leaf>> leaves_;  // by field, in order of submissions
  std::map<std::uint32_t, std::size_t> written_;
};

}  // namespace

Dictionary train(std::span<const ByteView> submissions, ByteView form_xml, const StopAsked& stop) {
  std::size_t learned = 0;
  std::size_t octets = 0;
  while (learned < std::min(submissions.size(), Dictionary::submissions_max)) {
    octets += submissions[submissions.size() - learned - 1].size();
    if (octets > learned_octets_max) break;
    ++learned;
  }
  Dictionary out = Cleaner(submissions.last(learned), form_xml, stop).clean();
  octets = 0;
  std::size_t kept = out.submissions.size();
  while (kept > 0 && octets + out.submissions[kept - 1].size() + 10 <= Dictionary::octets_max) {
    octets += out.submissions[--kept].size() + 10;
  }
  out.submissions.erase(out.submissions.begin(), out.submissions.begin() + static_cast<std::ptrdiff_t>(kept));
  return out;
}

}  // namespace khuoi::sync

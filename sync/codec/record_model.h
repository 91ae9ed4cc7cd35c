#pragma once

#include "sync/codec/form_facts.h"
#include "sync/codec/value_model.h"
#include "sync/codec/xml_pieces.h"

namespace khuoi::sync {

/// Everything a model has learned, and the two ways through it: a record's XML to octets and back.
/// Order of use: learn_*() any number of times, freeze(), then encode() and decode(), which leave it as it was.
class RecordModel final {
 public:
  RecordModel();

  void learn_words(std::string_view running_text);
  void learn_form(const FormHints& form);
  /// One submission of a dictionary, with train()'s marks.
  void learn_submission(std::string_view xml);
  void set_base_ms(std::int64_t ms) { values_.set_base_ms(ms); }
  void freeze();

  /// nullopt past the step limit.
  std::optional<Bytes> encode(std::string_view xml);
  /// nullopt if encode() cannot have made these octets; output is bounded by octets_max and the step limit.
  std::optional<std::string> decode(ByteView octets, std::size_t octets_max);
  [[nodiscard]] std::size_t octets_used() const { return counts_.octets_used() + symbols_.octets_used(); }

 private:
  struct Place {
    XmlPath path;
    Symbol piece_before = fixed::unknown;
    Symbol tail_before = fixed::unknown;
  };
  void code_record(std::string_view xml, bool marked, std::size_t octets_max, std::string& out);
  Symbol code_piece(const Place& place, Symbol piece);
  Symbol code_tail(const Place& place, Symbol piece, std::string_view tail, std::string& out);
  Symbol intern_piece(Piece::Kind kind, std::string_view tag);
  void learn_field(std::uint32_t field, const FormHints& form);
  void roll_back();

  SymbolCounts counts_;
  Symbols symbols_;
  SymbolCoder coder_;
  WordModel words_;
  ValueModel values_;
  std::string scratch_;
};

}  // namespace khuoi::sync

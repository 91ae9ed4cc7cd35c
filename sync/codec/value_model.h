#pragma once

#include "sync/codec/value_tokens.h"
#include "sync/codec/word_model.h"

namespace khuoi::sync {

/// Codes the value of one leaf: as one of the values its field had before, as a time, or token by token.
class ValueModel final {
 public:
  ValueModel(SymbolCoder& coder, SymbolCounts& counts, Symbols& symbols, WordModel& words)
      : coder_(coder), counts_(counts), symbols_(symbols), words_(words) {}

  /// `octets_max`: how long the record may become; past it the coder fails.
  void start_record(std::size_t octets_max) {
    octets_max_ = octets_max;
    earlier_.clear();
    earlier_texts_.clear();
    first_octets_.fill(false);
    last_ms_.reset();
  }
  /// From which time on the first time of a record is counted.
  void set_base_ms(std::int64_t ms) { base_ms_ = ms; }

  /// `field`: XmlPath::field(). Appends the value to `out`. `marked`: the value is a dictionary's (only when learning).
  void code(std::uint32_t field, std::string_view value, bool marked, std::string& out);

  /// Form knowledge, before any record: the value is one the field may take.
  void learn_possible(std::uint32_t field, std::string_view value);
  /// The field holds times; `bits` is how far the first lies from what went before it.
  void learn_time(std::uint32_t field, std::uint32_t bits);

 private:
  struct Earlier {
    std::uint32_t field;
    std::uint32_t offset;
    std::uint32_t octets;
  };
  /// The symbol of the next token; `unknown` for marks that are not coded, `end` past the value.
  struct Next {
    Symbol symbol = fixed::end;
    Token token;
  };
  static constexpr std::size_t earlier_max = 64;
  static constexpr std::size_t reference_octets_min = 4;
  static constexpr std::size_t seen_octets_max = 200;

  [[nodiscard]] Symbol seen_value(std::uint32_t field, std::string_view value) const;
  void code_time(std::uint32_t field, const DateTime& time, std::string& out);
  void code_tokens(std::uint32_t field, std::string_view value, bool marked, std::string& out);
  Next next_token(std::string_view& value, bool marked);
  /// What the token's symbol leaves open: the digits of a run, a UUID's bits. Appends the token's text.
  void code_rest(std::uint32_t field, std::uint32_t at, Symbol symbol, const Token& token, std::string& out);
  void code_run(std::uint32_t field, std::uint32_t at, Symbol kind, std::string_view run, std::string& out);
  void code_digits(std::uint32_t run_context, std::uint32_t base, std::string_view run, std::size_t octets,
                   std::string& out);
  void code_uuid(std::string_view uuid, std::string& out);
  Symbol code_token(std::uint32_t field, std::uint32_t at, Symbol token, std::array<Symbol, 2> before, bool loose);
  [[nodiscard]] const Earlier* reference_at(std::string_view text) const;
  [[nodiscard]] Symbol reference_symbol(std::uint32_t field);
  [[nodiscard]] std::string_view text_of(const Earlier& earlier) const {
    return std::string_view(earlier_texts_).substr(earlier.offset, earlier.octets);
  }
  void remember(std::uint32_t field, std::string_view value);

  SymbolCoder& coder_;
  SymbolCounts& counts_;
  Symbols& symbols_;
  WordModel& words_;
  std::int64_t base_ms_ = 1'704'067'200'000;  // 2024-01-01
  std::size_t octets_max_ = 0;
  std::vector<Earlier> earlier_;  // values of this record, one a field
  std::string earlier_texts_;
  std::array<bool, 256> first_octets_{};  // of earlier values that may be named
  std::optional<std::int64_t> last_ms_;
};

}  // namespace khuoi::sync

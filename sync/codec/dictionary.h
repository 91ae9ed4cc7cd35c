#pragma once

#include <functional>
#include <span>

#include "sync/base/bytes.h"
#include "sync/base/result.h"

namespace khuoi::sync {

/// Earlier submissions, in order, that teach a model what this commune's records look like. What train() returns holds
/// no person; see FORMATS.md for what is left out and for the marks that stand in its place.
struct Dictionary {
  std::vector<Bytes> submissions;

  static constexpr std::size_t octets_max = 1024 * 1024;
  static constexpr std::size_t submissions_max = 1000;

  /// The octets that travel. Keep them: another zstd release may pack the same dictionary differently, and a model's
  /// hash is over these. Errors: too_large past the limits above.
  [[nodiscard]] Result<Bytes> encode() const;
  /// Empty octets are the empty dictionary. Errors: malformed, too_large.
  static Result<Dictionary> decode(ByteView octets);
};

/// Long work asks it now and then, and ends when it says true. An empty one never does.
using StopAsked = std::function<bool()>;

/// Cleans submissions of persons: a value or word stays only if at least three different people gave it.
/// `form_xml` is the form they belong to (may be empty): what it says itself may stay. The submissions may be of
/// several forms; one dictionary may serve them all. Same input, same octets. Of
/// the submissions the last learned_octets_max octets are learned from, and nothing of a value longer than
/// learned_value_octets_max; memory is about a hundred times that at most. Once `stop` said true: an empty dictionary.
Dictionary train(std::span<const ByteView> submissions, ByteView form_xml, const StopAsked& stop = {});
inline constexpr std::size_t learned_octets_max = Dictionary::octets_max;
inline constexpr std::size_t learned_value_octets_max = 4096;

}  // namespace khuoi::sync

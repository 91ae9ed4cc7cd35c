#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace khuoi::http {

/// 0 to 15, capital or not; -1: no hex digit.
int hex_digit(char c);

inline constexpr std::size_t target_octets_max = 4096;

/// A request's target, taken apart: path segments and query, percent-decoded.
struct Target {
  std::string text;                   ///< as it stood in the request
  std::vector<std::string> segments;  ///< of "/api/forms/a~1": "api", "forms", "a~1"; of "/": none
  std::vector<std::pair<std::string, std::string>> queries;
  [[nodiscard]] std::string_view query(std::string_view name) const;  ///< the first of that name; empty when absent
};

/// nullopt for what no route can mean: not an absolute path, empty, "." or ".." segments, an encoded slash, backslash
/// or control character anywhere, a broken escape, or what does not decode to UTF-8. A '+' in the query is a space.
std::optional<Target> parse_target(std::string_view text);

/// The value of one cookie in a Cookie header; empty when it is not there.
std::string_view cookie_in(std::string_view header, std::string_view name);

std::string percent_encoded(std::string_view text);
/// A file's name as one segment of our addresses. No segment may hold an encoded backslash, so a name with one is
/// encoded twice; file_of_segment() reads either.
std::string file_segment(std::string_view name);
std::string file_of_segment(const std::string& segment);
/// nullopt for a broken escape, or what does not decode to UTF-8.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace khuoi::http

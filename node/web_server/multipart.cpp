#include "node/web_server/multipart.h"

#include <algorithm>

#include "node/web_server/target.h"
#include "sync/base/nfc.h"

namespace khuoi::http {

namespace {

Error broken(std::string_view what) {
  return fail(Errc::malformed, "the multipart body is broken: " + std::string(what));
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// One parameter of a header off `rest`, which stands behind the ';' before it.
struct Parameter {
  std::string_view name;
  std::string value;
};
Parameter take_parameter(std::string_view& rest) {
  Parameter out;
  const std::size_t name_end = rest.find_first_of("=;");
  out.name = trimmed(rest.substr(0, name_end));
  if (name_end == std::string_view::npos || rest[name_end] == ';') {
    rest = name_end == std::string_view::npos ? std::string_view() : rest.substr(name_end + 1);
    return out;
  }
  rest = trimmed(rest.substr(name_end + 1));
  if (rest.empty() || rest.front() != '"') {
    const std::size_t end = rest.find(';');
    out.value = trimmed(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return out;
  }
  std::size_t at = 1;
  for (; at < rest.size() && rest[at] != '"'; ++at) {
    // Old browsers send "C:\photo.jpg" with bare backslashes: only a quote or another backslash is escaped by one.
    const bool escapes = rest[at] == '\\' && at + 1 < rest.size() && (rest[at + 1] == '"' || rest[at + 1] == '\\');
    if (escapes) ++at;
    out.value.push_back(rest[at]);
  }
  const std::size_t end = rest.find(';', std::min(at, rest.size()));
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return out;
}

/// RFC 5987: UTF-8''percent-encoded. Empty for another charset or a broken escape.
std::string extended_value(std::string_view value) {
  const std::size_t first = value.find('\'');
  const std::size_t second = first == std::string_view::npos ? first : value.find('\'', first + 1);
  if (second == std::string_view::npos || !same_word(value.substr(0, first), "utf-8")) return {};
  std::string out;
  for (std::size_t i = second + 1; i < value.size(); ++i) {
    if (value[i] != '%') {
      out.push_back(value[i]);
      continue;
    }
    const int high = i + 2 < value.size() ? hex_digit(value[i + 1]) : -1;
    const int low = i + 2 < value.size() ? hex_digit(value[i + 2]) : -1;
    if (high < 0 || low < 0) return {};
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

bool is_boundary(std::string_view text) {
  if (text.empty() || text.size() > MultipartReader::boundary_octets_max || text.back() == ' ') return false;
  return std::ranges::all_of(text, [](char c) {
    const bool word = (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
    return word || std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
  });
}

Result<void> read_head_line(std::string_view line, PartHead& out, bool& disposed) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return broken("a part's header has no colon");
  const std::string_view name = trimmed(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (same_word(name, "content-disposition")) {
    if (disposed) return broken("a part has two dispositions");
    disposed = true;
    if (!same_word(trimmed(value.substr(0, value.find(';'))), "form-data")) return broken("a part is no form-data");
    out.name = header_parameter(value, "name");
    out.file_name = header_parameter(value, "filename");
  } else if (same_word(name, "content-type")) {
    if (value.size() >= 10 && same_word(value.substr(0, 10), "multipart/"))
      return broken("a part is a multipart again");
    out.type = value;
  } else if (same_word(name, "content-transfer-encoding")) {
    const bool plain = same_word(value, "binary") || same_word(value, "8bit") || same_word(value, "7bit");
    if (!plain) return broken("a part has a transfer encoding");
  }
  return {};
}

Result<PartHead> read_head(std::string_view text) {
  PartHead out;
  bool disposed = false;
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 2);
    KHUOI_TRY_VOID(read_head_line(line, out, disposed));
  }
  if (!disposed || out.name.empty()) return broken("a part has no name");
  if (!sync::is_utf8(view_of(out.name)) || !sync::is_utf8(view_of(out.file_name)))
    return broken("a part's name is no UTF-8");
  return out;
}

}  // namespace

std::string header_parameter(std::string_view header, std::string_view name) {
  const std::size_t first = header.find(';');
  std::string_view rest = first == std::string_view::npos ? std::string_view() : header.substr(first + 1);
  std::string plain;
  while (!rest.empty()) {
    Parameter one = take_parameter(rest);
    if (!one.name.empty() && one.name.back() == '*' && same_word(one.name.substr(0, one.name.size() - 1), name)) {
      std::string extended = extended_value(one.value);
      if (!extended.empty()) return extended;
    }
    if (plain.empty() && same_word(one.name, name)) plain = std::move(one.value);
  }
  return plain;
}

std::string boundary_of(std::string_view content_type) {
  if (!same_word(trimmed(content_type.substr(0, content_type.find(';'))), "multipart/form-data")) return {};
  std::string boundary = header_parameter(content_type, "boundary");
  return is_boundary(boundary) ? boundary : std::string();
}

MultipartReader::MultipartReader(std::string_view boundary, PartSink& sink)
    : sink_(sink), delimiter_("\r\n--" + std::string(boundary)) {
  // The first delimiter may stand at the very beginning: as if a line had ended before it.
  append(held_, view_of("\r\n"));
}

Result<void> MultipartReader::feed(ByteView octets) {
  if (state_ == State::epilogue) return {};
  append(held_, octets);
  while (true) {
    KHUOI_TRY(const bool more, step());
    if (!more) break;
  }
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at_));
  at_ = 0;
  return {};
}

Result<bool> MultipartReader::step() {
  switch (state_) {
    case State::preamble:
      return take_until_delimiter(false);
    case State::data:
      return take_until_delimiter(true);
    case State::after_delimiter:
      return take_after_delimiter();
    case State::head:
      return take_head();
    case State::epilogue:
      at_ = held_.size();
      return false;
  }
  return false;
}

Result<bool> MultipartReader::take_until_delimiter(bool to_sink) {
  const ByteView rest = ByteView(held_).subspan(at_);
  const std::size_t found = text_of(rest).find(delimiter_);
  const bool here = found != std::string_view::npos;
  // What could be the beginning of a delimiter stays until more comes.
  const std::size_t sure = here ? found : rest.size() - std::min(rest.size(), delimiter_.size() - 1);
  if (to_sink && sure > 0) KHUOI_TRY_VOID(sink_.data(rest.first(sure)));
  at_ += sure;
  if (!here) return false;
  at_ += delimiter_.size();
  if (to_sink) KHUOI_TRY_VOID(sink_.end());
  state_ = State::after_delimiter;
  return true;
}

Result<bool> MultipartReader::take_after_delimiter() {
  std::string_view rest = text_of(ByteView(held_).subspan(at_));
  std::size_t spaces = 0;
  while (spaces < rest.size() && (rest[spaces] == ' ' || rest[spaces] == '\t')) ++spaces;
  if (spaces > boundary_octets_max) return broken("a delimiter's line does not end");
  if (spaces == 0 && rest.starts_with("--")) {
    at_ = held_.size();
    state_ = State::epilogue;
    return false;
  }
  rest = rest.substr(spaces);
  if (rest.size() < 2) return false;
  if (!rest.starts_with("\r\n")) return broken("a delimiter's line goes on");
  if (++parts_ > parts_max) return fail(Errc::malformed, "the multipart body has more than 1,000 parts");
  at_ += spaces + 2;
  state_ = State::head;
  return true;
}

Result<bool> MultipartReader::take_head() {
  const std::string_view rest = text_of(ByteView(held_).subspan(at_));
  const std::size_t end = rest.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (rest.size() > head_octets_max) return fail(Errc::malformed, "a part's head is larger than 8 KiB");
    return false;
  }
  if (end > head_octets_max) return fail(Errc::malformed, "a part's head is larger than 8 KiB");
  KHUOI_TRY(PartHead head, read_head(rest.substr(0, end)));
  KHUOI_TRY_VOID(sink_.begin(std::move(head)));
  at_ += end + 4;
  state_ = State::data;
  return true;
}

Result<void> MultipartReader::finish() {
  return state_ == State::epilogue ? Result<void>() : Result<void>(broken("it ends before its closing delimiter"));
}

}  // namespace khuoi::http

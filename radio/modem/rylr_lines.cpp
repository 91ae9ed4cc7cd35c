#include "radio/modem/rylr_lines.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "sync/base/check.h"

namespace khuoi::radio {

namespace {

constexpr std::string_view alphabet =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
constexpr std::uint32_t base = 85;
constexpr std::size_t group_octets = 4, group_characters = 5;

constexpr std::string_view heard = "+RCV=";
constexpr std::size_t line_max = 300;  // the longest is 5 + 5 + 1 + 3 + 1 + 240 + 10 and the line end

std::optional<int> whole(std::string_view text) {
  int out = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char each) { return each >= 'A' && each <= 'Z'; });
}

/// `,RSSI,SNR`; older guides have a comma behind it.
std::optional<Signal> signal_of(std::string_view text) {
  if (!text.empty() && text.back() == ',') text.remove_suffix(1);
  if (text.empty() || text.front() != ',') return std::nullopt;
  text.remove_prefix(1);
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto rssi = whole(text.substr(0, comma));
  const auto snr = whole(text.substr(comma + 1));
  if (!rssi || !snr || *rssi < -300 || *rssi > 100 || *snr < -100 || *snr > 100) return std::nullopt;
  return Signal{static_cast<double>(*rssi), static_cast<double>(*snr)};
}

}  // namespace

std::size_t rylr_text_size(std::size_t octets) {
  const std::size_t left = octets % group_octets;
  return octets / group_octets * group_characters + (left == 0 ? 0 : left + 1);
}

std::string rylr_text(ByteView octets) {
  std::string out;
  while (!octets.empty()) {
    const std::size_t size = std::min(octets.size(), group_octets);
    std::uint32_t value = 0;
    for (std::size_t n = 0; n < group_octets; ++n) value = value << 8 | (n < size ? octets[n] : 0U);
    std::array<char, group_characters> characters{};
    for (std::size_t n = group_characters; n-- > 0; value /= base) characters[n] = alphabet[value % base];
    out.append(characters.data(), size + 1);
    octets = octets.subspan(size);
  }
  return out;
}

std::optional<Bytes> rylr_octets(ByteView text) {
  Bytes out;
  while (!text.empty()) {
    const std::size_t size = std::min(text.size(), group_characters);
    if (size == 1) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t n = 0; n < group_characters; ++n) {
      const std::size_t digit = n < size ? alphabet.find(static_cast<char>(text[n])) : base - 1;
      if (digit == std::string_view::npos) return std::nullopt;
      value = value * base + digit;
    }
    if (value > 0xffff'ffff) return std::nullopt;
    for (std::size_t n = 0; n + 1 < size; ++n) out.push_back(static_cast<std::uint8_t>(value >> (24 - 8 * n) & 0xff));
    text = text.subspan(size);
  }
  return out;
}

std::optional<RylrSaid> RylrReader::take(ByteView& octets) {
  while (!octets.empty()) {
    const std::uint8_t octet = octets.front();
    octets = octets.subspan(1);
    if (!keep(octet)) continue;
    if (auto said = end()) return said;
  }
  return std::nullopt;
}

/// Whether a line ends with it.
bool RylrReader::keep(std::uint8_t octet) {
  const bool in_data = data_at_ != 0 && line_.size() < data_at_ + data_size_;
  if (!in_data && octet == '\n') return true;
  if (bad_ || (line_.empty() && (octet == '\r' || octet == 0))) return false;
  line_.push_back(static_cast<char>(octet));
  if (line_.size() > line_max) bad_ = true;
  if (!in_data && data_at_ == 0 && octet == ',' && line_.starts_with(heard) && ++commas_ == 2) bad_ = !read_header();
  return false;
}

/// `+RCV=address,length,`
bool RylrReader::read_header() {
  const std::string_view text = std::string_view(line_).substr(heard.size());
  const std::size_t comma = text.find(',');
  const auto address = whole(text.substr(0, comma));
  const auto size = whole(text.substr(comma + 1, text.size() - comma - 2));
  if (!address || *address < 0 || *address > 0xffff || !size || *size < 0 || *size > static_cast<int>(rylr_text_max)) {
    return false;
  }
  data_at_ = line_.size();
  data_size_ = static_cast<std::size_t>(*size);
  return true;
}

std::optional<RylrSaid> RylrReader::end() {
  if (!line_.empty() && line_.back() == '\r' && line_.size() > data_at_ + data_size_) line_.pop_back();
  const std::string line = std::move(line_);
  const std::size_t data_at = data_at_, data_size = data_size_;
  const bool bad = bad_;
  line_.clear();
  commas_ = data_at_ = data_size_ = 0;
  bad_ = false;
  if (line.empty() && !bad) return std::nullopt;
  RylrSaid out;
  if (!bad && data_at != 0) {
    const std::string_view all = line;
    if (const auto signal = signal_of(all.substr(data_at + data_size))) {
      out.name = "RCV";
      out.data = to_bytes(view_of(all.substr(data_at, data_size)));
      out.signal = *signal;
      return out;
    }
  } else if (!bad && line.front() == '+') {
    const std::size_t sign = line.find('=');
    out.name = line.substr(1, sign == std::string::npos ? sign : sign - 1);
    if (sign != std::string::npos) out.value = line.substr(sign + 1);
    if (is_name(out.name) && out.name != "RCV") return out;
  }
  ++dropped_;
  return std::nullopt;
}

void RylrReader::forget() {
  if (!in_line()) return;
  line_.clear();
  commas_ = data_at_ = data_size_ = 0;
  bad_ = false;
  ++dropped_;
}

std::string rylr_error(unsigned number) {
  switch (number) {
    case 1:
      return "the command had no line end";
    case 2:
      return "the command did not begin with AT";
    case 3:
      return "the command had no '='";
    case 4:
      return "it does not know the command, or the value";
    case 5:
      return "the data was not as long as was said";
    case 10:
      return "sending took too long";
    case 11:
      return "receiving took too long";
    case 12:
      return "what it heard was damaged";
    case 13:
      return "the data was longer than 240 octets";
    case 14:
      return "it cannot write its memory";
    case 17:
      return "it is still sending";
    case 18:
      return "it does not allow this preamble";
    case 19:
      return "what it heard had a damaged header";
    case 20:
      return "it does not allow this pause";
    default:
      return "something failed that it does not name";
  }
}

}  // namespace khuoi::radio

#include "node/cli/text.h"

#include <charconv>
#include <ctime>

namespace khuoi::node {

namespace json = boost::json;
using sync::DossierEntry;

std::string json_text(const json::value& value) {
  const auto* rows = value.if_array();
  if (rows == nullptr || rows->empty()) return json::serialize(value) + "\n";
  std::string out = "[\n";
  for (std::size_t i = 0; i < rows->size(); ++i) {
    out += "  " + json::serialize((*rows)[i]) + (i + 1 < rows->size() ? ",\n" : "\n");
  }
  return out + "]\n";
}

namespace {
json::value or_null(const std::optional<std::string>& text) {
  return text && !text->empty() ? json::value(*text) : json::value(nullptr);
}
}  // namespace

json::object json_of(const DossierEntry::ToCome& files) {
  return {{"files", files.files}, {"by", files.by ? json::value(sync::name_of(*files.by)) : json::value(nullptr)}};
}

json::object json_of(const DossierEntry& entry) {
  // Only a dossier that was opened tells whether it is in conflict.
  const bool readable = entry.conflict.has_value();
  json::object out;
  out["id"] = entry.id.hex();
  out["number"] = readable || !entry.problem.empty() ? json::value(entry.number) : json::value(nullptr);
  out["form"] = or_null(entry.form);
  out["version"] = readable && entry.version ? json::value(*entry.version) : json::value(nullptr);
  out["instanceID"] = or_null(entry.instance_id);
  out["state"] = entry.state;
  out["pending"] = readable ? json::value(entry.pending) : json::value(nullptr);
  out["hamlet"] = or_null(entry.hamlet);
  out["code"] = or_null(entry.code);
  out["conflict"] = readable ? json::value(*entry.conflict) : json::value(nullptr);
  out["attachments"] = nullptr;
  if (entry.attachments) {
    out["attachments"] = json::object{{"have", entry.attachments->have}, {"of", entry.attachments->of}};
  }
  if (entry.to_come && entry.to_come->files > 0) out["to_come"] = json_of(*entry.to_come);
  if (!entry.problem.empty()) out["problem"] = entry.problem;  // whoever knows only the eleven others is not disturbed
  return out;
}

std::string expected_path(const DossierEntry::ToCome& files) {
  return files.by ? std::string(sync::name_of(*files.by)) : "stick or fiber";
}

namespace {
std::string words_of_minutes(std::int64_t minutes) {
  if (minutes < 90) return std::to_string(minutes) + " min";
  return std::to_string((minutes + 30) / 60) + " h";
}
}  // namespace

std::string outlook_text(const LinkOutlook& outlook) {
  const std::string arrives = outlook.minutes ? ", there in about " + words_of_minutes(*outlook.minutes) : "";
  switch (outlook.why) {
    case LinkOutlook::Why::nothing:
      return "nothing waits for it";
    case LinkOutlook::Why::sending:
      return "sending" + arrives;
    case LinkOutlook::Why::fiber:
      return "goes by the fiber, which is up";
    case LinkOutlook::Why::fiber_at:
      return "waits for the fiber, which comes up at about " +
             (outlook.fiber_at ? local_time(*outlook.fiber_at) : std::string("this time"));
    case LinkOutlook::Why::duty:
      return "this hour's time on the air is used up" +
             (outlook.until ? " until " + local_time(*outlook.until) : std::string()) + arrives;
    case LinkOutlook::Why::unheard:
      return outlook.heard_minutes_ago
                 ? "the other side was not heard for " + words_of_minutes(*outlook.heard_minutes_ago) + ": it is tried again"
                 : "the other side was not heard yet: it is tried again";
    case LinkOutlook::Why::modem:
      return "the modem is missing";
    case LinkOutlook::Why::too_large:
      return "a record is larger than radio takes (16 KiB): it goes by stick or fiber";
  }
  return "";
}

std::string local_time(UnixSeconds at) {
  const std::time_t seconds = at.value;
  std::tm parts{};
  if (localtime_r(&seconds, &parts) == nullptr) return "?";
  std::array<char, 32> out{};
  std::strftime(out.data(), out.size(), "%Y-%m-%d %H:%M", &parts);
  return out.data();
}

Result<UnixSeconds> time_of_text(const std::string& text, UnixSeconds now) {
  const auto wrong = [&] {
    return fail(Errc::usage, "'" + text + "' is no time: write 2026-01-31, 2026-01-31T16:30, +3d or +12h");
  };
  if (text.starts_with('+') && text.size() >= 3) {
    std::int64_t count = 0;
    const auto parsed = std::from_chars(text.data() + 1, text.data() + text.size() - 1, count);
    const std::int64_t unit = text.back() == 'd' ? 86400 : text.back() == 'h' ? 3600 : text.back() == 'm' ? 60 : 0;
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() - 1 || unit == 0 || count > 100000)
      return wrong();
    return UnixSeconds{now.value + count * unit};
  }
  for (const char* form : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"}) {
    std::tm parts{};
    parts.tm_isdst = -1;
    const char* end = strptime(text.c_str(), form, &parts);
    if (end != nullptr && *end == '\0') return UnixSeconds{std::mktime(&parts)};
  }
  return wrong();
}

std::string octets_text(std::uint64_t octets) {
  if (octets < 10'000) return std::to_string(octets) + " B";
  if (octets < 10'000'000) return std::to_string(octets / 1000) + " kB";
  return std::to_string(octets / 1'000'000) + " MB";
}

std::string for_a_terminal(std::string_view text, std::string_view line_end) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    const bool c1 = octet == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (text[i] == '\n') {
      out += line_end;
    } else if (text[i] == '\t') {
      out += ' ';
    } else if (octet < 0x20 || octet == 0x7f || c1) {
      if (text[i] != '\r') out += '?';
      if (c1) ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string padded(std::string text, std::size_t columns) {
  std::size_t wide = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) ++wide;
  }
  if (wide < columns) text.append(columns - wide, ' ');
  return text;
}

}  // namespace khuoi::node

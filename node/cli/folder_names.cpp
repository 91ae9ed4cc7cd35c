#include "node/cli/folder_names.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

#include "sync/record/file_name.h"
#include "sync/record/record.h"

namespace khuoi::node {

namespace {

/// Equal for names that some file system could take for one.
std::string folded(std::string_view name) {
  while (name.ends_with(' ') || name.ends_with('.')) name.remove_suffix(1);
  utf8proc_uint8_t* mapped = nullptr;
  constexpr int how = UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD;
  const auto octets = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(name.data()),
                                   static_cast<utf8proc_ssize_t>(name.size()), &mapped,
                                   static_cast<utf8proc_option_t>(how));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(mapped, &std::free);
  if (octets < 0) return std::string(name);
  return {reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(octets)};
}

}  // namespace

std::string portable_name(const std::string& name) {
  constexpr std::string_view refused = "\\:*?\"<>|";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool is_end = i + 1 == name.size() && (name[i] == ' ' || name[i] == '.');
    const auto octet = static_cast<unsigned char>(name[i]);
    if (!is_end && refused.find(name[i]) == std::string_view::npos) {
      out.push_back(name[i]);
    } else {
      out += {'%', digits[octet >> 4U], digits[octet & 15U]};
    }
  }
  return sync::shortened_name(out, sync::file_name_octets_max);
}

std::string FolderNames::take(const std::string& name) {
  std::string out = name;
  for (std::size_t number = 2; !taken_.insert(folded(out)).second; ++number) out = sync::numbered_name(name, number);
  return out;
}

}  // namespace khuoi::node

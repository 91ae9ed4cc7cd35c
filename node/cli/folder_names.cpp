#include "node/cli/folder_names.h"

#include "sync/record/file_name.h"
#include "sync/record/record.h"

namespace khuoi::node {

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
  for (std::size_t number = 2; !taken_.insert(sync::folded_name(out)).second; ++number) {
    out = sync::numbered_name(name, number);
  }
  return out;
}

}  // namespace khuoi::node

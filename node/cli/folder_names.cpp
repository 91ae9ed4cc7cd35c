#include "node/cli/folder_names.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

#include "sync/record/file_name.h"

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

std::string FolderNames::take(const std::string& name) {
  std::string out = name;
  for (std::size_t number = 2; !taken_.insert(folded(out)).second; ++number) out = sync::numbered_name(name, number);
  return out;
}

}  // namespace khuoi::node

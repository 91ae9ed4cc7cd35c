#pragma once

#include <set>
#include <string>

namespace khuoi::node {

/// Names of the files in one folder that `export` writes: each file gets its own name where it can, and else one with
/// "~2" and so on before its ending, so that none replaces another or the XML. Names that a stick's file system takes
/// for one (capitals, marks written another way, blanks and dots at the end) count as one.
class FolderNames final {
 public:
  FolderNames() { (void)take("submission.xml"); }
  std::string take(const std::string& name);

 private:
  std::set<std::string> taken_;  ///< folded
};

/// For a disk that refuses a file's own name (FAT and exFAT know no ":" or "?"): what they refuse is percent-encoded.
std::string portable_name(const std::string& name);

}  // namespace khuoi::node

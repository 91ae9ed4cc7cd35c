#pragma once

#include <map>
#include <string>
#include <vector>

#include "sync/dossiers/dossier_reader.h"
#include "sync/files/files.h"

namespace khuoi::sync {

/// One file of a version: named in its XML, brought by it, or both.
struct VersionFile {
  std::string name;
  std::optional<FileFacts> facts;  ///< none while no file of that name came
  bool complete = false;           ///< all its octets are here
  bool inherited = false;          ///< it came with a version that this one edits, and this one brought none of that name
};

/// Which files each version has, in the order of its XML, all that came under a name; then what it brought without naming
/// it. A file belongs to the
/// version that its manifest names. A manifest of an earlier program names none: then to the version of the same run that
/// was written last before it and names such a file, else to whichever version lacks one.
std::map<Ref, std::vector<VersionFile>> files_of_versions(const ReadTxn& txn, const DossierReader::Content& content);

}  // namespace khuoi::sync

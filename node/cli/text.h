#pragma once

#include <boost/json.hpp>
#include <string>

#include "node/links/link.h"
#include "sync/dossiers/dossier_views.h"

namespace khuoi::node {

/// One JSON document as printed: indented for arrays of objects, UTF-8, a line end.
std::string json_text(const boost::json::value& value);

/// A row of `list --json`, its keys as design.md fixes them. While the dossier cannot be read, all but id and state are
/// null.
boost::json::object json_of(const sync::DossierEntry& entry);
boost::json::object json_of(const sync::DossierEntry::ToCome& files);

/// "stick", "fiber", "stick or fiber": how files that are still to come may be expected.
std::string expected_path(const sync::DossierEntry::ToCome& files);

/// One sentence, without a full stop.
std::string outlook_text(const LinkOutlook& outlook);

/// "2026-01-31 08:05" in this machine's time zone.
std::string local_time(UnixSeconds at);
/// "yyyy-mm-dd", "yyyy-mm-ddThh:mm" (this machine's time zone) or "+3d", "+12h" from now. Errors: usage.
Result<UnixSeconds> time_of_text(const std::string& text, UnixSeconds now);
std::string octets_text(std::uint64_t octets);

/// What somebody handed in, safe to print: control characters become '?', line ends what `line_end` says.
std::string for_a_terminal(std::string_view text, std::string_view line_end);

/// How many characters a text takes on a terminal, marks not counted.
std::string padded(std::string text, std::size_t columns);

}  // namespace khuoi::node

#pragma once

#include <string>
#include <vector>

#include "sync/base/ids.h"
#include "sync/base/result.h"

namespace khuoi::sync {

inline constexpr std::size_t xml_octets_max = 16U << 20U;
inline constexpr int xml_depth_max = 64;

/// What a node must know of an XForm; relevance, constraints and calculations are the page's and Collect's matter.
struct FormFacts {
  std::string id;
  std::string version;  ///< may be empty
  std::string title;
  std::string root;  ///< local name of the instance's root element
  /// Paths below the root, local names joined by '/', of the nodes bound to an upload (bind type binary or an
  /// <upload>), without the root's own name.
  std::vector<std::string> upload_paths;
  /// Media the form names (jr://images/x.png, jr://file-csv/y.csv, …), base names.
  std::vector<std::string> media;
};
/// Structure only. Errors: malformed (not well-formed, not an XForm, any DOCTYPE), too_large.
Result<FormFacts> read_form(ByteView xml);

/// The part of a submission that says which form it belongs to.
struct InstanceHead {
  std::string form_id;
  std::string version;
  std::string root;
};
struct InstanceFacts {
  InstanceHead head;
  std::string instance_id;
  std::string deprecated_id;  ///< set in an edit
  /// Base names (NFC) found in upload-bound nodes, in document order, without repeats.
  std::vector<std::string> attachments;
};
/// Errors: malformed (not well-formed, any DOCTYPE, deeper than 64), too_large.
Result<InstanceHead> read_instance_head(ByteView xml);
/// Checks the root element against the form and finds meta/instanceID, in `orx:meta` as well as `meta`.
/// Errors: as above; malformed without an instanceID (1..1,024 octets) or with another root element.
Result<InstanceFacts> read_instance(ByteView xml, const FormFacts& form);

/// First 16 octets of BLAKE2b-256 of the instanceID's text.
DossierId dossier_id_of(std::string_view instance_id);
/// The id shown for a second dossier of that instanceID, from another hamlet.
DossierId dossier_id_of(std::string_view instance_id, const HamletId& hamlet);
/// "uuid:" and a UUID of version 4: nobody guesses it.
bool is_uuid4_instance(std::string_view instance_id);

}  // namespace khuoi::sync

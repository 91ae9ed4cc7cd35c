#pragma once

#include <string>
#include <vector>

#include "sync/base/ids.h"
#include "sync/base/result.h"

namespace khuoi::sync {

inline constexpr std::size_t xml_octets_max = 16U << 20U;
/// What one submission's XML may hold, where it is handed in and where a commune takes it in: it compresses to a
/// hundredth, so it is this that bounds what a small record can make of a node's memory. Files are no part of it.
/// Submissions that an older version took stay readable up to xml_octets_max.
inline constexpr std::size_t submission_xml_octets_max = 1U << 20U;
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
  /// Media the form names (jr://images/x.png, jr://file-csv/y.csv, …): the names under which they are kept.
  std::vector<std::string> media;
  /// The same as the form writes them, which is how a page or a phone will ask for them: "ệ" may be three characters.
  std::vector<std::string> media_written;
  /// A question whose choices come by search('file'), which ODK Collect alone reads: elsewhere the column's name would be
  /// the only choice, and that would be stored.
  struct SearchedList {
    std::string question;  ///< its node, as the form writes it
    std::string file;      ///< as the form names it, usually without .csv; may be empty
  };
  std::vector<SearchedList> searched_lists;
  bool encrypted = false;      ///< asks for ODK's own encryption of submissions
  bool records_audio = false;  ///< records sound while somebody fills it in
  /// Whether its instance has meta/instanceID. A form without one leaves it to the node to tell submissions apart.
  bool names_instance_id = true;
  // What the form says with xmlns:khuoi="urn:khuoi:form", on its own root element unless told otherwise; other programs
  // skip such attributes.
  std::string title_en;  ///< khuoi:title-en: the title in English; may be empty
  bool urgent = false;  ///< khuoi:urgency="urgent": what is filled in leaves before all else that people wrote
  bool health = false;  ///< khuoi:domain="health": for the health worker, unless who publishes it says otherwise
  /// khuoi:follow-up="day" on a bind: the date to come again; "what": what for. Paths as in upload_paths, or empty.
  struct FollowUp {
    std::string day;
    std::string what;
  };
  FollowUp follow_up;
};
/// Structure only. Errors: malformed (not well-formed, not an XForm, any DOCTYPE), too_large.
Result<FormFacts> read_form(ByteView xml);

}  // namespace khuoi::sync

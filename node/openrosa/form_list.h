#pragma once

#include <string>
#include <vector>

namespace khuoi::openrosa {

/// One form as a phone is shown it.
struct ListedForm {
  std::string id;
  std::string name;
  std::string version;  ///< may be empty
  std::string md5;      ///< hexadecimal, of the XML's exact octets
  std::string key;      ///< names it in our own addresses
  std::string about;    ///< said only where the client asked for a verbose list
  bool has_media = false;
};

struct ListedMedia {
  std::string name;
  std::string md5;
};

/// `base` is "http://" and the host as the client wrote it. OpenRosa Form Discovery API, 1.0.
std::string form_list_xml(const std::vector<ListedForm>& forms, const std::string& base, bool verbose);
std::string manifest_xml(const std::vector<ListedMedia>& media, const std::string& base, const std::string& form_key);

}  // namespace khuoi::openrosa

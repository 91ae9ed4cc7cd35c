#pragma once

#include <string>
#include <vector>

#include "sync/base/result.h"

namespace khuoi::openrosa {

struct CollectSettings {
  std::string server_url;
  std::string username;
  std::string password;
  std::string project;  ///< what the phone calls it: the hamlet's name
};

/// What ODK Collect reads out of a QR code: its settings as JSON (client-settings.schema.json of Collect), zlib, then
/// base64. Errors: io for want of memory.
Result<std::string> qr_text(const CollectSettings& settings);
std::string settings_json(const CollectSettings& settings);

/// One address of this machine.
struct Address {
  std::string interface;
  std::string text;  ///< without brackets
  bool v6 = false;
  bool loopback = false;
};
/// Of the interfaces that are up, without IPv6 addresses that need a zone.
std::vector<Address> addresses_of_box();
/// Where a phone finds this box, best first, as http:// and a number: old phones do not resolve names like khuoi.local.
/// `listening` is the server's own "ADDRESS:PORT", `asked` the Host of whoever asks, which a phone likely reaches too;
/// then wireless ones. Loopback only where there is nothing else.
std::vector<std::string> urls_for_phones(const std::vector<Address>& addresses, const std::string& listening,
                                         const std::string& asked);
/// Whether nobody but the box itself reaches one of these.
bool is_loopback(const std::vector<Address>& addresses, const std::string& url);

}  // namespace khuoi::openrosa

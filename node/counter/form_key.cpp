#include "node/counter/form_key.h"

#include "node/web_server/target.h"

namespace khuoi::http {

std::string form_key(std::string_view id, std::string_view version) {
  std::string out(id);
  out += '~';
  for (const char c : version) {
    if (c == '~') {
      out += "%7E";
    } else if (c == '%') {
      out += "%25";
    } else {
      out += c;
    }
  }
  return out;
}

std::pair<std::string, std::string> split_form_key(std::string_view key) {
  const std::size_t tilde = key.rfind('~');
  if (tilde == std::string_view::npos) return {std::string(key), ""};
  const std::string version(key.substr(tilde + 1));
  return {std::string(key.substr(0, tilde)), percent_decoded(version).value_or(version)};
}

}  // namespace khuoi::http

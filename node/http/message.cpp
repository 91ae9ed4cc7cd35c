#include "node/http/message.h"

namespace khuoi::http {

std::string_view Request::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return {};
}

Result<Bytes> Part::read(std::size_t octets_max) const {
  if (!file) {
    if (octets.size() > octets_max) return fail(Errc::too_large, "the part '" + name + "' is too large");
    return octets;
  }
  if (file->octets() > octets_max) return fail(Errc::too_large, "the part '" + name + "' is too large");
  Bytes out;
  out.reserve(static_cast<std::size_t>(file->octets()));
  KHUOI_TRY_VOID(file->read([&](ByteView piece) -> Result<void> {
    append(out, piece);
    return {};
  }));
  return out;
}

Response text_response(unsigned status, std::string body, std::string type) {
  Response out;
  out.status = status;
  out.type = std::move(type);
  out.body = std::move(body);
  return out;
}

}  // namespace khuoi::http

#include "node/web_server/json_body.h"

namespace khuoi::http {

namespace json = boost::json;

namespace {
constexpr std::size_t depth_max = 8;
}

Result<json::object> json_body(const Request& request) {
  json::parse_options options;
  options.max_depth = depth_max;
  boost::system::error_code failed;
  json::value value = json::parse(text_of(request.body), failed, {}, options);
  if (failed || !value.is_object()) return fail(Errc::malformed, "the body is no JSON object");
  return std::move(value.as_object());
}

Result<std::string> text_member(const json::object& object, std::string_view name, std::size_t octets_max) {
  const json::value* found = object.if_contains(json::string_view(name.data(), name.size()));
  if (found == nullptr || found->is_null()) return std::string();
  if (!found->is_string()) return fail(Errc::malformed, "'" + std::string(name) + "' is no text");
  const json::string& text = found->as_string();
  if (text.size() > octets_max) return fail(Errc::malformed, "'" + std::string(name) + "' is too long");
  return std::string(text.data(), text.size());
}

}  // namespace khuoi::http

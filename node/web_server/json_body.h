#pragma once

#include <boost/json.hpp>

#include "node/web_server/message.h"

namespace khuoi::http {

/// What a route's JSON body may hold: objects and arrays no deeper than 8. Errors: malformed.
Result<boost::json::object> json_body(const Request& request);

/// The text of a member; empty when it is absent. Errors: malformed for another kind of value, or past octets_max.
Result<std::string> text_member(const boost::json::object& object, std::string_view name, std::size_t octets_max);

}  // namespace khuoi::http

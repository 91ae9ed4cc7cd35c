#pragma once

#include <memory>

#include "node/http/message.h"
#include "node/service/engine.h"

namespace khuoi::http {

/// A file out of the store, opened 256 KiB at a time as it leaves; its facts come from a record that the viewer could
/// open. What a browser could run is given as octets only, whatever the file says it is.
/// Errors, as problems: not_found while it is not all here.
Response file_response(node::Engine& engine, const sync::FileFacts& facts);

/// image/jpeg and the like stay; everything that could carry a script becomes application/octet-stream.
std::string harmless_type(std::string_view type);

}  // namespace khuoi::http

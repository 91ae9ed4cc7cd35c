#pragma once

#include <memory>

#include "node/engine/engine.h"
#include "node/web_server/message.h"

namespace khuoi::http {

/// A file out of the store, opened 256 KiB at a time as it leaves; its facts come from a record that the viewer could
/// open. What a browser could run is given as octets only, whatever the file says it is.
/// Errors, as problems: not_found while it is not all here.
Response file_response(node::Engine& engine, const sync::FileFacts& facts);

/// Marks an answer as what people brought, a villager's file as well as the commune's form: saved when somebody opens
/// it by itself, and if a browser shows it all the same, not in our origin: it runs, loads and redirects nothing. Pages
/// of ours may still show it as a picture.
void as_brought(Response& response, std::string_view name);

/// image/jpeg and the like stay; everything that could carry a script becomes application/octet-stream.
std::string harmless_type(std::string_view type);

}  // namespace khuoi::http

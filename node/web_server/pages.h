#pragma once

#include <span>

#include "node/web_server/message.h"

namespace khuoi::http {

/// One built file of the pages, gzipped when the program was made.
struct PageFile {
  std::string_view path;  ///< "index.html", "assets/app-1f0c.js"
  std::string_view hash;  ///< of its content, hexadecimal
  ByteView gzipped;
};
/// Made by embed.cmake; empty when the pages were not built.
std::span<const PageFile> page_files();

/// Tells one build of the pages from another: the hash of their index.html. Empty when the pages were not built.
std::string_view build_of_pages();

/// The pages: files by their path, and `entry` ("index.html") for "/" and whatever has no dot. Nothing for a name that is
/// not there, and for everything under /api.
std::optional<Response> page_for(const Request& request, std::string_view entry);

}  // namespace khuoi::http

#pragma once

#include <string>

namespace khuoi::node {

/// "image/jpeg" for photo.jpg; application/octet-stream for what is not known.
std::string media_type(const std::string& name);

}  // namespace khuoi::node

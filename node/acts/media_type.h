#pragma once

#include <string>

#include "sync/base/bytes.h"

namespace khuoi::node {

/// "image/jpeg" for photo.jpg; application/octet-stream for what is not known.
std::string media_type(const std::string& name);
/// The type that a file really has, by its first octets, never what its sender says. The name counts only for types
/// that no beginning tells, as text/csv.
std::string media_type(const std::string& name, ByteView first_octets);

}  // namespace khuoi::node

#pragma once

#include <string_view>

namespace khuoi::sync {

/// Everyday Vietnamese of a commune's office and health station, lines of running text; from prior_vi.cpp, written for
/// this project. Part of every model: a changed octet is a new codec version.
std::string_view word_prior();

}  // namespace khuoi::sync

#pragma once

#include <catch2/catch.hpp>

#include "sync/base/result.h"

namespace Catch {

/// Lets CHECK(result) print why it failed; without it Catch2 tries Boost's operator<<, which wants printable values.
template <typename T>
struct StringMaker<khuoi::Result<T>> {
  static std::string convert(const khuoi::Result<T>& result) {
    if (result) return "success";
    return std::string(khuoi::name_of(result.error().code)) + ": " + result.error().what;
  }
};

}  // namespace Catch

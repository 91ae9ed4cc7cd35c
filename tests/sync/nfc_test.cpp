#include "sync/base/nfc.h"

#include <catch2/catch.hpp>

using namespace khuoi;
using namespace khuoi::sync;

TEST_CASE("utf-8: a wrong octet is found at every place of an ASCII text, and a letter of each length is taken",
          "[sync][record]") {
  for (std::size_t octets = 1; octets < 40; ++octets) {
    for (std::size_t at = 0; at < octets; ++at) {
      const std::string plain(octets, 'a');
      CHECK(is_utf8(view_of(plain)));
      for (const std::string_view bad : {"\x80", "\xff", "\xc3", "\xe1\xba", "\xed\xa0\x80", "\xc0\xaf", "\xf5\x80\x80\x80"}) {
        CHECK_FALSE(is_utf8(view_of(std::string(plain).replace(at, 1, bad))));
      }
      for (const std::string_view good : {"é", "ạ", "\xf0\x9f\x8c\xbe"}) {
        CHECK(is_utf8(view_of(std::string(plain).replace(at, 1, good))));
      }
    }
  }
}

#pragma once

#include <map>

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// What an XForm tells about its submissions before the first one is seen. Read with a plain scan: a form that is odd
/// gives fewer facts, never an error, since facts only seed counts.
struct FormHints {
  struct Field {
    std::vector<std::string> possible;  // values a choice may have
    std::vector<std::string> shapes;    // example values with train()'s marks where chance will stand
    std::uint32_t time_bits = 0;        // not 0: holds times, this far (2^bits ms) from the one before
  };
  std::string blank;                      // XML declaration and primary instance, without space between tags
  std::vector<std::string> root_tags;     // tags whose spelling teaches namespaces
  std::vector<std::string> texts;         // labels and hints
  std::map<std::uint32_t, Field> fields;  // by XmlPath::field()
};

FormHints read_form_hints(std::string_view form_xml);

}  // namespace khuoi::sync

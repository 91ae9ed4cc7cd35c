#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "sync/base/rng.h"

namespace khuoi::tests {

/// One way in which a submission differs from what a client of ours would have written. A text that has no place for
/// it (no leaf, no attributes) may stay as it is.
struct Wound {
  const char* name;
  void (*apply)(std::string& xml, Rng& rng);
};

namespace wounds {

inline std::size_t below(Rng& rng, std::size_t limit) { return static_cast<std::size_t>(rng.below(limit)); }
inline std::size_t place_in(const std::string& xml, Rng& rng) { return below(rng, xml.size() + 1); }
template <std::size_t N>
const char* one_of(const std::array<const char*, N>& from, Rng& rng) {
  return from[below(rng, N)];
}

inline void replace_all(std::string& xml, std::string_view from, std::string_view to) {
  for (std::size_t at = xml.find(from); at != std::string::npos; at = xml.find(from, at + to.size())) {
    xml.replace(at, from.size(), to);
  }
}

/// `<name ...>value</name>` without a tag in the value: where its parts stand in the text.
struct Leaf {
  std::size_t start, value, value_end, end;
};

/// The leaf at or after a random place; all zeros if there is none.
inline Leaf some_leaf(const std::string& xml, Rng& rng) {
  const auto from = [&](std::size_t at) -> Leaf {
    for (; (at = xml.find("</", at)) != std::string::npos; at += 2) {
      const std::size_t open = at == 0 ? std::string::npos : xml.rfind('<', at - 1);
      const std::size_t opened = open == std::string::npos ? open : xml.find('>', open);
      const std::size_t end = xml.find('>', at);
      if (opened == std::string::npos || end == std::string::npos || opened >= at || xml[open + 1] == '/') continue;
      return {open, opened + 1, at, end + 1};
    }
    return {0, 0, 0, 0};
  };
  const Leaf found = from(place_in(xml, rng));
  return found.end != 0 ? found : from(0);
}
inline std::string text_of_leaf(const std::string& xml, const Leaf& leaf) {
  return xml.substr(leaf.start, leaf.end - leaf.start);
}
inline void set_value(std::string& xml, const Leaf& leaf, std::string_view value) {
  if (leaf.end != 0) xml.replace(leaf.value, leaf.value_end - leaf.value, value);
}

inline void line_ends(std::string& xml, Rng& rng) {
  if (xml.find('\n') == std::string::npos) replace_all(xml, "><", ">\n<");
  replace_all(xml, "\n", rng.below(4) == 0 ? "\r" : "\r\n");
}

inline void byte_order_mark(std::string& xml, Rng& rng) {
  if (rng.below(4) != 0) {
    xml.insert(0, "\xEF\xBB\xBF");
    return;
  }
  std::string wide = "\xFF\xFE";  // every octet as a UTF-16 unit, as a wrong export would
  for (const char octet : xml) wide.append(1, octet).append(1, '\0');
  xml = std::move(wide);
}

inline void cdata(std::string& xml, Rng& rng) {
  static constexpr std::array parts = {"", " a < b & c ", "]]", "</x>", "]]]]><![CDATA[>"};
  const Leaf leaf = some_leaf(xml, rng);
  set_value(xml, leaf, "<![CDATA[" + xml.substr(leaf.value, leaf.value_end - leaf.value) + one_of(parts, rng) + "]]>");
}

/// The attributes of a random tag, in another order.
inline void attribute_order(std::string& xml, Rng& rng) {
  const std::size_t from = place_in(xml, rng);
  for (const std::size_t begin : {from, std::size_t{0}}) {
    for (std::size_t open = xml.find('<', begin); open != std::string::npos; open = xml.find('<', open + 1)) {
      const std::size_t end = xml.find('>', open);
      if (end == std::string::npos) return;
      std::vector<std::string> parts;
      std::size_t at = xml.find(' ', open);
      const std::size_t first = at;
      while (at < end) {
        const std::size_t equals = xml.find_first_of("=<>", at);
        const std::size_t close = equals < end && xml[equals] == '=' ? xml.find(xml[equals + 1], equals + 2) : end;
        if (close >= end) break;
        parts.push_back(xml.substr(at, close + 1 - at));
        at = close + 1;
      }
      if (parts.size() < 2 || parts.front() == parts.back()) continue;
      std::rotate(parts.begin(), parts.begin() + 1, parts.end());
      std::string joined;
      for (const std::string& part : parts) joined += part;
      xml.replace(first, at - first, joined);
      return;
    }
  }
}

inline void prefixes(std::string& xml, Rng& rng) {
  static constexpr std::array names = {"ns0:", "h:", "jr:", "a.b-c_1:", "đ:", ":", ""};
  const std::string to = one_of(names, rng);
  if (xml.find("orx:") != std::string::npos) {
    replace_all(xml, "orx:", to);
  } else {
    replace_all(xml, "<meta", "<" + to + "meta");
    replace_all(xml, "</", "</" + to);
  }
}

inline void quotes(std::string& xml, Rng& rng) {
  if (rng.below(2) == 0) {
    replace_all(xml, "\"", "'");
    return;
  }
  for (std::size_t at = xml.find('"'); at != std::string::npos; at = xml.find('"', at + 1)) {
    if (rng.below(2) == 0) xml[at] = '\'';  // some that no longer match
  }
}

/// A leaf, or a whole part of the text, several times.
inline void repeats(std::string& xml, Rng& rng) {
  const Leaf leaf = some_leaf(xml, rng);
  std::string part = text_of_leaf(xml, leaf);
  if (rng.below(3) == 0) part = xml.substr(leaf.start, below(rng, 300));
  for (std::uint64_t times = 1 + rng.below(6); times > 0; --times) xml.insert(leaf.end, part);
}

inline void missing_nodes(std::string& xml, Rng& rng) {
  const Leaf leaf = some_leaf(xml, rng);
  xml.erase(leaf.start, leaf.end - leaf.start);
  if (rng.below(3) == 0) xml.erase(place_in(xml, rng), below(rng, 200));
}

inline void unknown_nodes(std::string& xml, Rng& rng) {
  static constexpr std::array nodes = {"<la><chua_biet kieu = \"x\" >giá trị</chua_biet ></la>", "<x/>", "<x></x>",
                                       "<thử_thách số='1'>Ω</thử_thách>", "<a:b xmlns:a='urn:x'><c/></a:b>",
                                       "<mixed>a<b>c</b>d<!-- e -->f</mixed>", "<deep><deep><deep>1</deep></deep></deep>"};
  const Leaf leaf = some_leaf(xml, rng);
  xml.insert(rng.below(4) == 0 ? place_in(xml, rng) : leaf.end, one_of(nodes, rng));
}

inline void wrong_types(std::string& xml, Rng& rng) {
  static constexpr std::array values = {
      "không biết", "-1", "1e309", "007", "1.0", "+84 987 654 321", "NaN", "2026-02-30", "2026-02-30T25:00:00.000+07:00",
      "0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999-11:30", "2026-05-12T08:30:15+07:00", "uuid:",
      "UUID:0F8FAD5B-D9CB-469F-A165-70867728950E", "0f8fad5b-d9cb-169f-a165-70867728950e", "22.5 105.9 0 0;22.5", "",
      " ", "  hai  dấu  cách  ", "deadbeefcafe0001", "99999999999999999999999999", "12/80", "&lt;a&gt;"};
  set_value(xml, some_leaf(xml, rng), one_of(values, rng));
}

inline void odd_characters(std::string& xml, Rng& rng) {
  static constexpr std::array odd = {"\x01\x02\x03\x04\x05\x06", "\t\v\f", "\x7f", "\xC2\xA0", "\xE2\x80\x8B",
                                     "e\xCC\x82\xCC\x81", "\xF0\x9F\x8C\xBE", "\xEF\xBF\xBD", "\xE1\xBB\xB9\xE1\xBB\xBA"};
  std::string part = one_of(odd, rng);
  if (rng.below(8) == 0) part = std::string(1 + below(rng, 4), '\0');
  xml.insert(place_in(xml, rng), part);
}

inline void invalid_octets(std::string& xml, Rng& rng) {
  static constexpr std::array bad = {"\xC3\x28\xA0\xA1\xE2\x82", "\xED\xA0\x80", "\xF8\x88\x80\x80\x80", "\xFF", "\xC0\xAF",
                                     "\xE1\xBA", "\x80"};
  switch (rng.below(3)) {
    case 0:
      xml.insert(place_in(xml, rng), one_of(bad, rng));
      break;
    case 1:
      xml.insert(place_in(xml, rng), 1, static_cast<char>(rng.below(256)));
      break;
    default:
      if (!xml.empty()) xml[below(rng, xml.size())] = static_cast<char>(0x80 + rng.below(128));
  }
}

inline void truncation(std::string& xml, Rng& rng) {
  if (rng.below(4) == 0) {
    xml.erase(0, below(rng, xml.size() + 1));
  } else if (!xml.empty()) {
    xml.resize(below(rng, xml.size()));
  }
}

inline void comments(std::string& xml, Rng& rng) {
  static constexpr std::array parts = {"<!-- ghi chú <b> -->", "<?php echo 1 ?>", "<!---->", "<?xml version='1.1'?>",
                                       "<!DOCTYPE a [<!ENTITY b 'c'>]>", "<!--"};
  xml.insert(rng.below(3) == 0 ? 0 : place_in(xml, rng), one_of(parts, rng));
}

inline void entities(std::string& xml, Rng& rng) {
  static constexpr std::array parts = {"&amp;", "&lt;", "&#10;", "&#x1EA1;", "&la;", "&", "&#99999999999;", "&quot;"};
  const Leaf leaf = some_leaf(xml, rng);
  const std::size_t octets = leaf.value_end - leaf.value;
  xml.insert(leaf.value + below(rng, octets + 1), one_of(parts, rng));
}

inline void white_space(std::string& xml, Rng& rng) {
  switch (rng.below(4)) {
    case 0:
      replace_all(xml, "/>", " />");
      break;
    case 1:
      replace_all(xml, "</", "\n\t</");
      break;
    case 2:
      replace_all(xml, "  ", "");
      break;
    default:
      xml.insert(place_in(xml, rng), std::string(1 + below(rng, 40), ' '));
  }
}

inline void empty_nodes(std::string& xml, Rng& rng) {
  const Leaf leaf = some_leaf(xml, rng);
  const std::string tag = xml.substr(leaf.start, leaf.value - leaf.start);
  if (leaf.end == 0) return;
  xml.replace(leaf.start, leaf.end - leaf.start,
              rng.below(2) == 0 ? tag.substr(0, tag.size() - 1) + "/>" : tag + "</" + tag.substr(1));
}

inline void long_runs(std::string& xml, Rng& rng) {
  static constexpr std::array units = {"7", "a", "f0", " ", "ạ", "<", ">", "12 ", "\xE1"};
  const std::string unit = one_of(units, rng);
  std::string run;
  for (std::uint64_t times = 100 + rng.below(300); times > 0; --times) run += unit;
  xml.insert(place_in(xml, rng), run);
}

inline void order_of_nodes(std::string& xml, Rng& rng) {
  const Leaf leaf = some_leaf(xml, rng);
  const std::string part = text_of_leaf(xml, leaf);
  xml.erase(leaf.start, part.size());
  xml.insert(some_leaf(xml, rng).start, part);
}

}  // namespace wounds

inline constexpr std::array<Wound, 19> xml_wounds = {{
    {"line ends", wounds::line_ends},
    {"byte order mark", wounds::byte_order_mark},
    {"CDATA", wounds::cdata},
    {"attribute order", wounds::attribute_order},
    {"prefixes", wounds::prefixes},
    {"quotes", wounds::quotes},
    {"repeats", wounds::repeats},
    {"missing nodes", wounds::missing_nodes},
    {"unknown nodes", wounds::unknown_nodes},
    {"wrong types", wounds::wrong_types},
    {"odd characters", wounds::odd_characters},
    {"invalid octets", wounds::invalid_octets},
    {"truncation", wounds::truncation},
    {"comments and declarations", wounds::comments},
    {"entities", wounds::entities},
    {"white space", wounds::white_space},
    {"empty nodes", wounds::empty_nodes},
    {"long runs", wounds::long_runs},
    {"order of nodes", wounds::order_of_nodes},
}};

}  // namespace khuoi::tests

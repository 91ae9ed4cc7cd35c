#pragma once

#include "tests/tidy/rules.h"

namespace khuoi::tidy {

/// A folder whose own folders, its rooms, stand in one order. A file includes its own room and those before it.
struct House {
  std::string_view folder;
  std::vector<std::string_view> rooms;  ///< the lowest first
};

inline const std::vector<House>& houses() {
  static const std::vector<House> all = {
      {"sync",
       {"base", "seal", "store", "record", "codec", "merge", "membership", "log", "files", "peers", "dossiers",
        "bulletin", "replica", "wire", "contact", "contact/radio"}},
      {"node",
       {"forms", "engine", "acts", "links", "links/fiber", "links/radio", "sticks", "speaker", "web_server", "people", "counter",
        "desk", "openrosa", "control", "cli", "app"}},
  };
  return all;
}

/// "counter" for "node/counter/counter.h" in the house "node", "links/fiber" for "node/links/fiber/dial.h"; empty for a
/// file that lies in no room.
inline std::string_view room_of(std::string_view path, const House& house) {
  const std::string_view inside = path.substr(house.folder.size() + 1);
  const std::size_t slash = inside.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : inside.substr(0, slash);
}

/// Includes between rooms of one house run down only, so no two rooms include each other, by whatever way round.
inline Findings room_order(const Source& source) {
  Findings out;
  for (const House& house : houses()) {
    if (first_folder(source.path) != house.folder) continue;
    const auto place_of = [&](std::string_view path) {
      return std::find(house.rooms.begin(), house.rooms.end(), room_of(path, house));
    };
    const auto own = place_of(source.path);
    if (own == house.rooms.end()) {
      out.push_back(place(source, 1) + "its folder is no room of " + std::string(house.folder) + "/: see rooms.h");
    }
    for (const Include& include : includes_of(source.text)) {
      if (first_folder(include.name) != house.folder) continue;
      const auto target = place_of(include.name);
      if (target == house.rooms.end()) {
        out.push_back(place(source, include.line) + include.name + " lies in no room of rooms.h");
      } else if (target > own) {
        out.push_back(place(source, include.line) + include.name + " lies above: includes run down only, see rooms.h");
      }
    }
  }
  return out;
}

/// Rooms of the table that hold none of these sources.
inline Findings empty_rooms(const std::vector<Source>& sources) {
  Findings out;
  for (const House& house : houses()) {
    for (const std::string_view room : house.rooms) {
      const bool used = std::any_of(sources.begin(), sources.end(), [&](const Source& source) {
        return first_folder(source.path) == house.folder && room_of(source.path, house) == room;
      });
      if (!used) out.push_back(std::string(house.folder) + "/" + std::string(room) + " holds no source");
    }
  }
  return out;
}

}  // namespace khuoi::tidy

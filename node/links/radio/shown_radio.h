#pragma once

#include <optional>
#include <vector>

#include "node/links/link.h"
#include "radio/station.h"

namespace khuoi::node {

/// How a radio stands, as any thread may see it.
struct ShownRadio {
  LinkState state;
  radio::Station::Figures figures;
  Micros used{};
  std::optional<std::int64_t> heard_seconds_ago;
  LinkOutlook outlook;
};

/// `hour_max`: allowed on the air within any hour.
std::vector<LinkFigure> figures_of(const ShownRadio& shown, Micros hour_max);

}  // namespace khuoi::node

#pragma once

#include <boost/json.hpp>
#include <map>
#include <string>

#include "node/links/radio/air_log.h"

namespace khuoi::node {

/// How boxes are called, by the alias on their frames; the alias that is for all too.
using BoxNames = std::map<RadioAlias, std::string>;

/// One line of `radio monitor`, without a line end.
std::string text_of_frame(const PassedFrame& frame, const BoxNames& names);
/// One object of `radio monitor --json`.
boost::json::object json_of_frame(const PassedFrame& frame, const BoxNames& names);

/// A row of `radio survey`.
struct SurveyRow {
  RadioAlias alias = 0;
  std::string name;
  std::optional<std::int64_t> heard_seconds_ago;
  AirSurvey::Figures figures;
};
std::string text_of_survey(const std::vector<SurveyRow>& rows, unsigned spreading_factor);
boost::json::object json_of_row(const SurveyRow& row);

}  // namespace khuoi::node

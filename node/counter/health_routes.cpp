// For the health worker: whom to visit, and who read what.
#include <algorithm>
#include <boost/json.hpp>

#include "node/acts/summary.h"
#include "node/counter/counter.h"
#include "node/counter/dates.h"
#include "node/counter/form_key.h"
#include "node/counter/shelf.h"
#include "node/web_server/problem.h"

namespace khuoi::http {

namespace json = boost::json;

namespace {

Response due(Counter& counter, Request& request) {
  const std::string today = date_text(counter.engine().now().wall);
  std::vector<Summary> all;
  counter.shelf().each(Capability::read_health, [&](const Summary& one, sync::Domain) {
    if (one.follow_up.empty()) return;
    all.push_back(one);
    all.back().searched = std::string();
  });
  std::ranges::stable_sort(all, {}, &Summary::follow_up);
  json::array out;
  for (const Summary& one : all) {
    out.push_back(json::object{{"id", one.id.hex()},
                               {"label", one.label},
                               {"form", form_key(one.form, one.version)},
                               {"what", one.follow_up_what},
                               {"question", one.follow_up_question},
                               {"due", one.follow_up},
                               {"overdue", one.follow_up < today}});
  }
  if (!out.empty()) KHUOI_ANSWER_VOID(counter.read_guard().note_browsing(*request.viewer, "list"));
  return json_response(out);
}

Response log(Counter& counter, Request& request) {
  KHUOI_ANSWER(const auto accesses, counter.read_guard().accesses(*request.viewer));
  std::map<std::string, std::string> labels;
  counter.shelf().each(Capability::read_health, [&](const Summary& one, sync::Domain) {
    labels[one.id.hex()] = one.label.empty() ? one.title : one.label;
  });
  json::array out;
  for (const people::ReadGuard::Access& one : accesses) {
    const auto label = labels.find(one.id);
    out.push_back(json::object{{"at", one.at},
                               {"person", one.person},
                               {"what", one.what},
                               {"id", one.id},
                               {"label", label != labels.end() ? json::value(label->second) : json::value(nullptr)}});
  }
  return json_response(out);
}

}  // namespace

void add_health_routes(Counter& counter) {
  counter.add(Method::get, "/api/health/due", Capability::read_health, due);
  counter.add(Method::get, "/api/health/log", Capability::read_health, log);
}

}  // namespace khuoi::http

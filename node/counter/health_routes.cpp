// For the health worker: whom to visit, and who read what.
#include <boost/json.hpp>
#include <map>
#include <set>

#include "node/acts/summary.h"
#include "node/counter/counter.h"
#include "node/counter/dates.h"
#include "node/counter/form_key.h"
#include "node/counter/items_shown.h"
#include "node/counter/shelf.h"
#include "node/web_server/problem.h"

namespace khuoi::http {

namespace json = boost::json;

namespace {

Response due(Counter& counter, Request& request) {
  const std::string today = date_text(counter.engine().now().wall);
  KHUOI_ANSWER(const std::size_t count, items_asked_for(request));
  json::array out;
  counter.shelf().next_visits(count, [&](const Summary& one, sync::Domain) {
    out.push_back(json::object{{"id", one.id.hex()},
                               {"label", one.label},
                               {"form", form_key(one.form, one.version)},
                               {"what", one.follow_up_what},
                               {"question", one.follow_up_question},
                               {"due", one.follow_up},
                               {"overdue", one.follow_up < today}});
  });
  if (!out.empty()) KHUOI_ANSWER_VOID(counter.read_guard().note_browsing(*request.viewer, "list"));
  return json_response(out);
}

Response log(Counter& counter, Request& request) {
  KHUOI_ANSWER(const auto accesses, counter.read_guard().accesses(*request.viewer));
  std::set<DossierId> ids;
  for (const people::ReadGuard::Access& one : accesses) {
    if (const auto id = DossierId::from_hex_text(one.id)) ids.insert(*id);
  }
  std::map<std::string, std::string> labels;
  counter.shelf().find(Capability::read_health, ids, [&](const Summary& one, sync::Domain) {
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

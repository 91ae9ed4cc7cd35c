// What has come from all hamlets, and what waits for somebody.
#include <algorithm>
#include <charconv>
#include <limits>

#include "node/acts/accounts.h"
#include "node/desk/inbox.h"
#include "node/desk/office.h"
#include "node/web_server/problem.h"

namespace khuoi::desk {

namespace json = boost::json;
using http::Access, http::Method;
using http::json_response;
using node::Summary;
using sync::ReplicaReader;

namespace {

constexpr std::size_t inbox_rows = 50, inbox_rows_max = 200;
constexpr std::size_t every_row = std::numeric_limits<std::size_t>::max();

std::size_t count_in_query(const Request& request, std::string_view name, std::size_t otherwise) {
  const std::string_view text = request.query(name);
  std::size_t out = otherwise;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? out : otherwise;
}

/// A part of what matches: what stands first before the others, each the newest first.
struct Found {
  std::size_t total = 0;
  std::vector<std::pair<Summary, sync::Domain>> rows;
};
Found find_rows(Desk& desk, const InboxQuery& query, std::size_t from, std::size_t limit) {
  std::vector<std::uint32_t> first, rest;
  desk.with_marks([&](const Desk::Marks& marks) {
    desk.counter().shelf().newest(query.may, {0, every_row}, {}, [&](const Summary& one, sync::Domain) {
      const Desk::Mark& mark = marks.of(one.number);
      const InboxQuery::Facts facts = query.facts_of(one, mark);
      if (query.takes(one, mark, facts)) (facts.is_first() ? first : rest).push_back(one.number);
    });
  });
  Found out{first.size() + rest.size(), {}};
  std::vector<std::uint32_t> wanted;
  for (std::size_t at = from; at < out.total && wanted.size() < limit; ++at)
    wanted.push_back(at < first.size() ? first[at] : rest[at - first.size()]);
  desk.counter().shelf().by_numbers(query.may, wanted,
                                    [&](const Summary& one, sync::Domain domain) { out.rows.emplace_back(one, domain); });
  return out;
}

Response inbox(Desk& desk, Request& request) {
  KHUOI_ANSWER_VOID(desk.counter().shelf().follow());
  KHUOI_ANSWER_VOID(desk.load_marks());
  KHUOI_ANSWER(const InboxQuery query, InboxQuery::of(request, desk.engine().now().wall));
  const std::size_t limit = std::min(count_in_query(request, "limit", inbox_rows), inbox_rows_max);
  const Found found = find_rows(desk, query, count_in_query(request, "from", 0), limit);
  KHUOI_ANSWER(const auto hamlets, Office::hamlets(desk.engine()));
  std::vector<HamletId> awaited;
  for (const auto& [one, domain] : found.rows) {
    if (one.files_have < one.files_of) awaited.push_back(one.key.hamlet);
  }
  KHUOI_ANSWER(const auto paths, file_paths(desk.engine(), awaited));
  json::array rows;
  bool health_shown = false;
  std::vector<std::pair<sync::Domain, std::uint32_t>> shown;
  for (const auto& [one, domain] : found.rows) shown.emplace_back(domain, one.number);
  const auto suspects = desk.counter().shelf().count_suspects(shown);
  for (const auto& [one, domain] : found.rows) {
    json::object row = json_of_inbox_row(one, domain, desk.mark_of(one.number), hamlets, query.today);
    row["suspected"] = suspects.at(rows.size());
    row["to_come"] = json_of_to_come(one, paths);
    health_shown = health_shown || domain == sync::Domain::health;
    rows.push_back(std::move(row));
  }
  if (health_shown)
    KHUOI_ANSWER_VOID(desk.counter().read_guard().note_browsing(*request.viewer, query.words.empty() ? "list" : "search"));
  return json_response(json::object{{"total", found.total}, {"rows", std::move(rows)}});
}

Response today(Desk& desk, Request& request) {
  KHUOI_ANSWER_VOID(desk.counter().shelf().follow());
  KHUOI_ANSWER_VOID(desk.load_marks());
  KHUOI_ANSWER(const InboxQuery query, InboxQuery::of(request, desk.engine().now().wall));
  using Only = InboxQuery::Only;
  constexpr std::array<std::pair<const char*, Only>, 7> counted = {{{"new", Only::fresh},
                                                                   {"unseen", Only::unseen},
                                                                   {"overdue", Only::overdue},
                                                                   {"due_soon", Only::due_soon},
                                                                   {"conflicts", Only::conflicts},
                                                                   {"withdrawals", Only::withdrawals},
                                                                   {"mine", Only::mine}}};
  std::array<std::uint64_t, counted.size()> counts{};
  desk.with_marks([&](const Desk::Marks& marks) {
    desk.counter().shelf().newest(query.may, {0, every_row}, {}, [&](const Summary& one, sync::Domain) {
      const InboxQuery::Facts facts = query.facts_of(one, marks.of(one.number));
      for (std::size_t i = 0; i < counted.size(); ++i) counts.at(i) += facts.has(counted.at(i).second) ? 1 : 0;
    });
  });
  json::object out;
  for (std::size_t i = 0; i < counted.size(); ++i) out[counted.at(i).first] = counts.at(i);
  KHUOI_ANSWER(json::object office, Office::today(desk.engine()));
  office["counts"] = std::move(out);
  return json_response(office);
}

Response choices(Desk& desk, Request& request) {
  KHUOI_ANSWER(const auto hamlets, Office::hamlets(desk.engine()));
  json::array named;
  for (const auto& [id, name] : hamlets) named.push_back(json::object{{"id", id.hex()}, {"name", name}});
  KHUOI_ANSWER(const auto forms, Office::forms(desk.engine(), request.viewer->may));
  json::array titled;
  for (const auto& [id, title] : forms) titled.push_back(json::object{{"id", id}, {"title", title}});
  KHUOI_ANSWER(const auto all, node::accounts(desk.engine()));
  json::array people;
  for (const node::Account& one : all) {
    const bool works = !one.closed && !(one.may & node::Capabilities::all_domains()).none();
    if (works) people.emplace_back(one.name);
  }
  return json_response(json::object{{"hamlets", std::move(named)}, {"forms", std::move(titled)}, {"people", std::move(people)}});
}

}  // namespace

void add_inbox_routes(Desk& desk) {
  desk.add(Method::get, "/api/desk/dossiers", Access::logged_in(), inbox);
  desk.add(Method::get, "/api/desk/today", Access::logged_in(), today);
  desk.add(Method::get, "/api/desk/choices", Access::logged_in(), choices);
}

}  // namespace khuoi::desk

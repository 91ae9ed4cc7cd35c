// Dossiers in lists and one by one, for who is logged in and may read their domain.
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <functional>

#include "node/acts/summary.h"
#include "node/acts/text.h"
#include "node/counter/counter.h"
#include "node/counter/dossier_json.h"
#include "node/counter/shelf.h"
#include "node/counter/slips.h"
#include "node/links/dossier_outlook.h"
#include "node/web_server/file_response.h"
#include "node/web_server/problem.h"
#include "sync/record/answers.h"
#include "sync/record/xml_guard.h"

namespace khuoi::http {

namespace json = boost::json;
using sync::Domain;
using sync::ReplicaReader;

namespace {

constexpr std::size_t rows_default = 50, rows_max = 500;

std::size_t number_of(std::string_view text, std::size_t otherwise) {
  std::size_t out = otherwise;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? out : otherwise;
}

/// What a list is asked for.
struct Wanted {
  Capabilities may;
  std::vector<std::string> words;  ///< as search_text makes them: each must occur
  std::string_view state, form;

  [[nodiscard]] bool filters() const { return !words.empty() || !state.empty() || !form.empty(); }
  [[nodiscard]] bool takes(const Summary& one) const {
    if (!state.empty() && one.state != state) return false;
    if (!form.empty() && one.form != form) return false;
    return std::ranges::all_of(words,
                               [&](const std::string& word) { return one.searched.find(word) != std::string::npos; });
  }
};

Wanted wanted_of(const Request& request) {
  Wanted out;
  const std::string_view domain = request.query("domain");
  out.may = request.viewer->may;
  if (const Capabilities only = node::capability_named(domain); !only.none()) out.may = out.may & only;
  out.state = request.query("state");
  out.form = request.query("form");
  std::string words = sync::search_text(request.query("q"));
  while (!words.empty()) {
    const std::size_t end = words.find(' ');
    if (end != 0) out.words.push_back(words.substr(0, end));
    words = end == std::string::npos ? std::string() : words.substr(end + 1);
  }
  return out;
}

Response list_dossiers(Counter& counter, Request& request) {
  KHUOI_ANSWER_VOID(counter.shelf().follow());
  const Wanted wanted = wanted_of(request);
  const std::size_t from = number_of(request.query("from"), 0);
  const std::size_t limit = std::min(number_of(request.query("limit"), rows_default), rows_max);
  json::array rows;
  bool health_shown = false;
  std::function<bool(const Summary&)> matches;
  if (wanted.filters()) matches = [&](const Summary& one) { return wanted.takes(one); };
  const std::size_t total = counter.shelf().newest(wanted.may, {from, limit}, matches, [&](const Summary& one, Domain domain) {
    rows.push_back(json_of_row(one, domain));
    health_shown = health_shown || domain == Domain::health;
  });
  if (health_shown)
    KHUOI_ANSWER_VOID(counter.read_guard().note_browsing(*request.viewer, wanted.words.empty() ? "list" : "search"));
  return json_response(json::object{{"total", total}, {"rows", std::move(rows)}});
}

Response one(Counter& counter, Request& request) {
  json::object out;
  Domain domain = Domain::general;
  KHUOI_ANSWER_VOID(
      counter.read_guard().look(*request.viewer, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
        KHUOI_TRY(const people::ReadGuard::Found found, people::ReadGuard::find(reader, txn, *request.viewer, request.values[0]));
        domain = found.row.domain;
        KHUOI_TRY(out, json_of_dossier(reader, txn, found.key, found.row));
        KHUOI_TRY(const auto waits, node::outlook_of(reader, txn, found.row, counter.around().links));
        out["waits"] = waits ? json::value(node::json_of(*waits)) : json::value(nullptr);
        KHUOI_TRY(const auto slip, Slips::of(reader, txn, found.key, found.row.domain));
        out["slip"] = slip ? json::value(json::object{{"originals", slip->originals},
                                                      {"keeper", slip->keeper},
                                                      {"come_back", slip->come_back}})
                           : json::value(nullptr);
        return {};
      }));
  if (domain == Domain::health)
    KHUOI_ANSWER_VOID(counter.read_guard().note_access(*request.viewer, "read", request.values[0]));
  return json_response(out);
}

Response submission_xml(Counter& counter, Request& request) {
  const std::string_view wanted = request.query("version");
  Response out;
  out.type = "text/xml; charset=utf-8";
  Domain domain = Domain::general;
  KHUOI_ANSWER_VOID(
      counter.read_guard().look(*request.viewer, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
        KHUOI_TRY(const people::ReadGuard::Found found, people::ReadGuard::find(reader, txn, *request.viewer, request.values[0]));
        domain = found.row.domain;
        KHUOI_TRY(const sync::DossierDetail detail, reader.views().detail(txn, found.key, sync::DossierReader::Keep::facts));
        const auto version = std::ranges::find_if(detail.versions, [&](const sync::DossierVersion& one) {
          return wanted.empty() ? one.current : node::text_of_ref(one.ref) == wanted;
        });
        if (version == detail.versions.end()) return fail(Errc::not_found, "the dossier has no such version");
        KHUOI_TRY(const Bytes xml, reader.views().xml(txn, version->ref));
        // A phone may write what no browser reads: then it is given as it is meant. `export` gives the very octets.
        const auto meant = sync::check_filled_in(xml);
        out.body = text_of(meant && !meant->empty() ? *meant : xml);
        return {};
      }));
  if (domain == Domain::health)
    KHUOI_ANSWER_VOID(counter.read_guard().note_access(*request.viewer, "read", request.values[0]));
  as_brought(out, "submission.xml");
  return out;
}

}  // namespace

void add_dossier_routes(Counter& counter) {
  counter.add(Method::get, "/api/dossiers", Access::logged_in(), list_dossiers);
  counter.add(Method::get, "/api/dossiers/:id", Access::logged_in(), one);
}

void add_dossier_read_routes(Counter& counter) {
  counter.add(Method::get, "/api/dossiers/:id/submission.xml", Access::logged_in(), submission_xml);
}

}  // namespace khuoi::http

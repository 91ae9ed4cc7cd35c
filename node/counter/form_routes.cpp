#include <algorithm>
#include <boost/json.hpp>

#include "node/acts/form_problems.h"
#include "node/counter/counter.h"
#include "node/counter/form_key.h"
#include "node/web_server/file_response.h"
#include "node/web_server/gzip.h"
#include "node/web_server/json_body.h"
#include "node/web_server/pages.h"
#include "node/web_server/problem.h"
#include "sync/base/nfc.h"
#include "sync/record/file_name.h"
#include "sync/record/form.h"

namespace khuoi::http {

namespace json = boost::json;
using sync::Replica;
using sync::ReplicaReader;

namespace {

constexpr std::size_t problem_body_octets_max = 2048;

/// "@" and a hash is of a form whose id and version another one took since. Some forms' ids are addresses: since no path
/// may hold an encoded slash, slashes, backslashes and percent signs of a key are escaped once more.
std::pair<std::string, std::string> form_of_key(const std::string& escaped) {
  return split_form_key(percent_decoded(escaped).value_or(escaped));
}

Result<sync::FormEntry> form_named(ReplicaReader& reader, const sync::ReadTxn& txn, const std::string& key) {
  if (key.starts_with('@')) {
    KHUOI_TRY(auto by_hash, reader.library().form_of_hash(txn, key.substr(1)));
    if (!by_hash) return fail(Errc::not_found, "no form has the key '" + key + "'");
    return std::move(*by_hash);
  }
  const auto [id, version] = form_of_key(key);
  KHUOI_TRY(auto form, reader.library().form(txn, id, version));
  if (!form || form->version != version) return fail(Errc::not_found, "no form has the key '" + key + "'");
  return std::move(*form);
}

Result<json::object> json_of_form(ReplicaReader& reader, const sync::ReadTxn& txn, const sync::FormEntry& form,
                                  bool newest) {
  KHUOI_TRY(const sync::FormFacts* facts, reader.library().facts(txn, form.hash));
  json::array media;
  for (const std::string& name : facts->media_written) {
    const auto file = std::ranges::find(form.media, sync::kept_name(name), &sync::FileFacts::name);
    bool have = false;
    if (file != form.media.end()) {
      KHUOI_TRY(const sync::FileStatus status, sync::Files::status(txn, sync::file_id_of(file->key)));
      have = status.complete;
    }
    media.push_back(json::object{{"name", name}, {"have", have}});
  }
  KHUOI_TRY(const std::string problem, form_problem(txn, form.hash, build_of_pages()));
  json::object titles{{"vi", form.title}};
  if (!facts->title_en.empty()) titles["en"] = facts->title_en;
  return json::object{{"key", form_key(form.id, form.version)},
                      {"id", form.id},
                      {"version", form.version},
                      {"title", form.title},
                      {"titles", std::move(titles)},
                      {"domain", sync::name_of(form.domain)},
                      {"hash", form.hash.hex()},
                      {"closed", form.closed},
                      {"newest", newest},
                      {"media", std::move(media)},
                      {"problem", problem.empty() ? json::value(nullptr) : json::value(problem)}};
}

Response list_forms(Counter& counter, Request&) {
  json::array out;
  KHUOI_ANSWER_VOID(counter.engine().look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const auto forms, reader.library().forms(txn));
    for (const sync::FormEntry& form : forms) {
      if (form.domain == sync::Domain::health && !reader.health_open()) continue;
      const bool newest = std::ranges::none_of(
          forms, [&](const sync::FormEntry& other) { return other.id == form.id && other.order > form.order; });
      KHUOI_TRY(auto row, json_of_form(reader, txn, form, newest));
      out.push_back(std::move(row));
    }
    return {};
  }));
  return json_response(out);
}

Response form_xml(Counter& counter, Request& request) {
  Response out;
  out.type = "text/xml; charset=utf-8";
  std::string tag;
  KHUOI_ANSWER_VOID(counter.engine().look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const sync::FormEntry form, form_named(reader, txn, request.values[0]));
    KHUOI_TRY(const Bytes xml, reader.library().xml(txn, form.hash));
    out.body = text_of(xml);
    tag = "\"" + form.hash.hex().substr(0, 32) + "\"";
    return {};
  }));
  // A key's content can change: the commune may publish a version again.
  as_brought(out, "form.xml");
  out.cached = true;
  out.with("Cache-Control", "no-cache").with("ETag", tag);
  if (request.header("if-none-match") == tag) {
    out.status = 304;
    out.body.clear();
  } else {
    gzip_for(request, out);
  }
  return out;
}

Response form_media(Counter& counter, Request& request) {
  std::optional<sync::FileFacts> facts;
  KHUOI_ANSWER_VOID(counter.engine().look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const sync::FormEntry form, form_named(reader, txn, request.values[0]));
    const auto file = std::ranges::find(form.media, sync::kept_name(file_of_segment(request.values[1])), &sync::FileFacts::name);
    if (file == form.media.end()) return fail(Errc::not_found, "the form has no such file");
    facts = *file;
    return {};
  }));
  return file_response(counter.engine(), *facts);
}

/// A page that cannot show a form says so once; nobody else can know.
Response note_problem(Counter& counter, Request& request) {
  KHUOI_ANSWER(const json::object body, json_body(request));
  KHUOI_ANSWER(std::string text, text_member(body, "problem", form_problem_octets_max));
  if (!sync::is_utf8(view_of(text))) return problem_of(fail(Errc::malformed, "'problem' is no UTF-8"));
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  KHUOI_ANSWER_VOID(counter.engine().work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const sync::FormEntry form, form_named(replica.reader(), batch.txn, request.values[0]));
    if (!request.viewer->may.reads(form.domain)) return fail(Errc::denied, "the form is not of this person's domain");
    KHUOI_TRY(const std::string known, form_problem(batch.txn, form.hash, build_of_pages()));
    return known == text ? Result<void>() : put_form_problem(batch, form.hash, build_of_pages(), text);
  }));
  return json_response(json::object{});
}

}  // namespace

void add_form_routes(Counter& counter) {
  counter.add(Method::get, "/api/forms", Access::anybody(), list_forms);
  counter.add(Method::get, "/api/forms/:key/form.xml", Access::anybody(), form_xml);
  counter.add(Method::post, "/api/forms/:key/problem", Access::logged_in(), note_problem, problem_body_octets_max);
  counter.add(Method::get, "/api/forms/:key/media/:name", Access::anybody(), form_media);
}

}  // namespace khuoi::http

// Forms for phones: the list, each form's XML, and its media.
#include <algorithm>

#include "node/openrosa/form_choice.h"
#include "node/openrosa/form_list.h"
#include "node/openrosa/md5_cache.h"
#include "node/openrosa/routes.h"
#include "node/web_server/file_response.h"
#include "node/web_server/problem.h"
#include "sync/record/file_name.h"
#include "sync/record/form.h"

namespace khuoi::openrosa {

using http::Counter;
using http::Request;
using http::Response;
using sync::FormEntry;
using sync::ReplicaReader;

namespace {

std::string base_of(const Request& request) { return "http://" + request.host; }

Response xml_response(std::string text) { return http::text_response(200, std::move(text), "text/xml; charset=utf-8"); }

Result<bool> has_all_media(const sync::ReadTxn& txn, const FormEntry& form) {
  for (const sync::FileFacts& file : form.media) {
    KHUOI_TRY(const sync::FileStatus status, sync::Files::status(txn, sync::file_id_of(file.key)));
    if (!status.complete) return false;
  }
  return true;
}

Result<std::vector<FormEntry>> shown_forms(ReplicaReader& reader, const sync::ReadTxn& txn, const std::string& account,
                                           bool all_versions) {
  KHUOI_TRY(const auto who, account_named(txn, account));
  if (!who) return fail(Errc::denied, "this account was removed");
  KHUOI_TRY(const auto forms, reader.library().forms(txn));
  std::vector<KnownForm> known;
  for (const FormEntry& form : forms) {
    if (!who->may.reads(form.domain) || (form.domain == sync::Domain::health && !reader.health_open())) continue;
    KHUOI_TRY(const bool whole, has_all_media(txn, form));
    known.push_back({form, whole});
  }
  return forms_to_show(known, all_versions);
}

/// A form this account may see, by the key in our own addresses. Errors: not_found.
Result<FormEntry> form_of_key(ReplicaReader& reader, const sync::ReadTxn& txn, const std::string& account,
                              const std::string& key) {
  KHUOI_TRY(const auto who, account_named(txn, account));
  KHUOI_TRY(const auto forms, reader.library().forms(txn));
  const auto form = std::ranges::find_if(
      forms, [&](const FormEntry& one) { return who && one.hash.hex() == key && who->may.reads(one.domain); });
  if (form == forms.end()) return fail(Errc::not_found, "no form has the key '" + key + "'");
  return *form;
}

Response list_forms(Counter& counter, Md5Cache& hashes, const Request& request) {
  const std::string_view wanted = request.query("formID");
  const bool verbose = request.query("verbose") == "true";
  const bool all_versions = request.query("listAllVersions") == "true";
  std::vector<ListedForm> out;
  KHUOI_ANSWER_VOID(counter.engine().look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const auto forms, shown_forms(reader, txn, request.account, all_versions));
    for (const FormEntry& form : forms) {
      if (!wanted.empty() && form.id != wanted) continue;
      ListedForm one{form.id, form.title.empty() ? form.id : form.title, form.version, {}, form.hash.hex(), {}, false};
      KHUOI_TRY(one.md5, hashes.of_form(reader, txn, form.hash));
      one.about = form.domain == sync::Domain::health ? "Phiếu y tế" : "Phiếu của xóm";
      one.has_media = !form.media.empty();
      out.push_back(std::move(one));
    }
    return {};
  }));
  return xml_response(form_list_xml(out, base_of(request), verbose));
}

Response form_xml(Counter& counter, const Request& request) {
  Response out;
  out.type = "text/xml; charset=utf-8";
  KHUOI_ANSWER_VOID(counter.engine().look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const FormEntry form, form_of_key(reader, txn, request.account, request.values[0]));
    KHUOI_TRY(const Bytes xml, reader.library().xml(txn, form.hash));
    out.body = text_of(xml);
    return {};
  }));
  http::as_brought(out, "form.xml");
  return out;
}

/// A phone keeps a file under the name that it is listed by, and finds it only by that which the form writes.
std::vector<std::string> names_on_phone(const std::string& kept, const std::vector<std::string>& written) {
  std::vector<std::string> out;
  for (const std::string& name : written) {
    if (sync::kept_name(name) == kept) out.push_back(name);
  }
  if (out.empty()) out.push_back(kept);
  return out;
}

/// Files that are still on their way are not listed: they come with the next look.
Response manifest(Counter& counter, Md5Cache& hashes, const Request& request) {
  std::vector<sync::FileFacts> here;
  std::vector<std::string> written;
  KHUOI_ANSWER_VOID(counter.engine().look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const FormEntry form, form_of_key(reader, txn, request.account, request.values[0]));
    for (const sync::FileFacts& file : form.media) {
      KHUOI_TRY(const sync::FileStatus status, sync::Files::status(txn, sync::file_id_of(file.key)));
      if (status.complete) here.push_back(file);
    }
    KHUOI_TRY(const sync::FormFacts* facts, reader.library().facts(txn, form.hash));
    written = facts->media_written;
    return {};
  }));
  std::vector<ListedMedia> out;
  for (const sync::FileFacts& file : here) {
    KHUOI_ANSWER(std::string md5, hashes.of_file(counter.engine(), file));
    for (std::string& name : names_on_phone(file.name, written)) out.push_back({std::move(name), md5});
  }
  return xml_response(manifest_xml(out, base_of(request), request.values[0]));
}

Response media(Counter& counter, const Request& request) {
  sync::FileFacts facts;
  KHUOI_ANSWER_VOID(counter.engine().look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const FormEntry form, form_of_key(reader, txn, request.account, request.values[0]));
    const auto file = std::ranges::find(form.media, sync::kept_name(http::file_of_segment(request.values[1])), &sync::FileFacts::name);
    if (file == form.media.end()) return fail(Errc::not_found, "the form has no such file");
    facts = *file;
    return {};
  }));
  return http::file_response(counter.engine(), facts);
}

}  // namespace

void add_listing_routes(Counter& counter, const std::shared_ptr<Gate>& gate) {
  const auto hashes = std::make_shared<Md5Cache>();  // shared by these routes
  const auto add = [&](std::string pattern, std::function<Response(Request&)> handle) {
    counter.router().add(gated(gate, http::Method::get, std::move(pattern), std::move(handle)));
  };
  add("/formList", [&counter, hashes](Request& request) { return list_forms(counter, *hashes, request); });
  add("/forms/:key/form.xml", [&counter](Request& request) { return form_xml(counter, request); });
  add("/forms/:key/manifest.xml", [&counter, hashes](Request& request) { return manifest(counter, *hashes, request); });
  add("/forms/:key/media/:name", [&counter](Request& request) { return media(counter, request); });
}

}  // namespace khuoi::openrosa

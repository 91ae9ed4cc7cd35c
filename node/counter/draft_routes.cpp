#include "node/counter/counter.h"
#include "node/counter/drafts.h"
#include "node/web_server/file_response.h"
#include "node/web_server/json_body.h"
#include "node/web_server/problem.h"
#include "sync/record/file_name.h"

namespace khuoi::http {

namespace json = boost::json;

namespace {

constexpr std::uint64_t draft_body_octets_max = 6U << 20U;
constexpr std::uint64_t draft_file_octets_max = std::uint64_t{256} << 20U;
constexpr std::size_t words_octets_max = 1024;

Result<DraftId> draft_named(const Request& request) {
  const auto id = DraftId::from_hex_text(request.values[0]);
  if (!id || request.values[0].size() != 2 * DraftId::octets) return fail(Errc::not_found, "that is no draft's id");
  return *id;
}

std::string file_name_in(const Request& request) { return sync::kept_name(file_of_segment(request.values[1])); }

json::object json_of(const Draft& draft) {
  json::array files;
  for (const std::string& name : draft.files) files.emplace_back(name);
  return {{"draft", draft.id.hex()},
          {"form", draft.form},
          {"version", draft.version},
          {"title", draft.title},
          {"label", draft.label},
          {"edit_of", draft.edit_of.empty() ? json::value(nullptr) : json::value(draft.edit_of)},
          {"at", draft.at},
          {"domain", sync::name_of(draft.domain)},
          {"saved", draft.saved},
          {"files", std::move(files)},
          {"mine", draft.mine}};
}

Response list_drafts(Counter& counter, Request& request) {
  KHUOI_ANSWER(const auto drafts, counter.drafts().list(*request.viewer));
  json::array out;
  for (const Draft& draft : drafts) out.push_back(json_of(draft));
  return json_response(out);
}

/// After a power cut, or for another's: somebody must not believe that it is lost.
Response not_opened(const Error& error) {
  if (error.code != Errc::denied) return problem_of(error);
  return problem(403, "kept", "Bản làm dở vẫn được giữ trên máy. Hãy mở khóa để làm tiếp.");
}

Response get(Counter& counter, Request& request) {
  KHUOI_ANSWER(const DraftId id, draft_named(request));
  const auto draft = counter.drafts().one(*request.viewer, id);
  if (!draft) return not_opened(draft.error());
  json::object out = json_of(*draft);
  out["xml"] = text_of(draft->xml);
  return json_response(out);
}

Response put(Counter& counter, Request& request) {
  KHUOI_ANSWER(const DraftId id, draft_named(request));
  KHUOI_ANSWER(const json::object body, json_body(request));
  Draft draft;
  draft.id = id;
  KHUOI_ANSWER(draft.form, text_member(body, "form", words_octets_max));
  KHUOI_ANSWER(draft.version, text_member(body, "version", words_octets_max));
  KHUOI_ANSWER(draft.label, text_member(body, "label", words_octets_max));
  KHUOI_ANSWER(draft.edit_of, text_member(body, "edit_of", words_octets_max));
  KHUOI_ANSWER(draft.at, text_member(body, "at", draft_body_octets_max));
  if (draft.at.size() > words_octets_max) draft.at.clear();  // rather opened at its beginning than not kept
  KHUOI_ANSWER(const std::string xml, text_member(body, "xml", draft_body_octets_max));
  draft.xml = to_bytes(view_of(xml));
  KHUOI_ANSWER(const std::int64_t saved, counter.drafts().put(*request.viewer, draft));
  return json_response(json::object{{"saved", saved}});
}

Response erase(Counter& counter, Request& request) {
  KHUOI_ANSWER(const DraftId id, draft_named(request));
  KHUOI_ANSWER_VOID(counter.drafts().erase(*request.viewer, id));
  return json_response(json::object{});
}

Response put_file(Counter& counter, Request& request) {
  KHUOI_ANSWER(const DraftId id, draft_named(request));
  KHUOI_ANSWER_VOID(counter.drafts().put_file(*request.viewer, id, file_name_in(request), *request.file));
  return json_response(json::object{}, 201);
}

Response get_file(Counter& counter, Request& request) {
  KHUOI_ANSWER(const DraftId id, draft_named(request));
  const auto facts = counter.drafts().file(*request.viewer, id, file_name_in(request));
  return facts ? file_response(counter.engine(), *facts) : not_opened(facts.error());
}

Response erase_file(Counter& counter, Request& request) {
  KHUOI_ANSWER(const DraftId id, draft_named(request));
  KHUOI_ANSWER_VOID(counter.drafts().erase_file(*request.viewer, id, file_name_in(request)));
  return json_response(json::object{});
}

}  // namespace

void add_draft_routes(Counter& counter) {
  counter.add(Method::get, "/api/drafts", Access::anybody(), list_drafts);
  counter.add(Method::get, "/api/drafts/:draft", Access::anybody(), get);
  counter.add(Method::put, "/api/drafts/:draft", Access::anybody(), put, draft_body_octets_max);
  counter.add(Method::del, "/api/drafts/:draft", Access::anybody(), erase);
  counter.add(Method::get, "/api/drafts/:draft/files/:name", Access::anybody(), get_file);
  counter.add({.method = Method::put,
               .pattern = "/api/drafts/:draft/files/:name",
               .access = Access::anybody(),
               .body = Body::file,
               .octets_max = draft_file_octets_max},
              put_file);
  counter.add(Method::del, "/api/drafts/:draft/files/:name", Access::anybody(), erase_file);
}

}  // namespace khuoi::http

#include <algorithm>
#include <boost/json.hpp>

#include "node/counter/counter.h"
#include "node/counter/drafts.h"
#include "node/counter/slips.h"
#include "node/counter/submission_body.h"
#include "node/web_server/problem.h"
#include "sync/record/file_name.h"
#include "sync/record/instance.h"
#include "sync/record/xml_guard.h"

namespace khuoi::http {

namespace json = boost::json;

namespace {

std::shared_ptr<node::OfferedFile> offered(const Part& part) {
  auto out = std::make_shared<node::OfferedFile>();
  out->names = sync::names_in_part(part.file_name, part.name);
  out->source = part.file->source();
  out->content = [&file = *part.file]() -> Result<Bytes> { return file.content(); };
  out->comes_first = part.file->octets() == 0;
  return out;
}

}  // namespace

Result<node::HandedIn> handed_of(const Request& request) {
  node::HandedIn out;
  const Part* xml = nullptr;
  for (const Part& part : request.parts) {
    if (part.name == "xml_submission_file") {
      if (xml != nullptr) return fail(Errc::malformed, "there are two parts called xml_submission_file");
      xml = &part;
    } else if (part.file) {
      out.files.push_back(offered(part));
    }
  }
  if (xml == nullptr) return fail(Errc::malformed, "there is no part called xml_submission_file");
  auto octets = xml->read(sync::submission_xml_octets_max);
  if (!octets && octets.error().code == Errc::too_large) return sync::submission_too_large();
  if (!octets) return octets.error();
  out.xml = std::move(*octets);
  return out;
}

std::string field_of(const Request& request, std::string_view name) {
  const auto part = std::ranges::find(request.parts, name, &Part::name);
  return part == request.parts.end() || part->file ? std::string() : std::string(text_of(part->octets));
}

Response submission_response(const node::TakenIn& taken) {
  json::object out{{"id", taken.id.hex()},
                   {"number", taken.number},
                   {"state", taken.state},
                   {"erased", taken.erased},
                   {"domain", sync::name_of(taken.domain)}};
  if (!taken.unnamed.empty()) out["unnamed"] = json::array(taken.unnamed.begin(), taken.unnamed.end());
  return json_response(out, taken.repeat ? 200 : 201);
}

Response submission_refusal(const Error& error, ByteView xml) {
  Response out = problem_of(error);
  const auto wrong = error.code == Errc::malformed ? sync::find_unholdable(xml) : std::nullopt;
  if (!wrong) return out;
  const std::string where = wrong->element.empty() ? "Phiếu" : "Câu “" + wrong->element + "”";
  const std::string what = where + " có một ký tự ẩn (" + sync::code_point_text(wrong->character) +
                           ") mà máy không lưu được. Hãy mở phiếu, xóa hết chữ ở đó, gõ lại bằng tay, lưu rồi gửi lại.";
  out = json_response(json::object{{"error", "malformed"}, {"message", what}, {"detail", error.what}}, 400);
  out.told = what;
  return out;
}

void let_draft_go(Counter& counter, const Request& request, node::HandedIn& handed) {
  const auto draft = DraftId::from_hex_text(field_of(request, "draft"));
  if (!draft || !sync::check_xml(handed.xml)) return;
  handed.also = [&counter, &request, draft](sync::Replica&, sync::Batch& batch) {
    return counter.drafts().erase_with(batch, *request.viewer, *draft);
  };
}

namespace {

Response take_submission(Counter& counter, Request& request) {
  KHUOI_ANSWER(node::HandedIn handed, handed_of(request));
  let_draft_go(counter, request, handed);
  const auto taken = node::submit(counter.engine(), handed);
  if (!taken) return submission_refusal(taken.error(), handed.xml);
  counter.slips().note_handed(*request.viewer, taken->id);
  return submission_response(*taken);
}

}  // namespace

void add_submission_routes(Counter& counter) {
  counter.add({.method = Method::post,
               .pattern = "/api/submissions",
               .access = Access::anybody(),
               .body = Body::parts,
               .octets_max = submission_octets_max},
              take_submission);
}

}  // namespace khuoi::http

// What phones hand in: the same intake as a page's, locked or not.
#include "node/counter/submission_body.h"
#include "node/engine/log.h"
#include "node/openrosa/answer.h"
#include "node/openrosa/routes.h"
#include "node/web_server/problem.h"

namespace khuoi::openrosa {

using http::Counter;
using http::Request;
using http::Response;

namespace {

/// What Collect puts beside the XML when it splits a large send into several.
constexpr std::string_view incomplete_field = "*isIncomplete*";

/// How much Collect may put into one request: what is more, it splits.
Response with_limit(Response response) {
  return std::move(response.with("X-OpenRosa-Accept-Content-Length", std::to_string(http::submission_octets_max)));
}

Response ready(Request&) {
  Response out;
  out.status = 204;
  return with_limit(std::move(out));
}

/// When this phone last handed in, in the same commit. One that was removed meanwhile loses nothing for it.
Result<void> note_use(sync::Batch& batch, const std::string& name) {
  KHUOI_TRY(auto account, account_named(batch.txn, name));
  if (!account) return {};
  account->last = batch.now.wall;
  return put_account(batch, *account);
}

Response take(Counter& counter, Request& request) {
  KHUOI_ANSWER(node::HandedIn handed, http::handed_of(request));
  handed.also = [&request](sync::Replica&, sync::Batch& batch) { return note_use(batch, request.account); };
  const auto done = node::submit(counter.engine(), handed);
  if (!done) return http::submission_refusal(done.error(), handed.xml);
  const node::TakenIn& taken = *done;
  const bool more_comes = http::field_of(request, incomplete_field) == "yes";
  node::log_info("phone_submission", {{"phone", request.account},
                                      {"id", taken.id.hex()},
                                      {"repeat", taken.repeat ? "yes" : "no"},
                                      {"more", more_comes ? "yes" : "no"}});
  const std::string number = "số " + std::to_string(taken.number);
  std::string message = "Máy đã nhận hồ sơ " + number + ".";
  if (taken.repeat) message = "Máy đã có hồ sơ " + number + " rồi, các tệp còn thiếu được nhận thêm.";
  if (taken.erased) {
    message = "Hồ sơ " + number + " đã bị xóa theo yêu cầu. Bản vừa gửi được để riêng, chờ người có trách nhiệm xem.";
  }
  if (more_comes) message = "Máy đã nhận một phần hồ sơ " + number + ", đang chờ các tệp gửi tiếp.";
  if (!taken.unnamed.empty()) {
    message += " Có " + std::to_string(taken.unnamed.size()) + " tệp mà phiếu không nhắc tới nên máy không giữ, như “" +
               taken.unnamed.front() + "”.";
  }
  return with_limit(message_response(taken.repeat || more_comes ? 202 : 201, message));
}

}  // namespace

void add_handing_in_routes(Counter& counter, const std::shared_ptr<Gate>& gate) {
  counter.router().add(gated(gate, http::Method::head, "/submission", ready));
  http::Route post =
      gated(gate, http::Method::post, "/submission", [&counter](Request& request) { return take(counter, request); });
  post.body = http::Body::parts;
  post.octets_max = http::submission_octets_max;
  counter.router().add(std::move(post));
}

http::Route gated(const std::shared_ptr<Gate>& gate, http::Method method, std::string pattern,
                  std::function<Response(Request&)> handle) {
  return {.method = method,
          .pattern = std::move(pattern),
          .access = http::Access::anybody(),
          .handle = std::move(handle),
          .guard = http::Guard::own,
          .admit = [gate](Request& request) { return gate->admit(request); },
          .dress = dressed};
}

void add_openrosa_refusals(http::Router& router) {
  const auto not_ready = [](Request&) { return http::problem(503, "busy", ""); };
  for (const auto& [method, pattern] :
       std::initializer_list<std::pair<http::Method, std::string>>{{http::Method::get, "/formList"},
                                                                   {http::Method::get, "/forms/:key/form.xml"},
                                                                   {http::Method::get, "/forms/:key/manifest.xml"},
                                                                   {http::Method::get, "/forms/:key/media/:name"},
                                                                   {http::Method::head, "/submission"},
                                                                   {http::Method::post, "/submission"}}) {
    router.add({.method = method,
                .pattern = pattern,
                .access = http::Access::anybody(),
                .handle = not_ready,
                .body = method == http::Method::post ? http::Body::parts : http::Body::none,
                .octets_max = method == http::Method::post ? http::submission_octets_max : 0,
                .guard = http::Guard::own,
                .admit = [not_ready](Request& request) { return std::optional(not_ready(request)); },
                .dress = dressed});
  }
}

void add_openrosa_routes(Counter& counter) {
  const auto gate = std::make_shared<Gate>(counter.engine());  // shared by the routes behind it
  add_listing_routes(counter, gate);
  add_handing_in_routes(counter, gate);
}

}  // namespace khuoi::openrosa

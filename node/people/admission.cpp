#include "node/people/admission.h"

#include "node/web_server/guard.h"
#include "node/web_server/problem.h"

namespace khuoi::people {

using http::problem;
using http::Request;
using http::Response;

namespace {

/// Another site in the same browser can send a form here, but it cannot know the token, nor hide its Origin.
std::optional<Response> check_same_site(const Viewer& viewer, const Request& request) {
  const std::string_view origin = request.header("origin");
  const bool foreign = !origin.empty() && !http::is_our_origin(origin, request.host);
  if (foreign) return problem(403, "denied", "Yêu cầu đến từ một trang khác nên bị từ chối.");
  const bool known = !viewer.token.empty() && http::same_secret(request.header("x-khuoi"), viewer.token);
  if (!known) return problem(403, "token", "Phiên làm việc đã cũ. Hãy tải lại trang rồi thử lại.");
  return std::nullopt;
}

}  // namespace

std::optional<Response> admit(Viewer who, Request& request, const http::Route* route) {
  request.known = who.logged_in();
  request.viewer = std::make_shared<const Viewer>(std::move(who));  // shared with copies of the request
  const Viewer& viewer = *request.viewer;
  const bool reads = request.method == http::Method::get || request.method == http::Method::head;
  const bool own_guard = route != nullptr && route->guard == http::Guard::own;
  if (!reads && !own_guard) {
    if (auto refused = check_same_site(viewer, request)) return refused;
  }
  if (viewer.phrase_given && route != nullptr && !own_guard && !route->before_own_phrase)
    return problem(403, "own_phrase", "Câu mở khóa này do người khác đặt. Hãy đổi thành câu của riêng mình trước đã.");
  if (route == nullptr) return std::nullopt;
  const auto may = route->access.check(viewer.logged_in(), viewer.may);
  return may ? std::nullopt : std::optional(http::problem_of(may.error()));
}

}  // namespace khuoi::people

// Joining a commune: the request to show, the grant to take.
#include <sodium.h>

#include <algorithm>
#include <boost/json.hpp>

#include "node/acts/joining.h"
#include "node/counter/counter.h"
#include "node/web_server/problem.h"

namespace khuoi::http {

namespace json = boost::json;

namespace {

std::string base64(ByteView octets) {
  std::string out(sodium_base64_encoded_len(octets.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), octets.data(), octets.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the zero at its end
  return out;
}

json::object json_of_invitation(const node::Invitation& invitation) {
  return {{"name", invitation.commune}, {"fingerprint", invitation.fingerprint}};
}

Response show(Counter& counter, Request&) {
  KHUOI_ANSWER(const node::Joining joining, node::joining_of(counter.engine()));
  json::value commune = nullptr;
  json::array grants;
  if (joining.commune) commune = json_of_invitation(*joining.commune);
  if (!joining.granted) {
    KHUOI_ANSWER(const auto papers, node::grants_from_sticks(counter.engine()));
    for (const node::PaperGrant& paper : papers) grants.push_back(json_of_invitation(paper.invitation));
    if (papers.size() == 1) commune = grants.front();
  }
  const bool seen = !grants.empty();
  return json_response(json::object{{"stage", joining.granted ? "enrolled" : "request"},
                                    {"request", base64(joining.request)},
                                    {"request_text", node::armoured_request(joining)},
                                    {"fingerprint", joining.fingerprint},
                                    {"commune", std::move(commune)},
                                    {"grants", std::move(grants)},
                                    {"grant_seen", seen}});
}

/// Whose grant a file is: for a person to compare, before anything is taken.
Response read(Counter& counter, Request& request) {
  KHUOI_ANSWER(const node::Invitation invitation, node::read_grant(counter.engine(), request.body));
  return json_response(json_of_invitation(invitation));
}

/// The file's octets, or with an empty body the one that a stick brought of the commune with these digits. Only a person
/// of this box decides that, and only who was shown the digits.
Response take(Counter& counter, Request& request) {
  const std::string digits(request.query("fingerprint"));
  Bytes grant = std::move(request.body);
  if (!grant.empty()) {
    KHUOI_ANSWER(const node::Invitation invitation, node::read_grant(counter.engine(), grant));
    if (!node::compare(invitation, digits)) {
      return problem(409, "compare", "Chưa nhận: dãy 30 chữ số phải đúng như xã đọc. Hãy so lại từng số với xã.");
    }
  } else {
    KHUOI_ANSWER(auto papers, node::grants_from_sticks(counter.engine()));
    const auto chosen = std::ranges::find_if(
        papers, [&](const node::PaperGrant& paper) { return node::compare(paper.invitation, digits).has_value(); });
    if (chosen == papers.end()) return problem_of(fail(Errc::not_found, "no stick brought a grant with these digits"));
    grant = std::move(chosen->armoured);
  }
  KHUOI_ANSWER(const std::string commune, node::take_grant(counter.engine(), request.viewer->keys->locks(), grant));
  return json_response(json::object{{"commune", commune}});
}

}  // namespace

void add_enrolment_routes(Counter& counter) {
  counter.add(Method::get, "/api/enrolment", Access::anybody(), show);
  counter.add(Method::post, "/api/enrolment/grant/read", Access::logged_in(), read, 2 * sync::grant_file_octets_max);
  counter.add(Method::post, "/api/enrolment/grant", Access::logged_in(), take, 2 * sync::grant_file_octets_max);
}

}  // namespace khuoi::http

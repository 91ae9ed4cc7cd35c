// Joining a commune: the request to show, the grant to take.
#include <sodium.h>

#include <boost/json.hpp>

#include "node/http/counter.h"
#include "node/http/problem.h"
#include "node/service/joining.h"

namespace khuoi::http {

namespace json = boost::json;
using sync::Replica;

namespace {

std::string base64(ByteView octets) {
  std::string out(sodium_base64_encoded_len(octets.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), octets.data(), octets.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the zero at its end
  return out;
}

Response show(Counter& counter, Request&) {
  Bytes request;
  bool granted = false;
  json::value commune = nullptr;
  KHUOI_ANSWER_VOID(counter.engine().look([&](Replica& replica, const sync::ReadTxn&) -> Result<void> {
    if (replica.self().is_commune()) return fail(Errc::denied, "a commune does not ask to be enrolled: hamlets do");
    request = replica.enrol_request();
    granted = replica.self().granted();
    const sync::CommuneFacts* facts = replica.roster().commune();
    if (facts != nullptr)
      commune = json::object{{"name", facts->name}, {"fingerprint", sync::fingerprint_digits(facts->authority)}};
    return {};
  }));
  bool seen = false;
  if (!granted) {
    KHUOI_ANSWER(const auto paper, node::grant_from_stick(counter.engine()));
    const auto invitation = paper ? node::read_grant(counter.engine(), *paper)
                                  : Result<node::Invitation>(fail(Errc::not_found, "no stick brought a grant"));
    seen = invitation.has_value();
    if (invitation) commune = json::object{{"name", invitation->commune}, {"fingerprint", invitation->fingerprint}};
  }
  return json_response(json::object{{"stage", granted ? "enrolled" : "request"},
                                    {"request", base64(request)},
                                    {"request_text", sync::armour("request", request) + "\n"},
                                    {"fingerprint", sync::fingerprint_digits(request)},
                                    {"commune", std::move(commune)},
                                    {"grant_seen", seen}});
}

/// The file's octets, or with an empty body the one that a stick brought. Only a person of this box decides that.
Response take(Counter& counter, Request& request) {
  if (!request.viewer.logged_in()) return problem_of(fail(Errc::locked, "nobody is logged in"));
  Bytes grant = std::move(request.body);
  if (grant.empty()) {
    KHUOI_ANSWER(auto paper, node::grant_from_stick(counter.engine()));
    if (!paper) return problem_of(fail(Errc::not_found, "no stick brought a grant"));
    grant = std::move(*paper);
  }
  KHUOI_ANSWER(const std::string commune, node::take_grant(counter.engine(), *request.viewer.keys, grant));
  return json_response(json::object{{"commune", commune}});
}

}  // namespace

void add_enrolment_routes(Counter& counter) {
  counter.add(Method::get, "/api/enrolment", show);
  counter.add(Method::post, "/api/enrolment/grant", take, 2 * sync::grant_file_octets_max);
}

}  // namespace khuoi::http

// Accounts of phones, for a person on the page.
#include <algorithm>
#include <boost/json.hpp>
#include <fstream>

#include "node/openrosa/collect_settings.h"
#include "node/openrosa/digest.h"
#include "node/openrosa/routes.h"
#include "node/web_server/json_body.h"
#include "node/web_server/problem.h"

namespace khuoi::openrosa {

namespace json = boost::json;
using http::Counter;
using http::Request;
using http::Response;
using sync::Replica;
using sync::ReplicaReader;

namespace {

constexpr std::size_t body_octets_max = 4096;
constexpr std::size_t wished_octets_max = 256;

/// Whoever reads all that an account is shown may see and remove it.
bool may_see(const people::Viewer& viewer, const Account& account) { return viewer.may.has(account.may); }

json::value time_or_null(UnixSeconds at) { return at.value == 0 ? json::value(nullptr) : json::value(at.value); }

/// Where the page answers, as the service noted it down for whoever looks.
std::string listening_address(const node::Engine& engine) {
  std::ifstream from(engine.dir() / "run" / "http");
  std::string out;
  std::getline(from, out);
  return out;
}

Response list(Counter& counter, Request& request) {
  json::array out;
  KHUOI_ANSWER_VOID(counter.engine().look([&](ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const auto all, accounts(txn));
    for (const Account& one : all) {
      if (!may_see(*request.viewer, one)) continue;
      out.push_back(json::object{{"name", one.name}, {"made", one.made.value}, {"last", time_or_null(one.last)}});
    }
    return {};
  }));
  return http::json_response(out);
}

Result<std::string> put_new(Counter& counter, const Account& account) {
  std::string hamlet;
  KHUOI_TRY_VOID(counter.engine().work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    if (replica.self().is_commune()) return fail(Errc::denied, "phones hand in at a hamlet, not at a commune");
    hamlet = replica.self().name;
    KHUOI_TRY(const auto all, accounts(batch.txn));
    if (std::ranges::find(all, account.name, &Account::name) != all.end())
      return fail(Errc::exists, "a phone called '" + account.name + "' has an account here already");
    if (all.size() >= accounts_max) return fail(Errc::usage, "there are 200 phones already: remove some first");
    Account made = account;
    made.made = batch.now.wall;
    return put_account(batch, made);
  }));
  return hamlet;
}

Response add(Counter& counter, Request& request) {
  KHUOI_ANSWER(const json::object body, http::json_body(request));
  KHUOI_ANSWER(const std::string wished, http::text_member(body, "name", wished_octets_max));
  Account account;
  account.name = account_name_of(wished);
  if (account.name.empty()) return http::problem_of(fail(Errc::usage, "a phone's name has letters or digits"));
  account.may = request.viewer->may;
  const std::string password = make_password(counter.rng());
  account.ha1 = ha1_of(account.name, realm, password);
  KHUOI_ANSWER(const std::string hamlet, put_new(counter, account));
  const auto addresses = addresses_of_box();
  const auto urls = urls_for_phones(addresses, listening_address(counter.engine()), request.host);
  KHUOI_ANSWER(const std::string settings,
               qr_text({urls.empty() ? "http://" + request.host : urls.front(), account.name, password, hamlet}));
  return http::json_response(json::object{{"name", account.name},
                                          {"password", password},
                                          {"settings", settings},
                                          {"urls", json::array(urls.begin(), urls.end())},
                                          {"reachable", !urls.empty() && !is_loopback(addresses, urls.front())}},
                             201);
}

Response remove(Counter& counter, Request& request) {
  const std::string& name = request.values[0];
  KHUOI_ANSWER_VOID(counter.engine().work([&](Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto account, account_named(batch.txn, name));
    if (!account || !may_see(*request.viewer, *account))
      return fail(Errc::not_found, "no phone called '" + name + "' has an account here");
    return erase_account(batch, name);
  }));
  return http::json_response(json::object{});
}

}  // namespace

void add_phone_routes(Counter& counter) {
  using http::Access, http::Method;
  counter.add(Method::get, "/api/phones", Access::logged_in(), list);
  counter.add(Method::post, "/api/phones", Access::logged_in(), add, body_octets_max);
  counter.add(Method::del, "/api/phones/:name", Access::logged_in(), remove);
}

}  // namespace khuoi::openrosa

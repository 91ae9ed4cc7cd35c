// Filters of the inbox that somebody keeps for themselves.
#include "node/desk/desk.h"
#include "node/web_server/json_body.h"
#include "node/web_server/problem.h"

namespace khuoi::desk {

namespace json = boost::json;
using http::Access, http::json_response, http::Method, http::problem;

namespace {

constexpr std::size_t filters_max = 50, filter_name_octets_max = 100, filter_octets_max = 1000;
constexpr std::uint64_t filter_body_octets_max = 4096;

/// By person and name, each counted: their filters stand together.
struct FilterKey {
  std::string person, name;
  static auto parts(auto& key) { return parts_of(Counted(key.person, 256), Counted(key.name, 256)); }
};
struct PersonPrefix {
  std::string person;
  static auto parts(auto& key) { return parts_of(Counted(key.person, 256)); }
};
constexpr node::NodeRows<FilterKey, std::string> filter_rows{node::NodeRow::desk_filter, "a saved filter"};

Response list_filters(Desk& desk, Request& request) {
  json::array out;
  KHUOI_ANSWER_VOID(desk.engine().look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) {
    return filter_rows.each(
        txn, PersonPrefix{request.viewer->person},
        [&](const FilterKey& key, std::string& query) { out.push_back(json::object{{"name", key.name}, {"query", query}}); },
        filter_rows.pass_over_damaged);
  }));
  return json_response(out);
}

Response put_filter(Desk& desk, Request& request) {
  KHUOI_ANSWER(const json::object body, http::json_body(request));
  KHUOI_ANSWER(const std::string name, http::text_member(body, "name", filter_name_octets_max));
  KHUOI_ANSWER(const std::string query, http::text_member(body, "query", filter_octets_max));
  if (name.empty()) return problem(400, "usage", "Bộ lọc cần có tên.");
  const FilterKey key{request.viewer->person, name};
  bool full = false;
  KHUOI_ANSWER_VOID(desk.engine().work([&](sync::Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto known, filter_rows.get(batch.txn, key));
    KHUOI_TRY(const auto all, filter_rows.keys(batch.txn, PersonPrefix{key.person}));
    full = !known && all.size() >= filters_max;
    return full ? Result<void>() : filter_rows.put(batch, key, query);
  }));
  if (full) return problem(409, "full", "Đã có 50 bộ lọc. Hãy xóa bớt trước.");
  return json_response(json::object{});
}

Response erase_filter(Desk& desk, Request& request) {
  const FilterKey key{request.viewer->person, std::string(request.query("name"))};
  KHUOI_ANSWER_VOID(desk.engine().work([&](sync::Replica&, sync::Batch& batch) { return filter_rows.erase(batch, key); }));
  return json_response(json::object{});
}

}  // namespace

void add_filter_routes(Desk& desk) {
  desk.add(Method::get, "/api/desk/filters", Access::logged_in(), list_filters);
  desk.add(Method::put, "/api/desk/filters", Access::logged_in(), put_filter, filter_body_octets_max);
  desk.add(Method::del, "/api/desk/filters", Access::logged_in(), erase_filter);
}

}  // namespace khuoi::desk

#include "node/desk/office.h"

#include "node/acts/joining.h"
#include "node/desk/desk.h"
#include "sync/peers/peers.h"

namespace khuoi::desk {

namespace json = boost::json;
using sync::ReplicaReader;

namespace {

constexpr std::int64_t silent_after_days = 2;
constexpr std::int64_t one_day = 24LL * 3600;

}  // namespace

Result<std::map<HamletId, std::string>> Office::hamlets(node::Engine& engine) {
  std::map<HamletId, std::string> out;
  KHUOI_TRY_VOID(engine.look([&](ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    out = hamlet_names(reader.roster());
    return {};
  }));
  return out;
}

Result<std::map<std::string, std::string>> Office::forms(node::Engine& engine, node::Capabilities may) {
  std::map<std::string, std::string> out;
  KHUOI_TRY_VOID(engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const auto forms, reader.library().forms(txn));
    std::map<std::string, std::uint64_t> newest;
    for (const sync::FormEntry& one : forms) {
      if (!may.reads(one.domain)) continue;
      const auto [known, first] = newest.try_emplace(one.id, one.order);
      if (!first && one.order < known->second) continue;
      known->second = one.order;
      out[one.id] = one.title;
    }
    return {};
  }));
  return out;
}

Result<json::object> Office::today(node::Engine& engine) {
  json::array silent;
  json::value backup = nullptr;
  const std::int64_t now = engine.now().wall.value;
  KHUOI_TRY_VOID(engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const std::uint64_t backed_up, node::backup_at_rows.get_or_new(txn, {}));
    if (backed_up != 0) backup = backed_up;
    for (const sync::NodeFacts* box : reader.roster().nodes()) {
      if (box->revoked) continue;
      KHUOI_TRY(const sync::PeerRow row, reader.peers().row(txn, box->node));
      const bool heard = row.heard_at.value != 0;
      const std::int64_t days = (now - row.heard_at.value) / one_day;
      if (heard && days < silent_after_days) continue;
      silent.push_back(json::object{{"hamlet", box->name}, {"days", heard ? json::value(days) : json::value(nullptr)}});
    }
    return {};
  }));
  KHUOI_TRY(const auto requests, node::requests_from_sticks(engine));
  return json::object{{"silent", std::move(silent)},
                      {"backup", json::object{{"at", std::move(backup)}}},
                      {"waiting", json::object{{"requests", requests.size()}}}};
}

}  // namespace khuoi::desk

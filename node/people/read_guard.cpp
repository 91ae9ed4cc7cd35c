#include "node/people/read_guard.h"

#include <boost/json.hpp>

#include "node/acts/audit_log.h"
#include "node/engine/node_rows.h"
#include "sync/seal/hpke.h"

namespace khuoi::people {

namespace json = boost::json;
using sync::Domain;
using sync::Replica;
using sync::ReplicaReader;

namespace {

constexpr std::string_view access_info = "khuoi/1/health-access";
/// By numbers without gaps, each sealed with its access_name.
constexpr node::NodeRows<std::uint64_t, Bytes> access_rows{node::NodeRow::health_read, "who read of people's health"};
constexpr std::uint64_t accesses_kept = 5000;
constexpr std::size_t dossier_id_digits = 32;
constexpr std::chrono::minutes noted_every{10};
constexpr std::size_t noted_kept = 1000;

std::string access_name(std::uint64_t number) { return "health_read/" + to_hex(octets_of_part(number)); }

Error unknown(std::string_view id) { return fail(Errc::not_found, "no dossier has the id " + std::string(id)); }

std::string row_noted(const Viewer& viewer, std::string_view what, std::string_view id) {
  return std::string(what) + "/" + std::string(id) + "/" + viewer.person;
}

Error not_for_you() { return fail(Errc::not_found, "there is no such page"); }

std::optional<ReadGuard::Access> access_of(ByteView octets) {
  boost::system::error_code failed;
  const json::value value = json::parse(text_of(octets), failed);
  const json::object* row = failed ? nullptr : value.if_object();
  if (row == nullptr) return std::nullopt;
  const auto text = [&](const char* name) {
    const json::value* found = row->if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
  };
  ReadGuard::Access out;
  const json::value* at = row->if_contains("at");
  out.at = at != nullptr && at->is_int64() ? at->as_int64() : 0;
  out.person = text("person");
  out.what = text("what");
  out.id = text("id");
  return out;
}

}  // namespace

Result<void> ReadGuard::look(const Viewer& viewer, const LookFn& fn) {
  return engine_.look_as(viewer.keys, fn);
}

Result<void> ReadGuard::work(const Viewer& viewer, const WorkFn& fn) {
  if (!viewer.keys || viewer.keys->locks().empty()) return fail(Errc::locked, "locked: only who is logged in may do this");
  return engine_.work_as(*viewer.keys, fn);
}

Result<ReadGuard::Found> ReadGuard::find(ReplicaReader& reader, const sync::ReadTxn& txn, const Viewer& viewer, std::string_view id) {
  if (!viewer.logged_in()) return fail(Errc::locked, "locked: only who is logged in reads dossiers");
  if (id.size() != dossier_id_digits) return unknown(id);
  const auto key = reader.views().resolve(txn, id);
  if (!key) return key.error().code == Errc::usage ? unknown(id) : key.error();
  KHUOI_TRY(auto row, reader.dossiers().row(txn, *key));
  if (!row || !viewer.may.reads(row->domain)) return unknown(id);
  return Found{*key, std::move(*row)};
}

bool ReadGuard::noted_lately(const Viewer& viewer, std::string_view what, std::string_view id) {
  const Instant now = engine_.now().monotonic;
  const std::lock_guard held(mutex_);
  if (noted_.size() >= noted_kept) std::erase_if(noted_, [&](const auto& one) { return now - one.second >= noted_every; });
  if (noted_.size() >= noted_kept) noted_.clear();  // noted twice rather than not at all
  const auto [last, first] = noted_.try_emplace(row_noted(viewer, what, id), now);
  if (!first && now - last->second < noted_every) return true;
  last->second = now;
  return false;
}

void ReadGuard::forget_noted(const Viewer& viewer, std::string_view what, std::string_view id) {
  const std::lock_guard held(mutex_);
  noted_.erase(row_noted(viewer, what, id));
}

Result<void> ReadGuard::note_access(const Viewer& viewer, std::string_view what, std::string_view id) {
  if (what != "read" && what != "file") return note(viewer, what, id);
  // A photo is part of the record: who opened that was noted.
  if (noted_lately(viewer, what, id)) return {};
  auto noted = note(viewer, what, id);
  if (!noted) forget_noted(viewer, what, id);  // what could not be noted is not shown, now or at the next try
  return noted;
}

Result<void> ReadGuard::note(const Viewer& viewer, std::string_view what, std::string_view id) {
  const std::string text = json::serialize(
      json::object{{"at", engine_.now().wall.value}, {"person", viewer.person}, {"what", what}, {"id", id}});
  return engine_.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    // At a commune it stands with all else that people do.
    if (replica.self().is_commune())
      return node::AuditLog::note(replica, batch, {viewer.person, node::Act::By::page, std::string(what), std::string(id), {}});
    KHUOI_TRY(const auto last, access_rows.last(batch.txn));
    const std::uint64_t next = last.value_or(0) + 1;
    KHUOI_TRY(const Bytes sealed,
              sync::hpke_seal_once(replica.keys().reader_public(Domain::health), view_of(access_info),
                                   view_of(access_name(next)), view_of(text), engine_.rng()));
    KHUOI_TRY_VOID(access_rows.put(batch, next, sealed));
    return next > accesses_kept ? access_rows.erase(batch, next - accesses_kept) : Result<void>();
  });
}

Result<void> ReadGuard::note_browsing(const Viewer& viewer, std::string_view what) {
  if (noted_lately(viewer, what, {})) return {};
  auto noted = note(viewer, what, {});
  if (!noted) forget_noted(viewer, what, {});
  return noted;
}

Result<std::vector<ReadGuard::Access>> ReadGuard::accesses(const Viewer& viewer) {
  if (!viewer.may.has(node::Capability::read_health)) return not_for_you();
  std::vector<Access> out;
  KHUOI_TRY_VOID(look(viewer, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    const sync::Secret& secret = reader.keys().reader_secret(Domain::health);
    return access_rows.each(txn, [&](std::uint64_t number, const Bytes& sealed) {
      const auto opened = sync::hpke_open_once(secret, view_of(access_info), view_of(access_name(number)), sealed);
      const auto one = opened ? access_of(*opened) : std::nullopt;
      if (one) out.push_back(*one);
    });
  }));
  return std::vector<Access>(out.rbegin(), out.rend());
}

}  // namespace khuoi::people

#include "node/counter/slips.h"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "node/counter/draft_codec.h"
#include "node/engine/node_rows.h"
#include "node/people/read_guard.h"
#include "sync/seal/hpke.h"

namespace khuoi::http {

namespace json = boost::json;
using sync::DossierKey;
using sync::Replica;
using sync::ReplicaReader;

namespace {

constexpr std::string_view slip_info = "khuoi/1/slip";
constexpr std::size_t handed_max = 100;

/// Each sealed with its slip_name.
constexpr node::NodeRows<DossierKey, Bytes> slip_rows{node::NodeRow::slip, "the words of a slip"};
std::string slip_name(const DossierKey& key) { return "slip/" + key.hamlet.hex() + key.id.hex(); }

std::string browser_text(const people::Viewer& viewer) {
  return viewer.drafts.empty() ? std::string() : browser_of(viewer.drafts).hex();
}

std::string text_at(const json::object& object, const char* name) {
  const json::value* found = object.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

}  // namespace

void Slips::note_handed(const people::Viewer& viewer, const DossierId& id) {
  std::string browser = browser_text(viewer);
  if (browser.empty()) return;
  const std::lock_guard held(mutex_);
  // Who sends the same again is not its first sender.
  if (!handed_.try_emplace(id.hex(), Handed{++last_, std::move(browser)}).second || handed_.size() <= handed_max) return;
  handed_.erase(std::ranges::min_element(handed_, {}, [](const auto& one) { return one.second.order; }));
}

bool Slips::handed_by(const people::Viewer& viewer, std::string_view id) {
  const std::string browser = browser_text(viewer);
  const std::lock_guard held(mutex_);
  const auto found = handed_.find(id);
  return found != handed_.end() && !browser.empty() && found->second.browser == browser;
}

Result<void> Slips::put(const people::Viewer& viewer, std::string_view id, const SlipWords& words) {
  const bool may = viewer.logged_in() || handed_by(viewer, id);
  if (!may) return fail(Errc::locked, "locked: only who is logged in, or handed it in, writes on its slip");
  const std::string text = json::serialize(
      json::object{{"originals", words.originals}, {"keeper", words.keeper}, {"come_back", words.come_back}});
  return engine_.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    if (id.size() != 2 * DossierId::octets) return fail(Errc::not_found, "that is no dossier's id");
    KHUOI_TRY(const auto key, replica.views().resolve(batch.txn, id));
    KHUOI_TRY(const auto row, replica.dossiers().row(batch.txn, key));
    const bool readable = row && !row->erased && (viewer.may.reads(row->domain) || handed_by(viewer, id));
    if (!readable) return fail(Errc::not_found, "no dossier has the id " + std::string(id));
    KHUOI_TRY(const Bytes sealed, sync::hpke_seal_once(replica.keys().reader_public(row->domain), view_of(slip_info),
                                                       view_of(slip_name(key)), view_of(text), engine_.rng()));
    return slip_rows.put(batch, key, sealed);
  });
}

Result<std::optional<SlipWords>> Slips::of(ReplicaReader& reader, const sync::ReadTxn& txn, const DossierKey& key,
                                           sync::Domain domain) {
  KHUOI_TRY(const Bytes sealed, slip_rows.get_or_new(txn, key));
  if (sealed.empty() || !reader.keys().open(domain)) return std::optional<SlipWords>();
  // One that does not open is as good as none: the slip says what the answers say, and the dossier is shown.
  const auto plain =
      sync::hpke_open_once(reader.keys().reader_secret(domain), view_of(slip_info), view_of(slip_name(key)), sealed);
  if (!plain) return std::optional<SlipWords>();
  boost::system::error_code failed;
  const json::value value = json::parse(text_of(*plain), failed);
  const json::object* const object = failed ? nullptr : value.if_object();
  if (object == nullptr) return std::optional<SlipWords>();
  return std::optional(SlipWords{text_at(*object, "originals"), text_at(*object, "keeper"), text_at(*object, "come_back")});
}

Result<void> Slips::sweep() {
  const auto since = engine_.changes().since(swept_);
  std::vector<DossierKey> gone;
  KHUOI_TRY_VOID(engine_.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    std::vector<DossierKey> written;
    if (since.all) {
      KHUOI_TRY(written, slip_rows.keys(txn));
    }
    for (const std::uint32_t number : since.all ? std::set<std::uint32_t>() : since.dossiers) {
      const auto stored = sync::dossier_rows.get(txn, number);
      if (!stored || !*stored || !(*stored)->row.erased) continue;
      KHUOI_TRY(const auto slip, slip_rows.get(txn, (*stored)->key));
      if (slip) gone.push_back((*stored)->key);
    }
    for (const DossierKey& key : written) {
      const auto row = reader.dossiers().brief(txn, key);
      if (row && *row && (*row)->erased) gone.push_back(key);
    }
    return {};
  }));
  if (!gone.empty()) {
    KHUOI_TRY_VOID(engine_.work([&](Replica&, sync::Batch& batch) -> Result<void> {
      for (const DossierKey& key : gone) KHUOI_TRY_VOID(slip_rows.erase(batch, key));
      return {};
    }));
  }
  swept_ = since.now;
  return {};
}

}  // namespace khuoi::http

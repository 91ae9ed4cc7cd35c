#include "node/links/dossier_outlook.h"

#include "node/acts/send_now.h"

namespace khuoi::node {

namespace json = boost::json;
using Why = LinkOutlook::Why;

namespace {

std::optional<LinkOutlook> to_commune(LinkList links) {
  for (const auto& link : links) {
    if (!link->leads_to_commune()) continue;
    if (auto outlook = link->outlook()) return outlook;
  }
  return std::nullopt;
}

json::value or_null(const std::optional<std::int64_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}
json::value or_null(const std::optional<UnixSeconds>& at) { return at ? json::value(at->value) : json::value(nullptr); }

}  // namespace

bool has_radio(LinkList links) { return to_commune(links).has_value(); }

Result<std::optional<DossierOutlook>> outlook_of(sync::ReplicaReader& reader, const sync::ReadTxn& txn,
                                                 const sync::DossierRow& row, LinkList links) {
  auto way = to_commune(links);
  if (!way) return std::optional<DossierOutlook>();
  KHUOI_TRY(const OwnWaiting waiting, own_waiting(reader, txn, row));
  if (waiting.refs.empty()) return std::optional<DossierOutlook>();
  DossierOutlook out{*way, waiting.hastened, false};
  const bool waits_for_fiber = way->fiber_at && !waiting.urgent && !waiting.hastened;
  if (waiting.too_large) {
    out.way.why = Why::too_large;
  } else if (way->why == Why::fiber || way->why == Why::modem) {
    // Nothing is to be said of this one that is not true of all.
  } else if (waits_for_fiber) {
    out.way.why = Why::fiber_at;
    out.may_hasten = true;
  } else if (way->why == Why::nothing || way->why == Why::fiber_at) {
    out.way.why = Why::sending;  // it was written or hastened just now
  }
  if (out.way.why != Why::sending && out.way.why != Why::duty) out.way.minutes.reset();
  if (out.way.why != Why::fiber_at) out.way.fiber_at.reset();
  if (out.way.why != Why::duty) out.way.until.reset();
  return std::optional(out);
}

json::object json_of(const LinkOutlook& outlook) {
  return {{"why", name_of(outlook.why)},
          {"until", or_null(outlook.until)},
          {"fiber_at", or_null(outlook.fiber_at)},
          {"heard_minutes_ago", or_null(outlook.heard_minutes_ago)},
          {"octets_waiting", outlook.octets_waiting},
          {"octets_held", outlook.octets_held},
          {"minutes", or_null(outlook.minutes)}};
}

json::object json_of(const DossierOutlook& outlook) {
  json::object out = json_of(outlook.way);
  out["hastened"] = outlook.hastened;
  out["may_hasten"] = outlook.may_hasten;
  return out;
}

}  // namespace khuoi::node

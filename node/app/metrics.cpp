#include "node/app/metrics.h"

#include <prometheus/text_serializer.h>

namespace khuoi::node {

namespace {

prometheus::MetricFamily family(std::string name, std::string help, prometheus::MetricType type, double value) {
  prometheus::MetricFamily out;
  out.name = "khuoi_" + std::move(name);
  out.help = std::move(help);
  out.type = type;
  prometheus::ClientMetric metric;
  (type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  out.metric.push_back(std::move(metric));
  return out;
}

prometheus::MetricFamily http_refused(const std::map<unsigned, std::uint64_t>& counts) {
  prometheus::MetricFamily out;
  out.name = "khuoi_http_refused_total";
  out.help = "Requests refused, by status; 408: a body that came too slowly.";
  out.type = prometheus::MetricType::Counter;
  for (const auto& [status, count] : counts) {
    prometheus::ClientMetric metric;
    metric.label.push_back({"status", std::to_string(status)});
    metric.counter.value = static_cast<double>(count);
    out.metric.push_back(std::move(metric));
  }
  return out;
}

}  // namespace

std::string metrics_text(const NodeFigures& figures) {
  using enum prometheus::MetricType;
  const auto number = [](auto value) { return static_cast<double>(value); };
  const sync::ReplicaStatus& replica = figures.replica;
  std::vector<prometheus::MetricFamily> all = {
      family("records", "People's records held.", Gauge, number(replica.records)),
      family("records_waiting", "Own records of people that no receipt names yet.", Gauge, number(replica.waiting)),
      family("dossiers", "Dossiers.", Gauge, number(replica.dossiers)),
      family("dossiers_unreadable", "Damaged dossiers: something of them cannot be read.", Gauge,
             number(replica.dossiers_unreadable)),
      family("records_quarantined", "Records a person must look at.", Gauge, number(replica.quarantined)),
      family("records_unopened", "Records that came while locked, or before their form.", Gauge,
             number(replica.unopened)),
      family("forks", "Runs that branch from one predecessor.", Gauge, number(replica.forks)),
      family("starts_foreign", "Starts of this node's own that it does not know: it was restored, or copied.", Gauge,
             number(replica.starts.foreign)),
      family("starts_copies", "Of these, made by a copy of its disk that still writes.", Gauge,
             number(replica.starts.copies)),
      family("starts_healed", "Times that a count of starts past belief was put right.", Gauge,
             number(replica.starts.healed)),
      family("echoes_unknown", "Statements that peers say they had and this node never made.", Gauge,
             number(replica.starts.echoes)),
      family("heads_void", "Statements of peers passed over for a count of starts past belief.", Gauge,
             number(replica.starts.voids)),
      family("locked", "1 while the node shows nothing.", Gauge, replica.locked ? 1 : 0),
      family("store_octets", "Octets of the store in use.", Gauge, number(figures.store.octets_used)),
      family("store_octets_max", "Octets the store may take.", Gauge, number(figures.store.octets_max)),
      family("fiber_accepted_total", "Connections taken.", Counter, number(figures.fiber.accepted)),
      family("fiber_refused_total", "Connections refused: over a limit, or not believed.", Counter,
             number(figures.fiber.refused)),
      family("fiber_half_open", "Connections whose peer is not believed yet.", Gauge, number(figures.fiber.half_open)),
      family("fiber_links", "Links with peers.", Gauge, number(figures.fiber.links)),
      family("uptime_seconds", "Since the node was opened.", Gauge, number(figures.uptime.count()) / 1e6)};
  if (!figures.http_refused.empty()) all.push_back(http_refused(figures.http_refused));
  return prometheus::TextSerializer().Serialize(all);
}

}  // namespace khuoi::node

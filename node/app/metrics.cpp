#include "node/app/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <vector>

namespace khuoi::node {

namespace {

prometheus::ClientMetric metric_of(prometheus::MetricType type, double value) {
  prometheus::ClientMetric out;
  (type == prometheus::MetricType::Counter ? out.counter.value : out.gauge.value) = value;
  return out;
}

prometheus::MetricFamily family(std::string name, std::string help, prometheus::MetricType type, double value) {
  prometheus::MetricFamily out;
  out.name = "khuoi_" + std::move(name);
  out.help = std::move(help);
  out.type = type;
  out.metric.push_back(metric_of(type, value));
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

prometheus::MetricFamily links_up(LinkList links) {
  prometheus::MetricFamily out;
  out.name = "khuoi_link_up";
  out.help = "1 while the link can carry something.";
  out.type = prometheus::MetricType::Gauge;
  for (const auto& link : links) {
    const LinkState::Word word = link->state().word;
    if (word == LinkState::Word::off) continue;
    prometheus::ClientMetric metric = metric_of(out.type, word == LinkState::Word::up ? 1 : 0);
    metric.label = {{"kind", std::string(link->kind())}, {"link", std::string(link->name())}};
    out.metric.push_back(std::move(metric));
  }
  return out;
}

/// One family a figure and kind, in the order in which the links tell them.
std::vector<prometheus::MetricFamily> link_figures(LinkList links) {
  std::vector<prometheus::MetricFamily> out;
  for (const auto& link : links) {
    for (const LinkFigure& figure : link->figures()) {
      const bool counts = figure.shape == LinkFigure::Shape::counter;
      const std::string name =
          "khuoi_" + std::string(link->kind()) + "_" + std::string(figure.name) + (counts ? "_total" : "");
      auto found = std::ranges::find(out, name, &prometheus::MetricFamily::name);
      if (found == out.end()) {
        using enum prometheus::MetricType;
        out.push_back({name, std::string(figure.help), counts ? Counter : Gauge, {}});
        found = std::prev(out.end());
      }
      prometheus::ClientMetric metric = metric_of(found->type, static_cast<double>(figure.value));
      metric.label = {{"link", std::string(link->name())}};
      found->metric.push_back(std::move(metric));
    }
  }
  for (prometheus::MetricFamily& one : out) {
    if (one.metric.size() == 1) one.metric.front().label.clear();
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
      family("store_octets_max", "Octets the store may take.", Gauge, number(figures.store.octets_max))};
  for (prometheus::MetricFamily& one : link_figures(figures.links)) all.push_back(std::move(one));
  all.push_back(family("turn_seconds_max", "The longest time that one writer kept the others waiting.", Gauge,
                       number(figures.longest_turn.count()) / 1e6));
  all.push_back(family("uptime_seconds", "Since the node was opened.", Gauge, number(figures.uptime.count()) / 1e6));
  if (prometheus::MetricFamily up = links_up(figures.links); !up.metric.empty()) all.push_back(std::move(up));
  if (!figures.http_refused.empty()) all.push_back(http_refused(figures.http_refused));
  return prometheus::TextSerializer().Serialize(all);
}

}  // namespace khuoi::node

// For machines: is it alive, and how does it fare.
#include "node/app/machine_routes.h"

#include "node/app/metrics.h"
#include "node/web_server/problem.h"

namespace khuoi::http {

namespace {

Response metrics(Counter& counter, Request& request) {
  if (!request.loopback) return text_response(403, "only on this machine\n");
  node::NodeFigures figures;
  KHUOI_ANSWER_VOID(counter.engine().look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(figures.replica, reader.status(txn));
    return {};
  }));
  figures.store = counter.engine().store().usage();
  figures.links = counter.around().links;
  figures.uptime = counter.engine().uptime();
  figures.longest_turn = counter.engine().longest_turn();
  figures.http_refused = counter.refusals().counts();
  return text_response(200, node::metrics_text(figures), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace

void add_machine_routes(Counter& counter) {
  counter.add(Method::get, "/healthz", Access::anybody(), [](Counter&, Request&) { return text_response(200, "ok\n"); });
  counter.add(Method::get, "/metrics", Access::anybody(), metrics);
}

}  // namespace khuoi::http

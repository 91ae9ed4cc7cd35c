#include "node/app/link_log.h"

#include "node/engine/log.h"

namespace khuoi::node {

namespace {
std::string link_event_name(LinkEvent::What what) {
  switch (what) {
    case LinkEvent::What::up:
      return "peer_up";
    case LinkEvent::What::down:
      return "peer_down";
    case LinkEvent::What::refused:
      return "peer_refused";
    case LinkEvent::What::retry:
      return "peer_retry";
    case LinkEvent::What::outlook:
      return "peer_outlook";
  }
  return "peer";
}
}  // namespace

void log_link(const LinkEvent& event) {
  const std::string peer = event.peer.is_zero() ? "-" : event.peer.hex();
  if (event.what == LinkEvent::What::down) {
    log_info(link_event_name(event.what), {{"peer", peer},
                                   {"address", event.address},
                                   {"ms", std::to_string(event.lasted.count())},
                                   {"records_in", std::to_string(event.counts.records_in)},
                                   {"records_out", std::to_string(event.counts.records_out)},
                                   {"octets_in", std::to_string(event.counts.bytes_in)},
                                   {"octets_out", std::to_string(event.counts.bytes_out)},
                                   {"why", event.why}});
    return;
  }
  log_info(link_event_name(event.what), {{"peer", peer}, {"address", event.address}, {"why", event.why}});
}

}  // namespace khuoi::node

#include "node/links/fiber/line_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace khuoi::node {

namespace {
/// Octets the kernel may hold unsent. Without it, megabytes would vanish into its buffer, and on a slow line an urgent
/// record would wait behind them for minutes.
constexpr int unsent_octets_max = 16 * 1024;

template <typename Value>
void set_option(int socket, int level, int name, Value value) {
  // A kernel without one of these still carries the link.
  (void)::setsockopt(socket, level, name, &value, sizeof(value));
}
}  // namespace

void set_line_options(int socket) {
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 15);
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
  set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_octets_max);
}

}  // namespace khuoi::node

#pragma once

#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include "node/cli/command.h"

namespace khuoi::node {

/// Takes commands at DIR/run/control.sock, each on a thread of its own; they take turns at the engine like everybody.
/// Only the user who runs the service, and root, are heard (SO_PEERCRED).
class ControlServer final {
 public:
  /// Removes a socket that a service before left: the writer lock says that it is gone.
  /// Errors: io, read_only, denied (DIR/run is not a folder of ours).
  static Result<std::unique_ptr<ControlServer>> listen(Engine& engine, Lent lent);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;
  /// No further commands; those under way end between two commits, and what they printed until then is sent, to who
  /// takes it. Waits for them.
  void stop();

 private:
  struct Guest {
    std::thread thread;
    int socket = -1;
    bool done = false;
  };
  ControlServer(Engine& engine, Lent lent, storage::Fd socket, storage::Fd wake, std::string path);
  void accept_loop();
  void serve_guest(Guest& guest, storage::Fd socket);
  void reap(bool all);
  void hang_up(int how);

  Engine& engine_;
  Lent lent_;
  storage::Fd socket_;
  storage::Fd wake_;  ///< an eventfd: stop
  std::string path_;
  std::atomic<bool> stopping_ = false;
  std::mutex guests_mutex_;
  std::condition_variable guest_done_;
  std::list<Guest> guests_;
  std::thread acceptor_;
};

}  // namespace khuoi::node

#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "node/control/caller.h"
#include "node/control/request.h"

namespace khuoi::node {

/// Takes commands at DIR/run/control.sock, each on a thread of its own; they take turns at the engine like everybody.
/// Past 16 at once they wait in the socket's queue, in the order they came, and cost no descriptor meanwhile; one whose
/// command is gone when its turn comes is not carried out.
/// Only the user who runs the service, and root, are heard (SO_PEERCRED).
class ControlServer final {
 public:
  /// Carries a request out for this caller, on the guest's thread, and gives its exit code. Errors: what was not even
  /// begun, such as unsupported (there is no such command).
  using CarryOut = std::function<Result<int>(const Request& request, Caller& caller)>;
  /// In this data folder. Removes a socket that a service before left: the writer lock says that it is gone.
  /// Errors: io, read_only, denied (DIR/run is not a folder of ours).
  static Result<std::unique_ptr<ControlServer>> listen(const std::string& data, CarryOut carry_out);
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
  ControlServer(CarryOut carry_out, storage::Fd socket, storage::Fd wake, std::string path);
  void accept_loop();
  void serve_guest(Guest& guest, storage::Fd socket);
  bool has_room();
  void reap(bool all);
  void wake();
  void hang_up(int how);

  CarryOut carry_out_;
  storage::Fd socket_;
  storage::Fd wake_;  ///< an eventfd: stop, or a place was left
  std::string path_;
  std::atomic<bool> stopping_ = false;
  std::mutex guests_mutex_;
  std::condition_variable guest_done_;
  std::list<Guest> guests_;
  std::thread acceptor_;
};

}  // namespace khuoi::node

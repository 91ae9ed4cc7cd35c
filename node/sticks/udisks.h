#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "node/sticks/disk_objects.h"
#include "node/sticks/wake.h"
#include "sync/base/result.h"

struct sd_bus;
struct sd_bus_message;

namespace khuoi::mounts {

/// The daemon udisks2 (2.1 or later), over the system bus. One thread uses it, and may wait in it; what happens
/// meanwhile is noted and asked for afterwards. Once wake.stop() was called, every call returns within ten seconds.
class Udisks final {
 public:
  /// Errors: not_found (no bus), denied (the bus does not want us), io.
  static Result<std::unique_ptr<Udisks>> connect(Wake& wake);
  ~Udisks();
  Udisks(const Udisks&) = delete;
  Udisks& operator=(const Udisks&) = delete;

  /// All there is, now; starts the daemon where the bus knows how to. Errors: not_found (not installed), closed, io.
  Result<DiskObjects> objects();
  /// Gives the mount point. Nobody is ever asked for a password. Errors: denied (polkit, or options the administrator
  /// forbids), exists (mounted meanwhile), not_found (pulled meanwhile), closed (daemon or bus went away), io.
  Result<std::string> mount(const std::string& object, const std::string& options);
  Result<void> unmount(const std::string& object);

  /// Takes in what the bus has to say, without waiting for more.
  void drain();
  /// Waits for the bus, wake, or until then.
  void wait(std::optional<std::chrono::steady_clock::time_point> until);

  /// Since it was last asked: whether anything may look different; and which objects lost their file system or went
  /// away.
  bool take_changed() { return std::exchange(changed_, false); }
  /// Those stay until forget_removed().
  [[nodiscard]] bool was_removed(const std::string& object) const { return removed_.contains(object); }
  [[nodiscard]] const std::set<std::string>& removed() const { return removed_; }
  void forget_removed() { removed_.clear(); }
  /// The connection to the bus is gone for good.
  [[nodiscard]] bool lost() const { return lost_; }

 private:
  struct Free {
    void operator()(sd_bus* bus) const;
    void operator()(sd_bus_message* message) const;
  };
  using Message = std::unique_ptr<sd_bus_message, Free>;
  struct Hears;

  explicit Udisks(Wake& wake) : wake_(wake) {}
  Result<void> listen();
  Result<Message> ask(const std::string& object, const char* interface, const char* member) const;
  Result<Message> call(const Message& message, std::chrono::seconds patience);
  void step(std::optional<std::chrono::steady_clock::time_point> until);

  Wake& wake_;
  std::unique_ptr<sd_bus, Free> bus_;
  bool changed_ = true;
  bool lost_ = false;
  std::set<std::string> removed_;
};

}  // namespace khuoi::mounts

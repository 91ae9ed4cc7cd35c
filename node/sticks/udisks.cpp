#include "node/sticks/udisks.h"

#include <poll.h>
#include <systemd/sd-bus.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "node/sticks/disk_message.h"
#include "node/sticks/plain_text.h"

namespace khuoi::mounts {

using std::chrono::steady_clock;

namespace {

constexpr const char* daemon_name = "org.freedesktop.UDisks2";
constexpr const char* root = "/org/freedesktop/UDisks2";
constexpr const char* manager_interface = "org.freedesktop.DBus.ObjectManager";
constexpr std::chrono::seconds patience_looking{25};
/// A journal is replayed, a slow stick flushes what somebody else wrote.
constexpr std::chrono::seconds patience_mounting{120};
constexpr std::chrono::seconds patience_unmounting{300};
constexpr std::chrono::seconds patience_stopping{10};

constexpr std::array<const char*, 3> matches = {
    "type='signal',sender='org.freedesktop.UDisks2',interface='org.freedesktop.DBus.ObjectManager'",
    "type='signal',sender='org.freedesktop.UDisks2',interface='org.freedesktop.DBus.Properties',"
    "member='PropertiesChanged'",
    "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',"
    "arg0='org.freedesktop.UDisks2'"};

Errc code_of(std::string_view name) {
  const auto is_any = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
  };
  if (is_any({"org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
              "org.freedesktop.DBus.Error.UnknownObject", "org.freedesktop.DBus.Error.UnknownMethod",
              "org.freedesktop.DBus.Error.UnknownInterface", "org.freedesktop.UDisks2.Error.NotMounted"})) {
    return Errc::not_found;
  }
  if (name.starts_with("org.freedesktop.UDisks2.Error.NotAuthorized") ||
      is_any({"org.freedesktop.DBus.Error.AccessDenied", "org.freedesktop.UDisks2.Error.OptionNotPermitted"})) {
    return Errc::denied;
  }
  if (name == "org.freedesktop.UDisks2.Error.AlreadyMounted") return Errc::exists;
  if (name == "org.freedesktop.UDisks2.Error.DeviceBusy") return Errc::busy;
  if (is_any({"org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Disconnected",
              "org.freedesktop.DBus.Error.Timeout", "org.freedesktop.DBus.Error.TimedOut"})) {
    return Errc::closed;
  }
  return Errc::io;
}

Error errno_of_bus(int code, const std::string& doing) {
  const bool absent = code == -ENOENT || code == -ECONNREFUSED || code == -ENOMEDIUM;
  const bool unwanted = code == -EACCES || code == -EPERM;
  return fail(absent ? Errc::not_found : unwanted ? Errc::denied : Errc::io, doing + ": " + std::strerror(-code));
}

Error error_of(const sd_bus_error& error) {
  const std::string_view name = error.name == nullptr ? "" : error.name;
  return fail(code_of(name), plain_text(error.message == nullptr ? name : std::string_view(error.message)));
}

int on_reply(sd_bus_message* message, void* reply, sd_bus_error*) {
  *static_cast<sd_bus_message**>(reply) = sd_bus_message_ref(message);
  return 1;
}

}  // namespace

void Udisks::Free::operator()(sd_bus* bus) const { sd_bus_close_unref(bus); }
void Udisks::Free::operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }

/// What the bus tells of its own accord.
struct Udisks::Hears {
  static int signal(sd_bus_message* message, void* self, sd_bus_error*) {
    auto& udisks = *static_cast<Udisks*>(self);
    udisks.changed_ = true;
    if (sd_bus_message_is_signal(message, manager_interface, "InterfacesRemoved") > 0) note_removed(message, udisks);
    return 0;
  }

 private:
  static void note_removed(sd_bus_message* message, Udisks& udisks) {
    const char* object = nullptr;
    if (sd_bus_message_read_basic(message, 'o', static_cast<void*>(&object)) <= 0) return;
    const std::string path = object;
    if (sd_bus_message_enter_container(message, 'a', "s") <= 0) return;
    const char* name = nullptr;
    while (sd_bus_message_read_basic(message, 's', static_cast<void*>(&name)) > 0) {
      if (std::string_view(name) == file_system_interface) udisks.removed_.insert(path);
    }
  }
};

Result<std::unique_ptr<Udisks>> Udisks::connect(Wake& wake) {
  std::unique_ptr<Udisks> out(new Udisks(wake));
  sd_bus* bus = nullptr;
  if (const int code = sd_bus_open_system(&bus); code < 0) return errno_of_bus(code, "there is no system bus");
  out->bus_.reset(bus);
  KHUOI_TRY_VOID(out->listen());
  return out;
}

Udisks::~Udisks() = default;

Result<void> Udisks::listen() {
  for (const char* match : matches) {
    if (const int code = sd_bus_add_match(bus_.get(), nullptr, match, Hears::signal, this); code < 0) {
      return errno_of_bus(code, "the system bus does not answer");
    }
  }
  return {};
}

/// A method call without its arguments.
Result<Udisks::Message> Udisks::ask(const std::string& object, const char* interface, const char* member) const {
  sd_bus_message* made = nullptr;
  const int code = sd_bus_message_new_method_call(bus_.get(), &made, daemon_name, object.c_str(), interface, member);
  if (code < 0) return errno_of_bus(code, "asking udisks2");
  return Message(made);
}

Result<Udisks::Message> Udisks::call(const Message& message, std::chrono::seconds patience) {
  sd_bus_message* reply = nullptr;
  sd_bus_slot* slot = nullptr;
  const auto micros = static_cast<std::uint64_t>(std::chrono::microseconds(patience).count());
  if (const int code = sd_bus_call_async(bus_.get(), &slot, message.get(), on_reply, &reply, micros); code < 0) {
    return errno_of_bus(code, "asking udisks2");
  }
  std::optional<steady_clock::time_point> give_up;
  while (reply == nullptr && !lost_) {
    if (wake_.stopping() && !give_up) give_up = steady_clock::now() + patience_stopping;
    if (give_up && steady_clock::now() >= *give_up) break;
    step(give_up);
  }
  sd_bus_slot_unref(slot);  // after this nobody writes to `reply`
  if (reply == nullptr) return fail(Errc::closed, lost_ ? "the system bus went away" : "this node is stopping");
  Message out(reply);
  if (sd_bus_message_is_method_error(reply, nullptr) > 0) return error_of(*sd_bus_message_get_error(reply));
  return out;
}

Result<DiskObjects> Udisks::objects() {
  KHUOI_TRY(const Message question, ask(root, manager_interface, "GetManagedObjects"));
  KHUOI_TRY(const Message answer, call(question, patience_looking));
  return read_disk_objects(answer.get());
}

Result<std::string> Udisks::mount(const std::string& object, const std::string& options) {
  KHUOI_TRY(const Message question, ask(object, file_system_interface, "Mount"));
  const int code = sd_bus_message_append(question.get(), "a{sv}", 2, "options", "s", options.c_str(),
                                         "auth.no_user_interaction", "b", 1);
  if (code < 0) return errno_of_bus(code, "asking udisks2 to mount");
  KHUOI_TRY(const Message answer, call(question, patience_mounting));
  const char* point = nullptr;
  if (sd_bus_message_read_basic(answer.get(), 's', static_cast<void*>(&point)) <= 0) {
    return fail(Errc::malformed, "udisks2 mounted the stick and did not say where");
  }
  return std::string(point);
}

Result<void> Udisks::unmount(const std::string& object) {
  KHUOI_TRY(const Message question, ask(object, file_system_interface, "Unmount"));
  const int code = sd_bus_message_append(question.get(), "a{sv}", 1, "auth.no_user_interaction", "b", 1);
  if (code < 0) return errno_of_bus(code, "asking udisks2 to unmount");
  KHUOI_TRY_VOID(call(question, patience_unmounting));
  return {};
}

void Udisks::drain() {
  while (!lost_) {
    const int code = sd_bus_process(bus_.get(), nullptr);
    lost_ = code < 0;
    if (code <= 0) return;
  }
}

void Udisks::wait(std::optional<steady_clock::time_point> until) {
  drain();
  if (!lost_ && !changed_ && !wake_.stopping()) step(until);
  drain();
}

/// Does one thing that the bus has to say, or else waits once.
void Udisks::step(std::optional<steady_clock::time_point> until) {
  if (const int code = sd_bus_process(bus_.get(), nullptr); code != 0) {
    lost_ = code < 0;
    return;
  }
  const int events = sd_bus_get_events(bus_.get());
  const int bus_fd = sd_bus_get_fd(bus_.get());
  std::uint64_t due_micros = UINT64_MAX;  // on the monotonic clock, which steady_clock reads
  if (events < 0 || bus_fd < 0 || sd_bus_get_timeout(bus_.get(), &due_micros) < 0) {
    lost_ = true;
    return;
  }
  if (until) {
    const auto at = std::chrono::duration_cast<std::chrono::microseconds>(until->time_since_epoch()).count();
    due_micros = std::min(due_micros, static_cast<std::uint64_t>(std::max<std::int64_t>(at, 0)));
  }
  int timeout_ms = -1;
  if (due_micros != UINT64_MAX) {
    const auto now = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now().time_since_epoch()).count());
    constexpr std::uint64_t hour_ms = 3'600'000;
    timeout_ms = due_micros <= now ? 0 : static_cast<int>(std::min(hour_ms, (due_micros - now) / 1000 + 1));
  }
  std::array<pollfd, 2> fds = {pollfd{bus_fd, static_cast<short>(events), 0}, pollfd{wake_.fd(), POLLIN, 0}};
  if (::poll(fds.data(), fds.size(), timeout_ms) < 0 && errno != EINTR) lost_ = true;
  if ((fds[1].revents & POLLIN) != 0) wake_.hush();
}

}  // namespace khuoi::mounts

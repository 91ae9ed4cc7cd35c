#include "node/sticks/disk_message.h"

#include <systemd/sd-bus.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string_view>

namespace khuoi::mounts {

namespace {

/// sd-bus gives negative numbers for what the message does not hold.
class Malformed {};

int sound(int code) {
  if (code < 0) throw Malformed();
  return code;
}

void each_entry(sd_bus_message* message, const char* entry, const std::function<void()>& read) {
  sound(sd_bus_message_enter_container(message, 'a', (std::string("{") + entry + "}").c_str()));
  while (sound(sd_bus_message_enter_container(message, 'e', entry)) > 0) {
    read();
    sound(sd_bus_message_exit_container(message));
  }
  sound(sd_bus_message_exit_container(message));
}

std::string read_octets(sd_bus_message* message) {
  const void* data = nullptr;
  std::size_t octets = 0;
  sound(sd_bus_message_read_array(message, 'y', &data, &octets));
  const std::string_view all(static_cast<const char*>(data), octets);
  return std::string(all.substr(0, all.find('\0')));
}

std::vector<std::string> read_octet_strings(sd_bus_message* message) {
  std::vector<std::string> out;
  sound(sd_bus_message_enter_container(message, 'a', "ay"));
  while (sound(sd_bus_message_at_end(message, 0)) == 0) out.push_back(read_octets(message));
  sound(sd_bus_message_exit_container(message));
  return out;
}

DiskValue read_plain(sd_bus_message* message, std::string_view type) {
  if (type == "b") {
    int value = 0;
    sound(sd_bus_message_read_basic(message, 'b', &value));
    return value != 0;
  }
  if (type == "t") {
    std::uint64_t value = 0;
    sound(sd_bus_message_read_basic(message, 't', &value));
    return value;
  }
  if (type == "ay") return read_octets(message);
  if (type == "aay") return read_octet_strings(message);
  const char* text = nullptr;
  sound(sd_bus_message_read_basic(message, type[0], static_cast<void*>(&text)));
  return std::string(text);
}

std::optional<DiskValue> read_value(sd_bus_message* message) {
  constexpr std::array<std::string_view, 6> wanted = {"b", "t", "s", "o", "ay", "aay"};
  const char* type = nullptr;
  sound(sd_bus_message_peek_type(message, nullptr, &type));
  if (type == nullptr) throw Malformed();
  if (std::ranges::find(wanted, std::string_view(type)) == wanted.end()) {
    sound(sd_bus_message_skip(message, "v"));
    return std::nullopt;
  }
  const std::string kept = type;
  sound(sd_bus_message_enter_container(message, 'v', kept.c_str()));
  DiskValue out = read_plain(message, kept);
  sound(sd_bus_message_exit_container(message));
  return out;
}

std::string read_text(sd_bus_message* message, char type) {
  const char* text = nullptr;
  sound(sd_bus_message_read_basic(message, type, static_cast<void*>(&text)));
  return text;
}

DiskProperties read_properties(sd_bus_message* message) {
  DiskProperties out;
  each_entry(message, "sv", [&] {
    std::string name = read_text(message, 's');
    if (auto value = read_value(message)) out.insert_or_assign(std::move(name), std::move(*value));
  });
  return out;
}

}  // namespace

Result<DiskObjects> read_disk_objects(sd_bus_message* message) {
  DiskObjects out;
  try {
    each_entry(message, "oa{sa{sv}}", [&] {
      std::string object = read_text(message, 'o');
      DiskInterfaces interfaces;
      each_entry(message, "sa{sv}", [&] {
        std::string name = read_text(message, 's');
        interfaces.insert_or_assign(std::move(name), read_properties(message));
      });
      if (out.size() < disk_objects_max) out.insert_or_assign(std::move(object), std::move(interfaces));
    });
  } catch (const Malformed&) {
    return fail(Errc::malformed, "udisks2 answered what is no list of disks: is it udisks2 2.1 or later?");
  }
  return out;
}

}  // namespace khuoi::mounts

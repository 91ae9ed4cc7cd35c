#include "node/openrosa/collect_settings.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <memory>

#include "sync/base/bytes.h"

namespace khuoi::openrosa {

namespace json = boost::json;

std::string settings_json(const CollectSettings& settings) {
  return json::serialize(json::object{{"general", json::object{{"protocol", "odk_default"},
                                                               {"server_url", settings.server_url},
                                                               {"username", settings.username},
                                                               {"password", settings.password},
                                                               {"app_language", "vi"},
                                                               // Forms and sends follow the box without a press.
                                                               {"form_update_mode", "match_exactly"},
                                                               {"periodic_form_updates_check", "every_fifteen_minutes"},
                                                               {"autosend", "wifi_only"},
                                                               // 2,048 pixels: a paper stays readable.
                                                               {"image_size", "medium"}}},
                                      {"admin", json::object{}},
                                      {"project", json::object{{"name", settings.project}}}});
}

Result<std::string> qr_text(const CollectSettings& settings) {
  const std::string text = settings_json(settings);
  uLongf octets = compressBound(static_cast<uLong>(text.size()));
  Bytes packed(octets);
  const int state =
      compress2(packed.data(), &octets, view_of(text).data(), static_cast<uLong>(text.size()), Z_BEST_COMPRESSION);
  if (state != Z_OK) return fail(Errc::io, "the settings for a phone could not be compressed");
  packed.resize(octets);
  Bytes encoded((packed.size() + 2) / 3 * 4 + 1);  // EVP_EncodeBlock ends with a zero
  const int length = EVP_EncodeBlock(encoded.data(), packed.data(), static_cast<int>(packed.size()));
  return std::string(text_of(ByteView(encoded).first(static_cast<std::size_t>(length))));
}

std::vector<Address> addresses_of_box() {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> held(all, ::freeifaddrs);
  std::vector<Address> out;
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_UP) == 0) continue;
    Address address{one->ifa_name, {}, one->ifa_addr->sa_family == AF_INET6, (one->ifa_flags & IFF_LOOPBACK) != 0};
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* octets = nullptr;
    if (one->ifa_addr->sa_family == AF_INET) octets = &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr;
    if (address.v6) {
      const in6_addr& six = reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr;
      octets = IN6_IS_ADDR_LINKLOCAL(&six) ? nullptr : &six;
    }
    if (octets == nullptr || ::inet_ntop(one->ifa_addr->sa_family, octets, text.data(), text.size()) == nullptr)
      continue;
    address.text = text.data();
    out.push_back(std::move(address));
  }
  return out;
}

namespace {

struct HostOf {
  std::string host;  ///< without brackets
  std::string port;
};

HostOf split(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const bool has_port = colon != std::string::npos && text.find(']', colon) == std::string::npos;
  HostOf out{text.substr(0, has_port ? colon : std::string::npos), has_port ? text.substr(colon + 1) : ""};
  if (out.host.size() > 2 && out.host.front() == '[') out.host = out.host.substr(1, out.host.size() - 2);
  return out;
}

}  // namespace

bool is_loopback(const std::vector<Address>& addresses, const std::string& url) {
  const std::string host = split(url.substr(url.find("//") + 2)).host;
  const auto one = std::ranges::find(addresses, host, &Address::text);
  return one != addresses.end() && one->loopback;
}

std::vector<std::string> urls_for_phones(const std::vector<Address>& addresses, const std::string& listening,
                                         const std::string& asked) {
  const HostOf server = split(listening);
  const std::string asked_host = split(asked).host;
  const bool any = server.host == "0.0.0.0" || server.host == "::";
  std::vector<Address> usable;
  for (const Address& one : addresses) {
    const bool reached = any ? server.host == "::" || !one.v6 : one.text == server.host;
    if (reached) usable.push_back(one);
  }
  const bool only_loopback = std::ranges::all_of(usable, &Address::loopback);
  if (!only_loopback) std::erase_if(usable, [](const Address& one) { return one.loopback; });
  const auto rank = [&](const Address& one) {
    const bool wireless = one.interface.starts_with("wl") || one.interface.starts_with("ap");
    return one.text == asked_host ? 0 : (one.v6 ? 2 : 0) + (wireless ? 1 : 2);
  };
  std::ranges::stable_sort(usable, {}, rank);
  std::vector<std::string> out;
  for (const Address& one : usable) {
    const std::string port = server.port == "80" || server.port.empty() ? "" : ":" + server.port;
    out.push_back("http://" + (one.v6 ? "[" + one.text + "]" : one.text) + port);
  }
  return out;
}

}  // namespace khuoi::openrosa

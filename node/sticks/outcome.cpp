#include "node/sticks/outcome.h"

#include <algorithm>
#include <array>

namespace khuoi::mounts {

using node::StickNews;

namespace {

constexpr std::array<std::string_view, 4> not_used_at_all = {"file_system", "unsafe_mount", "mount_denied",
                                                             "mount_failed"};

int weight_of(const StickNews& news) {
  switch (news.what) {
    case StickNews::What::failed:
      return std::ranges::find(not_used_at_all, news.reason) == not_used_at_all.end() ? 4 : 1;
    case StickNews::What::safe:
      return 3;
    case StickNews::What::foreign:
      return 2;
    case StickNews::What::working:
    case StickNews::What::none:
      break;
  }
  return 0;
}

}  // namespace

StickNews joined(StickNews one, StickNews other) {
  const bool first = weight_of(one) >= weight_of(other);
  StickNews out = first ? one : other;
  out.counts = one.counts;
  out.counts.add(other.counts);
  return out;
}

std::string reason_of_mounting(Errc code) {
  if (code == Errc::denied) return "mount_denied";
  return code == Errc::unsupported ? "unsafe_mount" : "mount_failed";
}

std::string why_not_mounted(const FileSystem& file_system, const std::string& user, const Error& error) {
  const std::string stick = "the stick " + short_name(file_system);
  if (error.code == Errc::denied) {
    return stick + " may not be mounted by the user " + (user.empty() ? "of this service" : user) + " (" + error.what +
           "): put 50-khuoi-sticks.rules into /etc/polkit-1/rules.d";
  }
  if (error.code == Errc::closed) return stick + " was not mounted: " + error.what + "; plug it in again";
  return stick + " cannot be mounted (" + error.what + "): have it checked on a computer, or take another one";
}

}  // namespace khuoi::mounts

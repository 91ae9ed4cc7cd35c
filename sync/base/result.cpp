#include "sync/base/result.h"

#include <stdexcept>

namespace khuoi {

std::string_view name_of(Errc code) {
  switch (code) {
    case Errc::malformed: return "malformed";
    case Errc::too_large: return "too_large";
    case Errc::unauthenticated: return "unauthenticated";
    case Errc::not_found: return "not_found";
    case Errc::exists: return "exists";
    case Errc::locked: return "locked";
    case Errc::denied: return "denied";
    case Errc::conflict: return "conflict";
    case Errc::store_full: return "store_full";
    case Errc::disk_full: return "disk_full";
    case Errc::read_only: return "read_only";
    case Errc::io: return "io";
    case Errc::damaged: return "damaged";
    case Errc::unsupported: return "unsupported";
    case Errc::busy: return "busy";
    case Errc::closed: return "closed";
    case Errc::usage: return "usage";
    case Errc::not_ready: return "not_ready";
  }
  return "unknown";
}

void throw_exception_from_error(const Error& error, const boost::source_location& /*where*/) {
  throw std::runtime_error(error.what);
}

}  // namespace khuoi

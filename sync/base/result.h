#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace khuoi {

/// Expected failures. A caller decides by the code; a person reads Error::what.
enum class Errc {
  malformed,        ///< octets that do not decode
  too_large,        ///< past a named limit
  unauthenticated,  ///< a tag or signature does not verify, or the signer is unknown
  not_found,
  exists,
  locked,      ///< needs a passphrase first
  denied,      ///< known, but not allowed
  conflict,    ///< clashes with what is there
  store_full,  ///< past the store's own limit
  disk_full,
  read_only,
  io,
  damaged,      ///< our own file is broken
  unsupported,  ///< a version or a feature this build does not know
  busy,         ///< another writer has it
  closed,       ///< the link or the run has ended
  usage,
  not_ready,  ///< what it needs comes later; asking again then loses nothing
};
std::string_view name_of(Errc code);

/// A failure: its kind, and one sentence that names what was wrong, where, and what to do.
struct Error {
  Errc code = Errc::io;
  std::string what;
};

[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

/// A value, or why there is none.
template <typename T>
class [[nodiscard]] Result : public boost::system::result<T, Error> {
 public:
  using boost::system::result<T, Error>::result;
};

inline Error fail(Errc code, std::string what) { return Error{code, std::move(what)}; }

}  // namespace khuoi

#define KHUOI_JOIN_(a, b) a##b
#define KHUOI_JOIN(a, b) KHUOI_JOIN_(a, b)
#define KHUOI_TRY_(result, decl, expr)                   \
  auto result = (expr);                                  \
  if (!(result)) return std::move(result).error();       \
  decl = std::move(*(result))
/// `KHUOI_TRY(auto hello, decode_hello(octets));` passes a failure on, or names the value.
#define KHUOI_TRY(decl, expr) KHUOI_TRY_(KHUOI_JOIN(khuoi_try_, __COUNTER__), decl, expr)
/// The same for a Result<void>.
#define KHUOI_TRY_VOID_(result, expr) \
  if (auto result = (expr); !(result)) return std::move(result).error()
#define KHUOI_TRY_VOID(expr) KHUOI_TRY_VOID_(KHUOI_JOIN(khuoi_try_, __COUNTER__), expr)

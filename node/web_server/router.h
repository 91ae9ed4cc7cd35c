#pragma once

#include <functional>
#include <string>
#include <vector>

#include "node/acts/capabilities.h"
#include "node/web_server/message.h"

namespace khuoi::http {

using node::Capabilities, node::Capability;

/// How a route takes the body of a request.
enum class Body : std::uint8_t {
  none,    ///< anything but an empty one is 413
  memory,  ///< into Request::body, at most octets_max
  file,    ///< into Request::file, at most octets_max
  parts,   ///< multipart/form-data into Request::parts, at most octets_max in all
};

/// What is asked of a request before its handler, and before its body is read (people/admission.h).
enum class Guard : std::uint8_t {
  session,  ///< Origin and X-Khuoi on everything but GET and HEAD
  own,      ///< the route's `admit` decides alone: phones with passwords of their own
};

/// Who may use a route. There is no default: a route that does not say it does not compile.
class Access final {
 public:
  constexpr Access(Capability needed) : logged_in_(true), needed_(needed) {}  // NOLINT: routes name it alone
  static constexpr Access anybody() { return {false, {}}; }
  static constexpr Access logged_in() { return {true, {}}; }

  /// Errors: locked when nobody is logged in, denied; not_found where who lacks the capability is told of nothing.
  [[nodiscard]] Result<void> check(bool logged_in, Capabilities may) const;
  bool operator==(const Access&) const = default;

 private:
  constexpr Access(bool logged_in, Capabilities needed) : logged_in_(logged_in), needed_(needed) {}
  bool logged_in_;
  Capabilities needed_;
};

/// Who carries a handler out, on threads of their own: none ever waits on the sockets' thread.
enum class Lane : std::uint8_t {
  quick,
  slow,   ///< one at a time: what takes a second and 256 MiB
  voice,  ///< one at a time, and few may wait, the others are refused as busy: what keeps a whole processor for seconds
};

struct Route {
  Method method = Method::get;
  /// "/api/forms/:key/media/:name": a segment with a colon takes any one segment, which Request::values then holds.
  std::string pattern;
  Access access;
  std::function<Response(Request&)> handle = {};
  Body body = Body::none;
  std::uint64_t octets_max = 0;
  Guard guard = Guard::session;
  Lane lane = Lane::quick;
  /// Runs before the body is read, on a worker's thread; an answer given here is the answer, and the body is not read.
  std::function<std::optional<Response>(Request&)> admit = {};
  /// Makes every answer of this route, refusals too, what its clients understand. Any thread; does not wait.
  std::function<Response(Response)> dress = {};
  /// Also for who came in with a phrase that somebody else made: to change it, to leave, to see who one is. Everything
  /// else with Guard::session is 403 `own_phrase` for them.
  bool before_own_phrase = false;
};

/// All routes. HEAD is answered by the GET route of that path unless it has one of its own.
class Router final {
 public:
  void add(Route route);

  struct Match {
    const Route* route = nullptr;  ///< null: none
    std::vector<std::string> values;
    bool other_method = false;    ///< the path is known, this method is not
    const Route* near = nullptr;  ///< the first route of that path, whatever its method
  };
  [[nodiscard]] Match match(Method method, const std::vector<std::string>& segments) const;
  /// In the order in which they were added.
  [[nodiscard]] std::vector<const Route*> routes() const;
  /// For what could not be understood: a route that dresses its answers, by the first segment of the target as it came.
  [[nodiscard]] const Route* dressing(std::string_view raw_target) const;

 private:
  struct Known {
    Route route;
    std::vector<std::string> segments;
  };
  std::vector<Known> known_;
};

}  // namespace khuoi::http

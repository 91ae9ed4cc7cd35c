#pragma once

#include "node/web_server/router.h"

namespace khuoi::http {

/// What a server answers for: the first start of an empty data folder, or a node's counter.
class Site {
 public:
  virtual ~Site() = default;
  [[nodiscard]] virtual const Router& router() const = 0;
  /// Who asks, told in request.viewer and request.known, and whether they may; an answer given here is the answer.
  /// `route`: none for the pages. On the sockets' thread, before the body is read: quick.
  virtual std::optional<Response> admit(Request& request, const Route* route) = 0;
  /// A person's own answer to what no route takes: the pages.
  virtual std::optional<Response> page(const Request& request) = 0;
  /// What this site has no routes for at all, whatever is asked of it. On the sockets' thread: quick.
  virtual std::optional<Response> refusal(const Request&) { return std::nullopt; }
  /// Where bodies wait. Never null.
  [[nodiscard]] virtual std::shared_ptr<Spool> spool() const = 0;
  [[nodiscard]] virtual Rng& rng() = 0;
  /// Something was refused with this status (refusals.h). On the sockets' thread: quick.
  virtual void note_refusal(unsigned status) = 0;
};

}  // namespace khuoi::http

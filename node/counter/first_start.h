#pragma once

#include <functional>

#include "node/acts/make_node.h"
#include "node/counter/counter.h"
#include "node/people/setup_code.h"

namespace khuoi::http {

/// What is answered while the data folder holds no node: the pages, /api/session with the stage "new", phrases to
/// choose from, and POST /api/setup, which makes the node and logs its first person in. At the box's own screen anybody
/// may; from another device only who read the code on the box's console or in its log: else whoever is in the Wi-Fi
/// first owns it. Headers of proxies (X-Forwarded-For) say nothing here: who holds the connection's other end counts.
class FirstStart final : public Site {
 public:
  struct Wish {
    node::NewNode node;
    sync::Secret phrase;  ///< of node.person
    std::string unit;     ///< of a commune: its unit's code; empty: none yet
  };
  /// Makes the node and brings the service up. On a worker's thread: may take seconds. Errors: usage, exists, io.
  using Make = std::function<Result<std::shared_ptr<Counter>>(Wish wish)>;

  /// `role`: what the folder becomes.
  FirstStart(Rng& rng, std::shared_ptr<Spool> spool, Make make, sync::Role role = sync::Role::hamlet);

  [[nodiscard]] const Router& router() const override { return router_; }
  /// For what others refuse meanwhile: phones (node/openrosa).
  [[nodiscard]] Router& router() { return router_; }
  std::optional<Response> admit(Request& request, const Route* route) override;
  std::optional<Response> page(const Request& request) override;
  [[nodiscard]] std::shared_ptr<Spool> spool() const override { return spool_; }
  [[nodiscard]] Rng& rng() override { return rng_; }
  /// Also in the log, from the constructor on: a service's console.
  [[nodiscard]] std::string code() const { return code_.text(); }
  void note_refusal(unsigned) override {}  // the counter that comes after begins to count

 private:
  Response session(Request& request);
  Response setup(Request& request);
  /// Nothing when the request may make the node.
  std::optional<Response> refused(const Request& request, const std::string& code);
  Rng& rng_;
  std::shared_ptr<Spool> spool_;  ///< shared with the counter that comes after
  Make make_;
  sync::Role role_;
  people::Cookies cookies_;
  people::SetupCode code_;
  Router router_;
  bool made_ = false;  ///< on the slow lane only
};

}  // namespace khuoi::http

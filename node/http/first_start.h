#pragma once

#include <functional>

#include "node/http/counter.h"

namespace khuoi::http {

/// What is answered while the data folder holds no node: the pages, /api/session with the stage "new", phrases to
/// choose from, and POST /api/setup, which makes the node and logs its first person in.
class FirstStart final : public Site {
 public:
  struct Wish {
    std::string name;  ///< of the hamlet
    std::string person;
    sync::Secret phrase;
  };
  /// Makes the node and brings the service up. On a worker's thread: may take seconds. Errors: usage, exists, io.
  using Make = std::function<Result<std::shared_ptr<Counter>>(Wish wish)>;

  FirstStart(Rng& rng, std::shared_ptr<Spool> spool, Make make);

  [[nodiscard]] const Router& router() const override { return router_; }
  Viewer viewer(std::string_view cookie_header, bool idle) override;
  std::optional<Response> page(const Request& request) override;
  [[nodiscard]] std::shared_ptr<Spool> spool() const override { return spool_; }
  [[nodiscard]] Rng& rng() override { return rng_; }
  void note_refusal(unsigned) override {}  // the counter that comes after begins to count

 private:
  Response session(Request& request);
  Response setup(Request& request);
  Rng& rng_;
  std::shared_ptr<Spool> spool_;  ///< shared with the counter that comes after
  Make make_;
  Cookies cookies_;
  Router router_;
  bool made_ = false;  ///< on the slow lane only
};

}  // namespace khuoi::http

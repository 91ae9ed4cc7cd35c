#pragma once

#include <functional>
#include <type_traits>

#include "sync/base/result.h"

namespace khuoi::sync {

/// Whether a walk goes on after what was visited.
enum class Walk : std::uint8_t { on, stop };

/// What a walk calls for each of its entries: any function of them that gives back nothing (it goes on), a Walk, whether
/// to go on, or a Result of nothing or a Walk, whose error ends the walk and is the walk's own.
template <typename... Args>
class Visitor final {
 public:
  template <typename Visit>
    requires(!std::is_same_v<std::remove_cvref_t<Visit>, Visitor>)
  Visitor(Visit&& visit)  // NOLINT(google-explicit-constructor): a lambda stands where a visitor is wanted
      : visit_([visit = std::forward<Visit>(visit)](Args... args) mutable -> Result<Walk> {
          using Out = std::invoke_result_t<decltype(visit)&, Args...>;
          if constexpr (std::is_void_v<Out>) {
            visit(std::forward<Args>(args)...);
            return Walk::on;
          } else if constexpr (std::is_same_v<Out, Result<void>>) {
            KHUOI_TRY_VOID(visit(std::forward<Args>(args)...));
            return Walk::on;
          } else if constexpr (std::is_same_v<Out, bool>) {
            return visit(std::forward<Args>(args)...) ? Walk::on : Walk::stop;
          } else {
            return visit(std::forward<Args>(args)...);
          }
        }) {}
  Result<Walk> operator()(Args... args) const { return visit_(std::forward<Args>(args)...); }

 private:
  std::function<Result<Walk>(Args...)> visit_;
};

}  // namespace khuoi::sync

#pragma once

#include <vector>

#include "sync/base/time.h"

namespace khuoi::sim {

/// When one sender was on the air, over the whole run. Memory: 24 octets a frame.
class AirtimeLog final {
 public:
  /// Begins at or after the end of the one before.
  void add(Instant start, Instant end);
  /// The last one ended already then.
  void cut(Instant end);
  /// On the air from the beginning until then.
  [[nodiscard]] Micros before(Instant when) const;
  [[nodiscard]] Micros total() const;
  /// The most within any time so long, exactly: frames that lie in it in part count in part.
  [[nodiscard]] Micros worst(Micros window) const;

 private:
  struct Row {
    Instant start, end;
    Micros before{};  ///< of all rows above
  };
  std::vector<Row> rows_;
};

}  // namespace khuoi::sim

#pragma once

namespace khuoi::radio {

/// How many of the frames that were said to a peer did not arrive there, of the last hundred or so.
class Loss final {
 public:
  void said() {
    if (++said_ < remembered) return;
    said_ /= 2;
    arrived_ /= 2;
  }
  void arrived(unsigned frames) { arrived_ += frames; }
  /// `open`: frames that no answer has told of yet. Zero until enough were said.
  [[nodiscard]] unsigned permille(unsigned open) const {
    const unsigned known = said_ > open ? said_ - open : 0;
    if (known < told_from || arrived_ >= known) return 0;
    return (known - arrived_) * 1000 / known;
  }

 private:
  static constexpr unsigned remembered = 128;
  static constexpr unsigned told_from = 8;
  unsigned said_ = 0;
  unsigned arrived_ = 0;
};

}  // namespace khuoi::radio

#pragma once

#include <optional>
#include <random>

#include "base/time.h"

namespace crosswalk::outbound {

using Random = std::mt19937_64;

/// Some time up to `least` doubled `tries` times, and up to `most`: whoever failed together does not come back together
/// (full jitter).
[[nodiscard]] Duration full_jitter(int tries, Duration least, Duration most, Random& random);

/// A receiver that fails again and again is asked by one delivery at a time, until it answers. Pure: chance
/// and the monotonic time are given.
class Circuit {
 public:
  /// This many failures in a row, of whatever records, are the receiver's and not the events'.
  static constexpr int kFailuresMax = 5;
  /// A receiver that has come back is noticed within this time.
  static constexpr Duration kProbeLeast{10'000}, kProbeMost{300'000};

  void succeeded() { *this = {}; }
  void failed(Timestamp now, Random& random);

  [[nodiscard]] bool is_open() const { return failures_ >= kFailuresMax; }
  /// When the next delivery may be tried; while the circuit is closed there is nothing to wait for.
  [[nodiscard]] Timestamp probe_at() const { return probe_at_; }

 private:
  int failures_ = 0;
  Timestamp probe_at_{};
};

}  // namespace crosswalk::outbound

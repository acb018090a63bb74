#include "outbound/circuit.h"

#include <algorithm>

namespace crosswalk::outbound {
namespace {

/// Doubling more often than this is beyond every limit, and would overflow.
constexpr int kDoublingsMax = 30;

}  // namespace

Duration full_jitter(int tries, Duration least, Duration most, Random& random) {
  const std::int64_t ceiling = std::min(most.count(), least.count() << std::clamp(tries, 0, kDoublingsMax));
  return Duration{std::uniform_int_distribution<std::int64_t>(0, ceiling)(random)};
}

void Circuit::failed(Timestamp now, Random& random) {
  ++failures_;
  if (!is_open()) return;
  // Not sooner than half of the least: a probe must leave the receiver time to get up.
  probe_at_ = now + std::max(kProbeLeast / 2, full_jitter(failures_ - kFailuresMax, kProbeLeast, kProbeMost, random));
}

}  // namespace crosswalk::outbound

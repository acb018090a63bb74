#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/time.h"

namespace crosswalk {

/// Time as the engine sees it: the system's in production, accelerated in the demonstration, virtual in the simulated
/// world.
class Clock {
 public:
  virtual ~Clock() = default;

  /// The time of day. It jumps, back as well, when the clock is set: it is for what people and other machines are told.
  [[nodiscard]] virtual Timestamp now() const = 0;

  /// Passes as now() does, and is never set: it is for whatever waits or is measured. Only differences mean something.
  [[nodiscard]] virtual Timestamp monotonic() const = 0;

  /// Resumes on the caller's executor when now() >= `at`, or at once when the coroutine is cancelled.
  virtual boost::asio::awaitable<void> sleep_until(Timestamp at) = 0;

  /// Resumes on the caller's executor when `time` has passed by monotonic(), or at once when the coroutine is
  /// cancelled.
  virtual boost::asio::awaitable<void> sleep_for(Duration time) = 0;
};

}  // namespace crosswalk

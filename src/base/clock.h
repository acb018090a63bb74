#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/time.h"

namespace crosswalk {

/// Time as the engine sees it: the system's in production, accelerated in the demonstration, virtual in the simulated
/// world.
class Clock {
 public:
  virtual ~Clock() = default;

  [[nodiscard]] virtual Timestamp now() const = 0;

  /// Resumes on the caller's executor when now() >= `at`, or at once when the coroutine is cancelled.
  virtual boost::asio::awaitable<void> sleep_until(Timestamp at) = 0;
};

}  // namespace crosswalk

#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "base/async.h"

namespace crosswalk::engine {

/// What the services of one engine run on together: one executor with one thread.
struct Loop {
  explicit Loop(boost::asio::any_io_executor on) : executor(on), crew(on), wake(on) {}

  boost::asio::any_io_executor executor;
  Crew crew;              ///< work that the engine waits for before it ends
  Signal wake;            ///< brings about the engine's next turn
  bool stopping = false;  ///< nothing new is begun
  /// False when the engine has ended; what outlives it asks.
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);

  /// Of what a coroutine has kept of `alive`.
  [[nodiscard]] static bool lives(const std::weak_ptr<bool>& alive) {
    const auto still = alive.lock();
    return still && *still;
  }
};

}  // namespace crosswalk::engine

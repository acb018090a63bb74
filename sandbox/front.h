#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "net/server.h"
#include "sandbox/world.h"

namespace crosswalk::sandbox {

/// A world behind HTTP: one lock around it, its delays slept out, its dropped connections dropped; the control API
/// under /sandbox/ and the web page at /.
class Front {
 public:
  explicit Front(World& world) : world_(world) {}

  [[nodiscard]] Result<void> start(net::ServerOptions options);
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  void stop();
  /// For who must look at the world while it serves.
  [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

 private:
  boost::asio::awaitable<net::Response> handle(const net::Request& request);

  World& world_;
  std::mutex mutex_;
  std::unique_ptr<net::Server> server_;
};

/// The system's time, running `rate` times as fast from the moment it is made.
[[nodiscard]] World::Now accelerated_clock(double rate);

}  // namespace crosswalk::sandbox

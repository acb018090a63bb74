#pragma once

#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "net/server.h"
#include "sandbox/pump.h"
#include "sandbox/world.h"

namespace crosswalk::sandbox {

/// A world behind HTTP: one lock around it, its delays slept out, its dropped connections dropped, its
/// callbacks delivered; the control API under /sandbox/, the web page at /, and ConnectWise's own addresses of records,
/// which lead to that page.
class Front {
 public:
  explicit Front(World& world) : world_(world) {}
  ~Front() { stop(); }

  /// May be called several times: one world behind HTTP and HTTPS. With a certificate it is HTTPS.
  [[nodiscard]] Result<void> start(net::ServerOptions options);
  /// Of the server that was started as number `server`.
  [[nodiscard]] std::uint16_t port(std::size_t server = 0) const { return servers_.at(server)->port(); }
  void stop();
  /// For who must look at the world while it serves.
  [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

 private:
  boost::asio::awaitable<net::Response> handle(const net::Request& request, bool secure);

  /// What happens in the world without being asked for.
  void tick(const std::stop_token& stopping);

  World& world_;
  std::mutex mutex_;
  std::jthread ticker_;
  std::vector<std::unique_ptr<net::Server>> servers_;
  std::unique_ptr<DeliveryPump> pump_;
};

/// The system's time, running `rate` times as fast from the moment it is made.
[[nodiscard]] World::Now accelerated_clock(double rate);

}  // namespace crosswalk::sandbox

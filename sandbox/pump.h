#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <thread>

#include "net/http.h"
#include "sandbox/deliveries.h"
#include "sandbox/world.h"

namespace crosswalk::sandbox {

/// Delivers a world's callbacks over HTTP, from a thread of its own, until it is destroyed.
class DeliveryPump {
 public:
  /// `mutex` is held whenever the world is touched.
  DeliveryPump(World& world, std::mutex& mutex);
  ~DeliveryPump();
  DeliveryPump(const DeliveryPump&) = delete;
  DeliveryPump& operator=(const DeliveryPump&) = delete;

 private:
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> send(Delivery delivery);

  World& world_;
  std::mutex& mutex_;
  boost::asio::io_context context_;
  std::unique_ptr<net::Transport> transport_;
  std::thread thread_;
};

}  // namespace crosswalk::sandbox

#include "sandbox/pump.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/curl_transport.h"

namespace crosswalk::sandbox {
namespace asio = boost::asio;
namespace {

/// How often the world is asked: a subscriber does not notice it, and the lock is not busy with it.
constexpr Duration kLook{25};

}  // namespace

DeliveryPump::DeliveryPump(World& world, std::mutex& mutex) : world_(world), mutex_(mutex) {
  net::CurlOptions options;
  options.user_agent = "crosswalk-sandbox";
  net::HostPolicy policy;
  policy.allow_private = policy.any_host = true;
  transport_ = net::make_curl_transport(options, policy);
  asio::co_spawn(context_, run(), asio::detached);
  thread_ = std::thread([this] { context_.run(); });
}

DeliveryPump::~DeliveryPump() {
  context_.stop();
  thread_.join();
  // Ends what is under way before the context goes that it would resume on.
  transport_.reset();
}

asio::awaitable<void> DeliveryPump::run() {
  asio::steady_timer timer(context_);
  while (true) {
    std::vector<Delivery> due;
    {
      const std::lock_guard held(mutex_);
      due = world_.due_deliveries();
    }
    for (Delivery& delivery : due) asio::co_spawn(context_, send(std::move(delivery)), asio::detached);
    timer.expires_after(kLook);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<void> DeliveryPump::send(Delivery delivery) {
  net::SendOptions options;
  options.timeout = options.connect_timeout = kDeliveryTimeout;
  const auto answer = co_await transport_->send(std::move(delivery.request), options);
  const std::lock_guard held(mutex_);
  world_.delivered(delivery.id, answer ? answer->status : 0);
}

}  // namespace crosswalk::sandbox

#include "sandbox/front.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "sandbox/control.h"

namespace crosswalk::embedded {
extern const std::string_view sandbox_page;
}

namespace crosswalk::sandbox {
namespace {

constexpr Duration kStopGrace{2'000};

net::Response page() {
  net::Response response;
  response.headers.set("Content-Type", "text/html; charset=utf-8");
  response.headers.set("Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'");
  response.headers.set("Cache-Control", "no-store");
  response.body = embedded::sandbox_page;
  return response;
}

}  // namespace

Result<void> Front::start(net::ServerOptions options) {
  auto server = net::Server::start(std::move(options), [this](const net::Request& request) { return handle(request); });
  if (!server) return tl::unexpected(server.error());
  server_ = std::move(*server);
  return {};
}

void Front::stop() {
  if (server_) server_->stop(kStopGrace);
}

boost::asio::awaitable<net::Response> Front::handle(const net::Request& request) {
  if (request.target == "/" && request.method == "GET") co_return page();
  Outcome outcome;
  {
    const auto held = lock();
    if (is_control(request.target)) co_return control(world_, request);
    outcome = world_.serve(request);
  }
  if (outcome.delay.count() > 0) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, outcome.delay);
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
  co_return std::move(outcome.response);
}

World::Now accelerated_clock(double rate) {
  const auto start = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  const auto steady_start = std::chrono::steady_clock::now();
  return [=] {
    const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - steady_start;
    return start + Duration(static_cast<std::int64_t>(passed.count() * rate));
  };
}

}  // namespace crosswalk::sandbox

#include "sandbox/front.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>

#include "sandbox/control.h"
#include "sandbox/deep_links.h"

namespace crosswalk::embedded {
extern const std::string_view sandbox_page;
extern const std::string_view sandbox_page_style;
extern const std::string_view sandbox_page_script;
extern const std::string_view sandbox_page_people;
extern const std::string_view sandbox_page_details;
extern const std::string_view sandbox_hosted;
extern const std::string_view sandbox_hosted_style;
extern const std::string_view sandbox_hosted_script;
}  // namespace crosswalk::embedded

namespace crosswalk::sandbox {
namespace {

constexpr Duration kStopGrace{2'000};
constexpr Duration kTick{100};  ///< how late the robot may be

/// Where who listens on `address` is found from this machine, as it stands in a URL.
std::string reachable_host(const std::string& address) {
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(address, error);
  if (error) return address;
  if (parsed.is_unspecified()) return "localhost";
  return parsed.is_v6() ? "[" + address + "]" : address;
}

/// The web pages and what belongs to them.
std::optional<net::Response> page(const net::Request& request) {
  struct File {
    std::string_view path, type, text;
    bool framing = false;  ///< shows pages of others
  };
  static const File kFiles[] = {{"/", "text/html; charset=utf-8", embedded::sandbox_page},
                                {"/page.css", "text/css; charset=utf-8", embedded::sandbox_page_style},
                                {"/page.js", "text/javascript; charset=utf-8", embedded::sandbox_page_script},
                                {"/people.js", "text/javascript; charset=utf-8", embedded::sandbox_page_people},
                                {"/details.js", "text/javascript; charset=utf-8", embedded::sandbox_page_details},
                                {"/sandbox/hosted", "text/html; charset=utf-8", embedded::sandbox_hosted, true},
                                {"/hosted.css", "text/css; charset=utf-8", embedded::sandbox_hosted_style},
                                {"/hosted.js", "text/javascript; charset=utf-8", embedded::sandbox_hosted_script}};
  if (request.method != "GET") return std::nullopt;
  const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  const auto* file =
      std::find_if(std::begin(kFiles), std::end(kFiles), [&](const File& each) { return each.path == path; });
  if (file == std::end(kFiles)) return std::nullopt;
  net::Response response;
  response.headers.set("Content-Type", std::string(file->type));
  std::string policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:";
  if (file->framing) policy += "; frame-src http: https:";
  response.headers.set("Content-Security-Policy", policy);
  response.headers.set("Cache-Control", "no-store");
  response.body = file->text;
  return response;
}

}  // namespace

Result<void> Front::start(net::ServerOptions options) {
  const bool secure = !options.certificate_file.empty();
  const std::string host = reachable_host(options.address);
  auto server = net::Server::start(std::move(options),
                                   [this, secure](const net::Request& request) { return handle(request, secure); });
  if (!server) return tl::unexpected(server.error());
  servers_.push_back(std::move(*server));
  if (servers_.size() == 1) {
    const auto held = lock();
    world_.set_base_url(fmt::format("{}://{}:{}", secure ? "https" : "http", host, port()));
  }
  if (!ticker_.joinable()) ticker_ = std::jthread([this](const std::stop_token& stopping) { tick(stopping); });
  if (!pump_) pump_ = std::make_unique<DeliveryPump>(world_, mutex_);
  return {};
}

void Front::stop() {
  ticker_.request_stop();
  if (ticker_.joinable()) ticker_.join();
  pump_.reset();
  for (const auto& server : servers_) server->stop(kStopGrace);
}

void Front::tick(const std::stop_token& stopping) {
  std::mutex waiting;
  std::condition_variable_any never;
  std::unique_lock held(waiting);
  while (!never.wait_for(held, stopping, kTick, [&] { return stopping.stop_requested(); })) {
    const auto world_held = lock();
    world_.robot().step(world_, world_.now());
  }
}

boost::asio::awaitable<net::Response> Front::handle(const net::Request& request, bool secure) {
  if (std::optional<net::Response> file = page(request)) co_return *std::move(file);
  if (is_deep_link(request)) {
    const auto held = lock();
    co_return open_record(world_, request);
  }
  Outcome outcome;
  {
    const auto held = lock();
    if (is_control(request.target)) co_return control(world_, request, secure);
    outcome = world_.serve(request, secure);
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

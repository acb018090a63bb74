#include "cli/system_clock.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cmath>

namespace crosswalk::cli {
namespace {

/// The timer is set anew after this at the latest, so that a correction of the system's clock is noticed, and no sleep
/// is too long for a timer.
constexpr std::chrono::seconds kNapMax{60};

Timestamp system_now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

/// `left`: tells how much of this clock's time there is still to sleep.
template <class Left>
boost::asio::awaitable<void> nap(Left left, double rate) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  boost::system::error_code cancelled;
  for (Duration rest = left(); rest.count() > 0 && !cancelled; rest = left()) {
    // Rounded up: waking early would only mean another round.
    const auto time = std::chrono::microseconds{static_cast<std::int64_t>(
        std::ceil(std::min(static_cast<double>(rest.count()) * 1e3 / rate, 1e6 * kNapMax.count())))};
    timer.expires_after(time);
    co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
  }
}

}  // namespace

SystemClock::SystemClock(double rate, std::optional<Timestamp> start)
    : rate_(rate),
      follows_system_(rate == 1.0 && !start),
      start_(start.value_or(system_now())),
      origin_(std::chrono::steady_clock::now()) {}

Timestamp SystemClock::now() const { return follows_system_ ? system_now() : monotonic(); }

Timestamp SystemClock::monotonic() const {
  const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - origin_;
  return start_ + Duration{static_cast<std::int64_t>(elapsed.count() * rate_)};
}

boost::asio::awaitable<void> SystemClock::sleep_until(Timestamp at) {
  co_await nap([this, at] { return at - now(); }, rate_);
}

boost::asio::awaitable<void> SystemClock::sleep_for(Duration time) {
  const Timestamp end = monotonic() + time;
  co_await nap([this, end] { return end - monotonic(); }, rate_);
}

}  // namespace crosswalk::cli

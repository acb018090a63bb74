#pragma once

#include <spdlog/spdlog.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

namespace crosswalk {

/// Something that one coroutine waits for and others of the same executor announce. An announcement that nobody waits
/// for is kept. A timer that never expires does the waiting, so that who waits is owned by the executor's context and
/// ends with it.
class Signal {
 public:
  explicit Signal(const boost::asio::any_io_executor& executor)
      : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

  void set() {
    is_set_ = true;
    timer_.cancel();
  }

  boost::asio::awaitable<void> wait() {
    while (!is_set_) {
      boost::system::error_code cancelled;
      co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    }
    is_set_ = false;
  }

 private:
  boost::asio::steady_timer timer_;
  bool is_set_ = false;
};

/// Coroutines that belong to one owner, who waits for the last of them before going away.
class Crew {
 public:
  explicit Crew(boost::asio::any_io_executor executor) : executor_(executor), idle_(executor) {}

  void spawn(boost::asio::awaitable<void> work) {
    ++running_;
    boost::asio::co_spawn(executor_, std::move(work), [this](std::exception_ptr failure) {
      if (failure) tell(failure);
      if (failure && !failure_) failure_ = failure;
      if (--running_ == 0 && joining_) idle_.set();
    });
  }

  /// Waits for all; rethrows the first exception (a bug) of any.
  boost::asio::awaitable<void> join() {
    joining_ = true;
    while (running_ > 0) co_await idle_.wait();
    joining_ = false;
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

  [[nodiscard]] std::size_t running() const { return running_; }

 private:
  /// At once, since the owner may join much later.
  static void tell(const std::exception_ptr& failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& bug) {
      spdlog::critical("work ended with a bug: {}", bug.what());
    } catch (...) {
      spdlog::critical("work ended with a bug");
    }
  }

  boost::asio::any_io_executor executor_;
  Signal idle_;
  std::size_t running_ = 0;
  bool joining_ = false;
  std::exception_ptr failure_;
};

}  // namespace crosswalk

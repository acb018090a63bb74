#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

namespace crosswalk::engine {

/// Something that one coroutine waits for and others of the same executor announce. An announcement that nobody waits for is kept.
class Signal {
 public:
  explicit Signal(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void set() {
    if (!waiting_) {
      is_set_ = true;
      return;
    }
    boost::asio::post(executor_, std::exchange(waiting_, nullptr));
  }

  boost::asio::awaitable<void> wait() {
    if (is_set_) {
      is_set_ = false;
      co_return;
    }
    co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void()>(
        [this](auto handler) {
          auto shared = std::make_shared<decltype(handler)>(std::move(handler));
          waiting_ = [shared] { std::move (*shared)(); };
        },
        boost::asio::use_awaitable);
  }

 private:
  boost::asio::any_io_executor executor_;
  std::function<void()> waiting_;
  bool is_set_ = false;
};

/// Coroutines that belong to one owner, who waits for the last of them before going away.
class Crew {
 public:
  explicit Crew(boost::asio::any_io_executor executor) : executor_(executor), idle_(executor) {}

  void spawn(boost::asio::awaitable<void> work) {
    ++running_;
    boost::asio::co_spawn(executor_, std::move(work), [this](std::exception_ptr failure) {
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
  boost::asio::any_io_executor executor_;
  Signal idle_;
  std::size_t running_ = 0;
  bool joining_ = false;
  std::exception_ptr failure_;
};

}  // namespace crosswalk::engine

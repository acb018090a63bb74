#pragma once

#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <future>
#include <string>
#include <string_view>
#include <thread>

namespace crosswalk::cli {

/// A thread that runs one thing (the engine, the sender) until it is stopped.
template <class Runs>
class OwnThread {
 public:
  /// How it has ended. What was `cut_off` had not ended in time. What is `stuck` still runs: nothing that it uses may
  /// be destroyed any more.
  enum class End { well, mistake, cut_off, stuck };

  explicit OwnThread(std::string_view name) : name_(name) {}
  boost::asio::any_io_executor executor() { return context_.get_executor(); }

  void start(Runs& runs) {
    runs_ = &runs;
    boost::asio::co_spawn(context_, runs.run(), [this](std::exception_ptr thrown) {
      ended_.set_value(thrown);
      // Nobody else would notice that nothing is done any more.
      if (thrown) ::kill(::getpid(), SIGTERM);
    });
    thread_ = std::thread([this] {
      context_.run();
      left_.set_value();
    });
  }

  /// Asks it to end, and cuts off what is still under way after `grace`. A thread that does not come back from what it
  /// does within `patience` after that is stuck.
  End stop(std::chrono::milliseconds grace, std::chrono::milliseconds patience) {
    runs_->stop();
    std::future<std::exception_ptr> ended = ended_.get_future();
    const bool waited = ended.wait_for(grace) == std::future_status::ready;
    guard_.reset();
    context_.stop();
    if (left_.get_future().wait_for(patience) != std::future_status::ready) {
      spdlog::critical("the {} does not end: its thread does not come back", name_);
      thread_.detach();
      return End::stuck;
    }
    thread_.join();
    return waited ? well_or_mistake(ended.get()) : End::cut_off;
  }

 private:
  End well_or_mistake(const std::exception_ptr& thrown) {
    if (!thrown) return End::well;
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      spdlog::critical("the {} ended by a mistake of ours: {}", name_, error.what());
    }
    return End::mistake;
  }

  std::string name_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{context_.get_executor()};
  Runs* runs_ = nullptr;
  std::promise<std::exception_ptr> ended_;
  std::promise<void> left_;
  std::thread thread_;
};

}  // namespace crosswalk::cli

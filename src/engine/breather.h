#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>

namespace crosswalk::engine {

/// Long work on the engine's thread lets others in between. It counts instead of looking at a clock, so that a
/// simulated world takes the same way each time.
class Breather {
 public:
  /// `every`: pieces of work between two pauses; a few milliseconds of them.
  explicit Breather(std::size_t every) : every_(every) {}

  boost::asio::awaitable<void> breathe() {
    if (++count_ % every_ == 0) co_await boost::asio::post(boost::asio::use_awaitable);
  }

 private:
  std::size_t every_, count_ = 0;
};

}  // namespace crosswalk::engine

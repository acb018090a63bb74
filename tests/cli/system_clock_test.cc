#include "cli/system_clock.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>

namespace crosswalk::cli {
namespace {

TEST(SystemClock, TellsTheSystemsTime) {
  const SystemClock clock(1, std::nullopt);
  const auto before = std::chrono::system_clock::now();
  const Timestamp now = clock.now();
  EXPECT_GE(now + Duration{1}, before);
  EXPECT_LE(now, std::chrono::system_clock::now());
}

TEST(SystemClock, RunsFasterFromItsOwnStart) {
  const Timestamp start = *parse_timestamp("2026-03-01T08:00:00Z");
  const SystemClock clock(10'000, start);
  EXPECT_GE(clock.now(), start);
  const auto begun = std::chrono::steady_clock::now();
  // Ten minutes of this clock are 60 ms.
  while (clock.now() < start + std::chrono::minutes{10}) {
    ASSERT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{10});
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds{40});
}

TEST(SystemClock, SleepsByItsOwnTime) {
  SystemClock clock(10'000, *parse_timestamp("2026-03-01T08:00:00Z"));
  const Timestamp wake_at = clock.now() + std::chrono::minutes{10};
  boost::asio::io_context context;
  bool awake_in_time = false;
  boost::asio::co_spawn(context, clock.sleep_until(wake_at),
                        [&](std::exception_ptr) { awake_in_time = clock.now() >= wake_at; });
  context.run();
  EXPECT_TRUE(awake_in_time);
}

TEST(SystemClock, SleepsForATimeAndMeasuresItWithoutTheTimeOfDay) {
  SystemClock clock(10'000, std::nullopt);
  const Timestamp begun = clock.monotonic();
  boost::asio::io_context context;
  Duration slept{};
  boost::asio::co_spawn(context, clock.sleep_for(std::chrono::minutes{10}),
                        [&](std::exception_ptr) { slept = clock.monotonic() - begun; });
  context.run();
  EXPECT_GE(slept, std::chrono::minutes{10});
}

TEST(SystemClock, WakesAtOnceWhenCancelled) {
  SystemClock clock(1, std::nullopt);
  boost::asio::io_context context;
  boost::asio::cancellation_signal signal;
  bool awake = false;
  boost::asio::co_spawn(context, clock.sleep_until(clock.now() + std::chrono::hours{24}),
                        boost::asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr) { awake = true; }));
  context.poll();
  EXPECT_FALSE(awake);
  signal.emit(boost::asio::cancellation_type::all);
  context.run();
  EXPECT_TRUE(awake);
}

}  // namespace
}  // namespace crosswalk::cli

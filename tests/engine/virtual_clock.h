#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace crosswalk::simulation {

/// The world's time: it moves only when nothing is left to do at the present moment.
class Timeline {
 public:
  using Wakeup = std::function<void()>;

  [[nodiscard]] Timestamp now() const { return now_; }

  /// `owner`: the process that waits; its wake-ups die with it. 0: the world itself.
  void at(Timestamp when, int owner, Wakeup wakeup) { wait(when, owner, false, std::move(wakeup)); }

  /// What a process takes for the time of day.
  [[nodiscard]] Timestamp clock() const { return now_ + clock_error_; }

  /// Wakes when the processes' clock shows `when`.
  void at_clock(Timestamp when, int owner, Wakeup wakeup) { wait(when - clock_error_, owner, true, std::move(wakeup)); }

  /// Sets the processes' clock, forward or back. Who waits for a time of day waits shorter or longer.
  void set_clock(Duration step) {
    clock_error_ += step;
    std::vector<std::pair<Timestamp, Entry>> moved;
    for (auto each = waiting_.begin(); each != waiting_.end();) {
      if (!each->second.by_clock) {
        ++each;
        continue;
      }
      moved.emplace_back(each->first.first - step, std::move(each->second));
      each = waiting_.erase(each);
    }
    for (auto& [when, entry] : moved) wait(when, entry.owner, true, std::move(entry.wakeup));
  }

  /// Runs the next wake-up; false when there is none before `until`.
  bool step(Timestamp until) {
    if (waiting_.empty() || waiting_.begin()->first.first > until) return false;
    now_ = waiting_.begin()->first.first;
    Wakeup wakeup = std::move(waiting_.begin()->second.wakeup);
    waiting_.erase(waiting_.begin());
    wakeup();
    return true;
  }

  void jump_to(Timestamp when) { now_ = std::max(now_, when); }

  void forget(int owner) {
    // A wake-up may own coroutines whose end touches the timeline, so they die after the map has let them go.
    std::vector<Wakeup> dying;
    for (auto each = waiting_.begin(); each != waiting_.end();) {
      if (each->second.owner != owner) {
        ++each;
        continue;
      }
      dying.push_back(std::move(each->second.wakeup));
      each = waiting_.erase(each);
    }
  }

 private:
  struct Entry {
    int owner;
    bool by_clock;
    Wakeup wakeup;
  };

  void wait(Timestamp when, int owner, bool by_clock, Wakeup wakeup) {
    waiting_.emplace(std::pair{std::max(when, now_), order_++}, Entry{owner, by_clock, std::move(wakeup)});
  }

  Timestamp now_ = from_milliseconds(1'767'225'600'000);  // 2026-01-01
  Duration clock_error_{};
  std::int64_t order_ = 0;
  std::map<std::pair<Timestamp, std::int64_t>, Entry> waiting_;
};

/// One process's view of the timeline.
class VirtualClock final : public Clock {
 public:
  VirtualClock(Timeline& timeline, int owner) : timeline_(timeline), owner_(owner) {}
  [[nodiscard]] Timestamp now() const override { return timeline_.clock(); }
  [[nodiscard]] Timestamp monotonic() const override { return timeline_.now(); }

  boost::asio::awaitable<void> sleep_until(Timestamp at) override {
    co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void()>(
        [this, at](auto handler) {
          auto shared = std::make_shared<decltype(handler)>(std::move(handler));
          timeline_.at_clock(at, owner_, [shared] { std::move (*shared)(); });
        },
        boost::asio::use_awaitable);
  }

  boost::asio::awaitable<void> sleep_for(Duration time) override {
    co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void()>(
        [this, time](auto handler) {
          auto shared = std::make_shared<decltype(handler)>(std::move(handler));
          timeline_.at(timeline_.now() + time, owner_, [shared] { std::move (*shared)(); });
        },
        boost::asio::use_awaitable);
  }

 private:
  Timeline& timeline_;
  int owner_;
};

}  // namespace crosswalk::simulation

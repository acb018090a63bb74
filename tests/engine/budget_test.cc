// What one partner's PSA allows: the circuit for refused keys, and time that nobody sets.
#include "engine/budget.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "engine/engine.h"
#include "virtual_clock.h"

namespace crosswalk::engine {
namespace {

using simulation::Timeline;
using simulation::VirtualClock;
using Kind = psa::CallReport::Kind;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class BudgetTest : public testing::Test {
 protected:
  /// What still sleeps must not outlive what it would wake.
  void TearDown() override {
    budget_.stop();
    pass(hours{2});
  }
  /// Asks to call; the answer comes now, later, or never.
  std::shared_ptr<std::optional<Result<void>>> ask() {
    auto answer = std::make_shared<std::optional<Result<void>>>();
    boost::asio::co_spawn(context_, budget_.enter(psa::Lane::tickets),
                          [answer](const std::exception_ptr&, Result<void> result) { *answer = std::move(result); });
    settle();
    return answer;
  }
  /// Whether a call may be made at once.
  bool enters() {
    const auto answer = ask();
    return answer->has_value() && (*answer)->has_value();
  }
  std::string refused() {
    const auto answer = ask();
    return answer->has_value() && !**answer ? (*answer)->error().code : "";
  }
  void leave(Kind kind) {
    budget_.leave({kind, std::nullopt, kind == Kind::answered});
    settle();
  }
  void call(Kind kind) {
    ASSERT_TRUE(enters());
    leave(kind);
  }
  void pass(Duration time) {
    const Timestamp until = timeline_.now() + time;
    while (timeline_.step(until)) settle();
    timeline_.jump_to(until);
    settle();
  }
  void settle() {
    context_.restart();
    context_.poll();
  }
  /// From now, by the clock of the wall.
  [[nodiscard]] Duration left() const { return budget_.retry_at().value() - clock_.now(); }

  Timeline timeline_;
  VirtualClock clock_{timeline_, 1};
  boost::asio::io_context context_;
  Metrics metrics_;
  Budget budget_{context_.get_executor(), clock_, {.calls_per_second = 2, .calls_at_once = 4}, metrics_, 1};
};

TEST_F(BudgetTest, TriesKeysAgainWithinSecondsWhenTheyWereRefusedOnce) {
  call(Kind::refused_credentials);
  EXPECT_EQ(budget_.circuit(), Budget::Circuit::credentials);
  EXPECT_EQ(refused(), "partner.refused_credentials");
  EXPECT_LE(left(), seconds{10});
  pass(left());
  ASSERT_TRUE(enters());
  EXPECT_EQ(refused(), "partner.refused_credentials") << "one call tries, the others wait";
  EXPECT_GT(left(), Duration{0}) << "and are not told to come back at once";
  leave(Kind::answered);
  EXPECT_EQ(budget_.circuit(), Budget::Circuit::closed);
  pass(seconds{1});
  call(Kind::refused_credentials);
  EXPECT_LE(left(), seconds{10}) << "a good answer lies between: it is the first refusal again";
}

TEST_F(BudgetTest, WhatThePsaTellsEverybodySaysNothingOfTheKeys) {
  call(Kind::refused_credentials);
  pass(left());
  ASSERT_TRUE(enters());
  budget_.leave({Kind::answered, std::nullopt, false});
  settle();
  EXPECT_NE(budget_.standing().state, Budget::Standing::State::in_order);
  call(Kind::refused_credentials);
  EXPECT_EQ(left(), minutes{15}) << "it is the second refusal in a row";
}

TEST_F(BudgetTest, TheCauseIsToldToThoseWhoWait) {
  for (int i = 0; i < 5; ++i) {
    pass(seconds{1});
    ASSERT_TRUE(enters());
    budget_.leave({Kind::unreachable, std::nullopt, false, Error{"net.timeout", "nobody answered", {}}});
    settle();
  }
  const auto answer = ask();
  ASSERT_TRUE(answer->has_value() && !**answer);
  EXPECT_EQ((*answer)->error().code, "psa.circuit_open");
  EXPECT_NE((*answer)->error().message.find("nobody answered"), std::string::npos) << (*answer)->error().message;
}

TEST_F(BudgetTest, StopsForAQuarterOfAnHourWhenKeysAreRefusedTwiceInARow) {
  call(Kind::refused_credentials);
  pass(left());
  call(Kind::refused_credentials);
  EXPECT_EQ(left(), minutes{15});
  EXPECT_EQ(refused(), "partner.refused_credentials");
  pass(minutes{15});
  call(Kind::refused_credentials);
  EXPECT_EQ(left(), minutes{15});
  budget_.reset_circuit();
  pass(seconds{1});
  call(Kind::refused_credentials);
  EXPECT_LE(left(), seconds{10}) << "new keys begin anew";
}

TEST_F(BudgetTest, RefusalsOfCallsThatWereUnderWayAreNoSecondRefusal) {
  ASSERT_TRUE(enters());
  ASSERT_TRUE(enters());
  pass(seconds{1});
  ASSERT_TRUE(enters());
  leave(Kind::refused_credentials);
  pass(seconds{1});
  leave(Kind::refused_credentials);
  EXPECT_LE(left(), seconds{10});
  pass(minutes{1});
  EXPECT_EQ(refused(), "partner.refused_credentials") << "the last of them has not come back yet";
  leave(Kind::refused_credentials);
  EXPECT_LE(left(), seconds{10});
  call(Kind::answered);
  EXPECT_EQ(budget_.circuit(), Budget::Circuit::closed);
}

TEST_F(BudgetTest, FailuresThatWereUnderWayDoNotLengthenAnOutage) {
  for (int i = 0; i < 4; ++i) {
    call(Kind::failed);
    pass(seconds{1});
  }
  ASSERT_TRUE(enters());
  ASSERT_TRUE(enters());
  leave(Kind::failed);
  EXPECT_EQ(budget_.circuit(), Budget::Circuit::outage);
  EXPECT_EQ(refused(), "psa.circuit_open");
  const Timestamp retry_at = *budget_.retry_at();
  leave(Kind::failed);
  EXPECT_EQ(*budget_.retry_at(), retry_at);
}

/// A PSA that allows so many calls in each minute of the clock, and names a time to come back.
class LimitedPsa : public BudgetTest {
 protected:
  LimitedPsa() : wide_{context_.get_executor(), clock_, {.calls_per_second = 12, .calls_at_once = 4}, metrics_, 1} {}

  void TearDown() override {
    wide_.stop();
    BudgetTest::TearDown();
  }
  struct Told {
    int answered = 0, throttled = 0;
  };
  /// Somebody always wants to call, for so long.
  Told press_for(Duration time, int allowed, Duration retry_after) {
    Told told;
    const Timestamp until = timeline_.now() + time;
    while (timeline_.now() < until) {
      if (!waiting_) waiting_ = ask_wide();
      if (waiting_->has_value()) {
        EXPECT_TRUE((*waiting_)->has_value());
        waiting_.reset();
        const auto minute = timeline_.now().time_since_epoch() / minutes{1};
        if (std::exchange(minute_, minute) != minute) used_ = 0;
        const bool fits = used_ < allowed;
        used_ += fits;
        ++(fits ? told.answered : told.throttled);
        wide_.leave({fits ? Kind::answered : Kind::throttled, fits ? std::nullopt : std::optional(retry_after)});
        settle();
        continue;
      }
      pass(Duration{20});
    }
    return told;
  }
  std::shared_ptr<std::optional<Result<void>>> ask_wide() {
    auto answer = std::make_shared<std::optional<Result<void>>>();
    boost::asio::co_spawn(context_, wide_.enter(psa::Lane::tickets),
                          [answer](const std::exception_ptr&, Result<void> result) { *answer = std::move(result); });
    settle();
    return answer;
  }

  Budget wide_;
  std::shared_ptr<std::optional<Result<void>>> waiting_;
  std::int64_t minute_ = 0;
  int used_ = 0;
};

TEST_F(LimitedPsa, IsUsedNearlyToItsLimitAndAsksSeldomInVain) {
  (void)press_for(minutes{3}, 60, seconds{5});
  const Told told = press_for(minutes{20}, 60, seconds{5});
  EXPECT_GE(told.answered, 20 * 54);
  EXPECT_LE(told.throttled, 40) << "one for each look whether it is over";
}

TEST_F(LimitedPsa, ThatAllowsMoreAgainIsUsedToItsNewLimitWithinTheHours) {
  (void)press_for(minutes{10}, 60, seconds{5});
  (void)press_for(hours{2}, 100'000, seconds{5});
  EXPECT_GE(press_for(minutes{1}, 100'000, seconds{5}).answered, 600);
}

TEST_F(LimitedPsa, ThatRefusesOnceOutOfTheBlueIsAsFastAsBeforeSoonAfter) {
  (void)press_for(minutes{5}, 100'000, seconds{5});
  (void)press_for(Duration{500}, 0, seconds{5});
  (void)press_for(minutes{3}, 100'000, seconds{5});
  EXPECT_GE(press_for(minutes{1}, 100'000, seconds{5}).answered, 600);
}

TEST_F(BudgetTest, CallsThatAreUrgentGoBeforeAllThatWait) {
  const auto order = std::make_shared<std::vector<std::string>>();
  const auto enter = [&](psa::Lane lane, std::string name) {
    boost::asio::co_spawn(context_, budget_.enter(lane),
                          [order, name](const std::exception_ptr&, const Result<void>&) { order->push_back(name); });
    settle();
  };
  for (int i = 0; i < 4; ++i) enter(psa::Lane::tickets, "running");
  pass(seconds{2});
  for (int i = 0; i < 5; ++i) enter(psa::Lane::tickets, "noise");
  enter(psa::Lane::urgent, "close");
  order->clear();
  leave(Kind::answered);
  pass(seconds{2});
  ASSERT_FALSE(order->empty());
  EXPECT_EQ(order->front(), "close");
}

TEST_F(BudgetTest, AClockThatIsSetBackHaltsNoCalls) {
  ASSERT_TRUE(enters());
  ASSERT_TRUE(enters());
  const auto waits = ask();
  EXPECT_FALSE(waits->has_value());
  timeline_.set_clock(-hours{1});
  pass(seconds{1});
  EXPECT_TRUE(waits->has_value()) << "tokens come by time that passes";
  leave(Kind::answered);
  leave(Kind::answered);
  leave(Kind::throttled);
  timeline_.set_clock(-hours{1});
  pass(seconds{31});
  EXPECT_TRUE(enters()) << "and so does the end of a throttle";
  leave(Kind::refused_credentials);
  timeline_.set_clock(-hours{1});
  EXPECT_LE(left(), seconds{10}) << "when to come back is told by the clock of the wall";
  EXPECT_GT(left(), Duration{0});
  pass(left());
  call(Kind::answered);
}

TEST_F(BudgetTest, AClockThatIsSetForwardEndsNoWait) {
  call(Kind::throttled);
  timeline_.set_clock(hours{1});
  EXPECT_FALSE(enters());
  pass(seconds{29});
  EXPECT_EQ(budget_.in_flight(), 0);
  pass(seconds{2});
  EXPECT_EQ(budget_.in_flight(), 1);
}

}  // namespace
}  // namespace crosswalk::engine

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
    budget_.leave({kind, std::nullopt});
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

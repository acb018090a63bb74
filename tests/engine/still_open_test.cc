// An alert that is still open when technicians have ended its ticket: a repeat is no return.
#include "lifecycle.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class StillOpen : public Lifecycle {
 protected:
  void begin_with(json::value still_open) {
    begin([&](json::object& document) {
      if (!still_open.is_null()) document["defaults"].as_object()["still_open"] = std::move(still_open);
    });
    raise("high");
    simulation.run_for(minutes{5});
    ASSERT_EQ(simulation.our_tickets().size(), 1u);
  }
  std::int64_t id(std::size_t index = 0) { return simulation.our_tickets().at(index).at("id").as_int64(); }
  void close_by_hand() {
    ASSERT_TRUE(simulation.world().close_ticket("sandbox", id()));
    simulation.run_for(minutes{2});
  }
  /// Reports it again and again, for two hours.
  void repeat(const std::string& severity = "high") {
    for (int i = 0; i < 12; ++i) {
      raise(severity);
      simulation.run_for(minutes{10});
    }
  }
};

TEST_F(StillOpen, IsLeftAsTechniciansLeftItHoweverOftenItIsReported) {
  begin_with(nullptr);
  close_by_hand();
  repeat();
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
  EXPECT_EQ(count_notes(simulation.our_tickets()[0], "come back"), 0);
}

TEST_F(StillOpen, ReturnsOnlyWhenItIsRaisedAfterAResolveAndSaysSo) {
  begin_with(nullptr);
  close_by_hand();
  repeat();
  resolve();
  simulation.run_for(minutes{5});
  ASSERT_TRUE(is_closed(simulation.our_tickets()[0]));
  raise("high");
  simulation.run_for(minutes{5});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_FALSE(is_closed(simulation.our_tickets()[0]));
  EXPECT_EQ(count_notes(simulation.our_tickets()[0], "come back"), 1);
}

TEST_F(StillOpen, ARiseOfTheSeverityEndsTheLeavingWithANote) {
  begin_with(nullptr);
  close_by_hand();
  repeat("high");
  repeat("critical");
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_FALSE(is_closed(simulation.our_tickets()[0]));
  EXPECT_EQ(count_notes(simulation.our_tickets()[0], "come back"), 1) << "every re-opening is explained, once";
  close_by_hand();
  repeat("critical");
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0])) << "and the next close is respected again";
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(StillOpen, ARepeatAtALowerSeverityDoesNotCountAsARise) {
  begin_with(nullptr);
  close_by_hand();
  repeat("medium");
  repeat("high");
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
}

TEST_F(StillOpen, IsTakenUpAgainAfterTheTimeThatTheMappingNamesThoughNothingIsReported) {
  begin_with(json::object{{"policy", "reopen_after"}, {"after", "3h"}});
  close_by_hand();
  simulation.run_for(hours{2});
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
  simulation.run_for(minutes{70});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_FALSE(is_closed(simulation.our_tickets()[0]));
  EXPECT_EQ(count_notes(simulation.our_tickets()[0], "come back"), 1);
  resolve();
  simulation.run_for(minutes{10});
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
}

TEST_F(StillOpen, ThatIsOverBeforeThatTimeIsNotTakenUp) {
  begin_with(json::object{{"policy", "reopen_after"}, {"after", "3h"}});
  close_by_hand();
  resolve();
  simulation.run_for(hours{6});
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
}

TEST_F(StillOpen, WhoseTicketWasDeletedGetsASuccessorAfterThatTime) {
  begin_with(json::object{{"policy", "reopen_after"}, {"after", "3h"}});
  ASSERT_TRUE(simulation.world().delete_ticket("sandbox", id()));
  raise("high");
  simulation.run_for(minutes{30});
  EXPECT_TRUE(simulation.our_tickets().empty());
  simulation.run_for(hours{4});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  repeat();
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
  resolve();
  simulation.run_for(minutes{30});
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
}

TEST_F(StillOpen, OpensAnotherTicketAtItsNextReportWhereTheMappingAsksForThat) {
  begin_with(json::object{{"policy", "new_ticket"}});
  close_by_hand();
  simulation.run_for(hours{3});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
  repeat();
  ASSERT_EQ(simulation.our_tickets().size(), 2u);
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
  EXPECT_FALSE(is_closed(simulation.our_tickets()[1]));
  EXPECT_EQ(count_notes(simulation.our_tickets()[1], "Earlier ticket"), 1);
}

TEST_F(StillOpen, InAStormWhoseTicketWasClosedStaysWithItAndOpensNoTicketsOfItsOwn) {
  begin([](json::object& document) {
    document["defaults"].as_object()["storm"] = json::object{{"alerts", 3}, {"window", "5m"}};
  });
  const auto report = [&] {
    for (int i = 0; i < 6; ++i) raise("high", "desk-" + std::to_string(i));
  };
  report();
  simulation.run_for(minutes{10});
  const std::size_t made = simulation.our_tickets().size();
  for (const json::object& each : simulation.our_tickets())
    ASSERT_TRUE(simulation.world().close_ticket("sandbox", each.at("id").as_int64()));
  for (int i = 0; i < 12; ++i) {
    report();
    simulation.run_for(minutes{10});
  }
  EXPECT_EQ(simulation.our_tickets().size(), made);
  for (const json::object& each : simulation.our_tickets()) EXPECT_TRUE(is_closed(each));
}

TEST_F(StillOpen, IsNotReopenedWithInvoicedTimeButGetsATicketThatNamesTheFormer) {
  begin_with(nullptr);
  ASSERT_NE(simulation.world().enter_time("sandbox", id(), "1", "Looked at it.", "jsmith"), 0);
  close_by_hand();
  ASSERT_EQ(simulation.world().bill_time("sandbox", id()), 1);
  resolve();
  raise("high");
  simulation.run_for(minutes{10});
  ASSERT_EQ(simulation.our_tickets().size(), 2u);
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
  EXPECT_EQ(count_notes(simulation.our_tickets()[1], "Earlier ticket: #" + std::to_string(id(0))), 1);
}

TEST_F(StillOpen, IsNotReopenedOnABoardThatIsInactiveByNow) {
  begin_with(nullptr);
  resolve();
  simulation.run_for(minutes{10});
  simulation.world().set_inactive("sandbox", "service/boards",
                                  simulation.our_tickets()[0].at("board").at("id").as_int64(), true);
  simulation.run_for(hours{2});
  raise("high");
  simulation.run_for(minutes{10});
  ASSERT_EQ(simulation.our_tickets().size(), 2u);
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
  EXPECT_EQ(count_notes(simulation.our_tickets()[1], "Earlier ticket"), 1);
}

}  // namespace
}  // namespace crosswalk::simulation

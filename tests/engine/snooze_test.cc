// P6: noise is muted by the alert's key, with a reason and an end, and never when it gets worse.
#include "lifecycle.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class P6_Snooze : public Lifecycle {
 protected:
  void snooze(Duration length, const std::string& subject = "desk-7") {
    json::object data{{"product", "edr"}, {"customer", "acme"}, {"subject", subject}, {"condition", "malware"}};
    data["until"] = format_timestamp(simulation.timeline().now() + length);
    data["reason"] = "the disk is on order";
    data["by"] = "M. Lopez";
    simulation.send("northwind", "alert.snoozed", simulation.timeline().now(), data);
  }
  void end_snooze() {
    simulation.send("northwind", "alert.snoozed", simulation.timeline().now(),
                    {{"product", "edr"}, {"customer", "acme"}, {"subject", "desk-7"}, {"condition", "malware"}});
  }
};

TEST_F(P6_Snooze, OpensNoTicketUntilItIsOverThoughTheTextChanges) {
  begin();
  snooze(hours{3});
  for (int i = 0; i < 10; ++i) {
    json::object data = alert_data("acme", "desk-7", "malware", "medium");
    data["title"] = "Disk " + std::to_string(80 + i) + "% full";
    simulation.send("northwind", "alert.raised", simulation.timeline().now(), data);
    simulation.run_for(minutes{15});
  }
  EXPECT_TRUE(simulation.our_tickets().empty());
  const json::object plan = simulation.plan("northwind");
  const json::object& held = plan.at("records").at(0).at("held").as_object();
  EXPECT_EQ(held.at("code").as_string(), "alert.snoozed");
  EXPECT_NE(text(held, "detail").find("M. Lopez"), std::string::npos);
  EXPECT_NE(text(held, "detail").find("the disk is on order"), std::string::npos);
  simulation.run_for(minutes{31});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(P6_Snooze, EndsWhenTheSeverityRises) {
  begin();
  raise("medium");
  simulation.run_for(minutes{1});
  snooze(hours{48});
  simulation.run_for(hours{1});
  EXPECT_TRUE(simulation.our_tickets().empty());
  raise("critical");
  simulation.run_for(minutes{1});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(P6_Snooze, EndsWhenItIsEnded) {
  begin();
  snooze(hours{48});
  raise();
  simulation.run_for(hours{1});
  EXPECT_TRUE(simulation.our_tickets().empty());
  end_snooze();
  simulation.run_for(minutes{1});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(P6_Snooze, LeavesOutRepeatNotesForGoodAndStillClosesTheTicket) {
  begin();
  raise();
  simulation.run_for(minutes{1});
  snooze(hours{2});
  for (int i = 0; i < 24; ++i) {
    raise();
    simulation.run_for(minutes{5});
  }
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_EQ(count_notes(simulation.our_tickets()[0], "reported this again"), 0);
  simulation.run_for(minutes{20});
  EXPECT_LE(count_notes(simulation.our_tickets()[0], "reported this again"), 1);
  snooze(hours{2});
  resolve();
  simulation.run_for(minutes{1});
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
}

TEST_F(P6_Snooze, ReopensOnlyWhenItIsOver) {
  begin();
  raise();
  simulation.run_for(minutes{1});
  resolve();
  simulation.run_for(minutes{1});
  ASSERT_TRUE(is_closed(simulation.our_tickets()[0]));
  snooze(hours{2});
  raise();
  simulation.run_for(hours{1});
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
  simulation.run_for(minutes{61});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_FALSE(is_closed(simulation.our_tickets()[0]));
}

TEST_F(P6_Snooze, LastsNoLongerThanNinetyDays) {
  begin();
  snooze(hours{24 * 400});
  raise();
  simulation.run_for(hours{24 * 89});
  EXPECT_TRUE(simulation.our_tickets().empty());
  simulation.run_for(hours{25});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(P6_Snooze, EndsWhenTheSeverityRisesThoughAnEarlierEpisodeWasWorse) {
  begin();
  raise("critical");
  simulation.run_for(minutes{2});
  resolve();
  simulation.run_for(hours{30});
  raise("low");
  simulation.run_for(minutes{1});
  snooze(hours{24 * 7});
  simulation.run_for(hours{1});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  raise("critical");
  simulation.run_for(minutes{5});
  EXPECT_EQ(simulation.our_tickets().size(), 2u);
}

TEST_F(P6_Snooze, DoesNotKeepAFlappingTicketFromClosing) {
  begin();
  for (int i = 0; i < 4; ++i) {
    raise();
    simulation.run_for(minutes{1});
    resolve();
    simulation.run_for(minutes{1});
  }
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  ASSERT_FALSE(is_closed(simulation.our_tickets()[0]));
  snooze(hours{24 * 30});
  simulation.run_for(hours{2});
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
}

TEST_F(P6_Snooze, MutesNoOtherAlert) {
  begin();
  snooze(hours{2});
  raise("critical", "desk-8");
  simulation.run_for(minutes{1});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(Lifecycle, P7_ATicketThatConnectWiseRefusesToReopenGetsASuccessorThatNamesIt) {
  begin();
  raise();
  simulation.run_for(minutes{1});
  resolve();
  simulation.run_for(minutes{1});
  const std::int64_t first = simulation.our_tickets()[0].at("id").as_int64();
  sandbox::Fault refusal;
  refusal.kind = sandbox::FaultKind::status;
  refusal.method = "PATCH";
  refusal.path = "/service/tickets/" + std::to_string(first);
  refusal.status = 400;
  refusal.count.reset();
  simulation.world().faults().settings.faults.push_back(refusal);
  raise();
  simulation.run_for(minutes{5});
  const auto ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 2u);
  EXPECT_EQ(count_notes(ours[1], "Earlier ticket: #" + std::to_string(first)), 1);
  raise();
  simulation.run_for(minutes{30});
  EXPECT_EQ(simulation.our_tickets().size(), 2u);
}

}  // namespace
}  // namespace crosswalk::simulation

// Whose ticket it is: what technicians do stays done, and nothing is written to tickets that are not ours.
#include "lifecycle.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Ownership : public Lifecycle {
 protected:
  std::int64_t first_id() { return simulation.our_tickets().at(0).at("id").as_int64(); }
  /// A technician has taken the ticket; it carries a second episode of the alert.
  void two_episodes_on_one_ticket() {
    begin();
    raise();
    simulation.run_for(minutes{2});
    ASSERT_TRUE(simulation.world().set_owner("sandbox", first_id(), "mlopez"));
    resolve();
    simulation.run_for(minutes{10});
    ASSERT_FALSE(is_closed(simulation.our_tickets()[0]));
    raise();
    simulation.run_for(minutes{3});
    raise();
    simulation.run_for(minutes{2});
    ASSERT_EQ(simulation.our_tickets().size(), 1u);
  }
};

TEST_F(Ownership, ATechniciansCloseStaysThoughTheTicketCarriesTwoEpisodes) {
  two_episodes_on_one_ticket();
  ASSERT_TRUE(simulation.world().close_ticket("sandbox", first_id()));
  simulation.run_for(hours{2});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
  raise();
  simulation.run_for(minutes{10});
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0])) << "a repeat is no return";
  resolve();
  raise();
  simulation.run_for(minutes{10});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_FALSE(is_closed(simulation.our_tickets()[0])) << "what is raised after a resolve is a recurrence";
}

TEST_F(Ownership, ADeletedTicketOfTwoEpisodesIsFollowedByAnotherOnlyWhenTheAlertComesBackAfterAResolve) {
  two_episodes_on_one_ticket();
  ASSERT_TRUE(simulation.world().delete_ticket("sandbox", first_id()));
  simulation.run_for(hours{2});
  EXPECT_TRUE(simulation.our_tickets().empty());
  raise();
  simulation.run_for(minutes{10});
  EXPECT_TRUE(simulation.our_tickets().empty()) << "a repeat is no return";
  resolve();
  raise();
  simulation.run_for(minutes{10});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(Ownership, ATicketWithAnotherReferenceIsNotWrittenTo) {
  begin();
  raise();
  simulation.run_for(minutes{1});
  const std::int64_t id = first_id();
  ASSERT_TRUE(simulation.world().set_field("sandbox", id, "externalXRef", "somebody-elses"));
  resolve();
  simulation.run_for(minutes{10});
  const auto ticket = simulation.world().find("sandbox", "service/tickets", id);
  ASSERT_TRUE(ticket);
  EXPECT_FALSE(is_closed(*ticket));
  const json::object plan = simulation.plan("northwind");
  EXPECT_EQ(plan.at("records").at(0).at("held").at("code").as_string(), "psa.ticket_not_ours");
}

TEST_F(Ownership, ACreateWhoseAnswerWasLostIsFoundThoughTheAlertHasRepeatedALotSince) {
  begin();
  for (int i = 0; i < 50; ++i) {
    raise("low");
    simulation.run_for(seconds{15});
  }
  simulation.weather.lost_after = 1;
  raise("low");
  simulation.run_for(minutes{4});
  simulation.weather.lost_after = 0;
  simulation.run_for(minutes{10});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(Ownership, ARaiseThatArrivesLateDoesNotPostTheNotesAnew) {
  begin();
  const Timestamp begun = simulation.timeline().now();
  raise();
  for (int i = 0; i < 12; ++i) {
    simulation.run_for(minutes{15});
    raise();
  }
  simulation.run_for(minutes{20});
  const int before = count_notes(simulation.our_tickets()[0], "reported this again");
  ASSERT_GE(before, 10);
  simulation.send("northwind", "alert.raised", begun - minutes{5}, alert_data("acme", "desk-7", "malware"));
  simulation.run_for(minutes{20});
  EXPECT_LE(count_notes(simulation.our_tickets()[0], "reported this again"), before + 1);
}

TEST_F(Ownership, AnInactiveBoardDoesNotKeepATicketThatIsThereFromClosing) {
  begin([](json::object& document) { document.erase("triage_board"); });
  raise();
  simulation.run_for(minutes{1});
  simulation.world().set_inactive("sandbox", "service/boards",
                                  simulation.our_tickets()[0].at("board").at("id").as_int64(), true);
  simulation.run_for(hours{2});
  resolve();
  simulation.run_for(minutes{10});
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
}

TEST_F(Ownership, TheDevicesConfigurationIsLinkedToTheTicket) {
  begin([](json::object& document) { document["defaults"].as_object()["attach_configuration"] = true; });
  simulation.send("northwind", "device.upserted", simulation.timeline().now(),
                  {{"device", "dev-2520"}, {"customer", "acme"}, {"name", "ACME-WS01"}});
  json::object data = alert_data("acme", "desk-7", "malware");
  data["device"] = "dev-2520";
  simulation.send("northwind", "alert.raised", simulation.timeline().now(), data);
  simulation.run_for(minutes{2});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  bool attached = false;
  for (const sandbox::Call& call : simulation.world().calls())
    attached = attached || (call.method == "POST" && call.status == 201 && call.target.ends_with("/configurations"));
  EXPECT_TRUE(attached);
  const std::int64_t writes = simulation.world().writes("sandbox");
  simulation.run_for(hours{1});
  EXPECT_EQ(simulation.world().writes("sandbox"), writes);
}

TEST_F(Ownership, ADeviceThatConnectWiseDoesNotKnowHoldsNothingUp) {
  begin([](json::object& document) { document["defaults"].as_object()["attach_configuration"] = true; });
  simulation.send("northwind", "device.upserted", simulation.timeline().now(),
                  {{"device", "nowhere"}, {"customer", "acme"}, {"name", "ACME-WS01"}});
  json::object data = alert_data("acme", "desk-7", "malware");
  data["device"] = "nowhere";
  simulation.send("northwind", "alert.raised", simulation.timeline().now(), data);
  simulation.run_for(minutes{2});
  resolve();
  simulation.run_for(minutes{5});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
}

}  // namespace
}  // namespace crosswalk::simulation

// Storms: one ticket for many alerts, whatever technicians do with it.
#include "lifecycle.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Storm : public Lifecycle {
 protected:
  void burst(int count, const std::string& prefix = "desk-") {
    for (int i = 0; i < count; ++i) raise("critical", prefix + std::to_string(i));
  }
  void begin_storms(int alerts = 3) {
    begin([alerts](json::object& document) {
      document["defaults"].as_object()["storm"] = json::object{{"alerts", alerts}, {"window", "5m"}};
    });
  }
  /// The storm's ticket; the first alerts of a burst may have tickets of their own.
  json::object storm_ticket() {
    for (const json::object& ticket : simulation.our_tickets())
      if (text(ticket, "summary").find(" alerts: ") != std::string::npos) return ticket;
    ADD_FAILURE() << "there is no storm's ticket";
    return simulation.our_tickets().at(0);
  }
  std::vector<json::object> open_tickets() {
    std::vector<json::object> open;
    for (const json::object& ticket : simulation.our_tickets())
      if (!is_closed(ticket)) open.push_back(ticket);
    return open;
  }
};

TEST_F(Storm, AnAlertThatComesAfterTechniciansHaveClosedTheStormsTicketIsNotLost) {
  begin_storms();
  burst(6);
  simulation.run_for(minutes{2});
  const std::int64_t storm = storm_ticket().at("id").as_int64();
  for (int i = 0; i < 5; ++i) resolve("desk-" + std::to_string(i));
  simulation.run_for(minutes{1});
  ASSERT_TRUE(simulation.world().close_ticket("sandbox", storm));
  ASSERT_TRUE(open_tickets().empty());
  simulation.run_for(hours{2});
  raise("critical", "late");
  simulation.run_for(minutes{30});
  EXPECT_FALSE(open_tickets().empty());
}

TEST_F(Storm, ASecondWaveAfterTheTicketWasClosedGetsATicketOfItsOwn) {
  begin_storms();
  burst(6);
  simulation.run_for(minutes{2});
  ASSERT_TRUE(simulation.world().close_ticket("sandbox", storm_ticket().at("id").as_int64()));
  for (int i = 0; i < 6; ++i) resolve("desk-" + std::to_string(i));
  simulation.run_for(hours{2});
  ASSERT_TRUE(open_tickets().empty());
  burst(6, "second-");
  simulation.run_for(minutes{30});
  EXPECT_FALSE(open_tickets().empty());
  EXPECT_LE(open_tickets().size(), 6u);
}

TEST_F(Storm, ADeletedTicketOfAStormIsFollowedByAnother) {
  begin_storms();
  burst(6);
  simulation.run_for(minutes{2});
  ASSERT_TRUE(simulation.world().delete_ticket("sandbox", storm_ticket().at("id").as_int64()));
  simulation.run_for(minutes{10});
  raise("critical", "late");
  simulation.run_for(minutes{30});
  EXPECT_FALSE(open_tickets().empty());
}

TEST_F(Storm, AnInactiveBoardDoesNotKeepTheStormsTicketFromClosing) {
  begin([](json::object& document) {
    document["defaults"].as_object()["storm"] = json::object{{"alerts", 3}, {"window", "5m"}};
    document.erase("triage_board");
  });
  burst(6);
  simulation.run_for(minutes{2});
  ASSERT_FALSE(open_tickets().empty());
  simulation.world().set_inactive("sandbox", "service/boards",
                                  simulation.our_tickets()[0].at("board").at("id").as_int64(), true);
  simulation.run_for(hours{2});
  for (int i = 0; i < 6; ++i) resolve("desk-" + std::to_string(i));
  simulation.run_for(minutes{30});
  EXPECT_TRUE(open_tickets().empty());
}

TEST_F(Storm, AMissingChildDoesNotMakeTheParentGone) {
  begin_storms();
  raise("critical", "first");
  simulation.run_for(minutes{1});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  ASSERT_TRUE(simulation.world().delete_ticket("sandbox", simulation.our_tickets()[0].at("id").as_int64()));
  burst(6);
  simulation.run_for(minutes{30});
  ASSERT_FALSE(is_closed(storm_ticket()));
  resolve("first");
  for (int i = 0; i < 6; ++i) resolve("desk-" + std::to_string(i));
  simulation.run_for(minutes{30});
  EXPECT_TRUE(open_tickets().empty());
}

TEST_F(Storm, IsNotOverBeforeTheLastOfManyMembersIs) {
  begin_storms();
  burst(1'100);
  simulation.run_for(minutes{10});
  const std::size_t made = simulation.our_tickets().size();
  for (int i = 0; i < 1'050; ++i) resolve("desk-" + std::to_string(i));
  simulation.run_for(minutes{30});
  EXPECT_FALSE(open_tickets().empty());
  for (int i = 1'050; i < 1'100; ++i) resolve("desk-" + std::to_string(i));
  simulation.run_for(minutes{30});
  EXPECT_TRUE(open_tickets().empty());
  EXPECT_EQ(simulation.our_tickets().size(), made);
}

TEST_F(Storm, AShortWindowIsNotHiddenByALongerOneElsewhere) {
  begin([](json::object& document) {
    document["defaults"].as_object()["storm"] = json::object{{"alerts", 10}, {"window", "5m"}};
    document["customers"].as_object()["blue"].as_object()["settings"] =
        json::object{{"storm", json::object{{"alerts", 10}, {"window", "1h"}}}};
  });
  for (int i = 0; i < 11; ++i) {
    raise("critical", "trickle-" + std::to_string(i));
    simulation.run_for(seconds{310});
  }
  const std::size_t before = simulation.our_tickets().size();
  EXPECT_EQ(before, 11u);
  burst(60);
  simulation.run_for(minutes{10});
  EXPECT_LE(simulation.our_tickets().size(), before + 12);
}

}  // namespace
}  // namespace crosswalk::simulation

// What is refused is looked at a second time before a person is asked, and what nobody has answered is looked for
// before it is done again.
#include "objects_world.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class SecondLook : public Objects {
 protected:
  /// `count`: absent is without end.
  void fault(std::string method, std::string path, int status, std::optional<int> count) {
    sandbox::Fault fault;
    fault.kind = sandbox::FaultKind::status;
    fault.method = std::move(method);
    fault.path = std::move(path);
    fault.status = status;
    fault.count = count;
    simulation.world().faults().settings.faults = {fault};
  }
  std::string key() {
    store::Store::RecordQuery query;
    query.partner = "northwind";
    query.kind = "alert";
    query.count_max = 1;
    const auto rows = simulation.store().list_records(query);
    return rows && !rows->empty() ? rows->front().ref.key : "";
  }
  /// Entries of the journal that say this.
  int told(std::string_view part, const std::string& kind = "alert", std::string record = "") {
    const auto rows = simulation.store().journal_of({"northwind", kind, record.empty() ? key() : record}, 100);
    int count = 0;
    for (const store::JournalRow& row : *rows) count += row.entry.find(part) != std::string::npos;
    return count;
  }
  int posts(std::string_view path) {
    int count = 0;
    for (const sandbox::Call& each : simulation.world().calls())
      count += each.method == "POST" && each.target.ends_with(path);
    return count;
  }
};

TEST_F(SecondLook, ARefusalThatPassesParksNothing) {
  begin();
  raise("critical", "warm-up");
  simulation.run_for(seconds{10});
  fault("POST", "/service/tickets", 400, 1);
  raise();
  simulation.run_for(seconds{25});
  EXPECT_EQ(simulation.our_tickets().size(), 1u) << "it is not tried again at once";
  simulation.run_for(seconds{25});
  EXPECT_EQ(simulation.our_tickets().size(), 2u);
  EXPECT_EQ(parked("alert", key()), "");
}

TEST_F(SecondLook, ARefusalThatStaysIsTriedTwiceAndThenAPersonIsAsked) {
  begin();
  fault("POST", "/service/tickets", 400, std::nullopt);
  raise();
  simulation.run_for(minutes{10});
  EXPECT_EQ(posts("/service/tickets"), 2);
  EXPECT_NE(parked("alert", key()), "");
  EXPECT_EQ(told("\"result\":\"refused\""), 2);
  EXPECT_EQ(told("tried once more"), 1);
  EXPECT_EQ(told("\"kind\":\"parked\""), 1);
  // Whoever is woken later gets a second look again.
  simulation.world().faults().settings.faults.clear();
  fault("POST", "/service/tickets", 400, 1);
  raise();
  simulation.run_for(minutes{2});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_EQ(parked("alert", key()), "");
}

TEST_F(SecondLook, HoldsForObjectsThatAreMadeTogetherToo) {
  begin();
  publish_devices();
  settle();
  fault("POST", "/company/configurations*", 400, 1);
  device("d1");
  device("d2");
  simulation.run_for(minutes{2});
  EXPECT_EQ(parked("device", "d1") + parked("device", "d2"), "");
  EXPECT_NE(linked_to("device", "d1"), "");
  EXPECT_NE(linked_to("device", "d2"), "");
}

TEST_F(SecondLook, HoldsForReadsToo) {
  begin();
  publish_devices();
  device("d1");
  settle();
  const std::string id = linked_to("device", "d1");
  fault("GET", "/company/configurations", 400, 1);
  store::Transaction told;
  told.changed.push_back({"northwind", "configuration", id, simulation.timeline().now()});
  const store::Transaction* one = &told;
  ASSERT_TRUE(simulation.store().commit(std::span(&one, 1)));
  simulation.engine().wake();
  simulation.run_for(seconds{10});
  EXPECT_EQ(this->told("tried once more", "device", "d1"), 1);
  simulation.run_for(minutes{2});
  EXPECT_EQ(parked("device", "d1"), "");
}

TEST_F(SecondLook, KeysThatAreRefusedOnceStopAPartnerForSeconds) {
  begin();
  raise("critical", "warm-up");
  simulation.run_for(seconds{10});
  fault("", "", 401, 1);
  raise();
  simulation.run_for(seconds{20});
  EXPECT_EQ(simulation.our_tickets().size(), 2u);
  fault("", "", 401, 2);
  raise("critical", "desk-8");
  simulation.run_for(minutes{14});
  EXPECT_EQ(simulation.our_tickets().size(), 2u);
  simulation.run_for(minutes{3});
  EXPECT_EQ(simulation.our_tickets().size(), 3u);
}

TEST_F(SecondLook, AWriteThatARedirectAnsweredIsLookedForBeforeItIsDoneAgain) {
  begin();
  publish_devices();
  raise("critical", "warm-up");
  settle();
  simulation.weather.moved_after = 1;
  raise();
  device("d1");
  simulation.run_for(seconds{3});
  simulation.weather = Weather::calm();
  simulation.run_for(minutes{10});
  EXPECT_EQ(simulation.our_tickets().size(), 2u);
  EXPECT_EQ(with(kConfigurations, "deviceIdentifier", "d1").size(), 1u);
  EXPECT_NE(linked_to("device", "d1"), "");
  EXPECT_EQ(parked("alert", key()), "");
}

}  // namespace
}  // namespace crosswalk::simulation

// What the engine remembers between turns: versions, times, tickets whose beginnings are no longer kept.
#include "lifecycle.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_F(Lifecycle, ATicketWhoseFirstRaiseIsNoLongerKeptStaysTheTicketOfItsAlert) {
  begin([](json::object& document) {
    document["defaults"].as_object()["reopen"] = json::object{{"policy", "never"}};
    document["defaults"].as_object()["still_open"] = json::object{{"policy", "new_ticket"}};
  });
  raise();
  simulation.run_for(minutes{5});
  ASSERT_TRUE(simulation.world().close_ticket("sandbox", simulation.our_tickets()[0].at("id").as_int64()));
  simulation.run_for(minutes{5});
  for (int i = 0; i < 400; ++i) {
    raise();
    simulation.run_for(seconds{70});
  }
  const auto ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 2u);
  resolve();
  simulation.run_for(minutes{5});
  EXPECT_EQ(simulation.our_tickets().size(), 2u);
  EXPECT_TRUE(is_closed(simulation.our_tickets()[1]));
}

TEST_F(Lifecycle, AMappingPublishedWhileARecordIsInFlightIsNotForgotten) {
  begin();
  raise("low", "warm-up");  // reads the reference data, and is held down
  simulation.run_for(minutes{1});
  simulation.weather.latency = seconds{20};
  raise();
  simulation.run_for(seconds{2});
  ASSERT_EQ(simulation.traffic.in_flight, 1);
  simulation.publish("northwind", sample_mapping(simulation, [&](json::object& document) {
                       json::object& defaults = document["defaults"].as_object();
                       defaults["priority"].as_object()["by_severity"].as_object()["critical"] =
                           json::object{{"id", "4"}, {"name", "Priority 4 - Low"}};
                       defaults["ownership"] = json::object{{"priority", "product"}};
                     }));
  simulation.run_for(minutes{10});
  const auto ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 1u);
  EXPECT_EQ(ours[0].at("priority").at("name").as_string(), "Priority 4 - Low");
}

TEST_F(Lifecycle, ARecordThatIsDueLaterDoesNotHideOneThatIsDueSooner) {
  begin();
  raise("critical", "busy");
  simulation.run_for(minutes{2});
  simulation.weather.latency = seconds{20};
  raise("critical", "busy");
  raise("medium", "quiet");
  simulation.run_for(minutes{7});
  EXPECT_EQ(simulation.our_tickets().size(), 2u);
}

TEST_F(Lifecycle, ReplayRestoresAllThatIsComputedFromTheEvents) {
  begin();
  raise();
  simulation.run_for(minutes{1});
  store::Store::RecordQuery query;
  query.partner = "northwind";
  query.kind = "alert";
  const store::RecordRow before = simulation.store().list_records(query).value().at(0);
  store::Transaction damage;
  damage.records.push_back(before);
  store::RecordRow& row = damage.records[0];
  row.state = "{}";
  row.open = false;
  row.raised_at.reset();
  row.group_key = "elsewhere";
  ++row.version;
  const store::Transaction* const transactions[] = {&damage};
  ASSERT_TRUE(simulation.store().commit(transactions));
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const auto replayed = co_await simulation.engine().replay(PartnerId("northwind"), std::nullopt);
    EXPECT_EQ(replayed.value_or(0), 1);
  });
  simulation.run_for(minutes{1});
  const store::RecordRow after = simulation.store().list_records(query).value().at(0);
  EXPECT_EQ(after.state, before.state);
  EXPECT_EQ(after.group_key, before.group_key);
  EXPECT_EQ(after.raised_at, before.raised_at);
  EXPECT_TRUE(after.open);
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

}  // namespace
}  // namespace crosswalk::simulation

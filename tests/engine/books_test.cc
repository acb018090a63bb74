// Books that are older than the world: put back from a copy, kept by a clock that was wrong, and let go of in time.
#include "objects_world.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Books : public Objects {
 protected:
  /// Empty books with the partner and its mapping in them.
  void put_back(bool marked) {
    simulation.lose_books();
    simulation.add_partner("northwind");
    simulation.publish("northwind", sample_mapping(simulation));
    if (marked) {
      store::Transaction mark;
      mark.restored_at = simulation.timeline().now();
      const store::Transaction* one = &mark;
      ASSERT_TRUE(simulation.store().commit(std::span(&one, 1)));
    }
    simulation.run_for(minutes{1});
    simulation.start();
    simulation.run_for(minutes{1});
  }
  void tell(int count, std::optional<Timestamp> at = {}) {
    for (int i = 0; i < count; ++i) {
      const std::string subject = "pc-" + std::to_string(i);
      json::object data = alert_data("acme", subject, "condition-" + std::to_string(i));
      simulation.send("northwind", "alert.raised", at.value_or(simulation.timeline().now()), data,
                      "event-of-" + subject);
    }
  }
};

TEST_F(Books, WhatIsToldAgainAfterAnOlderCopyWasPutBackHasNoSecondTicket) {
  begin();
  const Timestamp at = simulation.timeline().now();
  tell(20, at);
  simulation.run_for(minutes{5});
  ASSERT_EQ(simulation.our_tickets().size(), 20u);
  put_back(false);
  tell(20, at);
  simulation.run_for(minutes{10});
  EXPECT_EQ(simulation.our_tickets().size(), 20u);
  EXPECT_EQ(simulation.store().counts("northwind").value().links, 20) << "they are found and linked again";
}

TEST_F(Books, AfterTheMarkEventsWithoutATimeAreLookedUpToo) {
  begin();
  tell(20);
  simulation.run_for(minutes{5});
  ASSERT_EQ(simulation.our_tickets().size(), 20u);
  put_back(true);
  tell(20);
  simulation.run_for(minutes{10});
  EXPECT_EQ(simulation.our_tickets().size(), 20u);
}

TEST_F(Books, AfterTheMarkWhatHappensAnewIsNotLookedUp) {
  begin();
  put_back(true);
  const auto lookups = simulation.engine().metrics().lookups.load();
  tell(5, simulation.timeline().now() - Duration{1});
  simulation.run_for(minutes{5});
  EXPECT_EQ(simulation.our_tickets().size(), 5u);
  EXPECT_EQ(simulation.engine().metrics().lookups, lookups);
}

TEST_F(Books, RepeatsThatCarryAnOldTimeAreNotLookedUpWhileTheirTicketIsKnown) {
  begin();
  const Timestamp at = simulation.timeline().now();
  tell(5, at);
  simulation.run_for(minutes{5});
  simulation.crash();
  simulation.start();
  simulation.run_for(minutes{1});
  const auto lookups = simulation.engine().metrics().lookups.load();
  for (int repeat = 0; repeat < 20; ++repeat) {
    for (int i = 0; i < 5; ++i)
      simulation.send("northwind", "alert.raised", at,
                      alert_data("acme", "pc-" + std::to_string(i), "condition-" + std::to_string(i)));
    simulation.run_for(minutes{10});
  }
  EXPECT_EQ(simulation.engine().metrics().lookups, lookups);
  EXPECT_EQ(simulation.our_tickets().size(), 5u);
}

TEST_F(Books, AClockThatIsSetBackByAnHourDelaysNothing) {
  begin();
  raise("critical", "before");
  simulation.run_for(minutes{5});
  simulation.weather.server_error = 1;
  raise("critical", "waiting");
  simulation.run_for(seconds{20});
  simulation.weather = Weather::calm();
  simulation.timeline().set_clock(hours{-1});
  for (int i = 0; i < 20; ++i) {
    json::object data = alert_data("acme", "after-" + std::to_string(i), "condition-" + std::to_string(i));
    simulation.send("northwind", "alert.raised", simulation.timeline().clock(), std::move(data));
  }
  simulation.run_for(minutes{6});
  EXPECT_EQ(simulation.our_tickets().size(), 22u);
  EXPECT_EQ(simulation.engine().metrics().clock_set_back, 1u);
}

TEST_F(Books, AClockThatIsSetForwardDoesNotShortenTheWaitForALostAnswer) {
  begin();
  raise("critical", "warm-up");
  simulation.run_for(minutes{5});
  // The server acts after we have given up waiting for its answer.
  simulation.weather.late_commit = 1;
  raise();
  simulation.run_for(seconds{1});
  simulation.weather = Weather::calm();
  simulation.timeline().set_clock(hours{1});
  simulation.run_for(minutes{10});
  EXPECT_EQ(simulation.our_tickets().size(), 2u);
}

TEST_F(Books, ChangesMadeWhileTheClockWasWrongAreFoundByTheNextSweep) {
  begin();
  publish_devices();
  device("d1");
  simulation.timeline().set_clock(hours{3});
  simulation.run_for(minutes{40});
  technician("PATCH", "/company/configurations/" + linked_to("device", "d1"),
             json::array{json::object{{"op", "replace"}, {"path", "serialNumber"}, {"value", "WRONG"}}});
  simulation.run_for(minutes{20});
  simulation.timeline().set_clock(hours{-3});
  simulation.run_for(minutes{40});
  EXPECT_EQ(text(configuration("d1"), "serialNumber"), "SN-d1-77");
}

class Retained : public Books {
 protected:
  Retained() {
    engine::EngineOptions options;
    options.retention = {
        .events = hours{24 * 30}, .journal = hours{24 * 90}, .closed = hours{24 * 400}, .plans = hours{24 * 30}};
    simulation.use(options);
  }
  std::int64_t events() { return simulation.store().counts("northwind").value().events; }
};

TEST_F(Retained, ReportsOfADeviceGoButTheNewestAndReplayStillWorks) {
  begin();
  publish_devices();
  for (int day = 0; day < 60; ++day) {
    device("d1", {{"last_seen", format_timestamp(simulation.timeline().now())}});
    simulation.run_for(hours{24});
  }
  EXPECT_LE(events(), 33);
  EXPECT_GE(events(), 30) << "repeats are known by what is younger than that";
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const auto done = co_await simulation.engine().replay(PartnerId("northwind"), std::nullopt);
    EXPECT_TRUE(done);
  });
  settle();
  EXPECT_EQ(text(configuration("d1"), "name"), "PC-d1");
  EXPECT_EQ(parked("device", "d1"), "");
}

TEST_F(Retained, AlertsThatClosedLongAgoLeaveNothingBehindAndOpenOnesStay) {
  begin();
  raise("critical", "closed");
  raise("critical", "open");
  simulation.run_for(hours{1});
  resolve("closed");
  simulation.run_for(hours{24 * 399});
  const std::string open = model::alert_key("edr", "acme", "open", "malware");
  EXPECT_EQ(simulation.store().counts("northwind").value().records, 2);
  simulation.run_for(hours{48});
  const store::Store::Counts counts = simulation.store().counts("northwind").value();
  EXPECT_EQ(counts.records, 1);
  EXPECT_EQ(counts.links, 1);
  EXPECT_EQ(counts.events, 2) << "of the open one, and the newest of all";
  EXPECT_FALSE(simulation.store().journal_of({"northwind", "alert", open}, 10).value().empty())
      << "an open alert's story is told from its beginning";
  EXPECT_TRUE(simulation.store()
                  .journal_of({"northwind", "alert", model::alert_key("edr", "acme", "closed", "malware")}, 10)
                  .value()
                  .empty());
  resolve("open");
  simulation.run_for(hours{1});
  for (const json::object& ticket : simulation.our_tickets()) EXPECT_TRUE(is_closed(ticket));
}

TEST_F(Retained, WhatTheJournalTellsOfClosedAlertsGoesAfterItsTime) {
  begin();
  raise();
  simulation.run_for(hours{1});
  resolve();
  simulation.run_for(hours{24 * 80});
  const store::RecordKey key{"northwind", "alert", model::alert_key("edr", "acme", "desk-7", "malware")};
  EXPECT_FALSE(simulation.store().journal_of(key, 10).value().empty());
  simulation.run_for(hours{24 * 12});
  EXPECT_TRUE(simulation.store().journal_of(key, 10).value().empty());
  raise();
  simulation.run_for(hours{1});
  EXPECT_EQ(simulation.our_tickets().size(), 2u) << "it has come back long after";
}

}  // namespace
}  // namespace crosswalk::simulation

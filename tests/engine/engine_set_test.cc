// Several engines that share the partners out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lifecycle.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::SizeIs;

class Engines : public ::testing::Test {
 protected:
  static constexpr int kPartners = 12;

  void begin(std::size_t engines) {
    for (int i = 0; i < kPartners; ++i) {
      simulation.add_partner(name(i));
      simulation.publish(name(i), sample_mapping(simulation));
    }
    simulation.engines = engines;
    simulation.start();
    simulation.run_for(minutes{1});
  }
  static std::string name(int i) { return "partner-" + std::to_string(i); }

  /// One alert of each partner.
  void raise(const std::string& subject) {
    for (int i = 0; i < kPartners; ++i)
      simulation.send(name(i), "alert.raised", simulation.timeline().clock(),
                      alert_data("acme", subject + "-" + std::to_string(i), "condition-" + std::to_string(i)));
  }

  Simulation simulation{7};
};

TEST_F(Engines, DoTheWorkOfAllPartnersOnce) {
  begin(3);
  raise("one");
  simulation.run_for(minutes{10});
  EXPECT_THAT(simulation.our_tickets(), SizeIs(kPartners));
  EXPECT_EQ(simulation.store().folded({}).value(), simulation.store().newest_event().value());
  EXPECT_EQ(simulation.engine().metrics().events_folded, static_cast<std::uint64_t>(kPartners));
  EXPECT_EQ(simulation.engine().metrics().operations_applied, static_cast<std::uint64_t>(kPartners));
  EXPECT_THAT(simulation.engine().metrics().heartbeats_ms, SizeIs(3));
}

TEST_F(Engines, MayBeMoreOrFewerAfterEachStart) {
  begin(3);
  std::size_t round = 0;
  for (const std::size_t engines : {1, 5, 2}) {
    raise("round-" + std::to_string(++round));
    // Some of the alerts are folded, and none of them is done.
    simulation.run_for(Duration{1});
    simulation.crash();
    simulation.engines = engines;
    simulation.start();
    simulation.run_for(minutes{10});
    EXPECT_THAT(simulation.our_tickets(), SizeIs(kPartners * round));
    EXPECT_EQ(simulation.store().folded({}).value(), simulation.store().newest_event().value());
  }
}

TEST_F(Engines, SetTheirTimesBackOnceWhenTheClockIsSetBack) {
  begin(3);
  raise("before");
  simulation.run_for(minutes{5});
  simulation.weather.server_error = 1;
  raise("waiting");
  simulation.run_for(std::chrono::seconds{20});
  simulation.weather = Weather::calm();
  simulation.timeline().set_clock(hours{-1});
  raise("after");
  simulation.run_for(minutes{6});
  EXPECT_THAT(simulation.our_tickets(), SizeIs(3 * kPartners));
  EXPECT_EQ(simulation.engine().metrics().clock_set_back, 1u);
}

TEST_F(Engines, AnswerForThePartnersOfTheOthersToo) {
  begin(4);
  raise("one");
  simulation.run_for(minutes{10});
  for (int i = 0; i < kPartners; ++i) {
    const json::object plan = simulation.plan(name(i));
    EXPECT_EQ(plan.at("calls").to_number<int>(), 0) << name(i);
  }
}

}  // namespace
}  // namespace crosswalk::simulation

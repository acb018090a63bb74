#include "sandbox/robot.h"

#include <gtest/gtest.h>

#include <set>

#include "helpers.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

/// Robot time goes on for `minutes`, in steps of `step`.
void let_work(Bench& bench, Robot& robot, int minutes, Duration step) {
  const Timestamp until = bench.now + std::chrono::minutes(minutes);
  robot.step(bench.world, bench.now);
  while (bench.now < until) {
    bench.now += step;
    robot.step(bench.world, bench.now);
  }
}

TEST(Robot, WorksTicketsAtItsPace) {
  Bench bench(WorldOptions{.scenario = "mid"});
  const std::size_t entries = bench.world.list("sandbox", "time/entries").size();
  const std::size_t notes = bench.world.list("sandbox", "service/tickets/notes").size();
  Robot robot;
  robot.set({.per_minute = 2});
  let_work(bench, robot, 60, Duration(30'000));
  EXPECT_GT(robot.actions(), 90);
  EXPECT_LE(robot.actions(), 120);
  EXPECT_GT(bench.world.list("sandbox", "time/entries").size(), entries + 3);
  EXPECT_GT(bench.world.list("sandbox", "service/tickets/notes").size(), notes + 20);
}

TEST(Robot, DoesEverythingThatTechniciansDo) {
  Bench bench(WorldOptions{.scenario = "mid"});
  const auto closed = [&] {
    return bench.get("/service/tickets/count?conditions=closedFlag%3Dtrue").at("count").as_int64();
  };
  const std::int64_t closed_before = closed();
  const std::size_t entries = bench.world.list("sandbox", "time/entries").size();
  Robot robot;
  robot.set({.per_minute = 10});
  let_work(bench, robot, 180, Duration(60'000));
  EXPECT_GT(closed(), closed_before + 50);
  EXPECT_GT(bench.world.list("sandbox", "time/entries").size(), entries + 50);
  int merged = 0, reopened = 0;
  for (const json::object& ticket : bench.world.tickets("sandbox")) merged += ticket.contains("mergedParentTicket");
  for (const json::object& note : bench.world.list("sandbox", "service/tickets/notes"))
    reopened += note.at("text").as_string() == "User replied: it is back.";
  EXPECT_GT(merged, 3);
  EXPECT_GT(reopened, 3);
}

TEST(Robot, ItsDeedsFollowFromTheInstantsNotFromTheSteps) {
  const auto worked = [](Duration step, std::uint64_t seed) {
    Bench bench;
    Robot robot;
    robot.set({.per_minute = 1, .seed = seed});
    let_work(bench, robot, 30, step);
    std::string texts;
    for (const json::object& note : bench.world.list("sandbox", "service/tickets/notes"))
      texts += std::to_string(note.at("ticketId").as_int64()) + json::serialize(note.at("text"));
    return texts;
  };
  EXPECT_EQ(worked(Duration(60'000), 1), worked(Duration(60'000), 1));
  EXPECT_EQ(worked(Duration(60'000), 1), worked(Duration(7'500), 1));
  EXPECT_NE(worked(Duration(60'000), 1), worked(Duration(60'000), 2));
}

TEST(Robot, RestsUntilItIsTold) {
  Bench bench;
  const std::size_t entries = bench.world.list("sandbox", "time/entries").size();
  Robot robot;
  let_work(bench, robot, 60, Duration(60'000));
  EXPECT_EQ(robot.actions(), 0);
  EXPECT_EQ(bench.world.list("sandbox", "time/entries").size(), entries);
}

TEST(Robot, KeepsToItsTenant) {
  Bench bench(WorldOptions{.tenants = {TenantOptions{}, TenantOptions{.login_company = "other"}}});
  const std::size_t entries = bench.world.list("sandbox", "time/entries").size();
  Robot robot;
  robot.set({.per_minute = 10, .tenant = "other"});
  let_work(bench, robot, 30, Duration(60'000));
  EXPECT_EQ(bench.world.list("sandbox", "time/entries").size(), entries);
  EXPECT_GT(bench.world.list("other", "time/entries").size(), entries);
}

TEST(Robot, SettingsComeAsJson) {
  const auto settings =
      apply_robot_json(RobotSettings{}, json::object{{"per_minute", 6}, {"tenant", "a"}, {"seed", 4}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->per_minute, 6);
  EXPECT_FALSE(apply_robot_json(RobotSettings{}, json::object{{"per_minute", -1}}));
  EXPECT_FALSE(apply_robot_json(RobotSettings{}, json::object{{"rate", 1}}));
}

}  // namespace
}  // namespace crosswalk::sandbox

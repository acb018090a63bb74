#include <gmock/gmock.h>
#include <spdlog/spdlog.h>

#include "outbound/circuit.h"
#include "outbound/failing.h"
#include "sender_world.h"

namespace crosswalk::outbound {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;

/// Hundreds of worlds fail on purpose; what they log says nothing.
class QuietLog : public testing::Environment {
 public:
  void SetUp() override { spdlog::set_level(spdlog::level::off); }
};
const auto* const kQuietLog = testing::AddGlobalTestEnvironment(new QuietLog);

class SenderTest : public testing::Test {
 protected:
  std::vector<std::int64_t> numbers(const std::string& record) {
    std::vector<std::int64_t> found;
    for (const Received& each : world.received)
      if (each.record == record && each.accepted) found.push_back(each.number);
    return found;
  }
  WebhookMetrics metrics(const std::string& webhook) {
    for (const WebhookMetrics& each : world.sender().metrics())
      if (each.webhook == webhook) return each;
    return {};
  }
  /// What a webhook was told of the others.
  std::vector<std::string> told_of_others(const std::string& webhook) {
    std::vector<std::string> types;
    for (const Received& each : world.received)
      if (each.webhook == webhook && each.accepted && each.type.starts_with("webhook."))
        types.push_back(each.type + " " + each.record);
    return types;
  }
  std::optional<Failing> failing(const std::string& webhook) {
    const std::vector<store::WebhookRow> rows = world.store().outbound().webhooks().value();
    for (const store::WebhookRow& row : rows)
      if (row.id == webhook) return parse_failing(row.failing);
    return std::nullopt;
  }
  SenderWorld world{11};
};

TEST_F(SenderTest, DeliversWhatIsToldToEachWebhookThatWantsIt) {
  world.put_webhook("all");
  world.put_webhook("closed", R"(["ticket.closed"])");
  world.put_webhook("northwind", "[]", R"(["northwind"])");
  world.start();
  world.tell("a");
  world.tell("a", "ticket.closed");
  world.tell("n", "ticket.created", "northwind");
  world.run_for(seconds{1});
  EXPECT_EQ(world.count("all"), 3U);
  EXPECT_EQ(world.count("closed"), 1U);
  EXPECT_EQ(world.count("northwind"), 1U);
  EXPECT_EQ(metrics("all").delivered, 3U);
  EXPECT_TRUE(world.deliveries("all", DeliveryState::waiting).empty());
  const store::DeliveryRow row = world.deliveries("closed").front();
  EXPECT_EQ(row.state, DeliveryState::delivered);
  EXPECT_EQ(row.attempts, 1);
  EXPECT_EQ(row.status, 200);
}

TEST_F(SenderTest, ARecordThatIsRefusedHoldsUpItselfAndNoOther) {
  world.options.at_once = 1;
  world.put_webhook("one");
  world.start();
  world.weather["one"] = {.status = 400, .retry_after = "30"};
  world.tell("a");
  world.run_for(seconds{1});
  world.weather["one"] = {};
  world.tell("a");
  world.tell("b");
  world.run_for(Duration{200});
  EXPECT_THAT(numbers("a"), ElementsAre());
  EXPECT_THAT(numbers("b"), ElementsAre(1));
  world.run_for(minutes{1});
  EXPECT_THAT(numbers("a"), ElementsAre(1, 2));
}

TEST_F(SenderTest, AWebhookThatDoesNotAnswerSlowsNoOther) {  // P19
  world.put_webhook("dead");
  world.put_webhook("well");
  world.weather["dead"].hangs = true;
  world.start();
  for (int i = 0; i < 50; ++i) world.tell("r" + std::to_string(i));
  world.run_for(seconds{10});
  EXPECT_EQ(world.count("well"), 50U);
  for (const Received& each : world.received)
    EXPECT_LT(each.at - world.deliveries("well").back().event.at, seconds{10});
  EXPECT_EQ(world.count("dead"), 0U);
}

TEST_F(SenderTest, AFailingWebhookIsProbedAndNotHammered) {
  world.put_webhook("one");
  world.weather["one"].status = 503;
  world.start();
  for (int i = 0; i < 200; ++i) world.tell("r" + std::to_string(i));
  world.run_for(hours{1});
  EXPECT_TRUE(metrics("one").circuit_open);
  // A probe every five minutes at most, after the first failures and some quick ones.
  EXPECT_LT(world.count("one", false), 80U);
  EXPECT_GT(world.count("one", false), 12U);
  world.weather["one"].status = 200;
  world.run_for(minutes{6});
  EXPECT_EQ(world.count("one"), 200U) << "it comes back within the longest probe";
  EXPECT_FALSE(metrics("one").circuit_open);
}

TEST_F(SenderTest, KeepsToTheLimitOfDeliveriesAtOnce) {
  world.put_webhook("one");
  world.start();
  store::Transaction many;
  for (int i = 0; i < 300; ++i)
    many.outbound.events.push_back({.ref = {"acme", "alert", std::to_string(i)},
                                    .type = "ticket.created",
                                    .at = world.timeline().now(),
                                    .data = R"({"number":1})"});
  world.commit(many);
  world.run_for(minutes{1});
  EXPECT_EQ(world.count("one"), 300U);
  EXPECT_EQ(world.under_way_max, world.options.at_once);
}

TEST_F(SenderTest, GivesUpAfterThreeDaysAndTheNextOfTheRecordGoesOn) {
  world.put_webhook("one");
  world.start();
  world.weather["one"].status = 422;
  world.tell("a");
  world.run_for(hours{80});
  const store::DeliveryRow dead = world.deliveries("one").front();
  EXPECT_EQ(dead.state, DeliveryState::dead);
  EXPECT_EQ(dead.status, 422);
  EXPECT_GT(dead.attempts, 10);
  EXPECT_GE(*dead.attempted_at - dead.event.at, hours{72});
  EXPECT_EQ(metrics("one").dead, 1U);
  world.weather["one"].status = 200;
  world.tell("a");
  world.run_for(minutes{10});
  EXPECT_THAT(numbers("a"), ElementsAre(2));
  store::Transaction replay;
  replay.outbound.replayed.push_back(
      {"one", dead.event.id, world.timeline().now(), world.timeline().now() + hours{72}});
  world.commit(replay);
  world.run_for(minutes{1});
  EXPECT_THAT(numbers("a"), ElementsAre(2, 1));
}

TEST_F(SenderTest, WhatWaitsBehindAnOpenCircuitIsGivenUpInItsTime) {
  world.put_webhook("one");
  world.weather["one"].status = 500;
  world.start();
  for (int i = 0; i < 30; ++i) {
    world.tell("r" + std::to_string(i));
    world.tell("r" + std::to_string(i));
  }
  world.run_for(hours{71});
  EXPECT_EQ(world.deliveries("one", DeliveryState::dead).size(), 0U);
  world.run_for(hours{2});
  EXPECT_EQ(world.deliveries("one", DeliveryState::dead).size(), 60U);
  EXPECT_EQ(metrics("one").dead, 60U);
}

TEST_F(SenderTest, GoneDisablesAndNothingIsLostUntilItIsEnabledAgain) {
  world.put_webhook("one");
  world.weather["one"].status = 410;
  world.start();
  world.tell("a");
  world.run_for(minutes{1});
  const store::WebhookRow row = world.store().outbound().webhooks().value().front();
  EXPECT_FALSE(row.enabled);
  EXPECT_THAT(row.disabled_why, testing::HasSubstr("410"));
  EXPECT_EQ(world.count("one", false), 1U);
  world.tell("a");
  world.tell("b");
  world.weather["one"].status = 200;
  world.run_for(hours{100});
  EXPECT_EQ(world.count("one"), 0U);
  world.put_webhook("one", "[]", "[]", true, row.version + 1);
  world.run_for(seconds{5});
  EXPECT_THAT(numbers("a"), ElementsAre(1, 2));
  EXPECT_THAT(numbers("b"), ElementsAre(1));
}

TEST_F(SenderTest, OneThatFailsForLongIsToldToTheOthersOnceAndSoIsItsReturn) {
  for (const char* id : {"ill", "well"}) world.put_webhook(id);
  world.put_webhook("northwind", "[]", R"(["northwind"])");
  world.put_webhook("closed", R"(["ticket.closed"])");
  world.weather["ill"].status = 503;
  world.start();
  for (int i = 0; i < 10; ++i) world.tell("r" + std::to_string(i));
  world.run_for(minutes{8});
  EXPECT_TRUE(metrics("ill").circuit_open);
  EXPECT_EQ(metrics("ill").state, "refused");
  EXPECT_EQ(metrics("ill").cause, "503");
  EXPECT_THAT(told_of_others("well"), ElementsAre()) << "a receiver that is started anew is back sooner";
  world.run_for(hours{2});
  EXPECT_THAT(told_of_others("well"), ElementsAre("webhook.failing ill"));
  ASSERT_TRUE(failing("ill"));
  EXPECT_EQ(failing("ill")->trouble.state, "refused");
  EXPECT_EQ(failing("ill")->trouble.cause, "503");
  EXPECT_FALSE(failing("well"));
  world.crash();
  world.start();
  world.run_for(hours{1});
  EXPECT_THAT(told_of_others("well"), ElementsAre("webhook.failing ill")) << "a start tells nothing twice";
  EXPECT_EQ(metrics("ill").state, "refused");
  world.weather["ill"] = {};
  world.run_for(hours{5});
  EXPECT_THAT(told_of_others("well"), ElementsAre("webhook.failing ill", "webhook.restored ill"));
  EXPECT_FALSE(failing("ill"));
  EXPECT_EQ(metrics("ill").state, "in_order");
  EXPECT_EQ(metrics("ill").cause, "");
  for (const char* id : {"ill", "northwind", "closed"}) EXPECT_THAT(told_of_others(id), ElementsAre()) << id;
  EXPECT_EQ(world.count("ill"), 10U) << "and all else has arrived";
}

TEST_F(SenderTest, OneThatDoesNotAnswerIsUnreachable) {
  for (const char* id : {"ill", "well"}) world.put_webhook(id);
  world.weather["ill"].hangs = true;
  world.start();
  for (int i = 0; i < 6; ++i) world.tell("r" + std::to_string(i));
  world.run_for(hours{2});
  EXPECT_THAT(told_of_others("well"), ElementsAre("webhook.failing ill"));
  ASSERT_TRUE(failing("ill"));
  EXPECT_EQ(failing("ill")->trouble.state, "unreachable");
  EXPECT_EQ(failing("ill")->trouble.cause, "net.timeout");
}

TEST_F(SenderTest, OneThatIsGoneIsToldAtOnceAndItsReturnToo) {
  for (const char* id : {"gone", "well"}) world.put_webhook(id);
  world.weather["gone"].status = 410;
  world.start();
  world.tell("a");
  world.run_for(seconds{5});
  EXPECT_THAT(told_of_others("well"), ElementsAre("webhook.failing gone"));
  ASSERT_TRUE(failing("gone"));
  EXPECT_EQ(failing("gone")->trouble.state, "disabled");
  EXPECT_EQ(metrics("gone").state, "disabled");
  world.weather["gone"] = {};
  world.put_webhook("gone", "[]", "[]", true, 3);
  world.run_for(minutes{1});
  EXPECT_THAT(told_of_others("well"), ElementsAre("webhook.failing gone", "webhook.restored gone"));
  EXPECT_EQ(metrics("gone").state, "in_order");
}

TEST_F(SenderTest, WhatIsReplayedSinceATimeComesInOrderUnderItsOldIdAndSaysSo) {
  world.put_webhook("one");
  world.start();
  world.tell("a");
  world.tell("b");
  world.tell("a");
  world.run_for(minutes{1});
  ASSERT_EQ(world.count("one"), 3U);
  const Timestamp now = world.timeline().now();
  store::Transaction replay;
  replay.outbound.replayed.push_back(
      {"one", "", now, now + hours{72}, store::OutboundRange{now - hours{1}, now, "[]", "[]", 100}});
  world.commit(replay);
  world.run_for(minutes{1});
  EXPECT_THAT(numbers("a"), ElementsAre(1, 2, 1, 2));
  EXPECT_THAT(numbers("b"), ElementsAre(1, 1));
  std::map<std::string, int> times;
  for (std::size_t i = 0; i < world.received.size(); ++i) {
    ++times[world.received[i].id];
    EXPECT_EQ(world.received[i].replayed, i >= 3) << i;
  }
  EXPECT_EQ(times.size(), 3U) << "under the ids that they had";
}

TEST_F(SenderTest, WaitsAsLongAsTheReceiverAsks) {
  world.put_webhook("one");
  world.weather["one"].status = 429;
  world.weather["one"].retry_after = "900";
  world.start();
  world.tell("a");
  world.run_for(minutes{14});
  EXPECT_EQ(world.count("one", false), 1U);
  world.weather["one"] = {};
  world.run_for(minutes{2});
  EXPECT_THAT(numbers("a"), ElementsAre(1));
}

TEST_F(SenderTest, ATestMessageTellsHowItFared) {
  world.put_webhook("one", "[]", "[]", false);
  world.start();
  const auto ask = [&] { return world.sender().test("one"); };
  const TestOutcome well = world.await(ask).value();
  EXPECT_TRUE(well.delivered);
  EXPECT_EQ(well.status, 200);
  EXPECT_EQ(world.received.back().type, "webhook.test");
  world.weather["one"].hangs = true;
  const TestOutcome ill = world.await(ask).value();
  EXPECT_FALSE(ill.delivered);
  EXPECT_EQ(ill.status, 0);
  EXPECT_EQ(ill.took, world.options.timeout);
  EXPECT_FALSE(ill.error.empty());
  EXPECT_EQ(world.await([&] { return world.sender().test("other"); }).error().code, "webhook.unknown");
}

TEST_F(SenderTest, AStoreThatFailsMakesNoSecondAttemptOfWhatWasDelivered) {
  world.put_webhook("one");
  world.start();
  world.tell("a");
  world.run_for(Duration{60});
  world.store_fails = 1;
  world.run_for(minutes{1});
  world.store_fails = 0;
  world.run_for(minutes{1});
  EXPECT_THAT(numbers("a"), ElementsAre(1));
  EXPECT_EQ(world.deliveries("one").front().state, DeliveryState::delivered);
}

TEST_F(SenderTest, AClockThatIsSetBackHoldsUpNoDelivery) {
  world.options.at_once = 1;
  world.put_webhook("one");
  world.put_webhook("dead");
  world.start();
  world.weather["one"] = {.status = 500, .retry_after = "60"};
  world.weather["dead"].hangs = true;
  world.tell("a");
  world.run_for(seconds{1});
  ASSERT_EQ(world.count("one", false), 1U);
  world.weather["one"] = {};
  world.timeline().set_clock(-hours{1});
  world.tell("b");
  world.run_for(seconds{2});
  EXPECT_THAT(numbers("b"), ElementsAre(1)) << "what is new is delivered at once";
  EXPECT_EQ(world.count("one"), 1U) << "what the receiver has put off waits for its time";
  world.run_for(seconds{60});
  EXPECT_EQ(world.count("one"), 2U);
  world.weather["dead"] = {};
  world.run_for(minutes{6});
  EXPECT_EQ(world.count("dead"), 2U) << "the circuit's probe waits by time that passes";
  world.timeline().set_clock(hours{2});
  world.tell("c");
  world.run_for(seconds{1});
  EXPECT_THAT(numbers("c"), ElementsAre(1, 1));
}

TEST_F(SenderTest, WhatWasTakenBeforeTheClockWentBackIsDeliveredToo) {
  world.options.at_once = 1;
  world.put_webhook("one");
  world.start();
  world.weather["one"].hangs = true;
  for (int i = 0; i < 1'200; ++i) world.tell("r" + std::to_string(i));
  world.run_for(seconds{5});
  world.timeline().set_clock(-hours{1});
  world.weather["one"] = {};
  world.run_for(minutes{10});
  EXPECT_EQ(world.count("one"), 1'200U);
  EXPECT_TRUE(world.deliveries("one", DeliveryState::waiting).empty());
}

TEST_F(SenderTest, EndsWhenItIsToldTo) {
  world.put_webhook("one");
  world.start();
  world.tell("a");
  world.run_for(Duration{20});
  world.sender().stop();
  world.run_for(minutes{1});
  EXPECT_THAT(numbers("a"), ElementsAre(1)) << "what was under way has ended";
  world.tell("a");
  world.run_for(minutes{1});
  EXPECT_THAT(numbers("a"), ElementsAre(1));
}

TEST_F(SenderTest, ForgetsWhatIsOverAfterTheRetention) {
  world.put_webhook("one");
  world.start();
  world.tell("a");
  world.run_for(hours{24 * 29});
  EXPECT_EQ(world.deliveries("one").size(), 1U);
  world.run_for(hours{48});
  EXPECT_EQ(world.deliveries("one").size(), 0U);
  EXPECT_TRUE(world.store().outbound().outbound_after(0, 10).value().empty());
}

/// Random failures, lost answers, a failing store and kill -9 at any moment: everything arrives, and of each record
/// nothing arrives before what came before it was taken.
TEST(SenderProperty, NothingIsLostAndEachRecordKeepsItsOrder) {
  const char* const wanted = std::getenv("CROSSWALK_SEEDS");
  const int seeds = wanted ? std::atoi(wanted) : 150;
  int crashes = 0, repeats = 0;
  for (int seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SenderWorld world(static_cast<std::uint64_t>(seed));
    world.options.give_up_after = hours{24 * 365};
    const std::vector<std::string> webhooks{"one", "two"};
    for (const std::string& id : webhooks) {
      world.put_webhook(id);
      world.weather[id] = {.fails = world.pick(0, 60) / 100.0, .answer_lost = world.pick(0, 20) / 100.0};
    }
    world.store_fails = world.pick(0, 10) / 100.0;
    world.start();
    for (int i = 0; i < 60; ++i) {
      world.tell("r" + std::to_string(world.pick(0, 6)));
      const int steps = world.pick(0, 30);
      for (int step = 0; step < steps && world.step(world.timeline().now() + minutes{2}); ++step) {
      }
      if (!world.chance(0.15)) continue;
      world.crash();
      ++crashes;
      world.start();
    }
    for (const std::string& id : webhooks) world.weather[id] = {};
    world.store_fails = 0;
    world.run_for(hours{12});
    std::map<std::pair<std::string, std::string>, std::int64_t> accepted;
    for (const Received& each : world.received) {
      if (each.type.starts_with("webhook.")) continue;
      std::int64_t& newest = accepted[{each.webhook, each.record}];
      ASSERT_LE(each.number, newest + 1) << each.webhook << " " << each.record;
      if (each.accepted && each.number <= newest) ++repeats;
      if (each.accepted) newest = std::max(newest, each.number);
    }
    for (const std::string& id : webhooks)
      for (const auto& [record, number] : world.told)
        ASSERT_EQ((accepted[{id, record}]), number) << id << " " << record;
  }
  EXPECT_GT(crashes, seeds);
  EXPECT_GT(repeats, 0) << "no answer was lost: this shows nothing";
}

TEST(Circuit, OpensAfterFailuresInARowAndClosesWithTheFirstSuccess) {
  Random random(1);
  Circuit circuit;
  const Timestamp now = from_milliseconds(1'000'000);
  for (int i = 0; i < Circuit::kFailuresMax - 1; ++i) circuit.failed(now, random);
  EXPECT_FALSE(circuit.is_open());
  circuit.failed(now, random);
  EXPECT_TRUE(circuit.is_open());
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_GT(circuit.probe_at(), now);
    EXPECT_LE(circuit.probe_at(), now + Circuit::kProbeMost);
    circuit.failed(now, random);
  }
  circuit.succeeded();
  EXPECT_FALSE(circuit.is_open());
}

TEST(FullJitter, StaysBelowTheDoubledLeastAndTheMost) {
  Random random(1);
  Duration largest{0};
  for (int i = 0; i < 2'000; ++i) {
    EXPECT_LE(full_jitter(0, seconds{5}, hours{4}, random), seconds{5});
    EXPECT_LE(full_jitter(3, seconds{5}, hours{4}, random), seconds{40});
    largest = std::max(largest, full_jitter(1'000, seconds{5}, hours{4}, random));
  }
  EXPECT_LE(largest, hours{4});
  EXPECT_GT(largest, hours{3});
}

}  // namespace
}  // namespace crosswalk::outbound

#include "lifecycle.h"

#include <gtest/gtest.h>

namespace crosswalk::simulation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST_F(Lifecycle, AlertBecomesATicketOnTheMappedBoardAndClosesItself) {
  begin();
  raise();
  simulation.run_for(seconds{10});
  auto ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 1u);
  EXPECT_EQ(text(ours[0], "summary"), "malware found - desk-7");
  EXPECT_EQ(ours[0].at("board").at("name").as_string(), "Security Operations");
  EXPECT_EQ(status_of(ours[0]), "New");
  EXPECT_GE(count_notes(ours[0], "https://product.example/alerts/desk-7"), 1);
  resolve();
  simulation.run_for(seconds{10});
  ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 1u);
  EXPECT_TRUE(is_closed(ours[0]));
  EXPECT_EQ(count_notes(ours[0], "Quarantined."), 1);
  EXPECT_EQ(simulation.plan("northwind").at("calls").to_number<int>(), 0);
}

TEST_F(Lifecycle, P2_RepeatsAreOneTicketAndAtMostOneNoteEachInterval) {
  begin();
  for (int i = 0; i < 500; ++i) {
    raise();
    simulation.run_for(Duration{7'200});
  }
  simulation.run_for(minutes{20});
  const auto ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 1u);
  EXPECT_EQ(count_notes(ours[0], "[ref "), 4);
  EXPECT_EQ(count_notes(ours[0], "500 times"), 1);
}

TEST_F(Lifecycle, P4_ResolveClosesExactlyItsOwnEpisode) {
  begin([](json::object& document) {
    document["defaults"].as_object()["reopen"] = json::object{{"policy", "never"}};
    document["defaults"].as_object()["still_open"] = json::object{{"policy", "new_ticket"}};
  });
  for (int i = 0; i < 2; ++i) {
    raise();
    simulation.run_for(minutes{5});
    const auto ours = simulation.our_tickets();
    ASSERT_EQ(ours.size(), static_cast<std::size_t>(i + 1));
    EXPECT_TRUE(simulation.world().close_ticket("sandbox", ours.back().at("id").as_int64()));
    simulation.run_for(std::chrono::hours{2});
  }
  raise();
  simulation.run_for(minutes{5});
  ASSERT_EQ(simulation.our_tickets().size(), 3u);
  EXPECT_FALSE(is_closed(simulation.our_tickets()[2]));
  resolve();
  simulation.run_for(minutes{5});
  const auto ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 3u);
  EXPECT_EQ(count_notes(ours[0], "Quarantined."), 0);
  EXPECT_EQ(count_notes(ours[1], "Quarantined."), 0);
  EXPECT_EQ(count_notes(ours[2], "Quarantined."), 1);
  EXPECT_TRUE(is_closed(ours[2]));
}

TEST_F(Lifecycle, P7_RecurrenceWithinTheWindowReopensInsteadOfOpeningASecondTicket) {
  begin();
  raise();
  simulation.run_for(minutes{5});
  resolve();
  simulation.run_for(minutes{5});
  raise();
  simulation.run_for(minutes{5});
  const auto ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 1u);
  EXPECT_EQ(status_of(ours[0]), "Re-opened");
  EXPECT_EQ(count_notes(ours[0], "come back"), 1);
}

TEST_F(Lifecycle, P7_RecurrenceAfterTheWindowOpensANewTicketThatNamesTheOldOne) {
  begin();
  raise();
  simulation.run_for(minutes{5});
  resolve();
  simulation.run_for(std::chrono::hours{25});
  raise();
  simulation.run_for(minutes{5});
  const auto ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 2u);
  EXPECT_TRUE(is_closed(ours[0]));
  EXPECT_EQ(count_notes(ours[1], "Earlier ticket: #" + std::to_string(ours[0].at("id").as_int64())), 1);
}

TEST_F(Lifecycle, TakenOverTicketGetsANoteAndStaysOpen) {
  begin();
  raise();
  simulation.run_for(minutes{5});
  const auto id = simulation.our_tickets()[0].at("id").as_int64();
  ASSERT_TRUE(simulation.world().set_owner("sandbox", id, "mlopez"));
  resolve();
  simulation.run_for(minutes{5});
  const auto ours = simulation.our_tickets();
  EXPECT_FALSE(is_closed(ours[0]));
  EXPECT_EQ(count_notes(ours[0], "Quarantined."), 1);
}

TEST_F(Lifecycle, AlertThatResolvesWithinItsHoldDownMakesNoTicket) {
  begin();
  raise("medium");
  simulation.run_for(minutes{2});
  resolve();
  simulation.run_for(minutes{30});
  EXPECT_TRUE(simulation.our_tickets().empty());
}

TEST_F(Lifecycle, HeldDownAlertBecomesATicketWhenItLasts) {
  begin();
  raise("medium");
  simulation.run_for(minutes{4});
  EXPECT_TRUE(simulation.our_tickets().empty());
  simulation.run_for(minutes{2});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(Lifecycle, FlappingAlertKeepsOneOpenTicketUntilItIsQuiet) {
  begin();
  for (int i = 0; i < 6; ++i) {
    raise();
    simulation.run_for(minutes{2});
    resolve();
    simulation.run_for(minutes{2});
  }
  auto ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 1u);
  EXPECT_FALSE(is_closed(ours[0]));
  EXPECT_EQ(count_notes(ours[0], "comes and goes"), 1);
  simulation.run_for(std::chrono::hours{1});
  ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 1u);
  EXPECT_TRUE(is_closed(ours[0]));
}

TEST_F(Lifecycle, StormBecomesOneParentTicketWithARunningList) {
  begin();
  simulation.crash();
  for (int i = 0; i < 40; ++i) raise("critical", "desk-" + std::to_string(i));
  simulation.start();
  simulation.run_for(minutes{5});
  auto ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 1u);
  EXPECT_EQ(count_notes(ours[0], "desk-39"), 1);
  for (int i = 40; i < 45; ++i) raise("critical", "desk-" + std::to_string(i));
  simulation.run_for(minutes{20});
  ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 1u);
  EXPECT_EQ(count_notes(ours[0], "desk-44"), 1);
  for (int i = 0; i < 45; ++i) resolve("desk-" + std::to_string(i));
  simulation.run_for(minutes{20});
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
}

TEST_F(Lifecycle, P9_UnknownCustomerIsHeldWithAReasonAndReleasedByItsMapping) {
  begin();
  simulation.send("northwind", "alert.raised", simulation.timeline().now(), alert_data("ever", "desk-1", "malware"));
  simulation.run_for(minutes{1});
  EXPECT_TRUE(simulation.our_tickets().empty());
  const json::object plan = simulation.plan("northwind");
  EXPECT_EQ(plan.at("records").as_array().at(0).at("held").at("code").as_string(), "mapping.customer_unknown");
  simulation.publish("northwind", sample_mapping(simulation, [&](json::object& document) {
                       document["customers"].as_object()["ever"] = json::object{
                           {"company", json::object{{"id", simulation.id_of("company/companies", "EvergreenCU")},
                                                    {"name", "Evergreen"}}}};
                     }));
  simulation.run_for(minutes{1});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(Lifecycle, P16_InactiveBoardSendsTicketsToTriageAndLosesNone) {
  begin();
  raise("critical", "desk-1");
  simulation.run_for(minutes{1});
  simulation.world().set_inactive("sandbox", "service/boards",
                                  std::stoll(simulation.id_of("service/boards", "Security Operations")), true);
  raise("critical", "desk-2");
  simulation.run_for(minutes{5});
  const auto ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 2u);
  EXPECT_EQ(ours[1].at("board").at("name").as_string(), "Help Desk");
}

TEST_F(Lifecycle, P16_RenamedStatusBreaksNothing) {
  begin();
  const std::string board = simulation.id_of("service/boards", "Security Operations");
  const auto closed = std::stoll(simulation.id_of("service/boards/statuses", ">Closed", std::stoll(board)));
  simulation.world().rename("sandbox", "service/boards/statuses", closed, ">Done");
  raise();
  simulation.run_for(minutes{1});
  resolve();
  simulation.run_for(minutes{1});
  EXPECT_EQ(status_of(simulation.our_tickets()[0]), ">Done");
}

TEST_F(Lifecycle, P1_EveryLostReplyStillMeansOneTicketEach) {
  simulation.weather.lost_after = 0;
  begin();
  sandbox::Fault fault;
  fault.kind = sandbox::FaultKind::drop_after;
  fault.method = "POST";
  fault.path = "/service/tickets";
  fault.count.reset();
  simulation.world().faults().settings.faults.push_back(fault);
  for (int i = 0; i < 100; ++i)
    simulation.send("northwind", "alert.raised", simulation.timeline().now(),
                    alert_data("acme", "desk-" + std::to_string(i), "rule-" + std::to_string(i)));
  simulation.run_for(std::chrono::hours{1});
  EXPECT_EQ(simulation.our_tickets().size(), 100u);
}

/// One that is being folded while another record's reconcile ends is not overlooked until all are looked at.
TEST_F(Lifecycle, NoEventWaitsForTheNextLookAtEverything) {
  engine::EngineOptions options;
  options.calls_per_second = 0;
  options.calls_at_once = 0;
  simulation.use(options);
  simulation.weather.latency = Duration{5};
  begin();
  constexpr std::uint64_t kAlerts = 400;
  for (std::uint64_t i = 0; i < kAlerts; ++i) {
    const std::string number = std::to_string(i);
    simulation.send("northwind", "alert.raised", simulation.timeline().now(),
                    alert_data("acme", "desk-" + number, "condition-" + number));
    // Nothing comes after the second of two, by which it would be found.
    simulation.run_for(i % 2 == 0 ? Duration{1 + static_cast<int>(i / 2 % 45)} : Duration{3'000});
  }
  const engine::Metrics& measured = simulation.engine().metrics();
  std::uint64_t soon = 0;
  for (std::size_t i = 0; i < engine::Metrics::kLatencyBounds.size(); ++i)
    if (engine::Metrics::kLatencyBounds[i] <= 0.25) soon += measured.event_to_call[i];
  EXPECT_EQ(measured.event_to_call_count, kAlerts);
  EXPECT_EQ(soon, kAlerts);
}

/// Events that come late may make a note needless whose answer was lost, and bring it back.
TEST_F(Lifecycle, ANoteWhoseAnswerWasLostIsKnownWhenItIsWantedAgain) {
  begin();
  raise("medium");
  simulation.run_for(minutes{5});
  const Timestamp between = simulation.timeline().now() - minutes{3};
  raise("high");
  simulation.run_for(minutes{5});
  sandbox::Fault fault;
  fault.kind = sandbox::FaultKind::drop_after;
  fault.method = "POST";
  fault.path = "/service/tickets/*/notes";
  simulation.world().faults().settings.faults.push_back(fault);
  raise("critical");
  simulation.run_for(seconds{2});
  const std::string rise = "The severity has risen to critical (it was high)";
  ASSERT_EQ(count_notes(simulation.our_tickets().at(0), rise), 1);
  json::object data = alert_data("acme", "desk-7", "malware", "critical");
  simulation.send("northwind", "alert.raised", between, data);
  simulation.run_for(minutes{10});
  EXPECT_EQ(count_notes(simulation.our_tickets().at(0), "risen to critical (it was medium)"), 1);
  data["resolution"] = "Quarantined.";
  simulation.send("northwind", "alert.resolved", between + minutes{1}, data);
  simulation.run_for(minutes{10});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_EQ(count_notes(simulation.our_tickets().at(0), rise), 1);
}

TEST_F(Lifecycle, P6_AlertsFromBeforeGoLiveNeverOpenTickets) {
  begin([&](json::object& document) {
    document["go_live_at"] = format_timestamp(simulation.timeline().now() + minutes{10});
  });
  raise("critical", "desk-1");
  simulation.run_for(minutes{15});
  raise("critical", "desk-2");
  simulation.run_for(minutes{1});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_EQ(text(simulation.our_tickets()[0], "summary"), "malware found - desk-2");
}

TEST_F(Lifecycle, P21_TestModeSendsNoWriteAndThePlanSaysWhatItWouldDo) {
  begin([](json::object& document) { document["mode"] = "test"; });
  raise();
  simulation.run_for(minutes{5});
  const json::object plan = simulation.plan("northwind");
  EXPECT_EQ(plan.at("summary").at("create").to_number<int>(), 1);
  EXPECT_EQ(simulation.traffic.writes, 0);
  EXPECT_TRUE(simulation.our_tickets().empty());
  simulation.publish("northwind", sample_mapping(simulation));
  simulation.run_for(minutes{5});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(Lifecycle, P21_ASavedPlanIsAppliedExactlyAndRefusedWhenTheWorldHasChanged) {
  begin([](json::object& document) { document["mode"] = "test"; });
  raise("critical", "desk-1");
  simulation.run_for(minutes{1});
  std::string first, second;
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    auto made = co_await simulation.engine().save_plan(PartnerId("northwind"), "");
    if (made) first = std::string(made->at("id").as_string());
    auto again = co_await simulation.engine().save_plan(PartnerId("northwind"), "");
    if (again) second = std::string(again->at("id").as_string());
  });
  json::object report;
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    auto applied = co_await simulation.engine().apply(PartnerId("northwind"), first);
    if (applied) report = *applied;
  });
  EXPECT_EQ(report.at("applied").to_number<int>(), 1);
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
  std::string refused;
  raise("critical", "desk-2");
  simulation.run_for(minutes{1});
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    auto applied = co_await simulation.engine().apply(PartnerId("northwind"), first);
    refused = applied ? "applied" : applied.error().code;
  });
  EXPECT_EQ(refused, "plan.applied");
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(Lifecycle, P19_OnePartnersFloodDoesNotSlowAnother) {
  simulation.add_partner("other", "sandbox");
  simulation.publish("other", sample_mapping(simulation));
  begin();
  for (int i = 0; i < 2'000; ++i)
    simulation.send("northwind", "alert.raised", simulation.timeline().now(),
                    alert_data("acme", "desk-" + std::to_string(i), "rule-" + std::to_string(i)));
  simulation.send("other", "alert.raised", simulation.timeline().now(), alert_data("blue", "the-one", "malware"));
  simulation.run_for(seconds{5});
  bool found = false;
  for (const auto& ticket : simulation.our_tickets())
    found = found || text(ticket, "summary").find("the-one") != std::string::npos;
  EXPECT_TRUE(found);
}

TEST_F(Lifecycle, P24_MaintenanceWindowEndsWithTheAlertStillOpenAndATicketFollowsWithinAMinute) {
  begin([&](json::object& document) {
    document["maintenance_windows"] =
        json::array{json::object{{"name", "Patching"},
                                 {"starts_at", format_timestamp(simulation.timeline().now() - minutes{1})},
                                 {"ends_at", format_timestamp(simulation.timeline().now() + minutes{60})}}};
  });
  raise();
  simulation.run_for(minutes{58});
  EXPECT_TRUE(simulation.our_tickets().empty());
  simulation.run_for(minutes{3});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(Lifecycle, WrongKeysStopTheCallsAndArePlainlyTold) {
  begin();
  simulation.world().set_keys("sandbox", "other", "keys");
  for (int i = 0; i < 50; ++i) {
    raise("critical", "desk-" + std::to_string(i));
    simulation.run_for(seconds{10});
  }
  EXPECT_LT(simulation.traffic.started.size(), 40u);
  simulation.world().set_keys("sandbox", "sandbox-public", "sandbox-private");
  simulation.run_for(std::chrono::hours{1});
  const json::object plan = simulation.plan("northwind");
  EXPECT_EQ(plan.at("summary").at("create").to_number<int>(), 0) << plan;
}

}  // namespace
}  // namespace crosswalk::simulation

// Pains that users of such integrations report, each with the behaviour that Crosswalk shows instead.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/serialize.hpp>
#include <set>

#include "simulation.h"

namespace crosswalk::simulation {
namespace {

namespace json = boost::json;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

void begin(Simulation& simulation, const std::function<void(json::object&)>& change = nullptr) {
  simulation.add_partner("northwind");
  simulation.publish("northwind", sample_mapping(simulation, change));
  simulation.start();
  simulation.run_for(seconds{1});
}

void raise(Simulation& simulation, const std::string& subject, const std::string& condition = "malware",
           const std::string& customer = "acme", const std::string& severity = "critical") {
  simulation.send("northwind", "alert.raised", simulation.timeline().now(),
                  alert_data(customer, subject, condition, severity));
}

TEST(Pains, P11_AThrottlingPsaIsObeyedAndLosesNothing) {
  Simulation simulation(11);
  begin(simulation);
  simulation.world().faults().settings.requests_per_minute = 60;
  simulation.world().faults().settings.retry_after_seconds = 30;
  simulation.weather.throttled = 0.05;
  for (int i = 0; i < 300; ++i) raise(simulation, fmt::format("desk-{}", i), fmt::format("rule-{}", i));
  simulation.run_for(hours{1});
  EXPECT_EQ(simulation.our_tickets().size(), 300u);
  std::int64_t refused = 0;
  for (const sandbox::Call& call : simulation.world().calls()) refused += call.status == 429;
  // The first minute's burst teaches the rate; after that refusals are the exception.
  EXPECT_LT(refused, 60);
}

TEST(Pains, P17_AClosedStatusChosenForNewTicketsIsNotUsedAndNothingIsLost) {
  Simulation simulation(17);
  begin(simulation, [&](json::object& document) {
    const auto board = std::stoll(simulation.id_of("service/boards", "Security Operations"));
    document["defaults"].as_object()["statuses"].as_object()["opened"] =
        json::object{{"id", simulation.id_of("service/boards/statuses", ">Closed", board)}, {"name", ">Closed"}};
  });
  raise(simulation, "desk-1");
  simulation.run_for(minutes{1});
  const auto ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 1u);
  EXPECT_FALSE(ours[0].at("closedFlag").as_bool());
  const json::object plan = simulation.plan("northwind");
  std::set<std::string> codes;
  for (const json::value& problem : plan.at("problems").as_array()) codes.emplace(problem.at("code").as_string());
  EXPECT_TRUE(codes.contains("mapping.status_opened_closed"));
}

TEST(Pains, P17_AlertsBeforeTheFirstMappingWaitAndBecomeTicketsWithIt) {
  Simulation simulation(18);
  simulation.add_partner("northwind");
  simulation.start();
  raise(simulation, "desk-1");
  simulation.run_for(hours{3});
  EXPECT_TRUE(simulation.our_tickets().empty());
  simulation.publish("northwind", sample_mapping(simulation));
  simulation.run_for(minutes{2});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST(Pains, P9_EveryFieldNamesTheRuleThatDecidedIt) {
  Simulation simulation(9);
  begin(simulation, [&](json::object& document) {
    document["mode"] = "test";
    document["rules"] = json::array{
        json::object{{"name", "Malware first"},
                     {"when", json::array{json::object{{"attribute", "condition"}, {"is", "malware"}}}},
                     {"set", json::object{{"priority", json::object{{"id", "1"}, {"name", "Priority 1"}}}}}}};
  });
  raise(simulation, "desk-1", "malware", "acme", "high");
  simulation.run_for(minutes{5});
  const json::object plan = simulation.plan("northwind");
  const json::array& fields = plan.at("records").at(0).at("operations").at(0).at("fields").as_array();
  std::map<std::string, std::string> decided;
  for (const json::value& field : fields)
    decided[std::string(field.at("field").as_string())] = std::string(field.at("decided_by").as_string());
  EXPECT_EQ(decided["priority"], "rule 1: Malware first");
  EXPECT_EQ(decided["company"], "customer acme");
  EXPECT_EQ(decided["board"], "partner default");
  EXPECT_EQ(decided["summary"], "vendor default");
}

TEST(Pains, P19_APartnerWhoseConnectWiseAnswersAfterAMinuteDoesNotSlowTheOthers) {
  Simulation simulation(19);
  simulation.world().add_tenant(
      {.login_company = "slow", .public_key = "slow-public", .private_key = "slow-private", .role = "Admin"});
  begin(simulation);
  simulation.add_partner("slow-partner", "slow");
  simulation.publish("slow-partner", sample_mapping(simulation));
  sandbox::Fault fault;
  fault.kind = sandbox::FaultKind::slow;
  fault.tenant = "slow";
  fault.delay = seconds{60};
  fault.count.reset();
  simulation.world().faults().settings.faults.push_back(fault);
  for (int i = 0; i < 200; ++i)
    simulation.send("slow-partner", "alert.raised", simulation.timeline().now(),
                    alert_data("acme", fmt::format("desk-{}", i), fmt::format("rule-{}", i)));
  for (int i = 0; i < 10; ++i) raise(simulation, fmt::format("desk-{}", i), fmt::format("rule-{}", i));
  simulation.run_for(seconds{5});
  EXPECT_EQ(simulation.our_tickets().size(), 10u);
}

TEST(Pains, APsaThatIsDownForAnHourIsNotHammeredAndNothingIsLost) {
  Simulation simulation(20);
  begin(simulation);
  raise(simulation, "before");
  simulation.run_for(minutes{1});
  simulation.world().faults().settings.maintenance = true;
  const std::size_t calls_before = simulation.traffic.started.size();
  for (int i = 0; i < 60; ++i) {
    raise(simulation, fmt::format("desk-{}", i), fmt::format("rule-{}", i));
    simulation.run_for(minutes{1});
  }
  EXPECT_LT(simulation.traffic.started.size() - calls_before, 120u);
  simulation.world().faults().settings.maintenance = false;
  simulation.run_for(minutes{20});
  EXPECT_EQ(simulation.our_tickets().size(), 61u);
}

TEST(Pains, SummariesWithEmojiAndRightToLeftTextFitConnectWise) {
  Simulation simulation(21);
  begin(simulation);
  std::string title;
  for (int i = 0; i < 60; ++i) title += "\U0001F6A8\u05D0";
  json::object data = alert_data("acme", "desk-1", "malware");
  data["title"] = title;
  simulation.send("northwind", "alert.raised", simulation.timeline().now(), data);
  simulation.run_for(minutes{1});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
}

TEST(Pains, ADeletedTicketIsNotWrittenToAndARecurrenceMakesANewOne) {
  Simulation simulation(22);
  begin(simulation);
  raise(simulation, "desk-1");
  simulation.run_for(minutes{1});
  const auto id = simulation.our_tickets().at(0).at("id").as_int64();
  ASSERT_TRUE(simulation.world().delete_ticket("sandbox", id));
  simulation.run_for(minutes{5});
  simulation.send("northwind", "alert.resolved", simulation.timeline().now(), alert_data("acme", "desk-1", "malware"));
  raise(simulation, "desk-1");
  simulation.run_for(minutes{5});
  const auto ours = simulation.our_tickets();
  ASSERT_EQ(ours.size(), 1u);
  EXPECT_NE(ours[0].at("id").as_int64(), id);
}

/// The story of the first alert that waits for a person; empty: none does.
json::object waiting_story(Simulation& simulation) {
  store::Store::RecordQuery query;
  query.partner = "northwind";
  query.kind = "alert";
  query.parked_only = true;
  query.count_max = 1;
  const auto rows = simulation.store().list_records(query);
  json::object story;
  if (!rows || rows->empty()) return story;
  const model::RecordRef ref{PartnerId("northwind"), model::RecordKind::alert, rows->front().ref.key};
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    auto told = co_await simulation.engine().explain(ref);
    if (told) story = std::move(*told);
  });
  return story;
}

std::string check_up(Simulation& simulation) {
  std::string failed;
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const auto checked = co_await simulation.engine().check(PartnerId("northwind"));
    if (!checked) throw std::runtime_error(checked.error().message);
    for (const json::value& each : checked->at("checks").as_array())
      if (!each.at("passed").as_bool()) failed += std::string(each.at("detail").as_string()) + "\n";
  });
  return failed;
}

TEST(Pains, P25_FieldsThatANewVersionAddsChangeNothing) {
  Simulation simulation(251);
  begin(simulation);
  auto& changes = simulation.world().faults().settings.field_changes;
  for (const char* collection : {"service/tickets", "service/boards", "service/boards/statuses", "company/companies"})
    changes.push_back({collection, "", "brandNew"});
  raise(simulation, "desk-1");
  simulation.run_for(minutes{5});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  simulation.send("northwind", "alert.resolved", simulation.timeline().now(), alert_data("acme", "desk-1", "malware"));
  simulation.run_for(minutes{5});
  EXPECT_TRUE(simulation.our_tickets()[0].at("closedFlag").as_bool());
  EXPECT_EQ(check_up(simulation), "");
}

TEST(Pains, P25_AFieldThatANewVersionHasRenamedIsNamedAndWhatDoesNotNeedItGoesOn) {
  Simulation simulation(252);
  begin(simulation);
  raise(simulation, "desk-1");
  simulation.run_for(minutes{5});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  simulation.world().faults().settings.field_changes = sandbox::next_version_changes();
  EXPECT_NE(check_up(simulation).find("closedFlag"), std::string::npos) << check_up(simulation);
  // A ticket that somebody has changed must be read before it is written to.
  const auto id = simulation.our_tickets()[0].at("id").as_int64();
  ASSERT_TRUE(simulation.world().set_field("sandbox", id, "summary", "What a technician calls it"));
  store::Transaction told;
  told.changed.push_back({"northwind", "ticket", std::to_string(id), simulation.timeline().now()});
  const store::Transaction* one = &told;
  ASSERT_TRUE(simulation.store().commit(std::span(&one, 1)));
  simulation.send("northwind", "alert.resolved", simulation.timeline().now(), alert_data("acme", "desk-1", "malware"));
  raise(simulation, "desk-2");
  simulation.run_for(minutes{10});
  EXPECT_EQ(simulation.our_tickets().size(), 2u) << "a new alert needs no ticket to be read";
  const json::object story = waiting_story(simulation);
  ASSERT_TRUE(story.contains("parked"));
  EXPECT_EQ(story.at("parked").at("code").as_string(), "psa.field_absent");
  EXPECT_NE(story.at("parked").at("detail").as_string().find("closedFlag"), json::string::npos);
  const std::size_t calls_before = simulation.traffic.started.size();
  simulation.run_for(hours{6});
  EXPECT_LT(simulation.traffic.started.size() - calls_before, 150u) << "nothing is tried without end";
  simulation.world().faults().settings.field_changes.clear();
  simulation.run_for(hours{9});
  EXPECT_TRUE(waiting_story(simulation).empty()) << "and goes on by itself when the field is back";
  EXPECT_TRUE(simulation.our_tickets()[0].at("closedFlag").as_bool());
  EXPECT_EQ(check_up(simulation), "");
}

TEST(Pains, P25_AFieldThatANewVersionHasRemovedIsNamedWhereverWeNeedIt) {
  struct Case {
    sandbox::FieldChange change;
    std::string named;
    bool made_before;    ///< the ticket is there when the new version comes
    bool makes_tickets;  ///< under it
  };
  const Case cases[] = {
      {{"service/boards/statuses", "closedStatus", "isClosed"}, "closedStatus", false, false},
      {{"service/boards", "name", ""}, "name", false, false},
      {{"service/tickets", "status", ""}, "status", false, true},
      {{"service/tickets", "externalXRef", ""}, "externalXRef", true, true},
      {{"company/companies", "deletedFlag", ""}, "deletedFlag", false, false},
  };
  for (const Case& each : cases) {
    Simulation simulation(253);
    auto& changes = simulation.world().faults().settings.field_changes;
    if (!each.made_before) changes = {each.change};
    begin(simulation);
    raise(simulation, "desk-1");
    simulation.run_for(minutes{5});
    EXPECT_EQ(simulation.our_tickets().size(), each.makes_tickets ? 1u : 0u) << each.named;
    changes = {each.change};
    // What follows needs the ticket as it is; after a crash it is looked for first.
    simulation.crash();
    simulation.send("northwind", "alert.resolved", simulation.timeline().now(),
                    alert_data("acme", "desk-1", "malware"));
    simulation.start();
    simulation.run_for(minutes{30});
    const json::object story = waiting_story(simulation);
    EXPECT_TRUE(story.contains("parked")) << each.named;
    if (story.contains("parked")) {
      EXPECT_NE(story.at("parked").at("detail").as_string().find(each.named), json::string::npos)
          << json::serialize(story.at("parked"));
    }
    const std::size_t calls_before = simulation.traffic.started.size();
    simulation.run_for(hours{6});
    EXPECT_LT(simulation.traffic.started.size() - calls_before, 200u) << each.named;
    changes.clear();
    simulation.run_for(hours{13});
    EXPECT_TRUE(waiting_story(simulation).empty()) << each.named;
  }
}

/// What a plan says and what applying it does, as comparable steps.
std::multiset<std::string> steps_of(const json::array& rows, bool planned) {
  std::multiset<std::string> steps;
  for (const json::value& row : rows) {
    if (!planned) {
      steps.insert(fmt::format("{} {}", std::string_view(row.at("record").at("key").as_string()),
                               std::string_view(row.at("kind").as_string())));
      continue;
    }
    for (const json::value& operation : row.at("operations").as_array())
      steps.insert(fmt::format("{} {}", std::string_view(row.at("record").at("key").as_string()),
                               std::string_view(operation.at("kind").as_string())));
  }
  return steps;
}

RC_GTEST_PROP(Pains, P21_PlanThenApplyOnAnUnchangedSandboxDoesExactlyThePlan, ()) {
  Simulation simulation(*rc::gen::inRange<std::uint64_t>(1, 1'000'000));
  begin(simulation, [](json::object& document) { document["mode"] = "test"; });
  const int count = *rc::gen::inRange(1, 40);
  for (int i = 0; i < count; ++i) {
    const auto type = *rc::gen::element<std::string>("alert.raised", "alert.raised", "alert.updated", "alert.resolved");
    json::object data = alert_data(*rc::gen::element<std::string>("acme", "blue", "nobody"),
                                   fmt::format("desk-{}", *rc::gen::inRange(0, 15)),
                                   *rc::gen::element<std::string>("malware", "ransomware"),
                                   *rc::gen::element<std::string>("low", "medium", "critical"));
    simulation.send("northwind", type, simulation.timeline().now(), std::move(data));
    simulation.run_for(Duration{*rc::gen::inRange(1, 120'000)});
  }
  json::object plan, report;
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    auto saved = co_await simulation.engine().save_plan(PartnerId("northwind"), "");
    if (saved) plan = std::move(*saved);
  });
  RC_ASSERT(plan.contains("id"));
  RC_ASSERT(simulation.traffic.writes == 0);
  std::string refused;
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    auto applied = co_await simulation.engine().apply(PartnerId("northwind"), std::string(plan.at("id").as_string()));
    if (applied)
      report = std::move(*applied);
    else
      refused = applied.error().code;
  });
  RC_ASSERT(refused == "");
  RC_ASSERT(report.at("refused").to_number<int>() == 0);
  RC_ASSERT(steps_of(report.at("operations").as_array(), false) == steps_of(plan.at("records").as_array(), true));
}

}  // namespace
}  // namespace crosswalk::simulation

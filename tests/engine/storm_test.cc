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

/// Storms of many conditions: of a customer, or of a site.
class WideStorm : public Storm {
 protected:
  void begin_wide(const std::string& by, int alerts = 5) {
    begin([&](json::object& document) {
      document["defaults"].as_object()["storm"] =
          json::object{{"alerts", alerts}, {"window", "5m"}, {"by", by}, {"split_after", "30m"}};
    });
  }
  json::object data(int index, const std::string& condition, const std::string& site = "") {
    json::object made = alert_data("acme", "desk-" + std::to_string(index), condition, "critical");
    if (!site.empty()) made["attributes"] = json::object{{"site", site}};
    return made;
  }
  void tell(const std::string& type, const json::object& data) {
    simulation.send("northwind", type, simulation.timeline().now(), data);
  }
  std::vector<json::object> wide_tickets() {
    std::vector<json::object> found;
    for (const json::object& ticket : simulation.our_tickets())
      if (text(ticket, "summary").find(" alerts at ") != std::string::npos) found.push_back(ticket);
    return found;
  }
};

TEST_F(WideStorm, AlertsOfACustomerUnderManyConditionsShareOneTicket) {
  begin_wide("customer");
  for (int i = 0; i < 48; ++i) tell("alert.raised", data(i, "condition-" + std::to_string(i % 12)));
  simulation.run_for(minutes{20});
  ASSERT_EQ(wide_tickets().size(), 1u);
  EXPECT_LE(simulation.our_tickets().size(), 7u) << "the storm's, and those that came before it was one";
  EXPECT_NE(text(wide_tickets()[0], "summary").find("48 alerts at "), std::string::npos)
      << text(wide_tickets()[0], "summary");
  for (int i = 0; i < 48; ++i) tell("alert.resolved", data(i, "condition-" + std::to_string(i % 12)));
  simulation.run_for(minutes{30});
  EXPECT_TRUE(open_tickets().empty());
}

TEST_F(WideStorm, EachSiteHasItsOwn) {
  begin_wide("site");
  for (int i = 0; i < 20; ++i)
    tell("alert.raised", data(i, "condition-" + std::to_string(i), i % 2 == 0 ? "Rotterdam" : "Delft"));
  simulation.run_for(minutes{20});
  const auto tickets = wide_tickets();
  ASSERT_EQ(tickets.size(), 2u);
  EXPECT_NE(text(tickets[0], "summary"), text(tickets[1], "summary"));
  for (const json::object& ticket : tickets)
    EXPECT_TRUE(text(ticket, "summary").find(" at Rotterdam: ") != std::string::npos ||
                text(ticket, "summary").find(" at Delft: ") != std::string::npos)
        << text(ticket, "summary");
}

TEST_F(WideStorm, WhereNobodyTellsTheSiteAlertsGoByTheirCondition) {
  begin_wide("site");
  for (int i = 0; i < 20; ++i) tell("alert.raised", data(i, "condition-" + std::to_string(i)));
  simulation.run_for(minutes{20});
  EXPECT_EQ(simulation.our_tickets().size(), 20u);
}

TEST_F(WideStorm, TheSiteOfTheDeviceCounts) {
  begin_wide("site");
  for (int i = 0; i < 20; ++i)
    simulation.send(
        "northwind", "device.upserted", simulation.timeline().now(),
        json::object{
            {"device", "desk-" + std::to_string(i)}, {"customer", "acme"}, {"name", "desk"}, {"site", "Rotterdam"}});
  simulation.run_for(minutes{1});
  for (int i = 0; i < 20; ++i) tell("alert.raised", data(i, "condition-" + std::to_string(i)));
  simulation.run_for(minutes{20});
  EXPECT_EQ(wide_tickets().size(), 1u);
}

TEST_F(WideStorm, IsTakenUpByAlertsThatWaitedWhenTheMappingChanges) {
  simulation.add_partner("northwind");
  simulation.start();
  for (int i = 0; i < 48; ++i) tell("alert.raised", data(i, "condition-" + std::to_string(i % 12)));
  simulation.run_for(minutes{1});
  simulation.publish(
      "northwind", sample_mapping(simulation, [](json::object& document) {
        document["defaults"].as_object()["storm"] = json::object{{"alerts", 5}, {"window", "5m"}, {"by", "customer"}};
      }));
  simulation.run_for(minutes{10});
  EXPECT_EQ(wide_tickets().size(), 1u);
  EXPECT_LE(simulation.our_tickets().size(), 7u);
}

TEST_F(WideStorm, ThePlanOfADraftShowsIt) {
  begin([](json::object& document) {
    document["mode"] = "test";
    document["defaults"].as_object()["storm"] = json::object{{"alerts", 5}, {"window", "5m"}};
  });
  for (int i = 0; i < 48; ++i) tell("alert.raised", data(i, "condition-" + std::to_string(i % 12)));
  simulation.run_for(minutes{1});
  simulation.publish(
      "northwind", sample_mapping(simulation, [](json::object& document) {
        document["mode"] = "test";
        document["defaults"].as_object()["storm"] = json::object{{"alerts", 5}, {"window", "5m"}, {"by", "customer"}};
      }));
  const json::object plan = simulation.plan("northwind");
  EXPECT_EQ(plan.at("summary").at("create").as_int64(), 1) << json::serialize(plan.at("summary"));
}

TEST_F(WideStorm, IsSplitWhenMostHasEndedAndTheRestLastsOn) {
  begin_wide("customer");
  for (int i = 0; i < 40; ++i) tell("alert.raised", data(i, i < 38 ? "unreachable" : "backup-" + std::to_string(i)));
  simulation.run_for(minutes{5});
  ASSERT_EQ(wide_tickets().size(), 1u);
  const std::size_t before = simulation.our_tickets().size();
  for (int i = 0; i < 38; ++i) tell("alert.resolved", data(i, "unreachable"));
  simulation.run_for(minutes{20});
  EXPECT_FALSE(is_closed(wide_tickets()[0]));
  EXPECT_EQ(simulation.our_tickets().size(), before);
  simulation.run_for(minutes{30});
  EXPECT_TRUE(is_closed(wide_tickets()[0]));
  EXPECT_EQ(count_notes(wide_tickets()[0], "may have another cause"), 1);
  EXPECT_EQ(simulation.our_tickets().size(), before + 2) << "one for each of those that are left";
  EXPECT_EQ(open_tickets().size(), 2u);
  simulation.run_for(hours{6});
  EXPECT_EQ(simulation.our_tickets().size(), before + 2);
  for (int i = 38; i < 40; ++i) tell("alert.resolved", data(i, "backup-" + std::to_string(i)));
  simulation.run_for(minutes{30});
  EXPECT_TRUE(open_tickets().empty());
}

TEST_F(WideStorm, IsNotSplitWhileMuchOfItIsOpen) {
  begin_wide("customer");
  for (int i = 0; i < 40; ++i) tell("alert.raised", data(i, "condition-" + std::to_string(i % 4)));
  simulation.run_for(minutes{5});
  const std::size_t before = simulation.our_tickets().size();
  for (int i = 0; i < 40; ++i)
    if (i % 4 < 2) tell("alert.resolved", data(i, "condition-" + std::to_string(i % 4)));
  simulation.run_for(hours{3});
  EXPECT_FALSE(is_closed(wide_tickets()[0]));
  EXPECT_EQ(simulation.our_tickets().size(), before);
}

TEST_F(Storm, TellsHowManyThereAreAlsoWhenThereAreMoreThanAreListed) {
  begin_storms();
  burst(1'300);
  simulation.run_for(minutes{40});
  EXPECT_EQ(text(storm_ticket(), "summary").find("1300 alerts: "), 0u) << text(storm_ticket(), "summary");
}

TEST_F(Storm, ATitleThatTechniciansHaveWordedIsKept) {
  begin_storms();
  burst(6);
  simulation.run_for(minutes{2});
  const std::int64_t id = storm_ticket().at("id").as_int64();
  ASSERT_TRUE(simulation.world().set_field("sandbox", id, "summary", "Power cut, 6 alerts: known"));
  simulation.run_for(hours{2});
  burst(6, "late-");
  simulation.run_for(minutes{40});
  EXPECT_EQ(text(storm_ticket(), "summary"), "Power cut, 6 alerts: known");
}

TEST_F(Storm, ListsItsAlertsWithTheirStates) {
  begin_storms();
  burst(8);
  simulation.run_for(minutes{2});
  for (int i = 0; i < 6; ++i) resolve("desk-" + std::to_string(i));
  simulation.run_for(minutes{20});
  EXPECT_GE(count_notes(storm_ticket(), "desk-7 (open since "), 1);
  EXPECT_GE(count_notes(storm_ticket(), "desk-0 (ended "), 1);
  EXPECT_GE(count_notes(storm_ticket(), ", 2 open"), 1);
}

TEST_F(Storm, ItsAlertsNameItsTicketAlsoWhenTheyHaveEnded) {
  begin_storms();
  raise("critical", "first");
  simulation.run_for(minutes{1});
  burst(8);
  simulation.run_for(minutes{2});
  const std::string number = "storm ticket #" + std::to_string(storm_ticket().at("id").as_int64());
  const auto summary = [&](const std::string& subject) { return text(explained(subject), "summary"); };
  const auto story = [&](const std::string& subject) { return json::serialize(explained(subject).at("story")); };
  EXPECT_NE(summary("first").find("beneath " + number), std::string::npos) << summary("first");
  EXPECT_NE(story("first").find("was put beneath " + number), std::string::npos) << story("first");
  EXPECT_NE(story("desk-7").find("shares the " + number), std::string::npos) << story("desk-7");
  EXPECT_NE(summary("desk-7").find(number), std::string::npos) << summary("desk-7");
  resolve("desk-7");
  simulation.run_for(minutes{1});
  EXPECT_NE(summary("desk-7").find(number), std::string::npos) << summary("desk-7");
  resolve("first");
  for (int i = 0; i < 7; ++i) resolve("desk-" + std::to_string(i));
  simulation.run_for(minutes{30});
  ASSERT_TRUE(open_tickets().empty());
  EXPECT_NE(summary("desk-7").find(number), std::string::npos) << summary("desk-7");
  raise("low", "alone");
  simulation.run_for(seconds{5});
  resolve("alone");
  simulation.run_for(minutes{1});
  EXPECT_EQ(summary("alone").find(number), std::string::npos)
      << "it came when the storm was over: " << summary("alone");
}

TEST_F(Storm, WhatWasNotToldDuringAnOutageIsToldByOneNote) {
  begin_storms();
  burst(6);
  simulation.run_for(minutes{2});
  const auto set_paused = [&](bool paused) {
    store::PartnerRow row = *simulation.store().partner("northwind").value();
    row.paused = paused;
    ++row.version;
    store::Transaction change;
    change.partners.push_back(std::move(row));
    const store::Transaction* const transactions[] = {&change};
    ASSERT_TRUE(simulation.store().commit(transactions));
    simulation.engine().wake(PartnerId("northwind"));
  };
  set_paused(true);
  for (int wave = 0; wave < 4; ++wave) {
    simulation.run_for(minutes{16});
    burst(2, "wave-" + std::to_string(wave) + "-");
  }
  simulation.run_for(minutes{16});
  set_paused(false);
  simulation.run_for(hours{1});
  EXPECT_EQ(count_notes(storm_ticket(), "Alerts in this ticket: 14, 14 open"), 1);
  EXPECT_EQ(count_notes(storm_ticket(), "Alerts in this ticket"), 1);
}

TEST_F(Storm, ThatIsUnderWayKeepsItsAlertsWhenTheMappingTakesThemTogetherOtherwise) {
  begin_storms();
  burst(6);
  simulation.run_for(minutes{2});
  const std::size_t before = simulation.our_tickets().size();
  simulation.publish(
      "northwind", sample_mapping(simulation, [](json::object& document) {
        document["defaults"].as_object()["storm"] = json::object{{"alerts", 3}, {"window", "5m"}, {"by", "customer"}};
      }));
  burst(6, "late-");
  simulation.run_for(minutes{20});
  EXPECT_EQ(simulation.our_tickets().size(), before);
  for (int i = 0; i < 6; ++i) resolve("desk-" + std::to_string(i));
  for (int i = 0; i < 6; ++i) resolve("late-" + std::to_string(i));
  simulation.run_for(minutes{30});
  EXPECT_TRUE(open_tickets().empty());
}

TEST_F(WideStorm, OfMoreAlertsThanAreListedIsSplitOnceAndWhatIsLeftIsAStormByCondition) {
  begin_wide("customer");
  for (int i = 0; i < 1'200; ++i) tell("alert.raised", data(i, i < 1'190 ? "unreachable" : "backup"));
  simulation.run_for(minutes{10});
  ASSERT_EQ(wide_tickets().size(), 1u);
  for (int i = 0; i < 1'190; ++i) tell("alert.resolved", data(i, "unreachable"));
  simulation.run_for(hours{4});
  EXPECT_TRUE(is_closed(wide_tickets()[0]));
  EXPECT_EQ(text(wide_tickets()[0], "summary").find("1200 alerts at "), 0u) << text(wide_tickets()[0], "summary");
  EXPECT_EQ(count_notes(wide_tickets()[0], "may have another cause"), 1);
  EXPECT_EQ(open_tickets().size(), 1u) << "ten of one condition are one storm";
  for (int i = 1'190; i < 1'200; ++i) tell("alert.resolved", data(i, "backup"));
  simulation.run_for(minutes{30});
  EXPECT_TRUE(open_tickets().empty());
}

TEST_F(WideStorm, WhatIsTooLongNamesNoSite) {
  begin_wide("site");
  for (int i = 0; i < 20; ++i) tell("alert.raised", data(i, "condition-" + std::to_string(i), std::string(300, 'x')));
  simulation.run_for(minutes{20});
  EXPECT_EQ(simulation.our_tickets().size(), 20u);
}

TEST_F(WideStorm, APlanThatIsAppliedMakesItsTicket) {
  const auto publish = [&](json::object storm) {
    simulation.publish("northwind", sample_mapping(simulation, [&](json::object& document) {
                         document["mode"] = "test";
                         document["defaults"].as_object()["storm"] = storm;
                       }));
  };
  simulation.add_partner("northwind");
  publish({{"alerts", 5}, {"window", "5m"}});
  simulation.start();
  for (int i = 0; i < 24; ++i) tell("alert.raised", data(i, "condition-" + std::to_string(i % 12)));
  simulation.run_for(minutes{1});
  publish({{"alerts", 5}, {"window", "5m"}, {"by", "customer"}});
  simulation.run_for(minutes{1});
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const auto saved = co_await simulation.engine().save_plan(PartnerId("northwind"), "");
    EXPECT_TRUE(saved);
    if (!saved) co_return;
    const std::string id(saved->at("id").as_string());
    const auto applied = co_await simulation.engine().apply(PartnerId("northwind"), id);
    EXPECT_TRUE(applied) << applied.error().message;
  });
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_EQ(text(simulation.our_tickets()[0], "summary").find("24 alerts at "), 0u);
}

TEST_F(Storm, OfAlertsThatHaveWaitedForDaysIsClosedWithTheLastOfThem) {
  simulation.add_partner("northwind");
  simulation.start();
  burst(8);
  simulation.run_for(hours{72});
  simulation.publish("northwind", sample_mapping(simulation, [](json::object& document) {
                       document["defaults"].as_object()["storm"] = json::object{{"alerts", 3}, {"window", "5m"}};
                     }));
  simulation.run_for(minutes{5});
  ASSERT_EQ(open_tickets().size(), 1u);
  for (int i = 0; i < 8; ++i) resolve("desk-" + std::to_string(i));
  simulation.run_for(minutes{30});
  EXPECT_TRUE(open_tickets().empty());
}

}  // namespace
}  // namespace crosswalk::simulation

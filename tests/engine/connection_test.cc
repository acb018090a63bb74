// How it stands between us and a partner's PSA is known, kept and told.
#include <gmock/gmock.h>

#include "objects_world.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Connection : public Objects {
 protected:
  void listen() {
    store::Transaction transaction;
    store::WebhookRow webhook;
    webhook.id = "one";
    webhook.types = webhook.partners = "[]";
    transaction.outbound.webhooks.push_back(webhook);
    const store::Transaction* one = &transaction;
    ASSERT_TRUE(simulation.store().commit(std::span(&one, 1)));
  }
  /// Events of the connection since the last time.
  std::vector<std::string> told() {
    std::vector<std::string> types;
    const std::vector<store::OutboundRow> rows = simulation.store().outbound().outbound_after(read_, 10'000).value();
    for (const store::OutboundRow& row : rows) {
      read_ = row.sequence;
      if (row.ref.kind != "connection") continue;
      types.push_back(row.type);
      last_ = json::parse(row.data).as_object();
    }
    return types;
  }
  json::object status() {
    json::object found;
    simulation.complete(
        [&]() -> boost::asio::awaitable<void> { found = co_await simulation.engine().status(PartnerId("northwind")); });
    return found;
  }
  std::string state() { return std::string(status().at("connection").at("state").as_string()); }
  json::object check_up() {
    json::object report;
    simulation.complete([&]() -> boost::asio::awaitable<void> {
      const auto done = co_await simulation.engine().check(PartnerId("northwind"));
      EXPECT_TRUE(done) << done.error().message;
      if (done) report = *done;
    });
    simulation.run_for(seconds{1});
    return report;
  }
  void answer_all_with(int code) {
    sandbox::Fault fault;
    fault.kind = sandbox::FaultKind::status;
    fault.status = code;
    fault.count.reset();
    simulation.world().faults().settings.faults = {fault};
  }
  void mend() { simulation.world().faults().settings.faults.clear(); }

  std::int64_t read_ = 0;
  json::object last_;
};

TEST_F(Connection, IsInOrderOnlyOnceItWasReached) {
  begin();
  EXPECT_EQ(state(), "never_reached");
  raise();
  simulation.run_for(minutes{1});
  EXPECT_EQ(state(), "in_order");
  EXPECT_TRUE(status().at("connection").as_object().contains("reached_at"));
}

TEST_F(Connection, RefusedKeysAreToldOnceAndSoIsThatTheyAreTakenAgain) {
  listen();
  begin();
  raise("critical", "warm-up");
  simulation.run_for(minutes{1});
  EXPECT_THAT(told(), IsEmpty()) << "that it works is no news";
  answer_all_with(401);
  raise();
  simulation.run_for(hours{2});
  EXPECT_THAT(told(), ElementsAre("connection.lost"));
  EXPECT_EQ(last_.at("state").as_string(), "refused");
  EXPECT_EQ(last_.at("code").as_string(), "partner.refused_credentials");
  EXPECT_FALSE(last_.at("action").as_string().empty());
  EXPECT_EQ(state(), "refused");
  simulation.crash();
  simulation.start();
  simulation.run_for(minutes{30});
  EXPECT_EQ(state(), "refused") << "a start forgets nothing";
  EXPECT_THAT(told(), IsEmpty()) << "and tells nothing twice";
  mend();
  simulation.run_for(minutes{20});
  EXPECT_THAT(told(), ElementsAre("connection.restored"));
  EXPECT_EQ(last_.at("was").at("state").as_string(), "refused");
  EXPECT_EQ(state(), "in_order");
  EXPECT_EQ(simulation.our_tickets().size(), 2u);
}

TEST_F(Connection, ASiteThatDoesNotAnswerIsTold) {
  listen();
  begin();
  raise("critical", "warm-up");
  simulation.run_for(minutes{1});
  simulation.weather.lost_before = 1;
  raise();
  simulation.run_for(hours{1});
  EXPECT_THAT(told(), ElementsAre("connection.lost"));
  EXPECT_EQ(state(), "unreachable");
  const json::object circuit = status().at("circuit").as_object();
  EXPECT_EQ(circuit.at("state").as_string(), "open");
  EXPECT_NE(circuit.at("reason").as_string(), "We are leaving ConnectWise alone for a while") << "but why";
  EXPECT_FALSE(circuit.at("detail").as_string().empty());
  simulation.weather.lost_before = 0;
  simulation.run_for(minutes{10});
  EXPECT_THAT(told(), ElementsAre("connection.restored"));
}

TEST_F(Connection, OneRefusalIsNotTold) {
  listen();
  begin();
  raise("critical", "warm-up");
  simulation.run_for(minutes{1});
  answer_all_with(401);
  simulation.world().faults().settings.faults[0].count = 1;
  raise();
  simulation.run_for(minutes{5});
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(state(), "in_order");
  EXPECT_EQ(simulation.our_tickets().size(), 2u);
}

TEST_F(Connection, KeysThatNeverWorkedAreNeverConnected) {
  listen();
  begin();
  answer_all_with(401);
  raise();
  simulation.run_for(minutes{30});
  EXPECT_THAT(told(), ElementsAre("connection.lost"));
  EXPECT_EQ(state(), "never_reached");
  EXPECT_EQ(status().at("connection").at("code").as_string(), "partner.refused_credentials");
}

TEST_F(Connection, ACheckUpThatIsRefusedIsKept) {
  begin();
  answer_all_with(401);
  EXPECT_FALSE(check_up().at("healthy").as_bool());
  EXPECT_EQ(status().at("connection").at("code").as_string(), "partner.refused_credentials");
}

TEST_F(Connection, WhatTheRecordWaitsForIsTheCause) {
  begin();
  raise("critical", "warm-up");
  simulation.run_for(minutes{1});
  answer_all_with(401);
  raise();
  simulation.run_for(minutes{2});
  const json::object circuit = status().at("circuit").as_object();
  EXPECT_EQ(circuit.at("code").as_string(), "partner.refused_credentials");
}

class Doctor : public Connection {
 protected:
  /// What has failed, by name.
  std::string failures() {
    std::string words;
    const json::object report = check_up();
    for (const json::value& each : report.at("checks").as_array())
      if (!each.at("passed").as_bool())
        words += std::string(each.at("name").as_string()) + ": " + std::string(each.at("detail").as_string()) + "\n";
    return words;
  }
};

TEST_F(Doctor, FailsWithARoleThatMayOnlyRead) {
  begin();
  EXPECT_EQ(failures(), "");
  ASSERT_TRUE(simulation.world().set_role("sandbox", "ReadOnly"));
  EXPECT_THAT(failures(), HasSubstr("Service Desk > Service Tickets, to write"));
  EXPECT_THAT(failures(), HasSubstr("nothing was written to find out"));
  ASSERT_TRUE(simulation.world().set_role("sandbox", "NoClose"));
  EXPECT_THAT(failures(), HasSubstr("Close Service Tickets"));
  for (const sandbox::Call& each : simulation.world().calls()) EXPECT_EQ(each.method, "GET");
}

TEST_F(Doctor, InfersFromTheLastRefusalWhereConnectWiseDoesNotShowTheRole) {
  begin();
  sandbox::Fault hidden;
  hidden.path = "/system/mySecurity*";
  hidden.status = 403;
  hidden.count.reset();
  simulation.world().faults().settings.faults = {hidden};
  EXPECT_EQ(failures(), "") << "nothing has been refused yet";
  ASSERT_TRUE(simulation.world().set_role("sandbox", "ReadOnly"));
  raise("low");
  simulation.run_for(hours{1});
  EXPECT_THAT(failures(), HasSubstr("Rights to write: Not tried without need; ConnectWise has refused it"));
}

TEST_F(Doctor, FailsWhileACriticalAlertWaitsForAPerson) {
  begin();
  simulation.send("northwind", "alert.raised", simulation.timeline().now(),
                  alert_data("nobody-knows", "desk-1", "malware", "low"));
  simulation.run_for(hours{1});
  EXPECT_EQ(failures(), "");
  simulation.send("northwind", "alert.raised", simulation.timeline().now(),
                  alert_data("nobody-knows", "desk-2", "malware", "critical"));
  simulation.run_for(minutes{5});
  EXPECT_THAT(failures(), HasSubstr("Records: 2 wait for a person, and 1 of them is an alert that is critical"));
}

TEST_F(Doctor, FailsWhereDevicesArriveAndNoMappingSaysWhatTheyBecome) {
  begin();
  device("d1");
  simulation.run_for(minutes{1});
  EXPECT_THAT(failures(), HasSubstr("device_to_configuration"));
  publish_devices();
  simulation.run_for(minutes{1});
  EXPECT_EQ(failures(), "");
}

TEST_F(Doctor, FailsWhereAMappingNamesACompanyThatDoesNotExist) {
  begin([](json::object& document) {
    document["customers"].as_object()["acme"] =
        json::object{{"company", json::object{{"id", "987654"}, {"name", "No"}}}};
  });
  EXPECT_THAT(failures(), HasSubstr("/customers/acme/company"));
}

TEST_F(Doctor, FailsWhereADecisionNamesACompanyThatDoesNotExist) {
  begin();
  publish_customers([](json::object& document) {
    document["decisions"] = json::object{{"acme", json::object{{"object", json::object{{"id", "987654"}}}}}};
  });
  simulation.run_for(seconds{5});
  EXPECT_THAT(failures(), HasSubstr("\"acme\" is to be company 987654"));
}

}  // namespace
}  // namespace crosswalk::simulation

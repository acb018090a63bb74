// What a read does not show is not deleted: rights that are narrowed by mistake make lists shorter, and nothing says
// so.
#include "objects_world.h"
#include "workflows/entity_fields.h"

namespace crosswalk::simulation {
namespace {

class Absence : public Objects {
 protected:
  void rights(const char* function, const char* levels) {
    ASSERT_TRUE(simulation.world().set_role("sandbox", "RMM"));
    ASSERT_TRUE(simulation.world().set_rights("sandbox", "RMM", function, levels));
  }
  /// Others have made the configurations: whoever may see only what is their own does not see them.
  void link_devices(int count) {
    const std::int64_t company = std::stoll(simulation.id_of(kCompanies, "AcmeDental"));
    const std::int64_t type = std::stoll(simulation.id_of("company/configurations/types", "Managed Workstation"));
    for (int i = 0; i < count; ++i)
      technician("POST", "/company/configurations",
                 json::object{{"name", "PC-d" + std::to_string(i)},
                              {"type", json::object{{"id", type}}},
                              {"company", json::object{{"id", company}}},
                              {"serialNumber", "SN-d" + std::to_string(i) + "-77"}});
    for (int i = 0; i < count; ++i) device("d" + std::to_string(i));
    settle();
    for (int i = 0; i < count; ++i) EXPECT_NE(linked_to("device", "d" + std::to_string(i)), "") << i;
  }
  json::object configuration_of(const std::string& key) {
    return simulation.world()
        .find("sandbox", kConfigurations, std::stoll(linked_to("device", key)))
        .value_or(json::object{});
  }
  void listen() {
    store::Transaction hears;
    store::WebhookRow webhook;
    webhook.id = "one";
    webhook.types = webhook.partners = "[]";
    hears.outbound.webhooks.push_back(webhook);
    const store::Transaction* one = &hears;
    ASSERT_TRUE(simulation.store().commit(std::span(&one, 1)));
  }
  /// Events of the connection since the last time.
  std::vector<store::OutboundRow> heard() {
    std::vector<store::OutboundRow> found;
    const std::vector<store::OutboundRow> rows = simulation.store().outbound().outbound_after(read_, 10'000).value();
    for (const store::OutboundRow& row : rows) {
      read_ = row.sequence;
      if (row.ref.kind == "connection") found.push_back(row);
    }
    return found;
  }
  std::int64_t read_ = 0;
  json::object status() {
    json::object told;
    simulation.complete(
        [&]() -> boost::asio::awaitable<void> { told = co_await simulation.engine().status(PartnerId("northwind")); });
    return told;
  }
  json::object check_up() {
    json::object told;
    simulation.complete([&]() -> boost::asio::awaitable<void> {
      const auto done = co_await simulation.engine().check(PartnerId("northwind"));
      EXPECT_TRUE(done) << done.error().message;
      if (done) told = *done;
    });
    return told;
  }
  int parked_with(const std::string& code) {
    store::Store::RecordQuery query;
    query.partner = "northwind";
    query.parked_only = true;
    query.count_max = 1'000;
    const auto rows = simulation.store().list_records(query);
    int count = 0;
    for (const store::RecordRow& row : *rows) count += row.parked.code == code;
    return count;
  }
};

TEST_F(Absence, ListsThatANarrowedRoleEmptiesDeleteNothingAndAllGoesOnWithTheRights) {
  begin();
  publish_devices();
  publish_customers();
  customer("harbor", "Harbor Family Clinic");
  customer("granite", "Granite Builders");
  link_devices(12);
  rights("Configurations", "aei");
  rights("Company Maintenance", "aei");
  simulation.run_for(std::chrono::hours{26});
  EXPECT_EQ(parked_with("object.gone"), 0);
  EXPECT_EQ(status().at("hidden").as_array().size(), 2u) << json::serialize(status());
  bool told = false;
  const json::object report = check_up();
  for (const json::value& each : report.at("checks").as_array())
    told |= !each.at("passed").as_bool() &&
            each.at("detail").as_string().find("does not show 12 of the 12 configurations") != std::string::npos;
  EXPECT_TRUE(told);
  rights("Configurations", "AEI");
  rights("Company Maintenance", "AEI");
  simulation.run_for(std::chrono::hours{1});
  EXPECT_TRUE(status().at("hidden").as_array().empty()) << json::serialize(status());
  EXPECT_EQ(parked_with("object.gone"), 0);
}

TEST_F(Absence, NothingIsMadeASecondTimeWhileItIsHidden) {
  begin();
  publish_devices();
  link_devices(8);
  rights("Configurations", "aEI");
  simulation.run_for(std::chrono::hours{2});
  const std::size_t before = simulation.world().list("sandbox", kConfigurations).size();
  rights("Configurations", "Aei");
  device("d99");
  settle();
  EXPECT_EQ(simulation.world().list("sandbox", kConfigurations).size(), before);
  rights("Configurations", "AEI");
  simulation.run_for(std::chrono::minutes{40});
  EXPECT_EQ(with(kConfigurations, "deviceIdentifier", "d99").size(), 1u);
}

TEST_F(Absence, OneThatIsLookedAtIsHeldAgainstTheOthers) {
  begin();
  publish_devices();
  link_devices(8);
  rights("Configurations", "aEi");
  look_again("configuration", linked_to("device", "d3"));
  EXPECT_EQ(parked("device", "d3"), "") << "the others are hidden too";
  device("d4", {{"os", "Windows 12"}});
  settle();
  EXPECT_EQ(parked("device", "d4"), "") << "a write that finds nothing is no proof";
  rights("Configurations", "AEI");
  simulation.run_for(std::chrono::hours{1});
  EXPECT_EQ(text(configuration_of("d4"), "osType"), "Windows 12");
  EXPECT_EQ(parked_with("object.gone"), 0);
}

TEST_F(Absence, AFewThatAreMissingAreBelievedToBeDeleted) {
  begin();
  publish_devices();
  link_devices(12);
  for (const char* key : {"d1", "d2"})
    ASSERT_TRUE(simulation.world().erase("sandbox", kConfigurations, std::stoll(linked_to("device", key))));
  simulation.run_for(std::chrono::hours{26});
  EXPECT_EQ(parked("device", "d1"), "object.gone");
  EXPECT_EQ(parked("device", "d2"), "object.gone");
  EXPECT_EQ(parked_with("object.gone"), 2);
  EXPECT_TRUE(status().at("hidden").as_array().empty());
}

TEST_F(Absence, ManyThatAreReallyDeletedAreBelievedOnceTheMappingSaysSo) {
  begin();
  publish_devices();
  link_devices(10);
  for (int i = 0; i < 6; ++i)
    ASSERT_TRUE(
        simulation.world().erase("sandbox", kConfigurations, std::stoll(linked_to("device", "d" + std::to_string(i)))));
  simulation.run_for(std::chrono::hours{26});
  EXPECT_EQ(parked_with("object.gone"), 0);
  publish_devices([](json::object& document) { document["mass_change_guard"] = json::object{{"percent", 0}}; });
  simulation.run_for(std::chrono::hours{1});
  EXPECT_EQ(parked_with("object.gone"), 6);
}

TEST_F(Absence, WhatWasTakenForDeletedAndIsThereGoesOnByItself) {
  begin();
  publish_devices();
  link_devices(3);
  const std::array<store::RecordKey, 1> key{store::RecordKey{"northwind", "device", "d1"}};
  store::LinkRow row = simulation.store().links(key).value().front();
  auto link = workflows::parse_link(PartnerId("northwind"), psa::ObjectKind::configuration, row.state);
  ASSERT_TRUE(link);
  link->gone = "deleted";
  row.state = workflows::serialize(*link);
  store::Transaction damaged;
  damaged.links.push_back(row);
  const store::Transaction* one = &damaged;
  ASSERT_TRUE(simulation.store().commit(std::span(&one, 1)));
  device("d1", {{"os", "Windows 12"}});
  settle();
  ASSERT_EQ(parked("device", "d1"), "object.gone");
  simulation.run_for(std::chrono::hours{26});
  EXPECT_EQ(parked("device", "d1"), "");
  EXPECT_EQ(text(configuration_of("d1"), "osType"), "Windows 12");
}

TEST_F(Absence, ManyTicketsThatAreNotShownAreWaitedForBeforeOthersAreMade) {
  constexpr int kTickets = 24;
  const auto all = [](const std::function<void(const std::string&)>& act) {
    for (int i = 0; i < kTickets; ++i) act("desk-" + std::to_string(i));
  };
  begin([](json::object& document) { document["defaults"].as_object()["storm"] = json::object{{"alerts", 100}}; });
  all([&](const std::string& subject) { raise("critical", subject); });
  settle();
  ASSERT_EQ(simulation.our_tickets().size(), std::size_t{kTickets});
  for (const json::object& each : simulation.our_tickets())
    ASSERT_TRUE(simulation.world().erase("sandbox", "service/tickets", each.at("id").as_int64()));
  all([&](const std::string& subject) { resolve(subject); });
  simulation.run_for(std::chrono::minutes{5});
  all([&](const std::string& subject) { raise("critical", subject); });
  simulation.run_for(std::chrono::minutes{20});
  EXPECT_EQ(simulation.our_tickets().size(), 0u) << "they may be hidden, and would be there twice";
  EXPECT_EQ(status().at("hidden").as_array().size(), 1u);
  simulation.run_for(std::chrono::hours{2});
  EXPECT_EQ(simulation.our_tickets().size(), std::size_t{kTickets}) << "no alert waits for ever";
}

TEST_F(Absence, TicketsOfATrialThatWereAllDeletedAreFollowedByNewOnes) {
  begin();
  for (int i = 0; i < 6; ++i) raise("critical", "desk-" + std::to_string(i));
  settle();
  for (const json::object& each : simulation.our_tickets())
    ASSERT_TRUE(simulation.world().erase("sandbox", "service/tickets", each.at("id").as_int64()));
  for (int i = 0; i < 6; ++i) resolve("desk-" + std::to_string(i));
  settle();
  for (int i = 0; i < 6; ++i) raise("critical", "desk-" + std::to_string(i));
  settle();
  EXPECT_EQ(simulation.our_tickets().size(), 6u);
}

TEST_F(Absence, WhatWasLinkedInAnInstallationThatThePartnerHasLeftHidesNothing) {
  begin();
  publish_devices();
  link_devices(8);
  ASSERT_TRUE(simulation.world().add_tenant({.login_company = "other"}));
  store::Transaction moved;
  store::PartnerRow row;
  row.id = row.name = "northwind";
  row.settings = "other";
  row.version = 2;
  moved.partners.push_back(row);
  const store::Transaction* one = &moved;
  ASSERT_TRUE(simulation.store().commit(std::span(&one, 1)));
  for (int i = 0; i < 8; ++i) device("d" + std::to_string(i), {{"os", "Windows 12"}});
  simulation.run_for(std::chrono::minutes{10});
  EXPECT_TRUE(status().at("hidden").as_array().empty()) << json::serialize(status());
  int made = 0;
  for (const json::object& each : simulation.world().list("other", kConfigurations))
    made += text(each, "osType") == "Windows 12";
  EXPECT_EQ(made, 8);
}

TEST_F(Absence, ThatRowsAreHiddenIsToldToTheProductOnceAndSoIsThatTheyAreShownAgain) {
  listen();
  begin();
  publish_devices();
  link_devices(12);
  EXPECT_TRUE(heard().empty());
  rights("Configurations", "aei");
  simulation.run_for(std::chrono::hours{26});
  const auto hidden = heard();
  ASSERT_EQ(hidden.size(), 1u);
  EXPECT_EQ(hidden[0].type, "connection.rows_hidden");
  const json::object data = json::parse(hidden[0].data).as_object();
  EXPECT_EQ(text(data, "kind"), "configuration");
  EXPECT_EQ(text(data, "code"), "psa.rows_hidden");
  EXPECT_NE(text(data, "detail").find("configurations"), std::string::npos);
  EXPECT_FALSE(text(data, "action").empty());
  EXPECT_FALSE(text(data, "since").empty());
  simulation.crash();
  simulation.start();
  simulation.run_for(std::chrono::hours{2});
  EXPECT_TRUE(heard().empty()) << "a start tells nothing twice";
  EXPECT_EQ(status().at("hidden").as_array().size(), 1u) << "and forgets nothing";
  rights("Configurations", "AEI");
  simulation.run_for(std::chrono::hours{1});
  const auto shown = heard();
  ASSERT_EQ(shown.size(), 1u);
  EXPECT_EQ(shown[0].type, "connection.rows_shown");
  EXPECT_EQ(json::parse(shown[0].data).at("was").at("since"), data.at("since"));
  EXPECT_TRUE(status().at("hidden").as_array().empty());
}

TEST_F(Absence, OffersAreNotWithdrawnBecauseCompaniesAreHidden) {
  begin();
  listen();
  publish_customers([](json::object& document) { document["direction"] = "import"; });
  simulation.run_for(std::chrono::hours{2});
  const auto on_offer = [&] {
    int count = 0;
    const auto told = simulation.store().offers("northwind", "company");
    for (const store::OfferRow& row : *told) count += !row.object_id.empty() && !row.digest.empty();
    return count;
  };
  const int before = on_offer();
  ASSERT_GT(before, 5);
  rights("Company Maintenance", "aei");
  simulation.run_for(std::chrono::hours{26});
  EXPECT_EQ(on_offer(), before);
}

}  // namespace
}  // namespace crosswalk::simulation

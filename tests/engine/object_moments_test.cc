// Customers, contacts and devices in bad moments: gone, moved, left, or made while something else was under way.
#include "objects_world.h"

namespace crosswalk::simulation {
namespace {

TEST_F(Objects, P18_ChangeWithinTheSecondOfOurOwnWriteIsFoundToo) {
  begin();
  publish_devices();
  device("d1");
  settle();
  const std::string id = linked_to("device", "d1");
  // ConnectWise's times are whole seconds.
  simulation.run_for(Duration{1'000 - to_milliseconds(simulation.timeline().now()) % 1'000});
  device("d1", {{"name", "PC-new"}});
  while (text(configuration("d1"), "name") != "PC-new") simulation.run_for(Duration{10});
  technician("PATCH", "/company/configurations/" + id,
             json::array{json::object{{"op", "replace"}, {"path", "serialNumber"}, {"value", "WRONG"}}});
  ASSERT_LT(to_milliseconds(simulation.timeline().now()) % 1'000, 900);
  simulation.run_for(std::chrono::minutes{20});
  EXPECT_EQ(text(configuration("d1"), "serialNumber"), "SN-d1-77");
}

TEST_F(Objects, P13_WhatIsGoneIsToldOnceAndNotLookedForEveryDay) {
  begin();
  publish_devices();
  device("d1");
  settle();
  ASSERT_TRUE(simulation.world().erase("sandbox", kConfigurations, std::stoll(linked_to("device", "d1"))));
  simulation.run_for(std::chrono::hours{26});
  EXPECT_EQ(parked("device", "d1"), "object.gone");
  const auto found = simulation.engine().metrics().changes_found.load();
  simulation.run_for(std::chrono::hours{100});
  EXPECT_EQ(simulation.engine().metrics().changes_found, found);
  int told = 0;
  const auto journal = simulation.store().journal_of({"northwind", "device", "d1"}, 100);
  ASSERT_TRUE(journal);
  for (const store::JournalRow& row : *journal) told += row.entry.find("not there any more") != std::string::npos;
  EXPECT_EQ(told, 1);
}

TEST_F(Objects, P13_ChangeOfACompanyHasNoneOfItsContactsLookedAt) {
  begin();
  publish_customers();
  publish_contacts();
  customer("harbor", "Harbor Family Clinic");
  for (int i = 0; i < 30; ++i)
    contact("c" + std::to_string(i), {{"customer", "harbor"}, {"last_name", "Stone" + std::to_string(i)}});
  simulation.run_for(std::chrono::hours{1});
  const auto lookups = simulation.engine().metrics().lookups.load();
  technician("PATCH", "/company/companies/" + linked_to("customer", "harbor"),
             json::array{json::object{{"op", "replace"}, {"path", "phoneNumber"}, {"value", "5550000000"}}});
  simulation.run_for(std::chrono::minutes{20});
  EXPECT_EQ(simulation.engine().metrics().lookups, lookups + 1) << "at the company";
}

TEST_F(Objects, WhatHasASiteMovesToAnotherCompanyWithoutIt) {
  begin();
  publish_devices();
  publish_contacts();
  const json::object known = *simulation.world().find("sandbox", kConfigurations, 2520);
  ASSERT_TRUE(known.contains("site"));
  const json::object person = *simulation.world().find("sandbox", kContacts, 2520);
  const json::object name{{"first_name", text(person, "firstName")}, {"last_name", text(person, "lastName")}};
  const auto ada = [&](json::object more) {
    for (const auto& each : name) more[each.key()] = each.value();
    more["email"] = person.at("communicationItems").at(0).at("value");
    contact("ada", std::move(more));
  };
  device("d1", {{"serial", text(known, "serialNumber")}, {"name", text(known, "name")}});
  ada({});
  settle();
  ASSERT_EQ(linked_to("device", "d1"), "2520");
  ASSERT_EQ(linked_to("contact", "ada"), "2520");
  device("d1", {{"serial", text(known, "serialNumber")}, {"name", text(known, "name")}, {"customer", "blue"}});
  ada({{"customer", "blue"}});
  settle();
  EXPECT_EQ(parked("device", "d1"), "");
  EXPECT_EQ(parked("contact", "ada"), "");
  for (const char* collection : {kConfigurations, kContacts}) {
    const json::object moved = *simulation.world().find("sandbox", collection, 2520);
    EXPECT_EQ(text(moved.at("company").as_object(), "identifier"), "BlueRiver") << collection;
  }
}

TEST_F(Objects, WhatLeftBeforeItsCreationWasKnownIsFoundAndLeaves) {
  begin();
  publish_devices();
  publish_contacts();
  lose_the_answer_for([&] {
    device("d1");
    simulation.run_for(std::chrono::seconds{1});
    device("d1", {{"state", "retired"}});
  });
  ASSERT_EQ(with(kConfigurations, "deviceIdentifier", "d1").size(), 1u);
  EXPECT_EQ(linked_to("device", "d1"), std::to_string(configuration("d1").at("id").as_int64()));
  EXPECT_FALSE(configuration("d1").at("activeFlag").as_bool());
  contact("first", {{"last_name", "First"}, {"phone", "+1 555 010 0001"}});
  lose_the_answer_for([&] {
    contact("eve");
    simulation.run_for(std::chrono::seconds{1});
    contact("eve", {{"state", "retired"}});
  });
  const auto made = with(kContacts, "lastName", "Stone");
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(linked_to("contact", "eve"), std::to_string(made.front().at("id").as_int64()));
  EXPECT_TRUE(made.front().at("inactiveFlag").as_bool());
}

TEST_F(Objects, TicketCarriesTheConfigurationThatIsMadeAfterIt) {
  begin([](json::object& document) { document["defaults"].as_object()["attach_configuration"] = true; });
  publish_devices([](json::object& document) { document.erase("default_type"); });
  device("d1");
  json::object data = alert_data("acme", "desk-1", "malware");
  data["device"] = "d1";
  simulation.send("northwind", "alert.raised", simulation.timeline().now(), data);
  settle();
  EXPECT_EQ(parked("device", "d1"), "device.type_unmapped");
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  publish_devices();
  simulation.run_for(std::chrono::minutes{20});
  const std::string ticket = std::to_string(simulation.our_tickets().front().at("id").as_int64());
  const json::value attached =
      json::parse(technician("GET", "/service/tickets/" + ticket + "/configurations", nullptr).body);
  ASSERT_EQ(attached.as_array().size(), 1u);
  EXPECT_EQ(std::to_string(attached.as_array().front().at("id").as_int64()), linked_to("device", "d1"));
}

TEST_F(Objects, WhatIsMadeAnewIsNotTakenForTheOneThatIsGone) {
  begin();
  publish_devices();
  device("d1");
  settle();
  const std::string id = linked_to("device", "d1");
  ASSERT_TRUE(simulation.world().erase("sandbox", kConfigurations, std::stoll(id)));
  look_again("configuration", id);
  EXPECT_EQ(parked("device", "d1"), "object.gone");
  lose_the_answer_for([&] {
    publish_devices([](json::object& document) {
      document["decisions"] = json::object{{"d1", json::object{{"create", true}}}};
    });
  });
  EXPECT_EQ(parked("device", "d1"), "");
  EXPECT_EQ(linked_to("device", "d1"), std::to_string(configuration("d1").at("id").as_int64()));
}

TEST_F(Objects, AlertThatIsLookedAtWhileItsCustomerIsLinkedGetsItsTicket) {
  begin();
  publish_customers();
  const std::pair<const char*, const char*> customers[] = {{"harbor", "Harbor Family Clinic"},
                                                           {"granite", "Granite Builders"},
                                                           {"ion", "Ion Labs"},
                                                           {"juniper", "Juniper Foods"},
                                                           {"keystone", "Keystone School District"},
                                                           {"lakeside", "Lakeside Inn & Suites"},
                                                           {"maple", "Maple Tax Advisors"},
                                                           {"oakmont", "Oakmont Veterinary"},
                                                           {"pioneer", "Pioneer Oil & Gas"}};
  std::size_t sent = 0;
  for (const auto& [key, name] : customers) {
    // So much later that both have something to read before they know.
    simulation.run_for(std::chrono::hours{2});
    customer(key, name);
    simulation.run_for(Duration{static_cast<std::int64_t>(sent) * 20});
    simulation.send("northwind", "alert.raised", simulation.timeline().now(), alert_data(key, "desk-1", "malware"));
    simulation.run_for(std::chrono::hours{1});
    EXPECT_EQ(simulation.our_tickets().size(), ++sent) << key;
  }
}

}  // namespace
}  // namespace crosswalk::simulation

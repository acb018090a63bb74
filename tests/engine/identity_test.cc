// Which object a record is: values that many share name nobody, a machine stays itself when it is imaged anew, and what
// was there before is not written over.
#include "objects_world.h"

namespace crosswalk::simulation {
namespace {

class Identity : public Objects {
 protected:
  std::string make(const char* path, json::object body) {
    body["company"] = json::object{{"id", std::stoll(simulation.id_of(kCompanies, "AcmeDental"))}};
    const net::Response made = technician("POST", path, body);
    return std::to_string(json::parse(made.body).at("id").as_int64());
  }
  std::string make_configuration(const std::string& name, json::object more = {}) {
    const json::object type = reference("company/configurations/types", "Managed Workstation");
    more["name"] = name;
    more["type"] = json::object{{"id", std::stoll(std::string(type.at("id").as_string()))}};
    return make("/company/configurations", std::move(more));
  }
  json::object found(const char* collection, const std::string& id) {
    return simulation.world().find("sandbox", collection, std::stoll(id)).value_or(json::object{});
  }
  std::size_t configurations() { return simulation.world().list("sandbox", kConfigurations).size(); }
  std::string summary(const std::string& key) {
    std::string told;
    simulation.complete([&]() -> boost::asio::awaitable<void> {
      const model::RecordRef ref{PartnerId("northwind"), model::RecordKind::device, key};
      const auto story = co_await simulation.engine().explain(ref);
      EXPECT_TRUE(story) << story.error().message;
      if (story) told = json::serialize(*story);
    });
    return told;
  }
};

TEST_F(Identity, ASerialNumberThatTheNameContradictsTakesNoConfigurationOver) {
  begin();
  publish_devices();
  const std::string other = make_configuration("RECEPTION", {{"serialNumber", "MB-1234567890"}});
  device("d1", {{"name", "ACCOUNTS"}, {"serial", "MB-1234567890"}, {"mac", "3C:52:82:00:00:01"}});
  settle();
  EXPECT_EQ(text(found(kConfigurations, other), "name"), "RECEPTION");
  EXPECT_EQ(parked("device", "d1"), "object.proposed");
  EXPECT_NE(why_parked("device", "d1").message.find("RECEPTION"), std::string::npos);
}

TEST_F(Identity, ASerialNumberThatManyOfTheProductsDevicesCarryTellsNothing) {
  begin();
  publish_devices();
  make_configuration("RECEPTION", {{"serialNumber", "board 77 unset"}});
  for (int i = 0; i < 6; ++i)
    device("d" + std::to_string(i), {{"serial", "board 77 unset"}, {"name", "PC-" + std::to_string(i)}});
  settle();
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(text(configuration("d" + std::to_string(i)), "name"), "PC-" + std::to_string(i));
}

TEST_F(Identity, PeopleWhoShareAMailboxAreToldApartByTheirNames) {
  begin();
  publish_contacts();
  const std::string bob =
      make("/company/contacts", {{"firstName", "Bob"},
                                 {"lastName", "Hill"},
                                 {"communicationItems", json::array{json::object{{"type", json::object{{"id", 1}}},
                                                                                 {"value", "info@acme.example"},
                                                                                 {"communicationType", "Email"},
                                                                                 {"defaultFlag", true}}}}});
  contact("ada", {{"email", "info@acme.example"}});
  settle();
  EXPECT_EQ(linked_to("contact", "ada"), "");
  EXPECT_EQ(parked("contact", "ada"), "object.proposed");
  contact("bob", {{"first_name", "Bob"}, {"last_name", "Hill"}, {"email", "INFO@acme.example"}});
  settle();
  EXPECT_EQ(linked_to("contact", "bob"), bob);
  contact("ada", {{"email", "info@acme.example"}, {"state", "retired"}});
  settle();
  EXPECT_FALSE(found(kContacts, bob).at("inactiveFlag").as_bool());
}

TEST_F(Identity, AMachineThatIsImagedAnewKeepsItsConfiguration) {
  begin();
  publish_devices();
  const json::object machine{{"name", "PC-1"}, {"serial", "5CG1234XYZ"}, {"model", "EliteBook 840"}};
  device("old", machine);
  settle();
  const std::string id = linked_to("device", "old");
  const std::size_t before = configurations();
  simulation.run_for(std::chrono::hours{3});
  device("new", machine);
  settle();
  EXPECT_EQ(linked_to("device", "new"), id);
  EXPECT_EQ(configurations(), before);
  EXPECT_EQ(parked("device", "old"), "");
  EXPECT_NE(summary("old").find("imaged anew"), std::string::npos);
  device("new", {{"name", "PC-1-renamed"}, {"serial", "5CG1234XYZ"}, {"model", "EliteBook 840"}});
  settle();
  EXPECT_EQ(text(found(kConfigurations, id), "name"), "PC-1-renamed");
  simulation.run_for(std::chrono::hours{26});
  EXPECT_EQ(parked("device", "old"), "") << "a comparison of all ids changes nothing";
  device("old", machine);
  settle();
  EXPECT_EQ(parked("device", "old"), "object.both_report");
  EXPECT_EQ(text(found(kConfigurations, id), "name"), "PC-1-renamed");
}

TEST_F(Identity, AMachineThatIsCalledOtherwiseIsTheSameWhenTheOldOneWasSilentBefore) {
  begin();
  publish_devices();
  const json::object machine{{"serial", "5CG1234XYZ"}, {"model", "EliteBook 840"}};
  const auto renamed = [&](const char* name) {
    json::object more = machine;
    more["name"] = name;
    return more;
  };
  device("old", machine);
  settle();
  const std::string id = linked_to("device", "old");
  const std::size_t before = configurations();
  simulation.run_for(std::chrono::hours{2});
  device("new", renamed("DESKTOP-77"));
  settle();
  EXPECT_EQ(linked_to("device", "new"), id);
  EXPECT_EQ(configurations(), before);
  EXPECT_EQ(text(found(kConfigurations, id), "name"), "DESKTOP-77");
  device("newer", renamed("DESKTOP-78"));
  settle();
  EXPECT_EQ(linked_to("device", "newer"), "") << "the one before it was there a moment ago";
  EXPECT_EQ(parked("device", "newer"), "object.proposed");
  simulation.run_for(std::chrono::hours{5});
  device("newest", renamed("DESKTOP-77"));
  settle();
  EXPECT_EQ(linked_to("device", "newest"), "") << "two carry the serial number by now";
}

TEST_F(Identity, TwoThatBothReportAreTwoMachines) {
  begin();
  publish_devices();
  const json::object machine{{"serial", "5CG1234XYZ"}, {"model", "EliteBook 840"}};
  device("one", machine);
  settle();
  const std::string id = linked_to("device", "one");
  device("two", machine);
  simulation.run_for(std::chrono::hours{3});
  EXPECT_EQ(linked_to("device", "one"), id);
  EXPECT_EQ(linked_to("device", "two"), "");
  EXPECT_EQ(parked("device", "two"), "object.proposed");
  EXPECT_NE(why_parked("device", "two").message.find("was last seen at"), std::string::npos);
}

TEST_F(Identity, OneThatTheProductHasRetiredIsSucceededAtOnce) {
  begin();
  publish_devices();
  device("old", {{"mac", "3C:52:82:00:00:01"}, {"serial", ""}});
  settle();
  const std::string id = linked_to("device", "old");
  device("old", {{"mac", "3C:52:82:00:00:01"}, {"serial", ""}, {"state", "replaced"}});
  settle();
  device("new", {{"name", "DESKTOP-77"}, {"mac", "3C:52:82:00:00:01"}, {"serial", ""}});
  settle();
  EXPECT_EQ(linked_to("device", "new"), id);
  EXPECT_TRUE(found(kConfigurations, id).at("activeFlag").as_bool());
}

TEST_F(Identity, WhatAnotherToolHasFilledIsLeftAndWhatIsEmptyIsFilled) {
  begin();
  const std::string id = make_configuration("Anchor-WS001", {{"serialNumber", "ANCHOR-77"}});
  const auto decide = [&](bool overwrite) {
    publish_devices([&](json::object& document) {
      json::object decision{{"object", json::object{{"id", id}}}};
      if (overwrite) decision["overwrite"] = true;
      document["decisions"] = json::object{{"d1", std::move(decision)}};
    });
  };
  decide(false);
  const auto report = [&](const std::string& name) {
    device("d1", {{"name", name}, {"serial", "OURS-77"}, {"os", "Windows 11"}});
    settle();
  };
  report("RENAMED-HOST");
  ASSERT_EQ(linked_to("device", "d1"), id);
  EXPECT_EQ(text(found(kConfigurations, id), "name"), "Anchor-WS001");
  EXPECT_EQ(text(found(kConfigurations, id), "serialNumber"), "ANCHOR-77");
  EXPECT_EQ(text(found(kConfigurations, id), "osType"), "Windows 11");
  EXPECT_NE(summary("d1").find("Name is \\\"Anchor-WS001\\\" in ConnectWise since before the link"), std::string::npos)
      << summary("d1");
  report("RENAMED-AGAIN");
  EXPECT_EQ(text(found(kConfigurations, id), "name"), "Anchor-WS001") << "nobody has said otherwise";
  decide(true);
  settle();
  EXPECT_EQ(text(found(kConfigurations, id), "name"), "RENAMED-AGAIN");
  EXPECT_EQ(text(found(kConfigurations, id), "serialNumber"), "OURS-77");
  report("RENAMED-ONCE-MORE");
  EXPECT_EQ(text(found(kConfigurations, id), "name"), "RENAMED-ONCE-MORE");
}

TEST_F(Identity, AnAdoptedConfigurationStillFollowsTheDevicesLife) {
  begin();
  const std::string id =
      make_configuration("Anchor-WS001", {{"status", json::object{{"id", status("Active").at("id")}}}});
  publish_devices([&](json::object& document) {
    document["decisions"] = json::object{{"d1", json::object{{"object", json::object{{"id", id}}}}}};
  });
  device("d1");
  settle();
  device("d1", {{"state", "retired"}});
  settle();
  EXPECT_FALSE(found(kConfigurations, id).at("activeFlag").as_bool());
  EXPECT_EQ(text(found(kConfigurations, id).at("status").as_object(), "name"), "Retired");
  EXPECT_EQ(text(found(kConfigurations, id), "name"), "Anchor-WS001");
}

TEST_F(Identity, AMappingMayWriteOverWhatItAdopts) {
  begin();
  publish_devices([](json::object& document) { document["adopted"] = "overwrite"; });
  const std::string id = make_configuration("pc-d1.acme.example", {{"serialNumber", "sn d1 77"}});
  device("d1");
  settle();
  EXPECT_EQ(linked_to("device", "d1"), id);
  EXPECT_EQ(text(found(kConfigurations, id), "name"), "PC-d1");
  EXPECT_EQ(text(found(kConfigurations, id), "serialNumber"), "SN-d1-77");
}

/// Companies that are no customers, by the mapping or by what their status and types are called.
class Standing : public Identity {
 protected:
  json::object entry(const char* collection, const char* name) {
    for (const json::object& each : simulation.world().list("sandbox", collection))
      if (text(each, "name") == name) return {{"id", each.at("id")}, {"name", name}};
    ADD_FAILURE() << "no " << name << " among " << collection;
    return {};
  }
  void make_company(const char* identifier, const char* name, const char* status, const char* type) {
    technician(
        "POST", "/company/companies",
        json::object{{"identifier", identifier},
                     {"name", name},
                     {"site", json::object{{"name", "Main"}}},
                     {"status", json::object{{"id", entry("company/companies/statuses", status).at("id")}}},
                     {"types", json::array{json::object{{"id", entry("company/companies/types", type).at("id")}}}}});
  }
  json::object matched(const std::string& key) {
    json::object told;
    simulation.complete([&]() -> boost::asio::awaitable<void> {
      const auto matches = co_await simulation.engine().match_customers(PartnerId("northwind"));
      EXPECT_TRUE(matches) << matches.error().message;
      if (!matches) co_return;
      for (const json::value& each : matches->at("customers").as_array())
        if (each.at("customer").as_string() == key) told = each.as_object();
    });
    return told;
  }
};

TEST_F(Standing, AnInactiveCompanyAndAProspectAreProposedAndNeverSure) {
  begin();
  make_company("MillBakery", "Mill Bakery", "Inactive", "Client");
  make_company("QuarryTools", "Quarry Tools", "Active", "Prospect");
  make_company("HillClinic", "Hill Clinic", "Active", "Client");
  customer("mill", "Mill Bakery");
  customer("quarry", "Quarry Tools");
  customer("hill", "Hill Clinic");
  EXPECT_EQ(text(matched("mill"), "state"), "proposed");
  EXPECT_NE(text(matched("mill"), "why").find("its status is Inactive"), std::string::npos);
  EXPECT_EQ(text(matched("quarry"), "state"), "proposed");
  EXPECT_NE(text(matched("quarry"), "why").find("its type is Prospect"), std::string::npos);
  EXPECT_EQ(text(matched("hill"), "state"), "sure");
  publish_customers();
  settle();
  EXPECT_EQ(linked_to("customer", "mill"), "");
  EXPECT_EQ(linked_to("customer", "quarry"), "");
  EXPECT_EQ(linked_to("customer", "hill"), simulation.id_of(kCompanies, "HillClinic"));
}

TEST_F(Standing, TheMappingsTypesAndStatusesAreObeyed) {
  begin();
  make_company("QuarryTools", "Quarry Tools", "Active", "Prospect");
  make_company("HillClinic", "Hill Clinic", "Active", "Client");
  publish_customers([&](json::object& document) {
    document["mode"] = "test";
    document["types"] = json::array{entry("company/companies/types", "Prospect")};
  });
  customer("quarry", "Quarry Tools");
  customer("hill", "Hill Clinic");
  EXPECT_EQ(text(matched("quarry"), "state"), "sure") << "the mapping says that prospects count";
  EXPECT_EQ(text(matched("hill"), "state"), "proposed") << "and nobody else";
}

TEST_F(Standing, NamesakesAreShownWithWhatTellsThemApart) {
  begin();
  simulation.world().rename("sandbox", kCompanies, std::stoll(simulation.id_of(kCompanies, "NovaRetail2")),
                            "Nova Retail");
  customer("nova", "Nova Retail");
  const json::object nova = matched("nova");
  EXPECT_NE(text(nova, "why").find("NovaRetail2"), std::string::npos) << text(nova, "why");
  std::set<std::string> identifiers;
  for (const json::value& each : nova.at("candidates").as_array()) {
    identifiers.insert(text(each.as_object(), "identifier"));
    EXPECT_FALSE(text(each.as_object(), "status").empty());
  }
  EXPECT_TRUE(identifiers.contains("NovaRetail2"));
  EXPECT_TRUE(identifiers.contains("NovaRetail"));
}

}  // namespace
}  // namespace crosswalk::simulation

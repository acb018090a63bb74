// What a record is said to be, and what an attempt has made of it before anybody could know.
#include <gmock/gmock.h>

#include "objects_world.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class Choices : public Objects {
 protected:
  json::object is(const std::string& identifier) { return {{"object", reference(kCompanies, identifier)}}; }
  /// The configurations of a ticket.
  std::vector<std::string> attached(std::int64_t ticket) {
    const auto answer = technician("GET", "/service/tickets/" + std::to_string(ticket) + "/configurations", nullptr);
    std::vector<std::string> ids;
    const json::value list = json::parse(answer.body);
    for (const json::value& each : list.as_array()) ids.push_back(std::to_string(each.at("id").as_int64()));
    return ids;
  }
  /// The mapping of alerts names one company for two customers: tickets of both belong there.
  void begin_with_two_of_one_company() {
    begin([&](json::object& document) {
      json::object& customers = document["customers"].as_object();
      customers["lodge"] = json::object{{"company", reference(kCompanies, "JuniperFoods")}};
      customers["annex"] = json::object{{"company", reference(kCompanies, "JuniperFoods")}};
    });
  }
  void decide(json::object decisions, bool allow_shared = false) {
    publish_customers([&](json::object& document) {
      document["decisions"] = std::move(decisions);
      if (allow_shared) document["allow_shared"] = true;
    });
  }
};

TEST_F(Choices, TwoCustomersAreNotLinkedToOneCompanyThoughEachWasChosen) {
  begin_with_two_of_one_company();
  publish_customers();
  customer("lodge", "Juniper Lodge");
  settle();
  customer("annex", "Juniper Annex");
  settle();
  const std::string company = simulation.id_of(kCompanies, "JuniperFoods");
  EXPECT_EQ(linked_to("customer", "lodge"), company);
  EXPECT_EQ(linked_to("customer", "annex"), "");
  EXPECT_EQ(parked("customer", "annex"), "object.taken");
  EXPECT_NE(why_parked("customer", "annex").message.find("\"lodge\""), std::string::npos)
      << why_parked("customer", "annex").message;
  simulation.send("northwind", "alert.raised", simulation.timeline().now(), alert_data("annex", "desk-1", "malware"));
  settle();
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_EQ(text(simulation.our_tickets().front().at("company").as_object(), "identifier"), "JuniperFoods");
  decide({}, true);
  settle();
  EXPECT_EQ(linked_to("customer", "annex"), company) << "the mapping allows it now";
}

TEST_F(Choices, OfTwoThatComeAtOnceOneIsLinked) {
  begin_with_two_of_one_company();
  publish_customers();
  customer("lodge", "Juniper Lodge");
  customer("annex", "Juniper Annex");
  settle();
  const bool first = linked_to("customer", "lodge").empty(), second = linked_to("customer", "annex").empty();
  EXPECT_NE(first, second);
  EXPECT_EQ(parked("customer", first ? "lodge" : "annex"), "object.taken");
}

TEST_F(Choices, CustomersAreExchangedInOneDecision) {
  begin();
  decide({{"one", is("JuniperFoods")}, {"two", is("IonLabs")}});
  customer("one", "First");
  customer("two", "Second");
  settle();
  decide({{"one", is("IonLabs")}, {"two", is("JuniperFoods")}});
  settle();
  EXPECT_EQ(linked_to("customer", "one"), simulation.id_of(kCompanies, "IonLabs"));
  EXPECT_EQ(linked_to("customer", "two"), simulation.id_of(kCompanies, "JuniperFoods"));
  EXPECT_EQ(parked("customer", "one") + parked("customer", "two"), "");
}

TEST_F(Choices, WhatIsSaidToBeMadeAndIsThereAlreadyKeepsItsObject) {
  begin();
  decide({{"lodge", is("JuniperFoods")}});
  customer("lodge", "Juniper Lodge");
  settle();
  decide({{"lodge", json::object{{"create", true}}}, {"annex", is("JuniperFoods")}});
  customer("annex", "Juniper Annex");
  settle();
  EXPECT_EQ(linked_to("customer", "lodge"), simulation.id_of(kCompanies, "JuniperFoods"));
  EXPECT_EQ(linked_to("customer", "annex"), "");
  EXPECT_EQ(parked("customer", "annex"), "object.taken");
}

TEST_F(Choices, OfTwoInDifferentBatchesThatWantTheSameOneIsLinked) {
  begin();
  const std::int64_t company = std::stoll(simulation.id_of(kCompanies, "AcmeDental"));
  const json::object type = reference("company/configurations/types", "Managed Workstation");
  technician("POST", "/company/configurations",
             json::object{{"name", "By hand"},
                          {"modelNumber", "Tower 5"},
                          {"type", json::object{{"id", std::stoll(std::string(type.at("id").as_string()))}}},
                          {"company", json::object{{"id", company}}},
                          {"serialNumber", "SN-twice"}});
  for (int i = 0; i < 350; ++i)
    device("d" + std::to_string(i),
           i % 300 ? json::object{} : json::object{{"serial", "SN-twice"}, {"model", "Tower 5"}});
  publish_devices();
  simulation.run_for(minutes{30});
  EXPECT_NE(linked_to("device", "d0"), linked_to("device", "d300"));
  int of_hand = 0;
  for (const char* key : {"d0", "d300"})
    of_hand += linked_to("device", key) ==
               std::to_string(with(kConfigurations, "serialNumber", "SN-twice").front().at("id").as_int64());
  EXPECT_LE(of_hand, 1);
}

TEST_F(Choices, WhatWaitedForAnObjectThatWasTakenGetsItOnceItIsFree) {
  begin();
  publish_customers();
  customer("harbor", "Harbor Family Clinic");
  settle();
  ASSERT_EQ(linked_to("customer", "harbor"), simulation.id_of(kCompanies, "HarborClinic"));
  decide({{"clinic", is("HarborClinic")}});
  customer("clinic", "Quite another name");
  settle();
  EXPECT_EQ(parked("customer", "clinic"), "object.taken");
  // Nobody touches the one that waits: it goes on by itself.
  decide({{"clinic", is("HarborClinic")}, {"harbor", is("IonLabs")}});
  settle();
  EXPECT_EQ(linked_to("customer", "harbor"), simulation.id_of(kCompanies, "IonLabs"));
  EXPECT_EQ(linked_to("customer", "clinic"), simulation.id_of(kCompanies, "HarborClinic"));
}

TEST_F(Choices, WhatAForgottenRecordWasIsFreeForTheOneThatWaits) {
  begin();
  publish_contacts();
  contact("ada");
  settle();
  const std::string id = linked_to("contact", "ada");
  publish_contacts([&](json::object& document) {
    document["decisions"] = json::object{{"twin", json::object{{"object", json::object{{"id", id}}}}}};
  });
  contact("twin", {{"last_name", "Stone-Twin"}});
  settle();
  ASSERT_EQ(parked("contact", "twin"), "object.taken");
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const model::RecordRef ada{PartnerId("northwind"), model::RecordKind::contact, "ada"};
    const auto rows = co_await simulation.engine().forget(ada);
    EXPECT_TRUE(rows);
  });
  settle();
  EXPECT_EQ(linked_to("contact", "twin"), id) << parked("contact", "twin");
}

TEST_F(Choices, ContactThatChangedBeforeALostAttemptWasFoundIsNotMadeTwice) {
  begin();
  publish_contacts();
  contact("picture");
  simulation.run_for(seconds{5});
  simulation.weather.lost_after = 1;
  contact("c1", {{"last_name", "Stone"}, {"email", "ada.stone@acme.example"}});
  simulation.run_for(seconds{2});
  contact("c1", {{"last_name", "Pebble"}, {"email", "ada.pebble@acme.example"}, {"phone", "+1 512 555 0142"}});
  simulation.weather = Weather::calm();
  simulation.run_for(minutes{15});
  std::vector<json::object> made;
  for (json::object& each : with(kContacts, "lastName", "Stone"))
    if (linked_to("contact", "picture") != std::to_string(each.at("id").as_int64())) made.push_back(std::move(each));
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(linked_to("contact", "c1"), std::to_string(made.front().at("id").as_int64()));
  EXPECT_EQ(text(made.front().at("communicationItems").as_array().at(0).as_object(), "value"),
            "ada.pebble@acme.example");
  EXPECT_TRUE(with(kContacts, "lastName", "Pebble").empty()) << "the name is the MSP's own, once it was made";
}

TEST_F(Choices, ContactWhoMovedToAnUnknownCustomerBeforeALostAttemptWasFoundIsNotMadeTwice) {
  begin();
  publish_customers();
  publish_contacts();
  contact("picture");
  simulation.run_for(seconds{5});
  simulation.weather.lost_after = 1;
  contact("c1", {{"last_name", "Rover"}});
  simulation.run_for(seconds{2});
  contact("c1", {{"last_name", "Rover"}, {"customer", "harbor"}});
  simulation.weather = Weather::calm();
  simulation.run_for(minutes{15});
  EXPECT_EQ(parked("contact", "c1"), "mapping.customer_unknown");
  customer("harbor", "Harbor Family Clinic");
  simulation.run_for(minutes{15});
  const auto made = with(kContacts, "lastName", "Rover");
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(linked_to("contact", "c1"), std::to_string(made.front().at("id").as_int64()));
  EXPECT_EQ(text(made.front().at("company").as_object(), "identifier"), "HarborClinic");
}

TEST_F(Choices, WhatIsAdoptedStandsInTheBooksBeforeItIsWrittenTo) {
  begin();
  publish_devices([](json::object& document) { document["adopted"] = "overwrite"; });
  const json::object known = *simulation.world().find("sandbox", kConfigurations, 2520);
  int writes = 0;
  simulation.served = [&](const net::Request& request, const net::Response&, bool) {
    if (request.method != "PATCH") return;
    ++writes;
    EXPECT_EQ(linked_to("device", "d1"), "2520");
  };
  const std::string name = text(known, "name") + ".acme.example";
  device("d1", {{"serial", text(known, "serialNumber")}, {"name", name}});
  settle();
  simulation.served = nullptr;
  EXPECT_EQ(writes, 1);
  EXPECT_EQ(text(*simulation.world().find("sandbox", kConfigurations, 2520), "name"), name);
}

TEST_F(Choices, WhatPeopleHaveMadeIsNotTakenForALostAttempt) {
  begin();
  // Who writes there for us is known by what was written before.
  publish_contacts([](json::object& document) {
    document["decisions"] = json::object{{"ada", json::object{{"excluded", true}}}};
  });
  contact("other", {{"last_name", "First"}});
  contact("ada", {{"email", "ada@acme.example"}, {"last_name", "Rock"}});
  simulation.run_for(std::chrono::hours{1});
  contact("ada", {{"email", "rock@acme.example"}, {"last_name", "Rock-Stone"}});
  simulation.run_for(std::chrono::seconds{1});
  technician("POST", "/company/contacts",
             json::object{{"firstName", "Ada"},
                          {"lastName", "Rock"},
                          {"company", json::object{{"id", std::stoll(simulation.id_of(kCompanies, "AcmeDental"))}}},
                          {"communicationItems", json::array{json::object{{"value", "ada@acme.example"},
                                                                          {"communicationType", "Email"},
                                                                          {"defaultFlag", true},
                                                                          {"type", json::object{{"id", 1}}}}}}});
  publish_contacts();
  settle();
  EXPECT_NE(linked_to("contact", "ada"),
            std::to_string(with(kContacts, "lastName", "Rock").front().at("id").as_int64()));
}

TEST_F(Choices, TicketMadeWhileTheConfigurationWasGoneGetsTheNewOne) {
  begin([](json::object& document) { document["defaults"].as_object()["attach_configuration"] = true; });
  publish_devices();
  device("desk-7");
  settle();
  const std::string id = linked_to("device", "desk-7");
  ASSERT_TRUE(simulation.world().erase("sandbox", kConfigurations, std::stoll(id)));
  look_again("configuration", id);
  ASSERT_EQ(parked("device", "desk-7"), "object.gone");
  json::object data = alert_data("acme", "desk-7", "malware");
  data["device"] = "desk-7";
  simulation.send("northwind", "alert.raised", simulation.timeline().now(), data);
  settle();
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  const std::int64_t ticket = simulation.our_tickets().front().at("id").as_int64();
  EXPECT_TRUE(attached(ticket).empty());
  publish_devices([](json::object& document) {
    document["decisions"] = json::object{{"desk-7", json::object{{"create", true}}}};
  });
  settle();
  EXPECT_EQ(attached(ticket), std::vector<std::string>{linked_to("device", "desk-7")});
}

TEST_F(Choices, MappingThatNamesMoreOfAContactIsNoChangeByPeople) {
  begin();
  const auto title = [this](const char* owner) {
    publish_contacts([&](json::object& document) {
      document["fields"] = json::object{{"title", json::object{{"value", "{{title}}"}, {"owner", owner}}}};
    });
  };
  title("psa");
  contact("ada");
  settle();
  const std::string id = linked_to("contact", "ada");
  technician("PATCH", "/company/contacts/" + id,
             json::array{json::object{{"op", "replace"}, {"path", "title"}, {"value", "Director"}}});
  look_again("contact", id);
  title("create");
  settle();
  look_again("contact", id);
  const auto journal = simulation.store().journal_of({"northwind", "contact", "ada"}, 100);
  for (const store::JournalRow& row : *journal) EXPECT_EQ(row.entry.find("Title"), std::string::npos) << row.entry;
  technician("PATCH", "/company/contacts/" + id,
             json::array{json::object{{"op", "replace"}, {"path", "title"}, {"value", "President"}}});
  look_again("contact", id);
  EXPECT_NE(simulation.store().journal_of({"northwind", "contact", "ada"}, 1)->front().entry.find("President"),
            std::string::npos);
}

TEST_F(Choices, CustomerThatWasRenamedBeforeALostAttemptWasFoundIsNotMadeTwice) {
  begin();
  publish_customers([](json::object& document) { document["direction"] = "create"; });
  customer("picture", "Acme Dental");
  simulation.run_for(seconds{5});
  simulation.weather.lost_after = 1;
  customer("zz", "Zzyzx Holdings");
  simulation.run_for(seconds{2});
  customer("zz", "Quartzite Mining");
  simulation.weather = Weather::calm();
  simulation.run_for(minutes{15});
  const auto made = with(kCompanies, "name", "Zzyzx Holdings");
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(linked_to("customer", "zz"), std::to_string(made.front().at("id").as_int64()));
  EXPECT_TRUE(with(kCompanies, "name", "Quartzite Mining").empty()) << "the name is the MSP's own, once it was made";
}

TEST_F(Choices, NothingMoreIsDoneWithOneWhoHasOptedOut) {
  begin();
  publish_contacts();
  contact("ada");
  contact("bob", {{"last_name", "Never"}, {"opted_out", true}});
  settle();
  const std::string id = linked_to("contact", "ada");
  ASSERT_NE(id, "");
  EXPECT_TRUE(with(kContacts, "lastName", "Never").empty());
  contact("ada", {{"email", "new@acme.example"}, {"opted_out", true}});
  settle();
  (void)calls();
  technician("PATCH", "/company/contacts/" + id,
             json::array{json::object{{"op", "replace"}, {"path", "title"}, {"value", "Director of secrets"}}});
  (void)calls();
  look_again("contact", id);
  EXPECT_EQ(count_calls(), 0);
  simulation.crash();
  simulation.start();
  look_again("contact", id);
  EXPECT_EQ(count_calls(), 0);
  EXPECT_LE(simulation.engine().metrics().records_reconciled, 3u) << "it is not looked at for ever";
  EXPECT_EQ(parked("contact", "ada"), "");
  const std::array<store::RecordKey, 1> keys{store::RecordKey{"northwind", "contact", "ada"}};
  EXPECT_EQ(simulation.store().links(keys)->front().state.find("secrets"), std::string::npos);
}

TEST_F(Choices, OfAContactOnlyWhatTheMappingNamesIsStored) {
  begin();
  publish_contacts([](json::object& document) {
    document["fields"] = json::object{{"title", json::object{{"value", "{{title}}"}, {"owner", "psa"}}}};
  });
  contact("ada");
  settle();
  const std::string id = linked_to("contact", "ada");
  technician("PATCH", "/company/contacts/" + id,
             json::array{json::object{{"op", "replace"}, {"path", "title"}, {"value", "Director of secrets"}},
                         json::object{{"op", "replace"}, {"path", "lastName"}, {"value", "Boulder"}}});
  look_again("contact", id);
  const std::array<store::RecordKey, 1> keys{store::RecordKey{"northwind", "contact", "ada"}};
  const std::string state = simulation.store().links(keys)->front().state;
  EXPECT_EQ(state.find("secrets"), std::string::npos);
  EXPECT_NE(state.find("Boulder"), std::string::npos) << "contacts are found by their names";
  EXPECT_TRUE(verified().at("proven").as_bool());
}

TEST_F(Choices, TicketGetsTheConfigurationThatWasMadeAnew) {
  begin([](json::object& document) { document["defaults"].as_object()["attach_configuration"] = true; });
  publish_devices();
  device("desk-7");
  settle();
  json::object data = alert_data("acme", "desk-7", "malware");
  data["device"] = "desk-7";
  simulation.send("northwind", "alert.raised", simulation.timeline().now(), data);
  settle();
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  const std::int64_t ticket = simulation.our_tickets().front().at("id").as_int64();
  const std::string id = linked_to("device", "desk-7");
  ASSERT_EQ(attached(ticket), std::vector<std::string>{id});
  ASSERT_TRUE(simulation.world().erase("sandbox", kConfigurations, std::stoll(id)));
  look_again("configuration", id);
  ASSERT_EQ(parked("device", "desk-7"), "object.gone");
  publish_devices([](json::object& document) {
    document["decisions"] = json::object{{"desk-7", json::object{{"create", true}}}};
  });
  settle();
  const std::string made = linked_to("device", "desk-7");
  ASSERT_NE(made, id);
  EXPECT_THAT(attached(ticket), testing::Contains(made));
}

TEST_F(Choices, StormOfACustomerThatWasUnknownGoesOnOnceItIsLinked) {
  begin([](json::object& document) {
    document["defaults"].as_object()["storm"] = json::object{{"alerts", 3}, {"window", "5m"}};
  });
  publish_customers();
  for (int i = 0; i < 6; ++i)
    simulation.send("northwind", "alert.raised", simulation.timeline().now(),
                    alert_data("harbor", "desk-" + std::to_string(i), "malware"));
  settle();
  EXPECT_TRUE(simulation.our_tickets().empty());
  customer("harbor", "Harbor Family Clinic");
  settle();
  int of_storm = 0;
  for (const json::object& each : simulation.our_tickets())
    of_storm += text(each, "summary").find("6 alerts: ") != std::string::npos;
  EXPECT_EQ(of_storm, 1) << json::serialize(simulation.plan("northwind"));
}

}  // namespace
}  // namespace crosswalk::simulation

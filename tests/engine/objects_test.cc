// Customers, contacts and devices on the reconcile path.
#include "engine/wakes.h"
#include "objects_world.h"

namespace crosswalk::simulation {
namespace {

TEST_F(Objects, DeviceBecomesAConfigurationWithALinkBack) {
  begin();
  publish_devices();
  device("d1", {{"mac", "02:00:5E:10:00:01"}, {"url", "https://edr.example/devices/d1"}, {"os", "Windows 11"}});
  settle();
  const json::object made = configuration("d1");
  EXPECT_EQ(text(made, "name"), "PC-d1");
  EXPECT_EQ(text(made, "serialNumber"), "SN-d1-77");
  EXPECT_EQ(text(made, "macAddress"), "02:00:5E:10:00:01");
  EXPECT_EQ(text(made, "osType"), "Windows 11");
  EXPECT_EQ(text(made, "managementLink"), "https://edr.example/devices/d1");
  EXPECT_EQ(text(made.at("company").as_object(), "identifier"), "AcmeDental");
  EXPECT_TRUE(made.at("activeFlag").as_bool());
  EXPECT_EQ(linked_to("device", "d1"), std::to_string(made.at("id").as_int64()));
}

TEST_F(Objects, UnchangedReportsCostNoCallAndOneChangedFieldCostsOne) {
  begin();
  publish_devices();
  for (int i = 0; i < 150; ++i) device("d" + std::to_string(i));
  settle();
  EXPECT_EQ(with(kConfigurations, "deviceIdentifier", "d149").size(), 1u);
  calls();
  for (int i = 0; i < 150; ++i) device("d" + std::to_string(i));
  settle();
  EXPECT_EQ(count_calls(), 0);
  device("d7", {{"name", "PC-renamed"}});
  settle();
  const auto made = calls();
  EXPECT_EQ(made.size(), 1u);
  EXPECT_EQ(made.begin()->second, 1);
  EXPECT_EQ(made.begin()->first.substr(0, 5), "PATCH");
  EXPECT_EQ(text(configuration("d7"), "name"), "PC-renamed");
}

TEST_F(Objects, ManyDevicesAreMadeInFewCalls) {
  begin();
  publish_devices();
  calls();
  for (int i = 0; i < 400; ++i) device("d" + std::to_string(i));
  settle();
  int bulk = 0, single = 0;
  for (const auto& [name, count] : calls())
    if (name.starts_with("POST")) (name.ends_with("/bulk") ? bulk : single) += count;
  EXPECT_LE(bulk, 6);
  EXPECT_LE(single, 1);
  EXPECT_EQ(with(kConfigurations, "deviceIdentifier", "d399").size(), 1u);
}

TEST_F(Objects, WhatAnotherToolHasMadeIsAdopted) {
  begin();
  publish_devices();
  const std::int64_t company = std::stoll(simulation.id_of(kCompanies, "AcmeDental"));
  const json::object type = reference("company/configurations/types", "Managed Workstation");
  technician("POST", "/company/configurations",
             json::object{{"name", "pc-D1.acme.example"},
                          {"type", json::object{{"id", std::stoll(std::string(type.at("id").as_string()))}}},
                          {"company", json::object{{"id", company}}},
                          {"serialNumber", "sn d1 77"}});
  const std::size_t before = simulation.world().list("sandbox", kConfigurations).size();
  device("d1");
  settle();
  EXPECT_EQ(simulation.world().list("sandbox", kConfigurations).size(), before);
  const auto adopted = with(kConfigurations, "name", "pc-D1.acme.example");
  ASSERT_EQ(adopted.size(), 1u) << "another tool has given the name";
  EXPECT_EQ(linked_to("device", "d1"), std::to_string(adopted.front().at("id").as_int64()));
}

TEST_F(Objects, JunkSerialNumbersAdoptNothing) {
  begin();
  publish_devices();
  device("d1", {{"serial", "To be filled by O.E.M."}});
  device("d2", {{"serial", "To be filled by O.E.M."}});
  settle();
  EXPECT_EQ(with(kConfigurations, "deviceIdentifier", "d1").size(), 1u);
  EXPECT_EQ(with(kConfigurations, "deviceIdentifier", "d2").size(), 1u);
}

TEST_F(Objects, DeviceOfAnUnknownCustomerWaitsAndGoesOnByItself) {
  begin();
  publish_devices();
  publish_customers();
  device("d1", {{"customer", "granite"}});
  settle();
  EXPECT_EQ(parked("device", "d1"), "mapping.customer_unknown");
  customer("granite", "Granite Builders");
  settle();
  EXPECT_EQ(linked_to("customer", "granite"), simulation.id_of(kCompanies, "GraniteBuild"));
  EXPECT_EQ(text(configuration("d1").at("company").as_object(), "identifier"), "GraniteBuild");
}

TEST_F(Objects, AlertOfALinkedCustomerGetsItsCompany) {
  begin();
  publish_customers();
  simulation.send("northwind", "alert.raised", simulation.timeline().now(), alert_data("harbor", "desk-1", "malware"));
  settle();
  EXPECT_TRUE(simulation.our_tickets().empty());
  customer("harbor", "Harbor Family Clinic");
  settle();
  EXPECT_EQ(linked_to("customer", "harbor"), simulation.id_of(kCompanies, "HarborClinic"));
  ASSERT_EQ(simulation.our_tickets().size(), 1u) << json::serialize(simulation.plan("northwind"));
  EXPECT_EQ(text(simulation.our_tickets().front().at("company").as_object(), "identifier"), "HarborClinic");
}

TEST_F(Objects, LookAlikesWaitForAPersonWhoseDecisionIsFollowed) {
  begin();
  publish_customers();
  simulation.world().rename("sandbox", kCompanies, std::stoll(simulation.id_of(kCompanies, "NovaRetail2")),
                            "Nova Retail");
  customer("nova", "Nova Retail");
  settle();
  EXPECT_EQ(parked("customer", "nova"), "object.proposed");
  publish_customers([&](json::object& document) {
    document["decisions"] = json::object{
        {"nova", json::object{{"object", json::object{{"id", simulation.id_of(kCompanies, "NovaRetail2")}}}}}};
  });
  settle();
  EXPECT_EQ(parked("customer", "nova"), "");
  EXPECT_EQ(linked_to("customer", "nova"), simulation.id_of(kCompanies, "NovaRetail2"));
}

TEST_F(Objects, CustomersAreOnlyLinkedUnlessTheMappingCreates) {
  begin();
  publish_customers();
  customer("zz", "Zzyzx Holdings, Inc.",
           {{"phone", "555 0100"}, {"address", json::object{{"line1", "1 Main St"}, {"city", "Troy"}}}});
  settle();
  EXPECT_EQ(parked("customer", "zz"), "object.unlinked");
  publish_customers([](json::object& document) { document["direction"] = "create"; });
  settle();
  const auto made = with(kCompanies, "name", "Zzyzx Holdings, Inc.");
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(text(made.front(), "identifier"), "ZzyzxHoldingsInc");
  EXPECT_EQ(text(made.front(), "city"), "Troy");
}

TEST_F(Objects, ContactIsMadeWithItsAddressesAndFollowsThem) {
  begin();
  publish_contacts();
  contact("ada", {{"phone", "+1 555 010 7788"}, {"title", "Office manager"}});
  settle();
  const auto made = with(kContacts, "lastName", "Stone");
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(text(made.front(), "title"), "Office manager");
  EXPECT_EQ(made.front().at("communicationItems").as_array().size(), 2u);
  contact("ada", {{"email", "ada.stone@acme.example"}, {"phone", "+1 555 010 7788"}, {"title", "Office manager"}});
  settle();
  bool found = false;
  const json::object kept = with(kContacts, "lastName", "Stone").front();
  for (const json::value& item : kept.at("communicationItems").as_array())
    found |= text(item.as_object(), "value") == "ada.stone@acme.example";
  EXPECT_TRUE(found);
  EXPECT_EQ(with(kContacts, "lastName", "Stone").size(), 1u);
}

TEST_F(Objects, ContactWhoLeavesBecomesInactiveAndIsNotDeleted) {
  begin();
  publish_contacts();
  contact("ada");
  settle();
  contact("ada", {{"state", "retired"}});
  settle();
  const auto kept = with(kContacts, "lastName", "Stone");
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_TRUE(kept.front().at("inactiveFlag").as_bool());
}

TEST_F(Objects, RetiredDeviceGetsItsStatusAndIsNotDeleted) {
  begin();
  publish_devices();
  device("d1");
  settle();
  device("d1", {{"state", "retired"}});
  settle();
  const json::object retired = configuration("d1");
  EXPECT_FALSE(retired.at("activeFlag").as_bool());
  EXPECT_EQ(text(retired.at("status").as_object(), "name"), "Retired");
  device("d1");
  settle();
  EXPECT_TRUE(configuration("d1").at("activeFlag").as_bool());
}

TEST_F(Objects, DeviceThatIsNotSeenAnyMoreBecomesInactiveInTime) {
  begin();
  publish_devices();
  device("d1");
  settle();
  EXPECT_TRUE(configuration("d1").at("activeFlag").as_bool());
  simulation.run_for(std::chrono::days{31});
  EXPECT_FALSE(configuration("d1").at("activeFlag").as_bool());
}

TEST_F(Objects, ManyDevicesThatLeaveAtOnceWaitForAPersonWhoAppliesAPlan) {
  begin();
  publish_devices();
  for (int i = 0; i < 30; ++i) device("d" + std::to_string(i));
  settle();
  for (int i = 0; i < 30; ++i) device("d" + std::to_string(i), {{"state", "retired"}});
  settle();
  // The first may go before anybody can know that it is not alone.
  EXPECT_EQ(parked("device", "d29"), "device.mass_change");
  EXPECT_TRUE(configuration("d29").at("activeFlag").as_bool());
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const auto saved = co_await simulation.engine().save_plan(PartnerId("northwind"), "");
    EXPECT_TRUE(saved) << saved.error().message;
    if (!saved) co_return;
    EXPECT_GE(saved->at("summary").at("update").to_number<int>(), 25) << json::serialize(saved->at("summary"));
    const auto applied =
        co_await simulation.engine().apply(PartnerId("northwind"), std::string(saved->at("id").as_string()));
    EXPECT_TRUE(applied) << applied.error().message;
  });
  settle();
  EXPECT_FALSE(configuration("d29").at("activeFlag").as_bool());
  EXPECT_EQ(parked("device", "d29"), "");
}

TEST_F(Objects, TestModeSendsNothingAndShowsAll) {
  begin();
  publish_devices([](json::object& document) { document["mode"] = "test"; });
  const std::int64_t writes = simulation.traffic.writes;
  device("d1");
  settle();
  EXPECT_EQ(simulation.traffic.writes, writes);
  const json::object plan = simulation.plan("northwind");
  EXPECT_EQ(plan.at("summary").at("create").to_number<int>(), 1) << json::serialize(plan);
}

TEST_F(Objects, ChangeByATechnicianIsSeenAndFollowsTheOwner) {
  begin();
  publish_devices([](json::object& document) {
    document["fields"] = json::object{{"name", json::object{{"value", "{{name}}"}, {"owner", "create"}}}};
  });
  device("d1");
  settle();
  const std::string id = linked_to("device", "d1");
  technician("PATCH", "/company/configurations/" + id,
             json::array{json::object{{"op", "replace"}, {"path", "name"}, {"value", "Reception"}},
                         json::object{{"op", "replace"}, {"path", "serialNumber"}, {"value", "WRONG"}}});
  look_again("configuration", id);
  EXPECT_EQ(text(configuration("d1"), "name"), "Reception") << "theirs";
  EXPECT_EQ(text(configuration("d1"), "serialNumber"), "SN-d1-77") << "ours";
}

TEST_F(Objects, FieldThatIsChangedBackEachTimeIsLeftAfterAWhile) {
  begin();
  publish_devices();
  device("d1");
  settle();
  const std::string id = linked_to("device", "d1");
  int written = 0;
  for (int i = 0; i < 12; ++i) {
    technician("PATCH", "/company/configurations/" + id,
               json::array{json::object{{"op", "replace"}, {"path", "name"}, {"value", "Mine"}}});
    look_again("configuration", id);
    written += text(configuration("d1"), "name") == "PC-d1";
  }
  EXPECT_EQ(written, 3);
  EXPECT_EQ(text(configuration("d1"), "name"), "Mine");
}

TEST_F(Objects, DeletedConfigurationIsToldAndNotMadeAgain) {
  begin();
  publish_devices();
  device("d1");
  settle();
  const std::string id = linked_to("device", "d1");
  ASSERT_TRUE(simulation.world().erase("sandbox", kConfigurations, std::stoll(id)));
  look_again("configuration", id);
  EXPECT_EQ(parked("device", "d1"), "object.gone");
  EXPECT_TRUE(with(kConfigurations, "deviceIdentifier", "d1").empty());
  publish_devices([](json::object& document) {
    document["decisions"] = json::object{{"d1", json::object{{"create", true}}}};
  });
  settle();
  EXPECT_EQ(with(kConfigurations, "deviceIdentifier", "d1").size(), 1u);
}

TEST_F(Objects, LostAnswersMakeNothingTwice) {
  begin();
  publish_devices();
  publish_contacts();
  simulation.weather.lost_after = 0.4;
  simulation.weather.late_commit = 0.2;
  for (int i = 0; i < 60; ++i) device("d" + std::to_string(i));
  for (int i = 0; i < 6; ++i) contact("c" + std::to_string(i), {{"last_name", "Stone" + std::to_string(i)}});
  simulation.run_for(std::chrono::minutes{3});
  simulation.crash();
  simulation.start();
  simulation.run_for(std::chrono::minutes{5});
  simulation.weather = Weather::calm();
  simulation.run_for(std::chrono::hours{1});
  for (int i = 0; i < 60; ++i)
    EXPECT_EQ(with(kConfigurations, "deviceIdentifier", "d" + std::to_string(i)).size(), 1u) << i;
  for (int i = 0; i < 6; ++i) EXPECT_EQ(with(kContacts, "lastName", "Stone" + std::to_string(i)).size(), 1u) << i;
}

TEST_F(Objects, WhatNothingCanBeAskedForIsNotInDoubtForEver) {
  begin();
  publish_devices();
  device("d1", {{"customer", "nobody"}});
  settle();
  simulation.crash();
  store::Transaction woken;
  woken.wakes.push_back(engine::wake_kind("northwind", "device", simulation.timeline().now()));
  const store::Transaction* one = &woken;
  ASSERT_TRUE(simulation.store().commit(std::span(&one, 1)));
  simulation.start();
  simulation.run_for(std::chrono::minutes{2});
  EXPECT_LE(simulation.engine().metrics().records_reconciled, 5u);
  EXPECT_EQ(parked("device", "d1"), "mapping.customer_unknown");
}

TEST_F(Objects, WhatAPersonWantsMadeIsMadeOnceThoughTheAnswerIsLost) {
  begin();
  publish_devices();
  const std::int64_t company = std::stoll(simulation.id_of(kCompanies, "AcmeDental"));
  const json::object type = reference("company/configurations/types", "Managed Workstation");
  technician("POST", "/company/configurations",
             json::object{{"name", "Spare"},
                          {"type", json::object{{"id", std::stoll(std::string(type.at("id").as_string()))}}},
                          {"company", json::object{{"id", company}}},
                          {"serialNumber", "SN-d1-77"}});
  publish_devices([](json::object& document) {
    document["decisions"] = json::object{{"d1", json::object{{"create", true}}}};
  });
  lose_the_answer_for([&] { device("d1"); });
  EXPECT_EQ(with(kConfigurations, "deviceIdentifier", "d1").size(), 1u);
  EXPECT_EQ(with(kConfigurations, "name", "Spare").size(), 1u) << "it is another one, as they said";
}

TEST_F(Objects, DeviceWhoseIdIsTooLongForConnectWiseIsMadeOnceThoughTheAnswerIsLost) {
  begin();
  publish_devices();
  lose_the_answer_for([&] { device(std::string(150, 'k'), {{"serial", ""}, {"name", "PC-long"}}); });
  EXPECT_EQ(with(kConfigurations, "name", "PC-long").size(), 1u);
}

TEST_F(Objects, P8_CustomerThatIsLinkedIsMappedForThePageToo) {
  begin();
  publish_customers();
  customer("harbor", "Harbor Family Clinic");
  settle();
  customer("twin", "Harbor Family Clinic");
  json::object matches;
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const auto found = co_await simulation.engine().match_customers(PartnerId("northwind"));
    EXPECT_TRUE(found) << found.error().message;
    if (found) matches = *found;
  });
  std::map<std::string, std::string> states;
  for (const json::value& each : matches.at("customers").as_array())
    states[text(each.as_object(), "customer")] = text(each.as_object(), "state");
  EXPECT_EQ(states["harbor"], "mapped");
  EXPECT_EQ(states["twin"], "proposed");
}

TEST_F(Objects, P22_NothingIsWrittenToTheIdsOfAnotherInstance) {
  begin();
  publish_devices();
  device("d1");
  settle();
  const std::string id = linked_to("device", "d1");
  ASSERT_TRUE(simulation.world().add_tenant({.login_company = "other"}));
  const json::object first = simulation.world().list("other", kConfigurations).front();
  technician("POST", "/company/configurations",
             json::object{{"name", "Theirs"},
                          {"type", json::object{{"id", first.at("type").at("id")}}},
                          {"company", json::object{{"id", first.at("company").at("id")}}}},
             "other");
  store::Transaction moved;
  store::PartnerRow row;
  row.id = row.name = "northwind";
  row.settings = "other";
  row.version = 2;
  moved.partners.push_back(row);
  const store::Transaction* one = &moved;
  ASSERT_TRUE(simulation.store().commit(std::span(&one, 1)));
  device("d1", {{"name", "PC-moved"}});
  settle();
  const auto stranger = simulation.world().find("other", kConfigurations, std::stoll(id));
  ASSERT_TRUE(stranger);
  EXPECT_EQ(text(*stranger, "name"), "Theirs") << "it has the same id, and is nothing of ours";
  EXPECT_EQ(text(configuration("d1"), "name"), "PC-d1") << "the former instance is not written to any more";
}

TEST_F(Objects, CommunicationItemThatWasTakenAwayIsMadeAnewAndTheContactIsStillThere) {
  begin();
  publish_contacts();
  contact("ada");
  settle();
  const json::object made = with(kContacts, "lastName", "Stone").front();
  const std::string item = std::to_string(made.at("communicationItems").as_array().front().at("id").as_int64());
  technician("DELETE", "/company/contacts/" + linked_to("contact", "ada") + "/communications/" + item, nullptr);
  contact("ada", {{"email", "new@acme.example"}});
  settle();
  EXPECT_EQ(parked("contact", "ada"), "");
  const json::object kept = with(kContacts, "lastName", "Stone").front();
  ASSERT_EQ(kept.at("communicationItems").as_array().size(), 1u);
  EXPECT_EQ(text(kept.at("communicationItems").as_array().front().as_object(), "value"), "new@acme.example");
}

TEST_F(Objects, AnswerThatATechnicianChangesIsToldByItsQuestion) {
  begin();
  const json::object type = reference("company/configurations/types", "Managed Workstation");
  const json::value asked = json::parse(
      technician(
          "POST", "/company/configurations/types/" + std::string(type.at("id").as_string()) + "/questions",
          json::object{
              {"question", "Which system?"}, {"sequenceNumber", 1}, {"fieldType", "Text"}, {"entryType", "EntryField"}})
          .body);
  const std::string question = std::to_string(asked.at("id").as_int64());
  publish_devices([&](json::object& document) {
    document["fields"] = json::object{{"question:" + question, json::object{{"value", "{{os}}"}, {"owner", "create"}}}};
  });
  device("d1", {{"os", "Windows 11"}});
  settle();
  const std::string id = linked_to("device", "d1");
  const json::value made = json::parse(technician("GET", "/company/configurations/" + id, nullptr).body);
  json::array answers = made.at("questions").as_array();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers.front().at("answer").as_string(), "Windows 11");
  answers.front().as_object()["answer"] = "Debian 12";
  technician("PATCH", "/company/configurations/" + id,
             json::array{json::object{{"op", "replace"}, {"path", "questions"}, {"value", answers}}});
  look_again("configuration", id);
  const auto journal = simulation.store().journal_of({"northwind", "device", "d1"}, 1);
  ASSERT_TRUE(journal && !journal->empty());
  EXPECT_NE(journal->front().entry.find("Question " + question + ": \\\"Windows 11\\\" -> \\\"Debian 12\\\""),
            std::string::npos)
      << journal->front().entry;
}

TEST_F(Objects, AddressThatChangesSoonAfterItWasAddedStaysOneItem) {
  begin();
  publish_contacts();
  contact("ada", {{"email", ""}});
  settle();
  for (const char* email : {"first@acme.example", "second@acme.example", "third@acme.example"}) {
    contact("ada", {{"email", email}});
    simulation.run_for(std::chrono::seconds{20});
  }
  const json::object kept = with(kContacts, "lastName", "Stone").front();
  ASSERT_EQ(kept.at("communicationItems").as_array().size(), 1u);
  EXPECT_EQ(text(kept.at("communicationItems").as_array().front().as_object(), "value"), "third@acme.example");
}

TEST_F(Objects, DevicesThatNeverGoSilentDoNotCountAsLeaving) {
  begin();
  publish_devices([](json::object& document) {
    document["lifecycle"].as_object()["inactive_after"] = "0";
    document["lifecycle"].as_object()["retired_after"] = "0";
  });
  for (int i = 0; i < 30; ++i) device("d" + std::to_string(i));
  settle();
  device("d1", {{"state", "retired"}});
  settle();
  EXPECT_EQ(parked("device", "d1"), "");
  EXPECT_FALSE(configuration("d1").at("activeFlag").as_bool());
}

TEST_F(Objects, PlanSaysWhyNothingCanBeDone) {
  simulation.add_partner("northwind");
  publish_customers();
  simulation.start();
  simulation.weather.server_error = 1;
  customer("harbor", "Harbor Family Clinic");
  settle();
  const json::object plan = simulation.plan("northwind");
  EXPECT_EQ(plan.at("summary").at("unchanged").to_number<int>(), 0) << json::serialize(plan);
  EXPECT_EQ(plan.at("summary").at("held").to_number<int>(), 1);
}

TEST_F(Objects, P18_SweepFindsWhatNobodyTold) {
  begin();
  publish_devices();
  device("d1");
  settle();
  const std::string id = linked_to("device", "d1");
  technician("PATCH", "/company/configurations/" + id,
             json::array{json::object{{"op", "replace"}, {"path", "serialNumber"}, {"value", "WRONG"}}});
  EXPECT_EQ(text(configuration("d1"), "serialNumber"), "WRONG");
  simulation.run_for(std::chrono::minutes{20});
  EXPECT_EQ(text(configuration("d1"), "serialNumber"), "SN-d1-77");
}

TEST_F(Objects, P13_SweepOfAQuietPartnerCostsOneCallForEachKindAndNothingForOurOwnWrites) {
  begin();
  publish_devices();
  for (int i = 0; i < 20; ++i) device("d" + std::to_string(i));
  simulation.run_for(std::chrono::hours{30});
  calls();
  simulation.run_for(std::chrono::hours{1});
  int reads = 0, writes = 0;
  for (const auto& [name, count] : calls()) (name.starts_with("GET") ? reads : writes) += count;
  EXPECT_EQ(writes, 0);
  EXPECT_LE(reads, 5);
}

TEST_F(Objects, P10_MergedCompanyIsFoundThoughNothingSaysThatItChanged) {
  begin();
  publish_customers();
  publish_devices();
  customer("harbor", "Harbor Family Clinic");
  device("d1", {{"customer", "harbor"}});
  settle();
  const std::string company = linked_to("customer", "harbor");
  ASSERT_EQ(company, simulation.id_of(kCompanies, "HarborClinic"));
  technician("POST", "/company/companies/" + company + "/merge",
             json::object{{"toCompanyId", std::stoll(simulation.id_of(kCompanies, "IonLabs"))}});
  EXPECT_FALSE(verified().at("proven").as_bool()) << "nothing was marked as updated, and still it is not as we believe";
  simulation.run_for(std::chrono::hours{25});
  EXPECT_EQ(parked("customer", "harbor"), "object.gone");
  const std::int64_t writes = simulation.traffic.writes;
  device("d2", {{"customer", "harbor"}});
  settle();
  EXPECT_EQ(simulation.traffic.writes, writes) << "nothing is made for a company that is gone";
  EXPECT_EQ(parked("device", "d2"), "mapping.customer_unknown");
}

TEST_F(Objects, P10_WhereToFollowAMergedCompanyIsProposed) {
  begin();
  publish_customers();
  customer("harbor", "Harbor Family Clinic");
  settle();
  const std::string company = linked_to("customer", "harbor");
  technician("POST", "/company/companies",
             json::object{{"identifier", "HarborFC"},
                          {"name", "Harbor Family Clinic, Inc."},
                          {"site", json::object{{"name", "Main"}}}});
  const std::string follows = simulation.id_of(kCompanies, "HarborFC");
  technician("POST", "/company/companies/" + company + "/merge", json::object{{"toCompanyId", std::stoll(follows)}});
  simulation.run_for(std::chrono::hours{25});
  EXPECT_EQ(parked("customer", "harbor"), "object.gone");
  EXPECT_NE(why_parked("customer", "harbor").message.find("Harbor Family Clinic, Inc. (id " + follows + ")"),
            std::string::npos)
      << why_parked("customer", "harbor").message;
  EXPECT_EQ(linked_to("customer", "harbor"), company) << "a person says so, in the mapping's decisions";
}

TEST_F(Objects, P12_HalfAListIsNeverTakenForDeletions) {
  begin();
  publish_devices();
  for (int i = 0; i < 10; ++i) device("d" + std::to_string(i));
  settle();
  simulation.weather.server_error = 0.7;
  simulation.run_for(std::chrono::hours{26});
  simulation.weather = Weather::calm();
  simulation.run_for(std::chrono::hours{1});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(parked("device", "d" + std::to_string(i)), "") << i;
}

TEST_F(Objects, VerifyProvesAndDisprovesAndDriftShowsWhoseItIs) {
  begin();
  publish_devices([](json::object& document) {
    document["fields"] = json::object{{"name", json::object{{"owner", "create"}}}};
  });
  for (int i = 0; i < 5; ++i) device("d" + std::to_string(i));
  settle();
  EXPECT_TRUE(verified().at("proven").as_bool());
  const std::string id = linked_to("device", "d3");
  technician("PATCH", "/company/configurations/" + id,
             json::array{json::object{{"op", "replace"}, {"path", "name"}, {"value", "Reception"}}});
  ASSERT_TRUE(simulation.world().erase("sandbox", kConfigurations, std::stoll(linked_to("device", "d4"))));
  const json::object disproved = verified();
  EXPECT_FALSE(disproved.at("proven").as_bool());
  ASSERT_EQ(disproved.at("findings").as_array().size(), 1u) << json::serialize(disproved);
  EXPECT_EQ(disproved.at("findings").at(0).at("finding").as_string(), "missing");
  ASSERT_EQ(disproved.at("touched").as_array().size(), 1u) << json::serialize(disproved);
  const json::object name = disproved.at("touched").at(0).at("fields").at(0).as_object();
  EXPECT_EQ(text(name, "field"), "name");
  EXPECT_EQ(text(name, "before"), "PC-d3");
  EXPECT_EQ(text(name, "after"), "Reception");
  EXPECT_EQ(text(name, "owner"), "psa") << "the mapping leaves it to the technicians";
  settle();
  json::object drift;
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const auto found = co_await simulation.engine().drift(PartnerId("northwind"));
    EXPECT_TRUE(found) << found.error().message;
    if (found) drift = *found;
  });
  bool seen = false;
  for (const json::value& each : drift.at("differences").as_array())
    seen |= text(each.as_object(), "field") == "name" && text(each.as_object(), "seen") == "Reception" &&
            text(each.as_object(), "owner") == "create";
  EXPECT_TRUE(seen) << json::serialize(drift);
}

}  // namespace
}  // namespace crosswalk::simulation

// What the vendor's product is told of its records.
#include <gmock/gmock.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <map>

#include "engine/outbound_events.h"
#include "engine/told_alert.h"
#include "objects_world.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

class ProductIsTold : public Objects {
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
  std::vector<store::OutboundRow> told() {
    const std::int64_t from = read_;
    std::vector<store::OutboundRow> rows = simulation.store().outbound().outbound_after(from, 10'000).value();
    if (!rows.empty()) read_ = rows.back().sequence;
    return rows;
  }
  std::vector<std::string> types() {
    std::vector<std::string> found;
    newest_ = told();
    for (const store::OutboundRow& row : newest_) found.push_back(row.type);
    return found;
  }
  json::object data(std::size_t index) { return json::parse(newest_.at(index).data).as_object(); }
  /// Of those that were read last, the first of this type; an empty one when there is none.
  json::object data_of(std::string_view type, std::string_view kind = "alert") {
    for (const store::OutboundRow& row : newest_)
      if (row.type == type && row.ref.kind == kind) return json::parse(row.data).as_object();
    ADD_FAILURE() << "no " << type;
    return {};
  }
  /// An event of one member of the alert "disk" of "srv-1".
  void tell_member(std::string_view type, const std::string& instance) {
    json::object data = alert_data("acme", "srv-1", "disk");
    data["instance"] = instance;
    data["alert_id"] = "A-" + instance;
    simulation.send("northwind", type, simulation.timeline().now(), data);
  }
  static std::vector<std::string> members_of(const json::object& data, bool firing) {
    std::vector<std::string> found;
    const json::array& members = data.at("alert").at("members").as_array();
    for (const json::value& each : members)
      if (each.at("fires").as_bool() == firing) found.emplace_back(each.at("instance").as_string());
    return found;
  }

  std::int64_t read_ = 0;
  std::vector<store::OutboundRow> newest_;
};

TEST_F(ProductIsTold, NothingWhileNobodyListens) {
  begin();
  raise();
  simulation.run_for(minutes{1});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_THAT(types(), IsEmpty());
  listen();
  resolve();
  simulation.run_for(minutes{5});
  EXPECT_THAT(types(), ElementsAre("ticket.status_changed", "ticket.closed"));
}

TEST_F(ProductIsTold, OfATicketFromItsBeginningToItsEnd) {
  listen();
  begin();
  raise();
  simulation.run_for(minutes{1});
  ASSERT_THAT(types(), ElementsAre("ticket.created"));
  const std::string id = std::to_string(simulation.our_tickets().at(0).at("id").as_int64());
  EXPECT_EQ(data(0).at("ticket").at("id").as_string(), id);
  EXPECT_TRUE(data(0).at("ticket").at("url").as_string().find(id) != std::string_view::npos);
  EXPECT_EQ(data(0).at("status").at("name").as_string(), "New");
  EXPECT_EQ(data(0).at("board").at("name").as_string(), "Security Operations");
  EXPECT_FALSE(data(0).at("closed").as_bool());
  EXPECT_EQ(newest_[0].ref.kind, "alert");
  resolve();
  simulation.run_for(minutes{5});
  ASSERT_THAT(types(), ElementsAre("ticket.status_changed", "ticket.closed"));
  EXPECT_EQ(data(0).at("previous").at("name").as_string(), "New");
  EXPECT_EQ(data(0).at("status").at("name").as_string(), ">Closed");
  EXPECT_EQ(data(0).at("by").as_string(), "crosswalk");
  EXPECT_EQ(data(1).at("by").as_string(), "crosswalk");
  simulation.run_for(hours{1});
  EXPECT_THAT(types(), IsEmpty());
}

TEST_F(ProductIsTold, OnceThoughTheAnswerWasLostAndTheProcessKilled) {
  listen();
  begin();
  simulation.weather.lost_after = 1;
  raise();
  simulation.run_for(std::chrono::seconds{1});
  simulation.crash();
  simulation.weather.lost_after = 0;
  simulation.start();
  simulation.run_for(minutes{10});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_THAT(types(), ElementsAre("ticket.created"));
}

TEST_F(ProductIsTold, ThatARecordWaitsForAPersonAndThatItDoesNoLonger) {
  listen();
  begin([](json::object& document) { document["customers"] = json::object{}; });
  raise();
  simulation.run_for(minutes{10});
  ASSERT_THAT(types(), ElementsAre("workflow.parked"));
  EXPECT_FALSE(data(0).at("code").as_string().empty());
  EXPECT_FALSE(data(0).at("action").as_string().empty());
  simulation.publish("northwind", sample_mapping(simulation));
  simulation.run_for(minutes{10});
  EXPECT_THAT(types(), testing::UnorderedElementsAre("workflow.unparked", "ticket.created"));
}

TEST_F(ProductIsTold, WhatATechnicianWritesForTheCustomerOnce) {
  listen();
  begin();
  raise();
  simulation.run_for(minutes{1});
  ASSERT_THAT(types(), ElementsAre("ticket.created"));
  const std::int64_t ticket = simulation.our_tickets().at(0).at("id").as_int64();
  simulation.world().add_note("sandbox", ticket, "We are on it.");
  simulation.world().add_note("sandbox", ticket, "Between us: again.", sandbox::World::NotePlace::internal);
  simulation.run_for(minutes{20});
  ASSERT_THAT(types(), ElementsAre("ticket.note_added"));
  EXPECT_EQ(data(0).at("note").at("text").as_string(), "We are on it.");
  EXPECT_EQ(data(0).at("note").at("created_by").as_string(), "jsmith");
  EXPECT_EQ(data(0).at("ticket").at("id").as_string(), std::to_string(ticket));
  EXPECT_TRUE(data(0).at("ticket").as_object().contains("url"));
  // Notes of ours are no news, and nothing is told twice.
  resolve();
  simulation.run_for(minutes{20});
  simulation.world().add_note("sandbox", ticket, "Done, please confirm.", sandbox::World::NotePlace::resolution);
  simulation.crash();
  simulation.start();
  simulation.run_for(minutes{40});
  const std::vector<std::string> later = types();
  EXPECT_EQ(std::ranges::count(later, "ticket.note_added"), 1);
}

TEST_F(ProductIsTold, ANoteThatCannotBeReadAtOnceIsReadLater) {
  listen();
  begin();
  raise();
  simulation.run_for(minutes{1});
  ASSERT_THAT(types(), ElementsAre("ticket.created"));
  const std::int64_t ticket = simulation.our_tickets().at(0).at("id").as_int64();
  simulation.world().add_note("sandbox", ticket, "We are on it.");
  simulation.world().faults().settings.faults.push_back(
      {.path = "/service/tickets/*/notes*", .status = 503, .count = std::nullopt});
  simulation.run_for(minutes{20});
  EXPECT_THAT(types(), IsEmpty());
  simulation.world().faults().settings.faults.clear();
  simulation.run_for(minutes{20});
  EXPECT_THAT(types(), ElementsAre("ticket.note_added"));
}

TEST_F(ProductIsTold, NotesFromBeforeItListenedAreOld) {
  begin();
  raise();
  simulation.run_for(minutes{1});
  const std::int64_t ticket = simulation.our_tickets().at(0).at("id").as_int64();
  simulation.world().add_note("sandbox", ticket, "Long ago.");
  simulation.run_for(hours{3});
  ASSERT_TRUE(simulation.world().set_owner("sandbox", ticket, "jsmith"));
  simulation.run_for(minutes{20});
  listen();
  simulation.world().add_note("sandbox", ticket, "Just now.");
  simulation.run_for(minutes{20});
  ASSERT_THAT(types(), ElementsAre("ticket.note_added"));
  EXPECT_EQ(data(0).at("note").at("text").as_string(), "Just now.");
}

TEST_F(ProductIsTold, OfNoCompanyWhileACustomerMayBeIt) {
  listen();
  begin();
  const std::string id = simulation.id_of(kCompanies, "BlueRiver");
  customer("lodge", text(*simulation.world().find("sandbox", kCompanies, std::stoll(id)), "name") + " of the North");
  publish_customers([&](json::object& document) {
    document["direction"] = "import";
    document["match"] = json::object{{"link_at", 100}, {"propose_at", 50}};
  });
  simulation.run_for(minutes{20});
  ASSERT_EQ(parked("customer", "lodge"), "object.proposed") << linked_to("customer", "lodge");
  newest_ = told();
  EXPECT_GT(newest_.size(), 5u);
  EXPECT_TRUE(std::ranges::none_of(newest_, [&](const auto& row) { return row.ref.key == id; }));
  // Once the customer is somebody else, the company is free, though nothing about it has changed.
  publish_customers([&](json::object& document) {
    document["direction"] = "import";
    document["decisions"] = json::object{{"lodge", json::object{{"object", reference(kCompanies, "CedarLaw")}}}};
  });
  simulation.run_for(minutes{20});
  newest_ = told();
  EXPECT_TRUE(std::ranges::any_of(
      newest_, [&](const auto& row) { return row.ref.key == id && row.type == "company.available"; }));
}

TEST_F(ProductIsTold, TestModeOffersNothingAndSweepsAtItsOwnPace) {
  listen();
  begin();
  publish_customers([&](json::object& document) {
    document["direction"] = "import";
    document["mode"] = "test";
  });
  for (int i = 0; i < 60; ++i) {
    raise("critical", "desk-" + std::to_string(i % 5));
    simulation.engine().wake();
    simulation.run_for(std::chrono::seconds{20});
  }
  EXPECT_LE(simulation.engine().metrics().sweeps.load(), 4u);
  const std::vector<std::string> all = types();
  EXPECT_EQ(std::ranges::count(all, "company.available"), 0);
}

TEST_F(ProductIsTold, OfCompaniesThatItMayTakeOverOnceAndWhenTheyChange) {
  listen();
  begin();
  customer("acme", "Acme Dental");
  publish_customers([&](json::object& document) {
    document["direction"] = "import";
    document["decisions"] = json::object{{"acme", json::object{{"object", reference(kCompanies, "AcmeDental")}}}};
    document["statuses"] = json::array{reference("company/companies/statuses", "Active")};
  });
  simulation.run_for(minutes{5});
  std::map<std::string, std::string> offered;
  newest_ = told();
  for (const store::OutboundRow& row : newest_) {
    if (row.type != "company.available") continue;
    EXPECT_TRUE(offered.emplace(row.ref.key, row.data).second) << row.data;
  }
  std::size_t active = 0;
  for (const json::object& each : simulation.world().list("sandbox", kCompanies))
    active += each.at("status").at("name").as_string() == "Active";
  EXPECT_EQ(offered.size(), active - 1) << "all but the one that is linked";
  EXPECT_GT(offered.size(), 5u);
  const std::string id = offered.begin()->first;
  const json::value data = json::parse(offered.begin()->second);
  EXPECT_EQ(data.at("company").at("id").as_string(), id);
  EXPECT_EQ(data.at("fields").at("name"), data.at("company").at("name"));
  simulation.run_for(hours{1});
  EXPECT_THAT(types(), IsEmpty());
  // What changes is offered as it is now, what no longer counts is withdrawn, and both once.
  technician("PATCH", "/company/companies/" + id,
             json::array{json::object{{"op", "replace"}, {"path", "website"}, {"value", "https://new.example"}}});
  simulation.run_for(minutes{40});
  EXPECT_THAT(types(), ElementsAre("company.available"));
  technician("DELETE", "/company/companies/" + id, {});
  simulation.crash();
  simulation.start();
  simulation.run_for(hours{26});
  EXPECT_THAT(types(), ElementsAre("company.withdrawn"));
  EXPECT_EQ(newest_.at(0).ref.key, id);
}

TEST_F(ProductIsTold, WhatIsOnOfferIsWithdrawnWhenTheMappingImportsNoMore) {
  listen();
  begin();
  publish_customers([&](json::object& document) { document["direction"] = "import"; });
  simulation.run_for(minutes{20});
  const auto offered = types();
  ASSERT_THAT(offered, Contains("company.available"));
  publish_customers();
  simulation.run_for(minutes{40});
  const auto withdrawn = types();
  EXPECT_EQ(withdrawn.size(), offered.size());
  EXPECT_THAT(withdrawn, Each(std::string("company.withdrawn")));
  simulation.run_for(hours{26});
  EXPECT_THAT(types(), IsEmpty()) << "once";
  publish_customers([&](json::object& document) { document["direction"] = "import"; });
  simulation.run_for(minutes{40});
  EXPECT_EQ(types(), offered) << "all anew";
}

TEST_F(ProductIsTold, OfferingCostsOneCallASweepHoweverManyAreLinked) {
  listen();
  begin();
  publish_customers([&](json::object& document) { document["direction"] = "import"; });
  for (const char* name : {"AcmeDental", "BlueRiver", "CedarLaw"}) {
    const std::string id = simulation.id_of(kCompanies, name);
    customer(name, text(*simulation.world().find("sandbox", kCompanies, std::stoll(id)), "name"));
  }
  simulation.run_for(hours{1});
  ASSERT_NE(linked_to("customer", "CedarLaw"), "");
  (void)calls();
  const auto sweeps = simulation.engine().metrics().sweeps.load();
  simulation.run_for(hours{2});
  int reads = 0;
  for (const auto& [name, count] : calls())
    if (name.ends_with("company/companies")) reads += count;
  EXPECT_EQ(reads, 2 * static_cast<int>(simulation.engine().metrics().sweeps.load() - sweeps))
      << "one for what is linked, one for what is on offer";
}

TEST_F(ProductIsTold, ACustomerTakenOverIsLinkedToItsCompanyById) {
  listen();
  begin();
  publish_customers([&](json::object& document) { document["direction"] = "both"; });
  simulation.run_for(minutes{5});
  const std::string id = simulation.id_of(kCompanies, "BlueRiver");
  const json::object company = *simulation.world().find("sandbox", kCompanies, std::stoll(id));
  customer("c-blue", text(company, "name"), {{"company_id", id}});
  simulation.run_for(minutes{5});
  EXPECT_EQ(linked_to("customer", "c-blue"), id);
  // A number that belongs to quite another company is no proof.
  customer("c-other", "Utterly Different Bakery", {{"company_id", simulation.id_of(kCompanies, "CedarLaw")}});
  simulation.run_for(minutes{5});
  EXPECT_EQ(linked_to("customer", "c-other"), "");
  EXPECT_EQ(parked("customer", "c-other"), "object.proposed");
}

TEST_F(ProductIsTold, OfEachAlertWhatItCallsTheAlertItself) {
  listen();
  begin();
  json::object raised = alert_data("acme", "srv/1 100%", "malware");
  raised["alert_id"] = "A-4711";
  simulation.send("northwind", "alert.raised", simulation.timeline().now(), raised, "evt-1");
  simulation.run_for(minutes{1});
  const std::int64_t ticket = simulation.our_tickets().at(0).at("id").as_int64();
  simulation.world().add_note("sandbox", ticket, "We are on it.");
  simulation.run_for(minutes{20});
  ASSERT_TRUE(simulation.world().set_owner("sandbox", ticket, "jsmith"));
  simulation.run_for(minutes{20});
  ASSERT_TRUE(simulation.world().close_ticket("sandbox", ticket));
  simulation.run_for(minutes{20});
  const std::vector<std::string> all = types();
  for (const char* type :
       {"ticket.created", "ticket.note_added", "ticket.assigned", "ticket.status_changed", "ticket.closed"})
    EXPECT_THAT(all, Contains(std::string(type)));
  for (std::size_t i = 0; i < newest_.size(); ++i) {
    SCOPED_TRACE(newest_[i].type);
    const json::object told = data(i);
    ASSERT_TRUE(told.contains("alert"));
    const json::object& alert = told.at("alert").as_object();
    EXPECT_EQ(text(alert, "product"), "edr");
    EXPECT_EQ(text(alert, "customer"), "acme");
    EXPECT_EQ(text(alert, "subject"), "srv/1 100%");
    EXPECT_EQ(text(alert, "condition"), "malware");
    EXPECT_EQ(text(alert, "alert_id"), "A-4711");
    EXPECT_EQ(text(alert, "url"), "https://product.example/alerts/srv/1 100%");
    EXPECT_EQ(alert.at("raised_by").at("id").as_string(), "evt-1");
    EXPECT_EQ(alert.at("raised_by").at("source").as_string(), "simulation");
    EXPECT_FALSE(alert.contains("members")) << "it is no several";
  }
}

TEST_F(ProductIsTold, WhatItCallsAnAlertThatWaitsForAPerson) {
  listen();
  begin([](json::object& document) { document["customers"] = json::object{}; });
  json::object raised = alert_data("acme", "desk-7", "malware");
  simulation.send("northwind", "alert.raised", simulation.timeline().now(), raised, "evt-9");
  simulation.run_for(minutes{10});
  ASSERT_THAT(types(), ElementsAre("workflow.parked"));
  EXPECT_EQ(data(0).at("alert").at("subject").as_string(), "desk-7");
  EXPECT_EQ(data(0).at("alert").at("raised_by").at("id").as_string(), "evt-9");
  EXPECT_FALSE(data(0).at("alert").as_object().contains("alert_id")) << "it has given none";
  simulation.publish("northwind", sample_mapping(simulation));
  simulation.run_for(minutes{10});
  (void)types();
  EXPECT_EQ(data_of("workflow.unparked").at("alert").at("subject").as_string(), "desk-7");
}

TEST_F(ProductIsTold, WhichMembersOfAnAlertFire) {
  listen();
  begin();
  tell_member("alert.raised", "p1");
  simulation.run_for(minutes{1});
  ASSERT_THAT(types(), ElementsAre("ticket.created"));
  EXPECT_THAT(members_of(data(0), true), ElementsAre("p1"));
  EXPECT_EQ(data(0).at("alert").at("alert_id").as_string(), "A-p1");
  tell_member("alert.raised", "p2");
  tell_member("alert.raised", "p3");
  tell_member("alert.resolved", "p1");
  simulation.run_for(minutes{1});
  const std::int64_t ticket = simulation.our_tickets().at(0).at("id").as_int64();
  ASSERT_TRUE(simulation.world().close_ticket("sandbox", ticket));
  simulation.run_for(minutes{20});
  (void)types();
  const json::object closed = data_of("ticket.closed");
  EXPECT_THAT(members_of(closed, true), ElementsAre("p3", "p2"));
  EXPECT_THAT(members_of(closed, false), ElementsAre("p1"));
  EXPECT_EQ(closed.at("alert").at("members").at(0).at("alert_id").as_string(), "A-p3");
  EXPECT_FALSE(closed.at("alert").as_object().contains("more_members"));
}

TEST_F(ProductIsTold, OfManyMembersSomeAndHowManyMoreThereAre) {
  listen();
  begin();
  simulation.crash();
  for (int i = 0; i < 60; ++i) tell_member("alert.raised", "p" + std::to_string(i));
  simulation.start();
  simulation.run_for(minutes{10});
  (void)types();
  const json::object created = data_of("ticket.created");
  EXPECT_EQ(created.at("alert").at("members").as_array().size(), engine::kMembersTold);
  EXPECT_EQ(created.at("alert").at("members").at(0).at("instance").as_string(), "p59") << "told of last, and so first";
  EXPECT_EQ(created.at("alert").at("more_members").to_number<std::size_t>(), 60 - engine::kMembersTold);
}

TEST_F(ProductIsTold, WhichAlertsAreInAStorm) {
  listen();
  begin([](json::object& document) {
    document["defaults"].as_object()["storm"] = json::object{{"alerts", 3}, {"window", "5m"}};
  });
  for (int i = 0; i < 6; ++i) raise("critical", "desk-" + std::to_string(i));
  simulation.run_for(minutes{2});
  (void)types();
  const json::object created = data_of("ticket.created", "group");
  ASSERT_TRUE(created.contains("alerts"));
  EXPECT_EQ(text(created.at("alert").as_object(), "product"), "edr");
  EXPECT_EQ(text(created.at("alert").as_object(), "customer"), "acme");
  EXPECT_EQ(text(created.at("alert").as_object(), "condition"), "malware");
  EXPECT_FALSE(created.at("alert").as_object().contains("subject"));
  const json::array& alerts = created.at("alerts").as_array();
  EXPECT_GT(alerts.size(), 2U);
  for (const json::value& each : alerts) {
    const json::object& alert = each.as_object();
    EXPECT_TRUE(text(alert, "subject").starts_with("desk-"));
    EXPECT_EQ(text(alert, "key"), "v1/edr/acme/" + text(alert, "subject") + "/malware");
    EXPECT_TRUE(alert.at("open").as_bool());
    EXPECT_TRUE(alert.at("raised_by").as_object().contains("id"));
  }
}

TEST_F(ProductIsTold, OfNoTestMode) {
  listen();
  begin([](json::object& document) { document["mode"] = "test"; });
  raise();
  simulation.run_for(minutes{10});
  EXPECT_THAT(types(), IsEmpty());
}

/// In bad weather, with kill -9 at any moment: of every ticket it is told once that it was made, and what was told last
/// of it is how it is.
TEST(ProductIsToldProperty, OfEachTicketOnceAndAtLastAsItIs) {
  std::int64_t crashes = 0;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Simulation simulation(seed);
    store::Transaction transaction;
    store::WebhookRow webhook;
    webhook.id = "one";
    webhook.types = webhook.partners = "[]";
    transaction.outbound.webhooks.push_back(webhook);
    const store::Transaction* one = &transaction;
    ASSERT_TRUE(simulation.store().commit(std::span(&one, 1)));
    simulation.add_partner("northwind");
    simulation.publish("northwind", sample_mapping(simulation));
    simulation.start();
    simulation.weather.lost_after = 0.1;
    simulation.weather.late_commit = 0.05;
    simulation.weather.server_error = 0.05;
    simulation.weather.store_failure = 0.05;
    for (int i = 0; i < 40; ++i) {
      const std::string subject = "desk-" + std::to_string(simulation.random()() % 6);
      const bool raised = simulation.random()() % 3 != 0;
      json::object data = alert_data("acme", subject, "condition-of-" + subject);
      if (!raised) data["resolution"] = "Done.";
      simulation.send("northwind", raised ? "alert.raised" : "alert.resolved", simulation.timeline().now(), data);
      simulation.run_for(Duration{static_cast<std::int64_t>(simulation.random()() % 90'000)});
      if (!simulation.chance(0.2)) continue;
      simulation.crash();
      ++crashes;
      simulation.start();
    }
    simulation.weather = Weather::calm();
    simulation.run_for(hours{6});
    std::map<std::string, int> created;
    std::map<std::string, std::string> status;
    std::int64_t told_until = 0;
    const std::vector<store::OutboundRow> told = simulation.store().outbound().outbound_after(0, 10'000).value();
    for (const store::OutboundRow& each : told) {
      ASSERT_GT(each.sequence, told_until);
      told_until = each.sequence;
      if (!each.type.starts_with("ticket.")) continue;
      const json::value data = json::parse(each.data);
      const std::string id(data.at("ticket").at("id").as_string());
      created[id] += each.type == "ticket.created" ? 1 : 0;
      if (each.type == "ticket.note_added") continue;
      status[id] = std::string(data.at("status").at("name").as_string());
    }
    const std::vector<json::object> ours = simulation.our_tickets();
    EXPECT_EQ(created.size(), ours.size());
    for (const json::object& ticket : ours) {
      const std::string id = std::to_string(ticket.at("id").as_int64());
      EXPECT_EQ(created[id], 1) << id;
      EXPECT_EQ(status[id], status_of(ticket)) << id;
    }
  }
  EXPECT_GT(crashes, 100);
}

// The pure part -------------------------------------------------------------------------------------------------------

using workflows::Link;

const model::RecordRef kAlert{PartnerId("acme"), model::RecordKind::alert, "k"};
const Timestamp kNow = from_milliseconds(1'000'000);

Link link(std::string status, std::string owner = "", bool closed = false) {
  Link made;
  made.anchor = "a";
  made.object = {"manage", PartnerId("acme"), psa::ObjectKind::ticket, "42"};
  made.observed.emplace();
  made.observed->values["status"] = psa::Reference{status, "Status " + status};
  if (!owner.empty()) made.observed->values["owner"] = psa::Reference{owner, "Person " + owner};
  made.observed->progress.emplace().closed = closed;
  return made;
}

std::vector<std::string> types_of(const Link& before, const Link& after) {
  std::vector<std::string> found;
  const auto events = engine::ticket_events(kAlert, {before}, {after}, nullptr, kNow, false);
  for (const store::OutboundRow& each : events) found.push_back(each.type);
  return found;
}

TEST(TicketEvents, TellEachDifferenceOnce) {
  EXPECT_THAT(types_of(link("1"), link("1")), IsEmpty());
  EXPECT_THAT(types_of(link("1"), link("2")), ElementsAre("ticket.status_changed"));
  EXPECT_THAT(types_of(link("1"), link("1", "7")), ElementsAre("ticket.assigned"));
  EXPECT_THAT(types_of(link("1", "7"), link("1")), ElementsAre("ticket.assigned"));
  EXPECT_THAT(types_of(link("1"), link("9", "7", true)),
              ElementsAre("ticket.status_changed", "ticket.assigned", "ticket.closed"));
  EXPECT_THAT(types_of(link("9", "", true), link("1")), ElementsAre("ticket.status_changed"));
  Link gone = link("1");
  gone.gone = "merged into #43";
  EXPECT_THAT(types_of(link("1"), gone), ElementsAre("ticket.removed"));
  EXPECT_THAT(types_of(gone, gone), IsEmpty());
}

TEST(TicketEvents, TellOfTimeThatIsBookedAndOfAnAlertThatIsLeft) {
  Link booked = link("1"), left = link("9", "", true);
  booked.observed->progress->hours = Decimal::parse("1.5").value();
  EXPECT_THAT(types_of(link("1"), booked), ElementsAre("ticket.time_added"));
  EXPECT_THAT(types_of(booked, link("1")), IsEmpty()) << "what is taken back is no time that was added";
  const auto events = engine::ticket_events(kAlert, {link("1")}, {booked}, nullptr, kNow, true);
  EXPECT_EQ(json::parse(events.at(0).data).at("hours").as_string(), "1.5");
  const Link before = left;
  left.left_closed_at = kNow;
  EXPECT_THAT(types_of(before, left), ElementsAre("alert.still_open"));
  EXPECT_THAT(types_of(left, left), IsEmpty()) << "once";
}

TEST(TicketEvents, SayWhetherTheAlertOfAClosedTicketIsStillOpen) {
  for (const bool open : {true, false}) {
    const auto events = engine::ticket_events(kAlert, {link("9")}, {link("9", "", true)}, nullptr, kNow, open);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(json::parse(events[0].data).at("alert_open").as_bool(), open);
  }
}

TEST(TicketEvents, TellWhoMovedTheTicket) {
  const auto by = [](const Link& after) {
    const auto events = engine::ticket_events(kAlert, {link("1")}, {after}, nullptr, kNow, false);
    return std::string(json::parse(events.at(0).data).at("by").as_string());
  };
  EXPECT_EQ(by(link("2")), "technician");
  Link ours = link("2");
  ours.written = {{"status", psa::Reference{"2", ""}}};
  ours.turn = "resolved:x";
  EXPECT_EQ(by(ours), "crosswalk");
  // We had set another one, and somebody has moved it on.
  ours.written = {{"status", psa::Reference{"3", ""}}};
  EXPECT_EQ(by(ours), "technician");
}

TEST(TicketEvents, TellNothingOfTicketsThatAreOnlyPlanned) {
  Link planned = link("1");
  planned.planned = true;
  EXPECT_THAT(engine::ticket_events(kAlert, {}, {planned}, nullptr, kNow, false), IsEmpty());
}

TEST(ObjectNews, TellWhatAFieldWasAndIsATextAsWellAsAReference) {
  Link before;
  before.object = {"manage", PartnerId("acme"), psa::ObjectKind::company, "7"};
  before.observed.emplace();
  before.observed->values = {{"name", std::string("Contoso")}, {"status", psa::Reference{"1", "Active"}}};
  Link after = before;
  after.observed->values = {{"name", std::string("Contoso IT")}, {"phone", std::string("555 0100")}};
  after.observed->updated_by = "jsmith";
  const std::vector<std::string> changed{"name", "phone", "status"};
  const model::RecordRef customer{PartnerId("acme"), model::RecordKind::customer, "contoso"};
  const auto event = engine::object_news(customer, &before, after, changed, kNow);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, "company.updated");
  EXPECT_EQ(json::parse(event->data).at("changes"),
            json::parse(R"([{"field": "name", "before": "Contoso", "after": "Contoso IT"},
                            {"field": "phone", "before": null, "after": "555 0100"},
                            {"field": "status", "before": {"id": "1", "name": "Active"}, "after": null}])"));
  EXPECT_EQ(json::parse(event->data).at("changed_by").as_string(), "jsmith");
  EXPECT_FALSE(engine::object_news(customer, &before, before, {}, kNow));
  EXPECT_EQ(engine::object_news(customer, nullptr, after, {}, kNow)->type, "company.linked");
  after.gone = "deleted";
  EXPECT_EQ(engine::object_news(customer, &before, after, {}, kNow)->type, "company.deleted");
}

TEST(OutboundEvents, HaveOneNameForEachKindOfObjectAndChange) {
  using engine::ObjectChange;
  const auto type = [](psa::ObjectKind kind, ObjectChange change) {
    const auto event = engine::object_event(kAlert, change, {"manage", PartnerId("acme"), kind, "7"}, "Seven",
                                            json::object{{"field", "name"}}, kNow);
    return event ? event->type : "";
  };
  EXPECT_EQ(type(psa::ObjectKind::company, ObjectChange::linked), "company.linked");
  EXPECT_EQ(type(psa::ObjectKind::company, ObjectChange::deleted), "company.deleted");
  EXPECT_EQ(type(psa::ObjectKind::contact, ObjectChange::updated), "contact.updated");
  EXPECT_EQ(type(psa::ObjectKind::configuration, ObjectChange::linked), "configuration.linked");
  EXPECT_EQ(type(psa::ObjectKind::configuration, ObjectChange::deleted), "configuration.deleted");
  EXPECT_EQ(type(psa::ObjectKind::agreement, ObjectChange::linked), "");
  const auto event =
      engine::object_event(kAlert, ObjectChange::linked, {"manage", PartnerId("acme"), psa::ObjectKind::company, "7"},
                           "Seven", json::object{{"why", "the names are the same"}}, kNow);
  EXPECT_EQ(event->data, R"({"why":"the names are the same","company":{"id":"7","name":"Seven"}})");
  EXPECT_EQ(engine::outbound_types().size(), static_cast<std::size_t>(engine::OutboundType::webhook_restored) + 1);
  EXPECT_EQ(engine::to_string(engine::OutboundType::webhook_restored), "webhook.restored");
  EXPECT_EQ(engine::to_string(engine::OutboundType::connection_rows_hidden), "connection.rows_hidden");
  EXPECT_EQ(engine::to_string(engine::OutboundType::workflow_unparked), "workflow.unparked");
  EXPECT_EQ(engine::to_string(engine::OutboundType::partner_resumed), "partner.resumed");
}

TEST(ToldAlert, IsNamedByItsKeyEvenWhenNothingElseCanBeRead) {
  const auto named = [](model::RecordKind kind, std::string key) {
    return json::serialize(engine::named_by_key({PartnerId("acme"), kind, std::move(key)}));
  };
  EXPECT_EQ(named(model::RecordKind::alert, model::alert_key("edr", "c/1", "srv 100%", "disk%2Ffull")),
            R"({"product":"edr","customer":"c/1","subject":"srv 100%","condition":"disk%2Ffull"})");
  EXPECT_EQ(named(model::RecordKind::group, model::group_key("edr", "c-1", "disk")),
            R"({"product":"edr","customer":"c-1","condition":"disk"})");
  EXPECT_EQ(named(model::RecordKind::group, "v1/edr/c-1//north"),
            R"({"product":"edr","customer":"c-1","site":"north"})");
  EXPECT_EQ(named(model::RecordKind::alert, ""), "{}");
}

TEST(OutboundEvents, ANoteTellsItsTextAndWhoWroteIt) {
  const psa::TicketNote note{"5", "On my way.", psa::NoteKind::discussion, "mlopez", kNow};
  const store::OutboundRow event =
      engine::note_added(kAlert, {"manage", PartnerId("acme"), psa::ObjectKind::ticket, "42"}, note, nullptr, kNow);
  EXPECT_EQ(event.type, "ticket.note_added");
  const json::value data = json::parse(event.data);
  EXPECT_EQ(data.at("note").at("text").as_string(), "On my way.");
  EXPECT_EQ(data.at("note").at("created_by").as_string(), "mlopez");
  EXPECT_EQ(data.at("ticket").at("id").as_string(), "42");
}

TEST(WorkflowEvents, TellOfAnotherReasonButNotOfTheSameAgain) {
  const auto type = [](const store::Parked& before, const store::Parked& after) {
    const auto event = engine::workflow_event(kAlert, before, after, kNow);
    return event ? event->type : "";
  };
  const store::Parked none, one{"mapping.missing", "m", kNow}, later{"mapping.missing", "m", kNow + minutes{1}};
  const store::Parked other{"psa.twins_found", "m", kNow}, test{"mapping.test_mode", "m", kNow};
  EXPECT_EQ(type(none, one), "workflow.parked");
  EXPECT_EQ(type(one, later), "");
  EXPECT_EQ(type(one, other), "workflow.parked");
  EXPECT_EQ(type(other, none), "workflow.unparked");
  EXPECT_EQ(type(none, test), "");
  EXPECT_EQ(type(one, test), "workflow.unparked");
  EXPECT_EQ(type(none, none), "");
}

}  // namespace
}  // namespace crosswalk::simulation

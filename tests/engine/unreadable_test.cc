// One row that cannot be read is the trouble of its own record, and of nobody else.
#include <boost/json/parse.hpp>

#include "objects_world.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Unreadable : public Objects {
 protected:
  void commit(const store::Transaction& transaction) {
    const store::Transaction* one = &transaction;
    const auto done = simulation.store().commit(std::span(&one, 1));
    ASSERT_TRUE(done) << done.error().message;
  }
  store::RecordRow record(const std::string& kind, const std::string& key) {
    const std::array<store::RecordKey, 1> keys{store::RecordKey{"northwind", kind, key}};
    auto rows = simulation.store().records(keys);
    return rows && (*rows)[0] ? *(*rows)[0] : store::RecordRow{};
  }
  std::string alert_key(const std::string& subject) { return model::alert_key("edr", "acme", subject, "malware"); }
  /// As a disk leaves it.
  void damage_state(const std::string& kind, const std::string& key, std::optional<Timestamp> due_at) {
    store::Transaction damage;
    damage.records.push_back(record(kind, key));
    ++damage.records[0].version;
    damage.records[0].state = "{\"content\":";
    damage.records[0].due_at = due_at;
    commit(damage);
  }
  void damage_link(const std::string& kind, const std::string& key) {
    const std::array<store::RecordKey, 1> keys{store::RecordKey{"northwind", kind, key}};
    store::Transaction damage;
    damage.links = simulation.store().links(keys).value();
    ASSERT_EQ(damage.links.size(), 1u);
    damage.links[0].state = "\x01";
    commit(damage);
  }
  void send_broken_event(const std::string& kind, const std::string& key, const std::string& type,
                         const std::string& data) {
    store::Transaction transaction;
    store::EventRow row;
    row.partner = "northwind";
    row.source = "/broken";
    row.id = "broken-" + kind + key;
    row.type = type;
    row.kind = kind;
    row.key = key;
    row.time = row.received_at = simulation.timeline().now();
    row.data = data;
    transaction.events.push_back(std::move(row));
    commit(transaction);
    simulation.engine().wake();
  }
  json::object story(const std::string& kind, const std::string& key) {
    json::object told;
    simulation.complete([&]() -> boost::asio::awaitable<void> {
      const model::RecordRef ref{PartnerId("northwind"), *model::parse_record_kind(kind), key};
      const auto done = co_await simulation.engine().explain(ref);
      EXPECT_TRUE(done) << done.error().message;
      if (done) told = *done;
    });
    return told;
  }
};

TEST_F(Unreadable, AnEventParksItsOwnRecordAndAllOthersGoOn) {
  begin();
  send_broken_event("alert", "torn", "alert.raised", "{\"severity\":");
  raise();
  simulation.run_for(minutes{5});
  EXPECT_EQ(parked("alert", "torn"), "store.corrupt");
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_EQ(simulation.engine().metrics().parked, 1u);
  const json::object told = story("alert", "torn");
  EXPECT_EQ(told.at("parked").at("code").as_string(), "store.corrupt");
  EXPECT_NE(json::serialize(told.at("story")).find("\"parked\""), std::string::npos) << "the journal tells of it";
}

TEST_F(Unreadable, AnEventOfAnUnknownTypeOrKindIsNoAlert) {
  begin();
  send_broken_event("alert", "odd", "alert.exploded", "{}");
  send_broken_event("galaxy", "odd", "alert.raised", "{}");
  raise();
  simulation.run_for(minutes{5});
  EXPECT_EQ(parked("alert", "odd"), "store.corrupt");
  EXPECT_EQ(parked("galaxy", "odd"), "store.corrupt");
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(Unreadable, AStateIsMadeAnewFromTheLogWithTheNextEvent) {
  begin();
  raise();
  simulation.run_for(minutes{5});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  damage_state("alert", alert_key("desk-7"), std::nullopt);
  resolve();
  simulation.run_for(minutes{10});
  EXPECT_EQ(parked("alert", alert_key("desk-7")), "");
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_TRUE(is_closed(simulation.our_tickets()[0]));
}

TEST_F(Unreadable, AStateThatIsDueParksItsRecordAndReplayMendsIt) {
  begin();
  raise();
  simulation.run_for(minutes{5});
  damage_state("alert", alert_key("desk-7"), simulation.timeline().now());
  raise("critical", "desk-8");
  simulation.run_for(minutes{5});
  EXPECT_EQ(parked("alert", alert_key("desk-7")), "store.corrupt");
  EXPECT_EQ(simulation.our_tickets().size(), 2u);
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const auto done = co_await simulation.engine().replay(PartnerId("northwind"), std::nullopt);
    EXPECT_TRUE(done);
  });
  resolve();
  simulation.run_for(minutes{10});
  EXPECT_EQ(parked("alert", alert_key("desk-7")), "");
  EXPECT_EQ(simulation.our_tickets().size(), 2u);
}

TEST_F(Unreadable, ALinkParksItsRecordInsteadOfASecondTicket) {
  begin();
  raise();
  simulation.run_for(minutes{5});
  damage_link("alert", alert_key("desk-7"));
  raise();
  raise("critical", "desk-8");
  simulation.run_for(minutes{5});
  EXPECT_EQ(parked("alert", alert_key("desk-7")), "store.corrupt");
  EXPECT_EQ(simulation.our_tickets().size(), 2u);
}

TEST_F(Unreadable, DeviceAndItsLinkCostItsAlertsNoTicket) {
  begin();
  publish_devices();
  device("d1");
  settle();
  damage_state("device", "d1", std::nullopt);
  damage_link("device", "d1");
  json::object data = alert_data("acme", "d1", "malware");
  data["device"] = "d1";
  simulation.send("northwind", "alert.raised", simulation.timeline().now(), std::move(data));
  simulation.run_for(minutes{5});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(Unreadable, PlansDriftMatchesAndVerificationGoOnWithoutIt) {
  begin();
  publish_devices();
  publish_customers();
  device("d1");
  device("d2");
  customer("harbor", "Harbor Family Clinic");
  raise();
  settle();
  damage_state("device", "d1", std::nullopt);
  damage_link("device", "d2");
  damage_state("customer", "harbor", std::nullopt);
  damage_state("alert", alert_key("desk-7"), simulation.timeline().now() + hours{10});
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const PartnerId partner("northwind");
    const auto plan = co_await simulation.engine().plan(partner, {});
    EXPECT_TRUE(plan) << plan.error().message;
    EXPECT_NE(plan ? json::serialize(*plan).find("store.corrupt") : std::string::npos, std::string::npos);
    const auto drift = co_await simulation.engine().drift(partner);
    EXPECT_TRUE(drift) << drift.error().message;
    const auto matches = co_await simulation.engine().match_customers(partner);
    EXPECT_TRUE(matches) << matches.error().message;
    const auto verified = co_await simulation.engine().verify(partner);
    EXPECT_TRUE(verified) << verified.error().message;
  });
  simulation.run_for(hours{30});
  EXPECT_EQ(parked("device", "d2"), "store.corrupt") << "verification has looked at it";
}

TEST_F(Unreadable, AStormIsBegunAnew) {
  begin();
  for (int i = 0; i < 20; ++i) raise("critical", "pc-" + std::to_string(i));
  simulation.run_for(minutes{3});
  const std::size_t before = simulation.our_tickets().size();
  store::Store::RecordQuery query;
  query.partner = "northwind";
  query.kind = "group";
  const auto groups = simulation.store().list_records(query).value();
  ASSERT_EQ(groups.size(), 1u);
  damage_state("group", groups[0].ref.key, std::nullopt);
  for (int i = 20; i < 40; ++i) raise("critical", "pc-" + std::to_string(i));
  simulation.run_for(minutes{10});
  EXPECT_EQ(parked("group", groups[0].ref.key), "");
  EXPECT_EQ(simulation.our_tickets().size(), before + 1) << "one for the new storm, and none for its alerts";
}

TEST_F(Unreadable, NothingThatIntakeTakesIsTooDeepToBeReadBack) {
  begin();
  publish_devices();
  std::string deep = "1";
  for (int i = 1; i < 32; ++i) deep = "{\"a\":" + deep + "}";
  device("deep", {{"extra", json::parse(deep)}});
  simulation.run_for(minutes{5});
  EXPECT_EQ(parked("device", "deep"), "");
  EXPECT_NE(linked_to("device", "deep"), "");
  device("deep", {{"extra", json::parse(deep)}, {"name", "PC-renamed"}});
  simulation.run_for(minutes{5});
  EXPECT_EQ(text(configuration("deep"), "name"), "PC-renamed");
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const auto done = co_await simulation.engine().replay(PartnerId("northwind"), std::nullopt);
    EXPECT_TRUE(done) << done.error().message;
  });
  EXPECT_FALSE(story("device", "deep").empty());
}

TEST_F(Unreadable, AReplayLooksAtWhatTheRecordHasBecome) {
  begin();
  publish_devices();
  device("d1");
  settle();
  technician("PATCH", "/company/configurations/" + linked_to("device", "d1"),
             json::array{json::object{{"op", "replace"}, {"path", "serialNumber"}, {"value", "WRONG"}}});
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const model::RecordRef ref{PartnerId("northwind"), model::RecordKind::device, "d1"};
    const auto done = co_await simulation.engine().replay(PartnerId("northwind"), ref);
    EXPECT_TRUE(done);
  });
  settle();
  EXPECT_EQ(text(configuration("d1"), "serialNumber"), "SN-d1-77");
}

}  // namespace
}  // namespace crosswalk::simulation

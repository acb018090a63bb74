// What is said of records: what they wait for, which storm's ticket they share, what they have become.
#include "harness.h"
#include "model/entity.h"
#include "workflows/desired.h"

namespace crosswalk::service {
namespace {

class Records : public ServiceTest {
 protected:
  /// A record as the engine would leave it.
  void put_record(std::string kind, std::string key, std::function<void(store::RecordRow&)> change = {}) {
    store::RecordRow row;
    row.ref = {"northwind", std::move(kind), std::move(key)};
    row.version = 1;
    row.state = "{}";
    if (change) change(row);
    store::Transaction transaction;
    transaction.records.push_back(std::move(row));
    commit(transaction);
  }
};

TEST_F(Records, SaysFirstThatThePartnerIsPausedOrThatItsCallsAreStopped) {
  const std::string record = "/v1/partners/northwind/records/alert/k";
  const auto text = [&] { return at(parsed(ask("GET", record)), "/text"); };
  const auto summary = [&] { return at(parsed(ask("GET", record + "/explain")), "/summary"); };
  const auto plan = [&] { return at(parsed(ask("GET", "/v1/partners/northwind/plan")), "/stopped"); };
  put_record("alert", "k", [&](store::RecordRow& row) {
    row.open = true;
    row.due_at = clock.now();
  });
  engine.answer = json::object{{"summary", "Next: Create ticket, because the alert was raised."}};
  EXPECT_TRUE(summary().starts_with("Next: ")) << summary();
  EXPECT_EQ(plan(), "(absent)");
  ASSERT_EQ(ask("PATCH", "/v1/partners/northwind", R"({"paused":true})").status, 200);
  const std::string paused =
      "The partner is paused, so nothing is sent. It was paused at 2026-03-01T08:00:00Z. "
      "`crosswalk partners resume northwind` goes on.";
  EXPECT_EQ(text(), paused);
  EXPECT_EQ(summary(), paused + " Next: Create ticket, because the alert was raised.");
  EXPECT_EQ(plan(), paused);
  ASSERT_EQ(ask("PATCH", "/v1/partners/northwind", R"({"paused":false})").status, 200);
  EXPECT_TRUE(summary().starts_with("Next: ")) << summary();
  store::Transaction transaction;
  transaction.connections.push_back({"northwind", "refused", clock.now(), "partner.refused_credentials", "401", {}});
  commit(transaction);
  for (const std::string& told : {text(), summary(), plan()}) {
    EXPECT_TRUE(told.starts_with("Waits for the connection, since 2026-03-01T08:00:00")) << told;
    EXPECT_NE(told.find("make new keys"), std::string::npos) << told;
  }
}

TEST_F(Records, SaysWhyARecordThatHasATicketIsTriedOnceMore) {
  const auto text = [&] { return at(parsed(ask("GET", "/v1/partners/northwind/records/alert/k")), "/text"); };
  put_record("alert", "k", [&](store::RecordRow& row) {
    row.open = true;
    row.due_at = clock.now() + std::chrono::seconds{35};
  });
  store::Transaction transaction;
  transaction.links.push_back({{"northwind", "alert", "k"}, "x", "manage", "ticket", "4711", "ref", "{}"});
  transaction.journal.push_back(
      {0,
       {"northwind", "alert", "k"},
       clock.now(),
       R"({"kind":"decision","code":"psa.permission_missing","text":"It is tried once more."})"});
  commit(transaction);
  EXPECT_EQ(text(), "It is tried once more.");
  put_record("alert", "k", [&](store::RecordRow& row) {
    row.version = 2;
    row.open = true;
    row.due_at = clock.now() + std::chrono::hours{2};
  });
  EXPECT_EQ(text(), "Will be looked at again in 2 hours") << "that is over";
}

TEST_F(Records, NamesStormsByOneWordAndWhatDevicesHaveBecome) {
  model::Group group;
  group.condition = "net.down";
  put_record("group", "g", [&](store::RecordRow& row) { row.state = model::serialize(group); });
  EXPECT_EQ(at(parsed(ask("GET", "/v1/partners/northwind/records/group/g")), "/title"), "Storm: net.down");
  put_record("device", "d", [&](store::RecordRow& row) {
    row.open = true;
    row.due_at = clock.now() + std::chrono::hours{24 * 7};
  });
  store::Transaction transaction;
  transaction.links.push_back({{"northwind", "device", "d"}, "object", "manage", "configuration", "4711", "", "{}"});
  commit(transaction);
  const json::object device = parsed(ask("GET", "/v1/partners/northwind/records/device/d"));
  EXPECT_EQ(at(device, "/tickets"), "[]");
  EXPECT_EQ(at(device, "/objects/0/kind"), "configuration");
  EXPECT_EQ(at(device, "/objects/0/id"), "4711");
  EXPECT_TRUE(at(device, "/text").starts_with("It is configuration 4711. If nothing is told of it, "))
      << at(device, "/text");
}

TEST_F(Records, EachAlertOfAStormNamesItsTicket) {
  const auto link_of = [&](std::string kind, std::string key, std::string anchor, std::string number,
                           std::set<std::string> children) {
    workflows::Link link;
    link.anchor = anchor;
    link.object = {"manage", PartnerId("northwind"), psa::ObjectKind::ticket, number};
    link.linked_at = clock.now();
    link.children = std::move(children);
    store::LinkRow row;
    row.ref = {"northwind", std::move(kind), std::move(key)};
    row.anchor = std::move(anchor);
    row.provider = "manage";
    row.object_kind = "ticket";
    row.object_id = std::move(number);
    row.state = workflows::serialize(link);
    return row;
  };
  const auto joined = [&](std::string key, std::string told) {
    const json::object entry{{"kind", "decision"}, {"code", "alert.in_storm"}, {"text", std::move(told)}};
    return store::JournalRow{0, {"northwind", "alert", std::move(key)}, clock.now(), json::serialize(entry)};
  };
  put_record("group", "g");
  for (const std::string key : {"ended", "first", "second", "third"})
    put_record("alert", key, [&](store::RecordRow& row) {
      row.group_key = "g";
      row.raised_at = clock.now();
      row.open = key != "ended";
    });
  store::Transaction transaction;
  const std::string anchor = "storm-" + std::to_string(to_milliseconds(clock.now()));
  transaction.links.push_back(link_of("group", "g", anchor, "1017", {"1012"}));
  transaction.links.push_back(link_of("alert", "first", "a", "1012", {}));
  transaction.journal.push_back(joined("second", "5 alerts of this kind came at once; they share one ticket."));
  transaction.journal.push_back(joined("third", "It belongs to the storm ticket #1017."));
  transaction.journal.push_back(joined("ended", "5 alerts of this kind came at once; they share one ticket."));
  commit(transaction);
  const json::object page = parsed(ask("GET", "/v1/partners/northwind/records?kind=alert"));
  const auto text = [&](int i) { return at(page, "/records/" + std::to_string(i) + "/text"); };
  EXPECT_TRUE(text(0).ends_with("It belonged to storm ticket #1017.")) << text(0);
  EXPECT_TRUE(text(1).ends_with(". Its ticket is beneath storm ticket #1017.")) << text(1);
  EXPECT_TRUE(text(2).ends_with("It belongs to storm ticket #1017.")) << text(2);
  EXPECT_EQ(text(3), "It belongs to the storm ticket #1017.");
  EXPECT_EQ(at(parsed(ask("GET", "/v1/partners/northwind/records/alert/second")), "/text"), text(2));
}

}  // namespace
}  // namespace crosswalk::service

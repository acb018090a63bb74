#include "service/repeats.h"

#include "engine/folder.h"
#include "harness.h"
#include "model/alert.h"
#include "workflows/desired.h"

namespace crosswalk::service {
namespace {

using namespace std::chrono_literals;

struct Alert {
  std::string fingerprint = "f00d", severity = "critical", starts_at = "2026-03-01T07:59:30Z";
};

/// Alertmanager's notifications of one alert, and a record that is folded as the engine folds it.
class Repeats : public ServiceTest {
 protected:
  /// What became of the one alert of the notification.
  std::string notify(const std::string& status, std::optional<Timestamp> ended = {}, const Alert& alert = {}) {
    json::object body{
        {"status", status},
        {"labels",
         {{"alertname", "DiskFull"}, {"customer", "contoso"}, {"instance", "srv-01"}, {"severity", alert.severity}}},
        {"annotations", {{"summary", "The disk is full"}}},
        {"startsAt", alert.starts_at},
        {"endsAt", ended ? format_timestamp(*ended) : "0001-01-01T00:00:00Z"},
        {"fingerprint", alert.fingerprint}};
    const json::object notification{{"version", "4"}, {"receiver", "r"}, {"alerts", json::array{body}}};
    const net::Response response =
        ask("POST", "/v1/sources/alertmanager/northwind", json::serialize(notification), northwind_key);
    EXPECT_EQ(response.status, 202) << response.body;
    return at(parsed(response), "/events/0/status");
  }

  void fold() {
    const auto events = store->events_after(store->folded({}).value(), 1'000);
    auto folded = engine::fold_events(*store, *events, clock.now());
    ASSERT_TRUE(folded);
    if (folded->events == 0) return;
    store::Transaction transaction;
    for (engine::Folded& each : folded->records) transaction.records.push_back(std::move(each.row));
    transaction.folded = store::FoldedTo{{}, folded->cursor};
    commit(transaction);
  }

  model::Alert record() {
    const store::RecordKey key{"northwind", "alert", "v1/alertmanager/contoso/srv-01/DiskFull"};
    const auto rows = store->records(std::span(&key, 1));
    return *model::parse_alert({PartnerId{"northwind"}, model::RecordKind::alert, key.key}, rows->front()->state);
  }
  bool is_open() {
    fold();
    return model::episodes(record()).back().open();
  }
};

TEST_F(Repeats, AClusterThatTellsEverythingThreeTimesTellsItOnce) {
  EXPECT_EQ(notify("firing"), "accepted");
  EXPECT_EQ(notify("firing"), "duplicate") << "before it was folded";
  fold();
  clock.at += 15s;
  EXPECT_EQ(notify("firing"), "duplicate");
  clock.at += 1min;
  const Timestamp ended = clock.now() - 5s;
  EXPECT_EQ(notify("resolved", ended), "accepted");
  EXPECT_EQ(notify("resolved", ended), "duplicate");
  fold();
  clock.at += 30s;
  EXPECT_EQ(notify("firing"), "duplicate") << "a notification that was delayed brings nothing back";
  EXPECT_EQ(notify("resolved", ended), "duplicate");
  EXPECT_FALSE(is_open());
  EXPECT_EQ(events_kept(), 2);
}

TEST_F(Repeats, EachEndAndEachReturnUnderOneStartIsSeen) {
  notify("firing");
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(is_open()) << round;
    clock.at += 3min;
    EXPECT_EQ(notify("resolved", clock.now()), "accepted");
    ASSERT_FALSE(is_open()) << round;
    clock.at += 3min;
    EXPECT_EQ(notify("firing"), "accepted");
    clock.at += 1s;
    EXPECT_EQ(notify("firing"), "duplicate") << "by the other of the cluster";
  }
  EXPECT_EQ(model::episodes(record()).size(), 3u);
  EXPECT_TRUE(is_open());
  EXPECT_EQ(model::episodes(record()).size(), 4u);
}

TEST_F(Repeats, AnEndCountsEvenIfOurClockIsAheadOfTheSendersWhenItWasRepeated) {
  notify("firing");
  fold();
  clock.at += 2h;
  EXPECT_EQ(notify("firing"), "accepted") << "it goes on still";
  fold();
  EXPECT_EQ(notify("resolved", clock.now() - 2min), "accepted");
  EXPECT_FALSE(is_open());
}

TEST_F(Repeats, AFiringThatGoesOnIsToldOnceAnHourAndCountsAsNothingNew) {
  notify("firing");
  fold();
  int told = 0;
  for (int i = 0; i < 48; ++i) {
    clock.at += 5min;
    told += notify("firing") == "accepted" ? 1 : 0;
    notify("firing");
    fold();
  }
  EXPECT_EQ(told, 4);
  EXPECT_EQ(events_kept(), 5);
  const std::vector<model::Episode> episodes = model::episodes(record());
  ASSERT_EQ(episodes.size(), 1u);
  EXPECT_EQ(episodes[0].raises, 1);
  EXPECT_EQ(record().happenings.back().count, 0);
}

TEST_F(Repeats, AFiringWhoseTicketPeopleHaveClosedIsToldAtOnce) {
  notify("firing");
  fold();
  clock.at += 10min;
  workflows::Link link;
  link.anchor = record().happenings.front().identity;
  link.object = {"manage", PartnerId("northwind"), psa::ObjectKind::ticket, "1204"};
  link.linked_at = clock.now() - 9min;
  link.observed = psa::Object{};
  link.observed->progress.emplace().closed = true;
  link.observed->progress->closed_at = clock.now() - 1min;
  ASSERT_TRUE(link.closed_by_people());
  store::Transaction transaction;
  transaction.links.push_back({.ref = {"northwind", "alert", record().ref.key},
                               .anchor = link.anchor,
                               .provider = "manage",
                               .object_kind = "ticket",
                               .object_id = "1204",
                               .external_reference = "x",
                               .state = workflows::serialize(link)});
  commit(transaction);
  EXPECT_EQ(notify("firing"), "accepted");
  EXPECT_EQ(notify("firing"), "duplicate");
  fold();
  EXPECT_GT(record().happenings.back().time, *link.observed->progress->closed_at);
  clock.at += 10min;
  EXPECT_EQ(notify("firing"), "duplicate") << "the record knows by now";
}

TEST_F(Repeats, TheEndOfOneSeverityLeavesTheAlertOpenForTheOther) {
  const Alert warning{"bb01", "warning"}, critical{"bb02", "critical"};
  notify("firing", {}, warning);
  notify("firing", {}, critical);
  clock.at += 10min;
  notify("resolved", clock.now(), critical);
  EXPECT_TRUE(is_open());
  notify("resolved", clock.now(), {"never", "info"});
  EXPECT_TRUE(is_open()) << "the end of what never fired ends nothing";
  notify("resolved", clock.now(), warning);
  EXPECT_FALSE(is_open());
}

TEST_F(Repeats, AnEndThatIsToldAgainEndsWhatAWordFromElsewhereHasBroughtBack) {
  notify("firing");
  clock.at += 5min;
  const Timestamp ended = clock.now();
  notify("resolved", ended);
  fold();
  clock.at += 2min;
  EXPECT_EQ(notify("firing"), "accepted") << "of an Alertmanager that was cut off";
  EXPECT_TRUE(is_open());
  clock.at += 5min;
  EXPECT_EQ(notify("resolved", ended), "accepted") << "it has heard of the end by now";
  EXPECT_FALSE(is_open());
}

}  // namespace
}  // namespace crosswalk::service

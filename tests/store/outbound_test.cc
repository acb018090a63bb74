// The log of what the product is told, and its deliveries.
#include <gmock/gmock.h>

#include "store/contract.h"
#include "store/sqlite/sqlite_store.h"

namespace crosswalk::store {
namespace {

using contract::at;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t kMany = 1'000;
const Timestamp kGiveUpAt = at(1'000);

class Outbound : public testing::Test {
 protected:
  Outbound() : store_(open_sqlite_store({.path = folder_.file("store.db"), .synchronous = false}).value()) {}

  Committed commit(const OutboundChanges& changes) {
    Transaction transaction;
    transaction.outbound = changes;
    return commit(transaction);
  }
  Committed commit(const Transaction& transaction) {
    const Transaction* alone = &transaction;
    auto committed = store_->commit({&alone, 1});
    EXPECT_TRUE(committed) << committed.error().message;
    return committed ? committed->front() : Committed{};
  }

  void add_webhook(const std::string& id, bool enabled = true) {
    commit({.webhooks = {{.id = id,
                          .url = "https://hooks.example/",
                          .types = "[]",
                          .partners = "[]",
                          .enabled = enabled,
                          .sealed_secrets = "[]",
                          .created_at = at(0),
                          .version = 1}}});
  }
  static OutboundRow event(const std::string& key, Timestamp when = at(0)) {
    return {.ref = {"acme", "alert", key}, .type = "ticket.created", .at = when, .data = "{}"};
  }
  void append(const std::vector<std::string>& keys, Timestamp when = at(0)) {
    OutboundChanges changes;
    for (const std::string& key : keys) changes.events.push_back(event(key, when));
    commit(changes);
  }
  void take_all(const std::string& webhook, Timestamp now = at(1)) {
    const WebhookRow row = webhook_row(webhook);
    WebhookTaken taken{webhook, row.place, row.place, {}, now, kGiveUpAt};
    const std::vector<OutboundRow> events = reads().outbound_after(row.place, kMany).value();
    for (const OutboundRow& each : events) taken.sequences.push_back(each.sequence);
    if (!events.empty()) taken.up_to = events.back().sequence;
    commit({.taken = {taken}});
  }
  WebhookRow webhook_row(const std::string& id) {
    const std::vector<WebhookRow> rows = reads().webhooks().value();
    for (const WebhookRow& row : rows)
      if (row.id == id) return row;
    ADD_FAILURE() << "no webhook " << id;
    return {};
  }
  void settle(const std::string& webhook, const DeliveryRow& delivery, DeliveryState state, Timestamp now,
              std::optional<Timestamp> due_at = {}) {
    commit({.settled = {{webhook, delivery.event.sequence, delivery.event.ref, state, due_at, delivery.attempts + 1,
                         now, state == DeliveryState::delivered ? 200 : 500, "why"}}});
  }
  std::vector<std::int64_t> due(const std::string& webhook, Timestamp now = at(500)) {
    std::vector<std::int64_t> sequences;
    const std::vector<DeliveryRow> rows = reads().due_deliveries(webhook, now, kMany).value();
    for (const DeliveryRow& row : rows) sequences.push_back(row.event.sequence);
    return sequences;
  }
  DeliveryRow delivery(const std::string& webhook, std::int64_t sequence) {
    const std::vector<DeliveryRow> rows =
        reads().list_deliveries({.webhook = webhook, .state = {}, .before = {}}).value();
    for (const DeliveryRow& row : rows)
      if (row.event.sequence == sequence) return row;
    ADD_FAILURE() << "no delivery " << sequence;
    return {};
  }
  OutboundReads& reads() { return store_->outbound(); }

  contract::TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(Outbound, SaysWithoutTheDiskWhetherAnybodyListens) {
  EXPECT_FALSE(reads().has_webhooks());
  add_webhook("one", false);
  EXPECT_TRUE(reads().has_webhooks());
  store_.reset();
  store_ = open_sqlite_store({.path = folder_.file("store.db"), .synchronous = false}).value();
  EXPECT_TRUE(reads().has_webhooks());
  commit({.removed = {{"one", 1}}});
  EXPECT_FALSE(reads().has_webhooks());
}

TEST_F(Outbound, RefusesAChangeOfAWebhookThatItsAuthorHasNotSeen) {
  add_webhook("one");
  const auto code_of = [&](OutboundChanges changes) {
    const Transaction transaction{.outbound = std::move(changes)};
    const Transaction* alone = &transaction;
    const auto committed = store_->commit({&alone, 1});
    return committed ? std::string() : committed.error().code;
  };
  WebhookRow mine = webhook_row("one"), yours = mine;
  mine.version = yours.version = 2;
  mine.description = "mine";
  yours.enabled = false;
  EXPECT_EQ(code_of({.webhooks = {mine}}), "");
  EXPECT_EQ(code_of({.webhooks = {yours}}), "store.changed_meanwhile");
  EXPECT_EQ(webhook_row("one").description, "mine");
  EXPECT_TRUE(webhook_row("one").enabled);
  mine.version = 1;
  EXPECT_EQ(code_of({.webhooks = {mine}}), "store.exists");
  EXPECT_EQ(code_of({.removed = {{"one", 1}}}), "store.changed_meanwhile");
  EXPECT_EQ(code_of({.removed = {{"one", 2}}}), "");
  EXPECT_EQ(code_of({.removed = {{"one", 2}}}), "store.changed_meanwhile") << "it is gone";
}

TEST_F(Outbound, ANewWebhookBeginsAtTheEndOfTheLogAndAChangedOneKeepsItsPlace) {
  append({"a", "b"});
  add_webhook("one");
  EXPECT_EQ(webhook_row("one").place, 2);
  append({"c"});
  WebhookRow changed = webhook_row("one");
  changed.url = "https://other.example/";
  changed.place = 99;
  ++changed.version;
  commit({.webhooks = {changed}});
  EXPECT_EQ(webhook_row("one").place, 2);
  EXPECT_EQ(webhook_row("one").url, "https://other.example/");
}

TEST_F(Outbound, EachEventHasAnIdOfItsOwn) {
  append({"a", "a"});
  const auto events = reads().outbound_after(0, kMany).value();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_TRUE(events[0].id.starts_with("evt_"));
  EXPECT_NE(events[0].id, events[1].id);
  EXPECT_EQ(events[0].ref, (RecordKey{"acme", "alert", "a"}));
}

TEST_F(Outbound, AnEventOfAVersionThatHasPassedIsNotKept) {
  RecordRow record = contract::alert("acme", "disk");
  record.version = 5;
  Transaction transaction;
  transaction.records = {record};
  commit(transaction);
  OutboundRow row = event("disk");
  row.of_version = 4;
  commit({.events = {row}});
  EXPECT_THAT(reads().outbound_after(0, kMany).value(), IsEmpty());
  row.of_version = 5;
  // The wake of the same transaction comes after it.
  transaction = {};
  transaction.outbound.events = {row};
  transaction.wakes = {{.partner = "acme", .due_at = at(9)}};
  commit(transaction);
  EXPECT_EQ(reads().outbound_after(0, kMany).value().size(), 1U);
}

TEST_F(Outbound, OfEachRecordOnlyTheOldestIsDue) {
  add_webhook("one");
  append({"a", "b", "a", "b", "a"});
  take_all("one");
  EXPECT_THAT(due("one"), ElementsAre(1, 2));
  append({"a", "c"});
  take_all("one");
  EXPECT_THAT(due("one"), ElementsAre(1, 2, 7));
  settle("one", delivery("one", 1), DeliveryState::delivered, at(10));
  EXPECT_THAT(due("one"), ElementsAre(2, 7, 3));
  settle("one", delivery("one", 2), DeliveryState::waiting, at(11), at(600));
  EXPECT_THAT(due("one"), ElementsAre(7, 3));
  EXPECT_EQ(reads().next_delivery("one", at(500)).value(), at(600));
  settle("one", delivery("one", 2), DeliveryState::dead, at(12));
  EXPECT_THAT(due("one"), ElementsAre(7, 3, 4));
  EXPECT_EQ(reads().delivery_counts().value().front().dead, 1);
  EXPECT_EQ(reads().delivery_counts().value().front().waiting, 5);
}

TEST_F(Outbound, WhatIsTakenOnceIsNotTakenAgain) {
  add_webhook("one");
  append({"a"});
  const WebhookTaken taken{"one", 0, 1, {1}, at(1), kGiveUpAt};
  commit({.taken = {taken}});
  settle("one", delivery("one", 1), DeliveryState::delivered, at(2));
  commit({.taken = {taken}});
  EXPECT_EQ(webhook_row("one").place, 1);
  EXPECT_THAT(due("one"), IsEmpty());
}

TEST_F(Outbound, ReplayedDeadLettersComeInTheirOrderAndBeforeNewerOnes) {
  add_webhook("one");
  append({"a", "a", "a", "b"});
  take_all("one");
  settle("one", delivery("one", 1), DeliveryState::dead, at(10));
  settle("one", delivery("one", 2), DeliveryState::dead, at(11));
  EXPECT_THAT(due("one"), ElementsAre(4, 3));
  const std::string first = delivery("one", 1).event.id;
  EXPECT_EQ(commit({.replayed = {{"one", first, at(20), at(2'000)}}}).outbound_touched, 1);
  // What is under way is not overtaken; what waits behind it is.
  EXPECT_THAT(due("one"), ElementsAre(4, 3));
  settle("one", delivery("one", 3), DeliveryState::waiting, at(21), at(30));
  EXPECT_EQ(commit({.replayed = {{"one", "", at(22), at(2'000)}}}).outbound_touched, 1);
  settle("one", delivery("one", 3), DeliveryState::dead, at(23));
  EXPECT_THAT(due("one"), ElementsAre(4, 1));
  settle("one", delivery("one", 1), DeliveryState::delivered, at(24));
  EXPECT_THAT(due("one"), ElementsAre(4, 2));
  EXPECT_EQ(delivery("one", 2).give_up_at, at(2'000));
  EXPECT_EQ(commit({.replayed = {{"one", "evt_unknown", at(25), at(2'000)}}}).outbound_touched, 0);
}

TEST_F(Outbound, AReplaySinceATimeTellsAgainWhateverBecameOfItButNothingThatWaits) {
  append({"a"}, at(0));
  append({"b"}, at(10));
  add_webhook("one");
  append({"a", "a", "c"}, at(20));
  take_all("one");
  settle("one", delivery("one", 3), DeliveryState::delivered, at(21));
  settle("one", delivery("one", 5), DeliveryState::dead, at(22));
  append({"d"}, at(30));
  const OutboundRange range{at(10), at(40), "[]", "[]", 100};
  const OutboundReads::RangeCounts counts = reads().count_range("one", range).value();
  EXPECT_EQ(counts.events, 3) << "one from before the webhook was there, one that it has taken, one that is dead";
  EXPECT_EQ(counts.waiting, 2) << "one that waits, and one that is to be taken";
  EXPECT_EQ(counts.first_at, at(10));
  EXPECT_EQ(counts.last_at, at(20));
  EXPECT_EQ(commit({.replayed = {{"one", "", at(50), at(2'000), range}}}).outbound_touched, 3);
  EXPECT_THAT(due("one"), ElementsAre(4, 2, 5)) << "3 waits for the one of its record that is due";
  EXPECT_EQ(delivery("one", 3).state, DeliveryState::waiting);
  EXPECT_EQ(delivery("one", 3).attempts, 0);
  EXPECT_EQ(delivery("one", 3).error, "");
  EXPECT_EQ(delivery("one", 3).replayed_at, at(50));
  EXPECT_EQ(delivery("one", 2).give_up_at, at(2'000));
  EXPECT_EQ(delivery("one", 4).replayed_at, std::nullopt);
  settle("one", delivery("one", 4), DeliveryState::delivered, at(51));
  EXPECT_THAT(due("one"), ElementsAre(2, 5, 3));
  EXPECT_EQ(reads().count_range("one", range).value().waiting, 4);
  EXPECT_EQ(commit({.replayed = {{"one", "", at(60), at(2'000), range}}}).outbound_touched, 1) << "the one taken since";
  EXPECT_EQ(commit({.replayed = {{"one", "", at(61), at(2'000), range}}}).outbound_touched, 0);
  EXPECT_EQ(delivery("one", 2).replayed_at, at(50)) << "what waits stays as it was asked for";
  EXPECT_EQ(reads().list_deliveries({.webhook = "one", .state = {}, .before = {}}).value().size(), 4U)
      << "what was earlier, and what is not taken yet, has no delivery";
}

TEST_F(Outbound, AReplayIsOfTheTypesAndPartnersThatAreMeantAndNeverOfTheWebhookItself) {
  OutboundRow closed = event("a", at(5)), other = event("b", at(6)), own = event("one", at(7)), of_two = own;
  closed.type = "ticket.closed";
  other.ref.partner = "beta";
  own.type = of_two.type = "webhook.failing";
  own.ref = {"", "webhook", "one"};
  of_two.ref = {"", "webhook", "two"};
  of_two.ref = {"", "webhook", "two"};
  commit({.events = {event("a", at(4)), closed, other, own, of_two}});
  add_webhook("one");
  const auto count = [&](const std::string& types, const std::string& partners) {
    return reads().count_range("one", {at(0), at(100), types, partners, 100}).value().events;
  };
  EXPECT_EQ(count("[]", "[]"), 4) << "all but what is told of itself";
  EXPECT_EQ(count(R"(["ticket.closed"])", "[]"), 1);
  EXPECT_EQ(count(R"(["ticket.closed","ticket.created"])", R"(["acme"])"), 2);
  EXPECT_EQ(count("[]", R"(["beta"])"), 1);
  EXPECT_EQ(reads().count_range("one", {at(0), at(6), "[]", "[]", 100}).value().events, 2) << "before `until`";
  EXPECT_EQ(reads().count_range("nobody", {at(0), at(100), "[]", "[]", 100}).value().events, 0);
  OutboundRange range{at(0), at(100), "[]", "[]", 2};
  EXPECT_EQ(reads().count_range("one", range).value().events, 2) << "no more than are asked for";
  EXPECT_EQ(commit({.replayed = {{"one", "", at(200), at(2'000), range}}}).outbound_touched, 2);
  EXPECT_THAT(due("one"), ElementsAre(1)) << "both are of one record, the oldest first";
  range.count_max = 100;
  EXPECT_EQ(commit({.replayed = {{"one", "", at(200), at(2'000), range}}}).outbound_touched, 2);
  EXPECT_THAT(due("one"), ElementsAre(1, 3, 5));
}

TEST_F(Outbound, ADeadLetterThatIsReplayedSaysSo) {
  add_webhook("one");
  append({"a"});
  take_all("one");
  settle("one", delivery("one", 1), DeliveryState::dead, at(10));
  EXPECT_EQ(delivery("one", 1).replayed_at, std::nullopt);
  commit({.replayed = {{"one", "", at(20), at(2'000)}}});
  EXPECT_EQ(delivery("one", 1).replayed_at, at(20));
  settle("one", delivery("one", 1), DeliveryState::delivered, at(21));
  EXPECT_EQ(delivery("one", 1).replayed_at, at(20));
}

TEST_F(Outbound, ThatAWebhookFailsIsKeptBesideWhatPeopleChange) {
  add_webhook("one");
  EXPECT_EQ(webhook_row("one").failing, "");
  WebhookStanding standing{"one", R"({"state":"refused"})"};
  commit({.standings = {standing}});
  WebhookRow row = webhook_row("one");
  EXPECT_EQ(row.failing, standing.failing);
  EXPECT_EQ(row.version, 1) << "nobody has changed it";
  row.description = "another";
  row.failing.clear();
  ++row.version;
  commit({.webhooks = {row}});
  EXPECT_EQ(webhook_row("one").failing, standing.failing) << "whoever changes it says nothing of that";
  standing.failing.clear();
  commit({.standings = {standing}});
  EXPECT_EQ(webhook_row("one").failing, "");
}

TEST_F(Outbound, WhatIsGivenUpInBulkIsDeadUnlessItsAttemptSucceedsAfterAll) {
  add_webhook("one");
  append({"a", "a", "b"});
  take_all("one");
  EXPECT_EQ(commit({.expired = {{"one", at(999), "dead end"}}}).outbound_touched, 0);
  EXPECT_EQ(commit({.expired = {{"one", kGiveUpAt, "dead end"}}}).outbound_touched, 3);
  EXPECT_THAT(due("one", at(5'000)), IsEmpty());
  EXPECT_EQ(delivery("one", 2).error, "dead end");
  settle("one", delivery("one", 3), DeliveryState::waiting, at(1'001), at(1'002));
  EXPECT_EQ(delivery("one", 3).state, DeliveryState::dead);
  settle("one", delivery("one", 3), DeliveryState::delivered, at(1'001));
  EXPECT_EQ(delivery("one", 3).state, DeliveryState::delivered);
}

TEST_F(Outbound, AWebhookThatWasChangedMeanwhileIsNotDisabled) {
  add_webhook("one");
  commit({.disabled = {{"one", 0, "gone"}}});
  EXPECT_TRUE(webhook_row("one").enabled);
  commit({.disabled = {{"one", 1, "gone"}}});
  EXPECT_FALSE(webhook_row("one").enabled);
  EXPECT_EQ(webhook_row("one").disabled_why, "gone");
  EXPECT_EQ(webhook_row("one").version, 2);
}

TEST_F(Outbound, SweepsWhatIsOverAndKeepsWhatSomebodyStillNeeds) {
  add_webhook("one");
  add_webhook("disabled", false);
  append({"a", "b", "c"});
  take_all("one");
  append({"d"});
  settle("one", delivery("one", 1), DeliveryState::delivered, at(10));
  settle("one", delivery("one", 2), DeliveryState::dead, at(100));
  commit({.swept = OutboundSwept{at(50), kMany}});
  // 1 is over, and nobody needs it; 2 is dead for a shorter time, 3 waits, 4 is not taken yet.
  std::vector<std::int64_t> kept;
  const std::vector<OutboundRow> left = reads().outbound_after(0, kMany).value();
  for (const OutboundRow& row : left) kept.push_back(row.sequence);
  EXPECT_THAT(kept, ElementsAre(2, 3, 4));
  EXPECT_EQ(reads().list_deliveries({.webhook = "one", .state = {}, .before = {}}).value().size(), 2U);
  // What a webhook that stays disabled has not taken in all the time is let go.
  commit({.removed = {{"one", 1}}});
  EXPECT_EQ(commit({.swept = OutboundSwept{at(2'000), kMany}}).outbound_touched, 3);
  EXPECT_THAT(reads().outbound_after(0, kMany).value(), IsEmpty());
  append({"e"});
  EXPECT_EQ(reads().outbound_after(0, kMany).value().front().sequence, 5) << "a sequence is never given twice";
}

TEST_F(Outbound, WhatWaitedBehindASweptOneIsDueWhenItsWebhookIsEnabledAgain) {
  add_webhook("one");
  append({"a", "a"});
  WebhookRow row = webhook_row("one");
  commit({.taken = {{"one", 0, 1, {1}, at(1), at(10)}}});
  commit({.taken = {{"one", 1, 2, {2}, at(1), at(100)}}});
  row.enabled = false;
  ++row.version;
  commit({.webhooks = {row}});
  commit({.swept = OutboundSwept{at(50), kMany}});
  EXPECT_THAT(due("one"), IsEmpty());
  row.enabled = true;
  ++row.version;
  commit({.webhooks = {row}});
  EXPECT_THAT(due("one"), ElementsAre(2));
}

TEST_F(Outbound, NothingIsLeftOfARecordThatIsForgotten) {
  add_webhook("one");
  append({"a", "b", "a"});
  take_all("one");
  append({"a"});
  commit({.forgotten = {{"acme", "alert", "a"}}});
  const std::vector<OutboundRow> left = reads().outbound_after(0, kMany).value();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].ref.key, "b");
  EXPECT_THAT(due("one"), ElementsAre(2));
  EXPECT_EQ(reads().list_deliveries({.webhook = "one", .state = {}, .before = {}}).value().size(), 1U);
}

TEST_F(Outbound, ListsDeliveriesNewestFirstPageByPage) {
  add_webhook("one");
  append({"a", "b", "c"});
  take_all("one");
  settle("one", delivery("one", 2), DeliveryState::dead, at(10));
  const auto sequences = [&](const OutboundReads::DeliveryQuery& query) {
    std::vector<std::int64_t> found;
    const std::vector<DeliveryRow> rows = reads().list_deliveries(query).value();
    for (const DeliveryRow& each : rows) found.push_back(each.event.sequence);
    return found;
  };
  EXPECT_THAT(sequences({.webhook = "one", .state = {}, .before = {}, .count_max = 2}), ElementsAre(3, 2));
  EXPECT_THAT(sequences({.webhook = "one", .state = {}, .before = 2}), ElementsAre(1));
  EXPECT_THAT(sequences({.webhook = "one", .state = DeliveryState::dead, .before = {}}), ElementsAre(2));
  EXPECT_THAT(sequences({.webhook = "one", .state = DeliveryState::waiting, .before = {}}), ElementsAre(3, 1));
  EXPECT_THAT(sequences({.webhook = "other", .state = {}, .before = {}}), IsEmpty());
}

}  // namespace
}  // namespace crosswalk::store

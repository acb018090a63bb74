// Letting go of old rows: bounded pieces, and nothing that somebody needs.
#include <gmock/gmock.h>

#include "contract.h"
#include "store/sqlite/sqlite_store.h"

namespace crosswalk::store::contract {
namespace {

class Pruning : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    const Timestamp before = at(1'000);
    prune_ = {.events_before = before,
              .journal_before = before,
              .closed_before = before,
              .closed_kinds = {"alert", "group"},
              .plans_before = before,
              .rows_max = 100};
  }
  void fold_all() { commit({.folded = FoldedTo{{}, store_->newest_event().value()}}); }
  std::int64_t prune() {
    fold_all();
    std::int64_t rows = 0;
    for (int piece = 0; piece < 1'000; ++piece) {
      const Committed done = commit({.prune = prune_});
      rows += done.pruned;
      if (done.pruned_all) return rows;
    }
    ADD_FAILURE() << "it does not come to an end";
    return rows;
  }
  EventRow told(const std::string& kind, const std::string& key, std::int64_t seconds) {
    EventRow row = event("acme", kind + key + std::to_string(seconds));
    row.kind = kind;
    row.key = key;
    row.time = row.received_at = at(seconds);
    return row;
  }
  RecordRow needs(const std::string& kind, const std::string& key, std::optional<Timestamp> since, bool open) {
    RecordRow row = alert("acme", key);
    row.ref.kind = kind;
    row.needed_since = since;
    row.open = open;
    return row;
  }
  std::vector<std::int64_t> events_of(const std::string& kind, const std::string& key) {
    std::vector<std::int64_t> times;
    const std::vector<EventRow> rows = store_->events_of({"acme", kind, key}, 1'000).value();
    for (const EventRow& row : rows) times.push_back((row.time - at(0)).count() / 1'000);
    return times;
  }
  Prune prune_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, Pruning,
                         testing::Values(Implementation{
                             "memory", [](const TemporaryFolder&) { return open_sqlite_store({.path = ":memory:"}); }}),
                         name_of);

TEST_P(Pruning, KeepsTheEventsThatAStateStillHoldsSomethingOf) {
  commit({.events = {told("device", "d", 10), told("device", "d", 20), told("device", "d", 30), told("alert", "a", 10),
                     told("alert", "a", 20), told("device", "unknown", 10), told("device", "d", 2'000)},
          .records = {needs("device", "d", at(2'000), true), needs("alert", "a", at(10), true),
                      needs("device", "unknown", std::nullopt, true)}});
  EXPECT_EQ(prune(), 3);
  EXPECT_THAT(events_of("device", "d"), testing::ElementsAre(2'000));
  EXPECT_THAT(events_of("alert", "a"), testing::ElementsAre(20, 10));
  EXPECT_THAT(events_of("device", "unknown"), testing::ElementsAre(10)) << "nobody knows what its state needs";
  EXPECT_EQ(store_->counts("acme").value().events, 4);
  EXPECT_EQ(prune(), 0);
}

TEST_P(Pruning, WhatIsNotFoldedYetStaysHoweverOldItIs) {
  commit({.events = {told("device", "d", 10), told("device", "d", 20), told("device", "new", 30)},
          .records = {needs("device", "d", at(500), true)}});
  commit({.folded = FoldedTo{{}, 1}});
  EXPECT_EQ(commit({.prune = prune_}).pruned, 1);
  EXPECT_THAT(events_of("device", "d"), testing::ElementsAre(20));
  EXPECT_THAT(events_of("device", "new"), testing::ElementsAre(30));
}

TEST_P(Pruning, WhatWasForgottenIsNotTakenForNewLongAfterwards) {
  const EventRow of_a_person = told("contact", "ada", 10);
  commit({.events = {of_a_person, told("device", "d", 20)}, .records = {needs("contact", "ada", at(10), false)}});
  ASSERT_TRUE(store_->forget({"acme", "contact", "ada"}, {}));
  prune();
  EXPECT_NE(commit({.events = {of_a_person}}).events[0].kind, Appended::Kind::stored);
}

TEST_P(Pruning, NeverGivesASequenceTwice) {
  commit({.events = {told("device", "d", 10), told("device", "d", 20)},
          .records = {needs("device", "d", at(500), true), needs("alert", "gone", at(500), false)}});
  const std::int64_t newest = store_->newest_event().value();
  prune();
  const Committed next = commit({.events = {told("device", "d", 30)}});
  EXPECT_GT(next.events[0].sequence, newest);
}

TEST_P(Pruning, LetsClosedRecordsGoWithAllThatBelongsToThem) {
  const auto link = [](const std::string& kind, const std::string& key) {
    return LinkRow{.ref = {"acme", kind, key},
                   .anchor = "1",
                   .provider = "manage",
                   .object_kind = "ticket",
                   .object_id = key,
                   .external_reference = "r",
                   .state = "{}"};
  };
  RecordRow parked = needs("alert", "parked", at(10), false);
  parked.parked.code = "mapping.missing";
  RecordRow due = needs("alert", "due", at(10), false);
  due.due_at = at(9'000);
  commit({.events = {told("alert", "old", 10), told("alert", "recent", 10), told("alert", "recent", 1'500),
                     told("alert", "done", 10), told("alert", "open", 10), told("alert", "parked", 10),
                     told("alert", "due", 10), told("device", "d", 10), told("device", "d", 3'000)},
          .records = {needs("alert", "old", at(10), false), needs("alert", "recent", at(10), false),
                      needs("alert", "done", at(10), false), needs("alert", "open", at(10), true), parked, due,
                      needs("device", "d", at(10), false)},
          .links = {link("alert", "old"), link("alert", "open"), link("device", "d")},
          .journal = {{0, {"acme", "alert", "old"}, at(20), "{}"}, {0, {"acme", "alert", "done"}, at(1'200), "{}"}}});
  prune();
  const auto there = [&](const std::string& kind, const std::string& key) {
    return record({"acme", kind, key}).has_value();
  };
  EXPECT_FALSE(there("alert", "old"));
  for (const char* key : {"recent", "done", "open", "parked", "due"}) EXPECT_TRUE(there("alert", key)) << key;
  EXPECT_TRUE(there("device", "d")) << "only of the kinds that were named";
  EXPECT_THAT(events_of("alert", "old"), testing::IsEmpty());
  const std::vector<RecordKey> refs{{"acme", "alert", "old"}, {"acme", "alert", "open"}};
  EXPECT_EQ(store_->links(refs).value().size(), 1u);
  EXPECT_EQ(store_->counts("acme").value().records, 6);
  EXPECT_EQ(store_->counts("acme").value().links, 2);
}

TEST_P(Pruning, TellsWhatIsUnfinishedFromItsBeginningOn) {
  const auto entry = [](const std::string& kind, const std::string& key, std::int64_t seconds) {
    return JournalRow{0, {"acme", kind, key}, at(seconds), "{}"};
  };
  commit({.records = {needs("alert", "open", at(10), true), needs("device", "d", at(10), true)},
          .journal = {entry("alert", "open", 10), entry("device", "d", 10), entry("alert", "never", 10),
                      entry("alert", "open", 1'100), entry("device", "d", 1'100)}});
  EXPECT_EQ(prune(), 2);
  EXPECT_EQ(store_->journal_of({"acme", "alert", "open"}, 10).value().size(), 2u);
  EXPECT_EQ(store_->journal_of({"acme", "device", "d"}, 10).value().size(), 1u);
}

TEST_P(Pruning, GoesOnWhereThePieceBeforeEnded) {
  std::vector<EventRow> events;
  for (int i = 1; i <= 250; ++i) events.push_back(told("device", "d", i));
  commit({.events = events, .records = {needs("device", "d", at(250), true)}});
  prune_.rows_max = 10;
  fold_all();
  const Committed first = commit({.prune = prune_});
  EXPECT_EQ(first.pruned, 10);
  EXPECT_FALSE(first.pruned_all);
  EXPECT_EQ(prune(), 239);
  EXPECT_THAT(events_of("device", "d"), testing::ElementsAre(250));
}

TEST_P(Pruning, PlansGoAfterTheirEndAndWhatHasNoTimeIsKept) {
  const auto plan = [](const std::string& id, std::int64_t expires) {
    return PlanRow{
        .partner = "acme", .id = id, .hash = "h", .document = "{}", .created_at = at(1), .expires_at = at(expires)};
  };
  commit(
      {.events = {told("device", "d", 10), told("device", "d", 20)}, .records = {needs("device", "d", at(20), true)}});
  commit({.plans = {plan("old", 10), plan("new", 5'000)}});
  prune_.events_before.reset();
  EXPECT_EQ(prune(), 1);
  EXPECT_FALSE(store_->plan("acme", "old").value());
  EXPECT_TRUE(store_->plan("acme", "new").value());
  EXPECT_EQ(events_of("device", "d").size(), 2u);
}

TEST_P(StoreContract, RecordsAreWrittenOnConditionOfTheVersionTheyWereMadeFrom) {
  RecordRow row = alert("acme", "disk");
  row.based_on = 0;
  commit({.records = {row}});
  const auto refused = [&](const RecordRow& each) {
    const Transaction transaction{.records = {each}};
    const Transaction* one = &transaction;
    const auto done = store_->commit(std::span(&one, 1));
    return done ? std::string() : done.error().code;
  };
  EXPECT_EQ(refused(row), "store.changed_meanwhile") << "it is there already";
  row.version = 3;
  row.based_on = 2;
  EXPECT_EQ(refused(row), "store.changed_meanwhile") << "it never had that version";
  row.based_on = 1;
  EXPECT_EQ(refused(row), "");
  row.based_on.reset();
  EXPECT_EQ(refused(row), "store.changed_meanwhile") << "versions only grow";
  row.version = 9;
  EXPECT_EQ(refused(row), "");
  EXPECT_EQ(record(row.ref).value().version, 9);
}

TEST_P(StoreContract, WhatIsDueByAClockThatWasSetBackIsDueSoMuchEarlier) {
  RecordRow soon = alert("acme", "soon"), later = alert("acme", "later"), past = alert("acme", "past");
  soon.due_at = at(3'700);
  later.due_at = at(9'000);
  past.due_at = at(50);
  commit({.records = {soon, later, past}});
  commit({.clock_set_back = ClockSetBack{at(100), std::chrono::hours{1}}});
  EXPECT_EQ(record(soon.ref).value().due_at, at(100));
  EXPECT_EQ(record(later.ref).value().due_at, at(5'400));
  EXPECT_EQ(record(past.ref).value().due_at, at(50));
}

TEST_P(StoreContract, RemembersThatItWasPutBackFromACopy) {
  EXPECT_EQ(store_->restored_at().value(), std::nullopt);
  commit({.restored_at = at(7)});
  EXPECT_EQ(store_->restored_at().value(), at(7));
}

TEST(Transaction, CountsAllThatItWrites) {
  EXPECT_TRUE(Transaction{}.empty());
  Transaction many;
  for (int i = 0; i < 100; ++i) {
    many.changed.push_back({});
    many.sweeps.push_back({});
    many.callbacks.push_back({});
    many.callbacks_heard.push_back({});
    many.offers.push_back({});
  }
  EXPECT_EQ(many.rows(), 500u);
}

}  // namespace
}  // namespace crosswalk::store::contract

// Whom a wake takes, by each of the columns that it may name.
#include <gmock/gmock.h>

#include "store/contract.h"
#include "store/sqlite/sqlite_store.h"

namespace crosswalk::store::contract {
namespace {

using State = Wake::State;
using testing::UnorderedElementsAre;

constexpr std::size_t kMany = 100;

/// Records of one partner, by what a wake may ask of them.
class Wakes : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    // References to them are held while more are added.
    rows_.reserve(kMany);
  }
  RecordRow& add(const std::string& kind, const std::string& key, const std::string& partner = "acme") {
    RecordRow& row = rows_.emplace_back(alert(partner, key));
    row.ref.kind = kind;
    return row;
  }
  void keep() {
    commit({.records = rows_});
    for (const RecordRow& row : rows_) ASSERT_EQ(record(row.ref).value().version, row.version);
  }
  /// The records whose version is another after the wake, as "partner/key"; each is due by then at the latest.
  std::vector<std::string> woken(const Wake& wake) {
    std::vector<std::string> keys;
    commit({.wakes = {wake}});
    for (RecordRow& row : rows_) {
      const RecordRow now = record(row.ref).value();
      if (now.version != row.version) {
        EXPECT_EQ(now.version, row.version + 1) << row.ref.key;
        EXPECT_EQ(now.due_at, std::min(row.due_at.value_or(wake.due_at), wake.due_at)) << row.ref.key;
        keys.push_back(row.ref.partner + "/" + row.ref.key);
      } else {
        EXPECT_EQ(now.due_at, row.due_at) << row.ref.key;
      }
      EXPECT_EQ(now.parked, row.parked) << row.ref.key;
      // As it was for the next wake.
      row.version = now.version + 1;
    }
    commit({.records = rows_});
    return keys;
  }

  std::vector<RecordRow> rows_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, Wakes,
                         testing::Values(Implementation{
                             "memory", [](const TemporaryFolder&) { return open_sqlite_store({.path = ":memory:"}); }}),
                         name_of);

TEST_P(Wakes, TakeTheStateThatTheyNameAndNeverDelay) {
  add("alert", "idle");
  add("alert", "open").open = true;
  add("alert", "late").due_at = at(100);
  add("alert", "soon").due_at = at(1);
  add("alert", "parked").parked = {"mapping.missing", "why"};
  RecordRow& looked_at = add("alert", "looked-at");
  looked_at.parked = {"mapping.missing", "why"};
  looked_at.due_at = at(100);
  RecordRow& on_its_way = add("alert", "on-its-way");
  on_its_way.parked = {"mapping.missing", "why"};
  on_its_way.due_at = at(5);
  add("alert", "parked", "other").parked = {"mapping.missing", "why"};
  keep();
  const auto in = [&](State state) { return woken({.partner = "acme", .due_at = at(5), .state = state}); };
  EXPECT_THAT(in(State::any), UnorderedElementsAre("acme/idle", "acme/open", "acme/late", "acme/soon", "acme/parked",
                                                   "acme/looked-at", "acme/on-its-way"));
  EXPECT_THAT(in(State::open), UnorderedElementsAre("acme/open"));
  EXPECT_THAT(in(State::parked), UnorderedElementsAre("acme/parked", "acme/looked-at", "acme/on-its-way"));
  EXPECT_THAT(in(State::parked_not_due), UnorderedElementsAre("acme/parked", "acme/looked-at"));
  EXPECT_THAT(in(State::parked_or_due),
              UnorderedElementsAre("acme/soon", "acme/parked", "acme/looked-at", "acme/on-its-way"));
  EXPECT_THAT(in(State::open_parked_or_due), UnorderedElementsAre("acme/open", "acme/late", "acme/soon", "acme/parked",
                                                                  "acme/looked-at", "acme/on-its-way"));
}

TEST_P(Wakes, TakeAllPartnersWhereNoneIsNamed) {
  for (const std::string partner : {"acme", "other"}) {
    add("alert", "idle", partner);
    RecordRow& parked = add("alert", "parked", partner);
    parked.parked = {"mapping.missing", "why"};
    parked.refers_to = "device/d";
    parked.group_key = "g";
    add("device", "due", partner).due_at = at(1);
  }
  keep();
  EXPECT_EQ(woken({.due_at = at(5)}).size(), 6U);
  EXPECT_THAT(woken({.due_at = at(5), .state = State::parked}), UnorderedElementsAre("acme/parked", "other/parked"));
  EXPECT_EQ(woken({.due_at = at(5), .state = State::open_parked_or_due}).size(), 4U);
  EXPECT_EQ(woken({.due_at = at(5), .state = State::parked_or_due}).size(), 4U);
  EXPECT_THAT(woken({.due_at = at(5), .kinds = {"device"}}), UnorderedElementsAre("acme/due", "other/due"));
  EXPECT_THAT(woken({.due_at = at(5), .key = "idle"}), UnorderedElementsAre("acme/idle", "other/idle"));
  EXPECT_THAT(woken({.due_at = at(5), .group_key = "g"}), UnorderedElementsAre("acme/parked", "other/parked"));
  EXPECT_THAT(woken({.due_at = at(5), .refers_to = "device/d"}), UnorderedElementsAre("acme/parked", "other/parked"));
  EXPECT_THAT(woken({.due_at = at(5), .parked_code = "mapping.missing"}),
              UnorderedElementsAre("acme/parked", "other/parked"));
}

TEST_P(Wakes, TakeTheKindAndTheKeyThatTheyName) {
  add("group", "storm").open = true;
  add("group", "over");
  add("alert", "storm").open = true;
  add("device", "storm");
  keep();
  EXPECT_THAT(woken({.partner = "acme", .due_at = at(5), .kinds = {"device"}}), UnorderedElementsAre("acme/storm"));
  EXPECT_EQ(woken({.partner = "acme", .due_at = at(5), .kinds = {"group", "device"}}).size(), 3U);
  EXPECT_EQ(woken({.partner = "acme", .due_at = at(5), .key = "storm"}).size(), 3U);
  const auto storm = [](const std::string& key) {
    return Wake{.partner = "acme", .due_at = at(5), .state = State::open, .kinds = {"group"}, .key = key};
  };
  EXPECT_EQ(woken(storm("storm")).size(), 1U);
  EXPECT_EQ(woken(storm("over")).size(), 0U) << "it is not open";
  EXPECT_EQ(woken(storm("")).size(), 0U) << "an empty key is nobody's";
}

TEST_P(Wakes, TakeThoseOfAGroupAndThoseThatReferToARecord) {
  const auto member = [&](const std::string& key, const std::string& group, const std::string& refers_to, bool open) {
    RecordRow& row = add("alert", key);
    row.group_key = group;
    row.refers_to = refers_to;
    row.open = open;
  };
  member("a", "g", "device/1", true);
  member("b", "g", "device/2", false);
  member("c", "h", "device/1", false);
  member("d", "", "", true);
  add("contact", "e").refers_to = "customer/1";
  add("device", "f").refers_to = "device/1";
  keep();
  const auto of_group = [](const std::string& group, State state) {
    return Wake{.partner = "acme", .due_at = at(5), .state = state, .group_key = group};
  };
  EXPECT_THAT(woken(of_group("g", State::any)), UnorderedElementsAre("acme/a", "acme/b"));
  EXPECT_THAT(woken(of_group("g", State::open)), UnorderedElementsAre("acme/a"));
  EXPECT_EQ(woken(of_group("", State::any)).size(), 0U);
  const auto of_record = [](const std::string& name, State state, std::vector<std::string> kinds) {
    return Wake{.partner = "acme", .due_at = at(5), .state = state, .kinds = std::move(kinds), .refers_to = name};
  };
  EXPECT_THAT(woken(of_record("device/1", State::any, {})), UnorderedElementsAre("acme/a", "acme/c", "acme/f"));
  EXPECT_THAT(woken(of_record("device/1", State::open, {"alert"})), UnorderedElementsAre("acme/a"));
  EXPECT_THAT(woken(of_record("customer/1", State::any, {})), UnorderedElementsAre("acme/e"));
  EXPECT_EQ(woken(of_record("", State::any, {})).size(), 0U);
}

TEST_P(Wakes, TakeThoseThatAreParkedWithTheCodeThatTheyName) {
  add("device", "one").parked = {"object.taken", "x"};
  add("contact", "two").parked = {"object.taken", "x"};
  add("device", "other").parked = {"mapping.customer_unknown", R"(not "object.taken")"};
  RecordRow& due = add("device", "due");
  due.parked = {"object.taken", "x"};
  due.due_at = at(1);
  add("device", "idle");
  keep();
  Wake wake{.partner = "acme", .due_at = at(5), .parked_code = "object.taken"};
  EXPECT_THAT(woken(wake), UnorderedElementsAre("acme/one", "acme/two", "acme/due"));
  wake.state = State::parked_not_due;
  EXPECT_THAT(woken(wake), UnorderedElementsAre("acme/one", "acme/two"));
  wake.state = State::parked;
  wake.kinds = {"device"};
  EXPECT_THAT(woken(wake), UnorderedElementsAre("acme/one", "acme/due"));
  wake.state = State::parked_or_due;
  EXPECT_THAT(woken(wake), UnorderedElementsAre("acme/one", "acme/due"));
  wake.parked_code = "";
  EXPECT_EQ(woken(wake).size(), 0U);
}

TEST_P(Wakes, TakeTheLanesThatTheyName) {
  const auto due = [&](const std::string& kind, const std::string& key, int lane, Timestamp due_at) {
    RecordRow& row = add(kind, key);
    row.lane = lane;
    row.due_at = due_at;
  };
  due("alert", "urgent", -4, at(1));
  due("group", "storm", -4, at(5));
  due("alert", "low", 0, at(1));
  due("alert", "later", 0, at(6));
  due("device", "device", 3, at(1));
  due("device", "odd", 0, at(1));
  add("alert", "parked").parked = {"mapping.missing", "why"};
  keep();
  const Wake wake{.partner = "acme",
                  .due_at = at(5),
                  .state = State::parked_or_due,
                  .kinds = {"alert", "group"},
                  .lanes = {-4, -3, -2, -1, 0}};
  EXPECT_THAT(woken(wake), UnorderedElementsAre("acme/urgent", "acme/storm", "acme/low", "acme/parked"));
  EXPECT_THAT(woken({.partner = "acme", .due_at = at(5), .lanes = {3}}), UnorderedElementsAre("acme/device"));
}

TEST_P(Wakes, TakeWhatTheSameTransactionHasSettled) {
  RecordRow row = alert("acme", "disk");
  row.due_at = at(1);
  commit({.records = {row},
          .settled = {{.ref = row.ref, .version = 1, .parked = {"mapping.missing", "why"}}},
          .wakes = {{.partner = "acme", .due_at = at(3), .state = State::parked}}});
  EXPECT_EQ(record(row.ref).value().due_at, at(3));
}

}  // namespace
}  // namespace crosswalk::store::contract

#include "store/contract.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

namespace crosswalk::store::contract {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "crosswalk-store-XXXXXX").string();
  path_ = mkdtemp(pattern.data());
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void StoreContract::SetUp() {
  Result<std::unique_ptr<Store>> opened = GetParam().open(folder_);
  ASSERT_TRUE(opened) << opened.error().message;
  store_ = std::move(*opened);
}

Committed StoreContract::commit(const Transaction& transaction) {
  const Transaction* alone = &transaction;
  Result<std::vector<Committed>> committed = store_->commit({&alone, 1});
  EXPECT_TRUE(committed) << committed.error().message;
  return committed ? std::move(committed->front()) : Committed{};
}

std::optional<RecordRow> StoreContract::record(const RecordKey& ref) {
  const Result<std::vector<std::optional<RecordRow>>> rows = store_->records({&ref, 1});
  EXPECT_TRUE(rows) << rows.error().message;
  return rows ? rows->front() : std::nullopt;
}

std::string name_of(const testing::TestParamInfo<Implementation>& info) { return info.param.name; }

Timestamp at(std::int64_t seconds) { return from_milliseconds(1'700'000'000'000 + seconds * 1'000); }

EventRow event(const std::string& partner, const std::string& id) {
  return {.partner = partner,
          .source = "/product",
          .id = id,
          .type = "alert.raised.v1",
          .kind = "alert",
          .key = "disk",
          .time = at(0),
          .received_at = at(1),
          .data = R"({"severity":"high"})"};
}

RecordRow alert(const std::string& partner, const std::string& key) {
  return {.ref = {partner, "alert", key}, .version = 1, .state = R"({"open":true})"};
}

MappingRow mapping(const std::string& state, const std::string& document) {
  return {.partner = "acme",
          .workflow = "alert-to-ticket",
          .state = state,
          .document = document,
          .author = "ann",
          .comment = "why",
          .created_at = at(5)};
}

PartnerRow partner_row(const std::string& id) {
  return {.id = id,
          .name = "Acme",
          .settings = R"({"site":"x"})",
          .sealed_credentials = std::string("\0\x01sealed", 8),
          .created_at = at(0),
          .version = 1};
}

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kMany = 1'000;

std::vector<std::string> keys_of(const Result<std::vector<RecordRow>>& rows) {
  EXPECT_TRUE(rows) << rows.error().message;
  std::vector<std::string> keys;
  if (rows) {
    for (const RecordRow& row : *rows) keys.push_back(row.ref.key);
  }
  return keys;
}

void expect_equal(const RecordRow& left, const RecordRow& right) {
  EXPECT_EQ(left.ref, right.ref);
  EXPECT_EQ(left.version, right.version);
  EXPECT_EQ(left.state, right.state);
  EXPECT_EQ(left.group_key, right.group_key);
  EXPECT_EQ(left.refers_to, right.refers_to);
  EXPECT_EQ(left.raised_at, right.raised_at);
  EXPECT_EQ(left.open, right.open);
  EXPECT_EQ(left.due_at, right.due_at);
  EXPECT_EQ(left.lane, right.lane);
  EXPECT_EQ(left.parked, right.parked);
  EXPECT_EQ(left.attempts, right.attempts);
}

TEST_P(StoreContract, BeginsEmpty) {
  EXPECT_EQ(store_->folded({}).value(), 0);
  EXPECT_EQ(store_->newest_event().value(), 0);
  EXPECT_THAT(store_->events_after(0, kMany).value(), IsEmpty());
  EXPECT_THAT(store_->due_partners().value(), IsEmpty());
  EXPECT_THAT(store_->partners().value(), IsEmpty());
  EXPECT_THAT(store_->api_keys().value(), IsEmpty());
  const Store::Counts counts = store_->counts("").value();
  EXPECT_EQ(counts.events + counts.records + counts.due + counts.parked + counts.links, 0);
  EXPECT_EQ(record({"acme", "alert", "none"}), std::nullopt);
}

TEST_P(StoreContract, CommitsNothingGladly) {
  EXPECT_THAT(store_->commit({}).value(), IsEmpty());
  EXPECT_THAT(commit({}).events, IsEmpty());
}

// Events

TEST_P(StoreContract, KeepsEventsAsGivenInOrderOfTheirSequence) {
  EventRow odd = event("acme", "2");
  odd.data = R"({"summary":"🔥 مرحبا"})";
  odd.key = "a'b\"c\nd";
  odd.time = from_milliseconds(-1);
  const Committed committed = commit({.events = {event("acme", "1"), odd, event("other", "1")}});
  ASSERT_THAT(committed.events, SizeIs(3));
  for (const Appended& appended : committed.events) EXPECT_EQ(appended.kind, Appended::Kind::stored);
  EXPECT_LT(committed.events[0].sequence, committed.events[1].sequence);

  const std::vector<EventRow> rows = store_->events_after(committed.events[0].sequence, kMany).value();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].sequence, committed.events[1].sequence);
  EXPECT_EQ(rows[0].partner, "acme");
  EXPECT_EQ(rows[0].source, odd.source);
  EXPECT_EQ(rows[0].id, odd.id);
  EXPECT_EQ(rows[0].type, odd.type);
  EXPECT_EQ(rows[0].kind, odd.kind);
  EXPECT_EQ(rows[0].key, odd.key);
  EXPECT_EQ(rows[0].time, odd.time);
  EXPECT_EQ(rows[0].received_at, odd.received_at);
  EXPECT_EQ(rows[0].data, odd.data);
  EXPECT_EQ(rows[1].partner, "other");
  EXPECT_EQ(store_->newest_event().value(), committed.events[2].sequence);
  EXPECT_THAT(store_->events_after(0, 2).value(), SizeIs(2));
}

TEST_P(StoreContract, TellsARepeatedEventFromAConflictingOne) {
  const Appended first = commit({.events = {event("acme", "1")}}).events.front();
  EventRow later = event("acme", "1");
  later.received_at = at(99);
  const Appended repeat = commit({.events = {later}}).events.front();
  EXPECT_EQ(repeat.kind, Appended::Kind::duplicate);
  EXPECT_EQ(repeat.sequence, first.sequence);

  std::vector<EventRow> others(5, event("acme", "1"));
  others[0].data = "{}";
  others[1].type = "alert.resolved.v1";
  others[2].time = at(7);
  others[3].key = "memory";
  others[4].kind = "device";
  for (const Appended& other : commit({.events = others}).events) {
    EXPECT_EQ(other.kind, Appended::Kind::conflict);
    EXPECT_EQ(other.sequence, first.sequence);
  }
  EXPECT_EQ(store_->events_after(0, kMany).value().front().data, event("acme", "1").data);
  EXPECT_EQ(store_->counts("acme").value().events, 1);
}

TEST_P(StoreContract, TakesTheSameIdOfAnotherPartnerOrSourceForAnotherEvent) {
  EventRow other_source = event("acme", "1");
  other_source.source = "/second";
  const Committed committed = commit({.events = {event("acme", "1"), event("other", "1"), other_source}});
  for (const Appended& appended : committed.events) EXPECT_EQ(appended.kind, Appended::Kind::stored);
}

TEST_P(StoreContract, SeesDuplicatesAmongTheTransactionsOfOneCommit) {
  const Transaction first{.events = {event("acme", "1"), event("acme", "1")}};
  EventRow other = event("acme", "1");
  other.data = "{}";
  const Transaction second{.events = {other, event("acme", "2")}};
  const Transaction* both[] = {&first, &second};
  const std::vector<Committed> committed = store_->commit(both).value();
  ASSERT_THAT(committed, SizeIs(2));
  EXPECT_EQ(committed[0].events[0].kind, Appended::Kind::stored);
  EXPECT_EQ(committed[0].events[1].kind, Appended::Kind::duplicate);
  EXPECT_EQ(committed[1].events[0].kind, Appended::Kind::conflict);
  EXPECT_EQ(committed[1].events[0].sequence, committed[0].events[0].sequence);
  EXPECT_EQ(committed[1].events[1].kind, Appended::Kind::stored);
}

TEST_P(StoreContract, ShowsTheEventsOfOneRecordNewestFirst) {
  EventRow other = event("acme", "3");
  other.key = "memory";
  commit({.events = {event("acme", "1"), event("acme", "2"), other, event("other", "1"), event("acme", "4")}});
  const std::vector<EventRow> rows = store_->events_of({"acme", "alert", "disk"}, 2).value();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].id, "4");
  EXPECT_EQ(rows[1].id, "2");
}

TEST_P(StoreContract, KeepsTheFoldCursor) {
  commit({.folded = FoldedTo{{}, 17}});
  EXPECT_EQ(store_->folded({}).value(), 17);
  commit({.events = {event("acme", "1")}});
  EXPECT_EQ(store_->folded({}).value(), 17);
}

// Records

TEST_P(StoreContract, ReplacesARecordWithAllItsColumns) {
  RecordRow full = alert("acme", "disk");
  full.version = 7;
  full.group_key = "storm";
  full.refers_to = "device/d-1";
  full.raised_at = at(1);
  full.open = true;
  full.due_at = at(2);
  full.lane = 3;
  full.parked = {"mapping.missing", "No \"mapping\".", at(3), 7, 2, 1};
  full.attempts = 4;
  commit({.records = {full}});
  expect_equal(record(full.ref).value(), full);
  RecordRow bare = alert("acme", "disk");
  bare.version = 8;
  commit({.records = {bare}});
  expect_equal(record(bare.ref).value(), bare);
  EXPECT_EQ(store_->counts("acme").value().records, 1);
}

TEST_P(StoreContract, AnswersRecordsInTheOrderAskedWithGaps) {
  commit({.records = {alert("acme", "a"), alert("acme", "b")}});
  const std::vector<RecordKey> refs{{"acme", "alert", "b"}, {"acme", "device", "b"}, {"acme", "alert", "a"}};
  const std::vector<std::optional<RecordRow>> rows = store_->records(refs).value();
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_EQ(rows[0].value().ref, refs[0]);
  EXPECT_FALSE(rows[1]);
  EXPECT_EQ(rows[2].value().ref, refs[2]);
}

TEST_P(StoreContract, GivesDueRecordsByLaneThenTimeUpToNow) {
  const auto due = [](const std::string& key, int lane, std::optional<Timestamp> due_at) {
    RecordRow row = alert("acme", key);
    row.lane = lane;
    row.due_at = due_at;
    return row;
  };
  RecordRow foreign = alert("other", "foreign");
  foreign.due_at = at(0);
  commit({.records = {due("bulk", 2, at(1)), due("late", 0, at(9)), due("second", 0, at(5)), due("first", 0, at(2)),
                      due("negative", -1, at(5)), due("idle", 0, std::nullopt), foreign}});
  EXPECT_THAT(keys_of(store_->due("acme", at(5), kMany)), ElementsAre("negative", "first", "second", "bulk"));
  EXPECT_THAT(keys_of(store_->due("acme", at(5), 3)), ElementsAre("negative", "first", "second"));
  EXPECT_THAT(keys_of(store_->due("acme", at(-1), kMany)), IsEmpty());
  EXPECT_THAT(keys_of(store_->due("acme", at(5), kMany, -1)), ElementsAre("negative"));
  EXPECT_THAT(keys_of(store_->due("nobody", at(5), kMany)), IsEmpty());
  const std::set<RecordKey> busy{alert("acme", "negative").ref, alert("acme", "second").ref};
  EXPECT_THAT(keys_of(store_->due("acme", at(5), 2, 9, busy)), ElementsAre("first", "bulk"))
      << "those that are being worked on take no room";
}

TEST_P(StoreContract, GivesWhatHasWaitedLongItsShareThoughMoreUrgentRecordsAreDue) {
  const auto due = [](const std::string& key, int lane, std::int64_t seconds) {
    RecordRow row = alert("acme", key);
    row.lane = lane;
    row.due_at = at(seconds);
    return row;
  };
  Transaction transaction;
  for (int i = 0; i < 20; ++i)
    transaction.records.push_back(due("urgent-" + std::to_string(i), record_lane::kUrgent, 900));
  transaction.records.push_back(due("patient", record_lane::kLow, 10));
  transaction.records.push_back(due("young", record_lane::kLow, 800));
  commit(transaction);
  const std::vector<std::string> keys = keys_of(store_->due("acme", at(900), 8));
  ASSERT_THAT(keys, SizeIs(8));
  EXPECT_EQ(std::ranges::count(keys, "patient"), 1);
  EXPECT_EQ(std::ranges::count(keys, "young"), 0);
  EXPECT_TRUE(keys.front().starts_with("urgent")) << "what is urgent still leads";
}

TEST_P(StoreContract, FindsRecordsByWordsOfTheirKeyAndStateOpenOnesFirst) {
  RecordRow closed = alert("acme", "v1/edr/acme/srv-01/disk"), open = alert("acme", "v1/edr/acme/srv-02/disk"),
            foreign = alert("other", "v1/edr/acme/srv-01/disk");
  closed.open = false;
  closed.state = R"({"title":"Disk almost full"})";
  open.open = true;
  open.state = R"({"title":"DISK full"})";
  foreign.state = closed.state;
  commit({.records = {closed, open, foreign}});
  const auto found = [&](std::vector<std::string> words) { return keys_of(store_->find_records("acme", words, 10)); };
  EXPECT_THAT(found({"disk", "Full"}), ElementsAre(open.ref.key, closed.ref.key));
  EXPECT_THAT(found({"SRV-01"}), ElementsAre(closed.ref.key));
  EXPECT_THAT(found({"disk", "fan"}), IsEmpty());
  EXPECT_THAT(found({}), IsEmpty());
  EXPECT_THAT(found({"%"}), IsEmpty()) << "words are no patterns";
}

TEST_P(StoreContract, NamesEachPartnerThatHasDueRecordsWithTheEarliest) {
  const auto due = [](const std::string& partner, const std::string& key, int lane, std::int64_t seconds) {
    RecordRow row = alert(partner, key);
    row.lane = lane;
    row.due_at = at(seconds);
    return row;
  };
  commit({.records = {due("b", "1", 0, 8), due("b", "2", 1, 3), due("b", "3", 1, 4), due("a", "1", 5, 6),
                      due("c", "1", 0, 1), alert("d", "1")}});
  const std::vector<Store::PartnerDue> partners = store_->due_partners().value();
  std::map<std::string, Timestamp> earliest;
  for (const Store::PartnerDue& partner : partners) earliest[partner.partner] = partner.earliest;
  EXPECT_THAT(partners, SizeIs(3));
  EXPECT_EQ(earliest, (std::map<std::string, Timestamp>{{"a", at(6)}, {"b", at(3)}, {"c", at(1)}}));
  EXPECT_EQ(store_->earliest_due("b", at(0)).value(), at(3));
  EXPECT_EQ(store_->earliest_due("b", at(3)).value(), at(4));
  EXPECT_EQ(store_->earliest_due("b", at(4)).value(), at(8));
  EXPECT_EQ(store_->earliest_due("b", at(8)).value(), std::nullopt);
  EXPECT_EQ(store_->earliest_due("d", at(0)).value(), std::nullopt);
}

TEST_P(StoreContract, SettlesOnlyTheVersionThatWasReconciled) {
  RecordRow row = alert("acme", "disk");
  row.version = 2;
  row.due_at = at(1);
  commit({.records = {row}});
  const RecordSettled settled{
      .ref = row.ref, .version = 1, .parked = {"mapping.missing", "No mapping.", at(3), 2, 1, 0}, .attempts = 9};
  commit({.settled = {settled}});
  expect_equal(record(row.ref).value(), row);

  RecordSettled current = settled;
  current.version = 2;
  commit({.settled = {current}});
  row.due_at = std::nullopt;
  row.parked = settled.parked;
  row.attempts = 9;
  expect_equal(record(row.ref).value(), row);
  current.parked = {};
  commit({.settled = {current}});
  row.parked = {};
  expect_equal(record(row.ref).value(), row);
}

TEST_P(StoreContract, IgnoresTheSettlementOfAnUnknownRecord) {
  commit({.settled = {{.ref = {"acme", "alert", "gone"}, .version = 1, .due_at = at(1)}}});
  EXPECT_FALSE(record({"acme", "alert", "gone"}));
}

TEST_P(StoreContract, FindsTheMembersOfAGroupOldestRaiseFirst) {
  const auto member = [](const std::string& partner, const std::string& key, const std::string& group,
                         std::optional<Timestamp> raised_at) {
    RecordRow row = alert(partner, key);
    row.group_key = group;
    row.raised_at = raised_at;
    return row;
  };
  commit(
      {.records = {member("acme", "c", "g", at(30)), member("acme", "a", "g", at(10)), member("acme", "b", "g", at(20)),
                   member("acme", "never", "g", std::nullopt), member("acme", "x", "h", at(20)),
                   member("other", "y", "g", at(20)), member("acme", "alone", "", at(20))}});
  EXPECT_THAT(keys_of(store_->group_members("acme", "g", at(10), kMany)), ElementsAre("a", "b", "c"));
  EXPECT_THAT(keys_of(store_->group_members("acme", "g", at(11), kMany)), ElementsAre("b", "c"));
  EXPECT_THAT(keys_of(store_->group_members("acme", "g", at(0), 1)), ElementsAre("a"));
  EXPECT_THAT(keys_of(store_->group_members("acme", "", at(0), kMany)), IsEmpty());
  EXPECT_THAT(keys_of(store_->open_group_members("acme", "", kMany)), IsEmpty());
  const auto counted = store_->count_group_members("acme", "g", at(11));
  ASSERT_TRUE(counted);
  EXPECT_EQ(counted->all, 2);
}

TEST_P(StoreContract, ListsRecordsPageByPage) {
  RecordRow device = alert("acme", "z");
  device.ref.kind = "device";
  commit({.records = {alert("acme", "b"), alert("acme", "a\nx"), device, alert("acme", "c"), alert("other", "a")}});
  Store::RecordQuery query{.partner = "acme", .count_max = 2};
  EXPECT_THAT(keys_of(store_->list_records(query)), ElementsAre("a\nx", "b"));
  query.key_after = "alert\na\nx";
  EXPECT_THAT(keys_of(store_->list_records(query)), ElementsAre("b", "c"));
  query.key_after = "alert\nc";
  EXPECT_THAT(keys_of(store_->list_records(query)), ElementsAre("z"));
  query.key_after = "device\nz";
  EXPECT_THAT(keys_of(store_->list_records(query)), IsEmpty());

  Store::RecordQuery alerts{.partner = "acme", .kind = "alert", .key_after = "alert\nb"};
  EXPECT_THAT(keys_of(store_->list_records(alerts)), ElementsAre("c"));
}

TEST_P(StoreContract, ListsOnlyWhatIsParkedDueOrOpen) {
  RecordRow parked = alert("acme", "parked"), due = alert("acme", "due"), open = alert("acme", "open");
  parked.parked.code = "mapping.missing";
  due.due_at = at(1);
  open.open = true;
  RecordRow parked_device = parked;
  parked_device.ref = {"acme", "device", "parked-device"};
  parked_device.open = true;
  commit({.records = {parked, due, open, parked_device, alert("acme", "idle")}});
  EXPECT_THAT(keys_of(store_->list_records({.partner = "acme", .parked_only = true})),
              ElementsAre("parked", "parked-device"));
  EXPECT_THAT(keys_of(store_->list_records({.partner = "acme", .kind = "device", .parked_only = true})),
              ElementsAre("parked-device"));
  EXPECT_THAT(keys_of(store_->list_records({.partner = "acme", .due_only = true})), ElementsAre("due"));
  EXPECT_THAT(keys_of(store_->list_records({.partner = "acme", .open_only = true})),
              ElementsAre("open", "parked-device"));
  EXPECT_THAT(keys_of(store_->list_records({.partner = "acme", .parked_only = true, .open_only = true})),
              ElementsAre("parked-device"));
}

// Links and journal

TEST_P(StoreContract, KeepsOneLinkForEachRecordAndAnchor) {
  const auto link = [](const std::string& key, const std::string& anchor, const std::string& id) {
    return LinkRow{.ref = {"acme", "alert", key},
                   .anchor = anchor,
                   .provider = "manage",
                   .object_kind = "ticket",
                   .object_id = id,
                   .external_reference = "ref-" + id,
                   .state = "{}"};
  };
  commit({.links = {link("b", "2", "20"), link("b", "1", "10"), link("a", "1", "30")}});
  commit({.links = {link("b", "1", "11")}});
  const std::vector<RecordKey> refs{{"acme", "alert", "b"}, {"acme", "alert", "none"}, {"acme", "alert", "a"}};
  const std::vector<LinkRow> rows = store_->links(refs).value();
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_EQ(rows[0].object_id, "11");
  EXPECT_EQ(rows[0].external_reference, "ref-11");
  EXPECT_EQ(rows[0].provider, "manage");
  EXPECT_EQ(rows[0].object_kind, "ticket");
  EXPECT_EQ(rows[0].state, "{}");
  EXPECT_EQ(rows[1].object_id, "20");
  EXPECT_EQ(rows[2].ref, refs[2]);
  EXPECT_EQ(store_->counts("acme").value().links, 3);
}

TEST_P(StoreContract, AppendsToTheJournalAndReadsItNewestFirst) {
  const RecordKey ref{"acme", "alert", "disk"};
  commit({.journal = {{.ref = ref, .at = at(2), .entry = R"({"n":1})"},
                      {.ref = {"acme", "alert", "other"}, .at = at(2), .entry = "{}"},
                      {.ref = ref, .at = at(1), .entry = R"({"n":2})"}}});
  const std::vector<JournalRow> rows = store_->journal_of(ref, kMany).value();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].entry, R"({"n":2})");
  EXPECT_EQ(rows[0].at, at(1));
  EXPECT_EQ(rows[0].ref, ref);
  EXPECT_GT(rows[0].sequence, rows[1].sequence);
  EXPECT_THAT(store_->journal_of(ref, 1).value(), SizeIs(1));
}

TEST_P(StoreContract, CountsPerPartnerAndOverAll) {
  RecordRow parked = alert("acme", "parked");
  parked.parked.code = "mapping.missing";
  parked.due_at = at(1);
  commit({.events = {event("acme", "1"), event("acme", "2"), event("other", "1")},
          .records = {parked, alert("acme", "b"), alert("other", "a")},
          .links = {{.ref = parked.ref, .anchor = "1"}}});
  const Store::Counts acme = store_->counts("acme").value(), all = store_->counts("").value();
  EXPECT_EQ(acme.events, 2);
  EXPECT_EQ(acme.records, 2);
  EXPECT_EQ(acme.due, 1);
  EXPECT_EQ(acme.parked, 1);
  EXPECT_EQ(acme.links, 1);
  EXPECT_EQ(all.events, 3);
  EXPECT_EQ(all.records, 3);
  EXPECT_EQ(store_->counts("nobody").value().events, 0);
}

// Settings

TEST_P(StoreContract, KeepsAndReplacesPartners) {
  PartnerRow changed = partner_row("acme");
  changed.name = "Acme & Söhne";
  changed.paused = true;
  changed.version = 2;
  commit({.partners = {partner_row("zeta"), partner_row("acme")}});
  commit({.partners = {changed}});
  const std::vector<PartnerRow> rows = store_->partners().value();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].id, "acme");
  const PartnerRow row = store_->partner("acme").value().value();
  EXPECT_EQ(row.name, changed.name);
  EXPECT_TRUE(row.paused);
  EXPECT_EQ(row.settings, changed.settings);
  EXPECT_EQ(row.sealed_credentials, changed.sealed_credentials);
  EXPECT_EQ(row.created_at, changed.created_at);
  EXPECT_EQ(row.version, 2);
  EXPECT_FALSE(store_->partner("nobody").value());
}

TEST_P(StoreContract, NumbersMappingsAndKeepsReplacedDrafts) {
  MappingRow foreign = mapping("draft", "{}");
  foreign.partner = "other";
  EXPECT_THAT(commit({.mappings = {mapping("draft", "1"), mapping("draft", "2"), foreign}}).mapping_versions,
              ElementsAre(1, 2, 1));
  const std::vector<MappingRow> rows = store_->mappings("acme", "alert-to-ticket").value();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].version, 2);
  EXPECT_EQ(rows[0].state, "draft");
  EXPECT_EQ(rows[0].document, "2");
  EXPECT_EQ(rows[0].author, "ann");
  EXPECT_EQ(rows[0].comment, "why");
  EXPECT_EQ(rows[0].created_at, at(5));
  EXPECT_FALSE(rows[0].published_at);
  EXPECT_EQ(rows[1].state, "superseded");
  EXPECT_FALSE(store_->live_mapping("acme", "alert-to-ticket").value());
}

TEST_P(StoreContract, PublishesOneMappingAtATime) {
  commit({.mappings = {mapping("live", "1"), mapping("draft", "2")}});
  EXPECT_EQ(store_->live_mapping("acme", "alert-to-ticket").value().value().published_at, at(5));

  // What is put in force may say more than the draft: when it went live.
  MappingRow publish = mapping("live", "2, live since");
  publish.version = 2;
  publish.published_at = at(50);
  EXPECT_THAT(commit({.mappings = {publish}}).mapping_versions, ElementsAre(2));
  const MappingRow live = store_->live_mapping("acme", "alert-to-ticket").value().value();
  EXPECT_EQ(live.version, 2);
  EXPECT_EQ(live.document, "2, live since");
  EXPECT_EQ(live.published_at, at(50));
  EXPECT_EQ(store_->mappings("acme", "alert-to-ticket").value().back().state, "superseded");

  commit({.mappings = {mapping("live", "3")}});
  EXPECT_EQ(store_->live_mapping("acme", "alert-to-ticket").value().value().version, 3);
}

TEST_P(StoreContract, RefusesToChangeAMappingVersionThatIsNotThere) {
  MappingRow missing = mapping("live", "1");
  missing.version = 4;
  const Transaction transaction{.mappings = {missing}};
  const Transaction* alone = &transaction;
  EXPECT_EQ(store_->commit({&alone, 1}).error().code, "store.changed_meanwhile");
}

TEST_P(StoreContract, KeepsApiKeysAndPlans) {
  ApiKeyRow key{.id = "k1",
                .name = "ci",
                .hash = "h",
                .partner = "acme",
                .created_at = at(1),
                .expires_at = at(9),
                .role = "intake"};
  PlanRow plan{.partner = "acme", .id = "p1", .hash = "h", .document = "{}", .created_at = at(1), .expires_at = at(2)};
  commit({.keys = {key}, .plans = {plan}});
  plan.applied_at = at(2);
  commit({.keys_revoked = {{"k1", at(3)}}, .keys_used = {{"k1", at(2)}}, .plans = {plan}});
  const std::vector<ApiKeyRow> keys = store_->api_keys().value();
  ASSERT_THAT(keys, SizeIs(1));
  EXPECT_EQ(keys[0].hash, "h");
  EXPECT_EQ(keys[0].name, "ci");
  EXPECT_EQ(keys[0].partner, "acme");
  EXPECT_EQ(keys[0].created_at, at(1));
  EXPECT_EQ(keys[0].expires_at, at(9));
  EXPECT_EQ(keys[0].revoked_at, at(3));
  EXPECT_EQ(keys[0].last_used_at, at(2));
  EXPECT_EQ(keys[0].role, "intake");
  const PlanRow row = store_->plan("acme", "p1").value().value();
  EXPECT_EQ(row.document, "{}");
  EXPECT_EQ(row.hash, "h");
  EXPECT_EQ(row.created_at, at(1));
  EXPECT_EQ(row.expires_at, at(2));
  EXPECT_EQ(row.applied_at, at(2));
  EXPECT_FALSE(store_->plan("other", "p1").value());
}

// Commits

TEST_P(StoreContract, LeavesNothingOfAFailedCommit) {
  const Transaction good{.partners = {partner_row("acme")},
                         .events = {event("acme", "1")},
                         .records = {alert("acme", "disk")},
                         .folded = FoldedTo{{}, 5}};
  const Transaction bad{.mappings = {mapping("nonsense", "{}")}};
  const Transaction* both[] = {&good, &bad};
  EXPECT_EQ(store_->commit(both).error().code, "store.failed");
  EXPECT_EQ(store_->newest_event().value(), 0);
  EXPECT_EQ(store_->folded({}).value(), 0);
  EXPECT_FALSE(store_->partner("acme").value());
  EXPECT_EQ(store_->counts("").value().records, 0);
  EXPECT_EQ(commit(good).events.front().kind, Appended::Kind::stored);
}

TEST_P(StoreContract, ShowsReadersWholeCommitsOnlyWhileOneWrites) {
  constexpr int kCommits = 200;
  std::atomic<bool> done{false};
  std::atomic<int> torn{0}, reads{0};
  const std::vector<RecordKey> refs{{"acme", "alert", "a"}, {"acme", "alert", "b"}};
  const auto read = [&] {
    do {
      const Result<std::vector<std::optional<RecordRow>>> rows = store_->records(refs);
      if (!rows || rows->at(0).has_value() != rows->at(1).has_value()) {
        ++torn;
      } else if (rows->at(0) && rows->at(0)->version != rows->at(1)->version) {
        ++torn;
      }
      ++reads;
    } while (!done);
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 6; ++i) readers.emplace_back(read);
  for (int version = 1; version <= kCommits; ++version) {
    RecordRow a = alert("acme", "a"), b = alert("acme", "b");
    a.version = b.version = version;
    commit({.records = {a, b}});
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(torn, 0);
  EXPECT_GE(reads, 6);
  EXPECT_EQ(record(refs[0]).value().version, kCommits);
}

TEST_P(StoreContract, TakesCommitsFromSeveralThreads) {
  constexpr int kThreads = 4, kEach = 50;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([this, thread] {
      for (int i = 0; i < kEach; ++i) commit({.events = {event("acme", std::to_string(thread * kEach + i))}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store_->counts("acme").value().events, kThreads * kEach);
  EXPECT_THAT(store_->events_after(0, kMany).value(), SizeIs(kThreads * kEach));
}

TEST_P(StoreContract, AgreesWithAModelOfDueRecordsUnderAnyWrites) {
  EXPECT_TRUE(rc::check([this] {
    const TemporaryFolder folder;
    const std::unique_ptr<Store> store = GetParam().open(folder).value();
    std::map<std::string, RecordRow> model;
    const auto writes = *rc::gen::container<std::vector<std::tuple<int, int, int, bool>>>(rc::gen::tuple(
        rc::gen::inRange(0, 6), rc::gen::inRange(0, 3), rc::gen::inRange(0, 20), rc::gen::arbitrary<bool>()));
    for (const auto& [key, lane, due, settles] : writes) {
      RecordRow& row = model.try_emplace(std::to_string(key), alert("acme", std::to_string(key))).first->second;
      Transaction transaction;
      row.due_at = due < 10 ? std::optional(at(due)) : std::nullopt;
      if (settles && row.version > 1) {
        transaction.settled.push_back({.ref = row.ref, .version = row.version, .due_at = row.due_at});
      } else {
        ++row.version;
        row.lane = lane;
        transaction.records.push_back(row);
      }
      const Transaction* alone = &transaction;
      RC_ASSERT(store->commit({&alone, 1}).has_value());
    }
    std::vector<std::pair<int, Timestamp>> expected, found;
    for (const auto& [key, row] : model) {
      if (row.due_at && *row.due_at <= at(5)) expected.emplace_back(row.lane, *row.due_at);
    }
    std::sort(expected.begin(), expected.end());
    const std::vector<RecordRow> rows = store->due("acme", at(5), kMany).value();
    for (const RecordRow& row : rows) found.emplace_back(row.lane, row.due_at.value());
    RC_ASSERT(found == expected);
  }));
}

}  // namespace
}  // namespace crosswalk::store::contract

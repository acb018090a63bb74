#include <gmock/gmock.h>
#include <sqlite3.h>

#include <csignal>
#include <fstream>
#include <future>
#include <set>

#include "store/contract.h"
#include "store/sqlite/sqlite_store.h"

namespace crosswalk::store {
namespace {

using contract::alert;
using contract::event;
using contract::StoreContract;
using contract::TemporaryFolder;

INSTANTIATE_TEST_SUITE_P(SqliteFile, StoreContract,
                         testing::Values(contract::Implementation{
                             "file",
                             [](const TemporaryFolder& folder) {
                               return open_sqlite_store({.path = folder.file("store.db"), .synchronous = false});
                             }}),
                         contract::name_of);
INSTANTIATE_TEST_SUITE_P(SqliteMemory, StoreContract,
                         testing::Values(contract::Implementation{
                             "memory", [](const TemporaryFolder&) { return open_sqlite_store({.path = ":memory:"}); }}),
                         contract::name_of);

Result<Committed> commit(Store& store, const Transaction& transaction) {
  const Transaction* alone = &transaction;
  Result<std::vector<Committed>> committed = store.commit({&alone, 1});
  if (!committed) return tl::unexpected(committed.error());
  return std::move(committed->front());
}

std::string code_of_open(const SqliteOptions& options) {
  const Result<std::unique_ptr<Store>> opened = open_sqlite_store(options);
  return opened ? "" : opened.error().code;
}

/// Another program at the same file.
class Intruder {
 public:
  explicit Intruder(const std::string& path) { EXPECT_EQ(sqlite3_open(path.c_str(), &handle_), SQLITE_OK); }
  ~Intruder() { sqlite3_close(handle_); }
  void execute(const char* script) {
    EXPECT_EQ(sqlite3_exec(handle_, script, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle_);
  }
  std::string ask(const char* query) {
    std::string answer;
    const auto keep = [](void* text, int, char** values, char**) {
      *static_cast<std::string*>(text) = values[0] != nullptr ? values[0] : "";
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(handle_, query, keep, &answer, nullptr), SQLITE_OK) << sqlite3_errmsg(handle_);
    return answer;
  }

 private:
  sqlite3* handle_ = nullptr;
};

TEST(SqliteStore, KeepsEverythingOverAReopen) {
  const TemporaryFolder folder;
  const SqliteOptions options{.path = folder.file("store.db")};
  ASSERT_TRUE(commit(*open_sqlite_store(options).value(), {.events = {event("acme", "1")}, .folded = FoldedTo{{}, 1}}));
  const std::unique_ptr<Store> again = open_sqlite_store(options).value();
  EXPECT_EQ(again->newest_event().value(), 1);
  EXPECT_EQ(again->folded({}).value(), 1);
  EXPECT_EQ(commit(*again, {.events = {event("acme", "1")}}).value().events.front().kind, Appended::Kind::duplicate);
}

TEST(SqliteStoreDeathTest, LosesNothingCommittedWhenTheProcessIsKilled) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  // The child of a thread-safe death test runs this test from its start, so the place must be the same for both.
  static const std::string path =
      (std::filesystem::temp_directory_path() / ("crosswalk-killed-" + std::to_string(getpgid(0)) + ".db")).string();
  const auto remove = [] {
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(path + ending);
  };
  remove();
  const SqliteOptions options{.path = path};
  EXPECT_EXIT(
      {
        const std::unique_ptr<Store> store = open_sqlite_store(options).value();
        for (int i = 0; i < 10; ++i) {
          if (!commit(*store, {.events = {event("acme", std::to_string(i))}})) _exit(1);
        }
        raise(SIGKILL);
      },
      testing::KilledBySignal(SIGKILL), "");
  EXPECT_GT(std::filesystem::file_size(path + "-wal"), 0U);
  EXPECT_EQ(open_sqlite_store(options).value()->counts("acme").value().events, 10);
  remove();
}

TEST(SqliteStore, WritesAheadToALog) {
  const TemporaryFolder folder;
  const std::unique_ptr<Store> store = open_sqlite_store({.path = folder.file("store.db")}).value();
  EXPECT_EQ(Intruder(folder.file("store.db")).ask("PRAGMA journal_mode"), "wal");
}

TEST(SqliteStore, MigratesAnEmptyFileToTheNewestVersion) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("store.db")).close();
  const std::unique_ptr<Store> store = open_sqlite_store({.path = folder.file("store.db")}).value();
  EXPECT_TRUE(commit(*store, {.records = {alert("acme", "disk")}}));
  EXPECT_EQ(Intruder(folder.file("store.db")).ask("PRAGMA user_version"), "10");
  EXPECT_EQ(Intruder(folder.file("store.db")).ask("PRAGMA integrity_check"), "ok");
}

/// The schema as it was up to a version, with rows as programs of that time wrote them.
void make_older(const std::string& path, std::size_t version, const char* rows) {
  std::set<std::filesystem::path> migrations;
  for (const auto& each : std::filesystem::directory_iterator(CROSSWALK_SOURCE_DIR "/src/store/sqlite/migrations"))
    migrations.insert(each.path());
  Intruder older(path);
  for (const std::filesystem::path& each : migrations) {
    if (version-- == 0) break;
    std::ifstream file(each);
    older.execute(std::string(std::istreambuf_iterator<char>(file), {}).c_str());
  }
  older.execute(rows);
}

constexpr const char* kRowsOfVersion8 = R"sql(
  INSERT INTO records (partner, kind, key, version, group_key, open, due_at, lane, attempts, parked, state) VALUES
    ('acme', 'alert', 'names', 1, 'v1/edr/a/c', 1, NULL, 0, 0, '',
      '{"content":{"subject":"disk","device":"pc \"7\" / ü","title":"d-1"},"happenings":[]}'),
    ('acme', 'alert', 'subject', 1, 'v1/edr/a/c', 1, NULL, 0, 0, '', '{"content":{"subject":"d-1"}}'),
    ('acme', 'alert', 'closed', 1, 'v1/edr/a/c', 0, NULL, 0, 0, '', '{"content":{"subject":"d-1"}}'),
    ('acme', 'alert', 'nobody', 1, '', 1, NULL, 0, 0, '', '{"content":{"title":"d-1"}}'),
    ('acme', 'alert', 'broken', 1, '', 1, NULL, 0, 0, '', '{"content":'),
    ('acme', 'contact', 'ada', 1, 'customer' || char(10) || 'a/b', 0, NULL, 2, 0, '', '{}'),
    ('acme', 'device', 'd-1', 1, 'customer' || char(10) || 'a/b', 1, NULL, 3, 1,
      '{"code":"object.taken","message":"By \"x\".","at":"2026-03-01T08:00:00.250Z","version":7,"looks":2,"skipped":1}',
      '{}'),
    ('acme', 'device', 'd-2', 1, 'customer' || char(10), 1, NULL, 3, 1,
      '{"code":"mapping.missing","message":"m","at":"2026-03-01T08:00:00Z"}', '{}'),
    ('acme', 'device', 'torn', 1, '', 1, NULL, 3, 1, '{"code":"object.ta', '{}'),
    ('acme', 'device', 'no-code', 1, '', 1, NULL, 3, 1, '{"message":"m"}', '{}'))sql";

TEST(SqliteStore, BringsRowsOfAnOlderSchemaAlong) {
  const TemporaryFolder folder;
  const SqliteOptions options{.path = folder.file("store.db"), .synchronous = false};
  make_older(options.path, 8, kRowsOfVersion8);
  const std::unique_ptr<Store> store = open_sqlite_store(options).value();
  const auto row = [&](const std::string& kind, const std::string& key) {
    const RecordKey ref{"acme", kind, key};
    return store->records({&ref, 1}).value().at(0).value();
  };
  EXPECT_EQ(row("alert", "names").refers_to, "device/pc \"7\" / ü");
  EXPECT_EQ(row("alert", "names").group_key, "v1/edr/a/c");
  EXPECT_EQ(row("alert", "subject").refers_to, "device/d-1");
  EXPECT_EQ(row("alert", "closed").refers_to, "device/d-1");
  EXPECT_EQ(row("alert", "nobody").refers_to, "");
  EXPECT_EQ(row("alert", "broken").refers_to, "");
  EXPECT_EQ(row("contact", "ada").refers_to, "customer/a/b");
  EXPECT_EQ(row("contact", "ada").group_key, "");
  EXPECT_EQ(row("device", "d-1").refers_to, "customer/a/b");
  EXPECT_EQ(row("device", "d-2").refers_to, "");
  EXPECT_EQ(row("device", "d-2").group_key, "");

  const Parked taken{"object.taken", "By \"x\".", parse_timestamp("2026-03-01T08:00:00.250Z"), 7, 2, 1};
  const Parked missing{"mapping.missing", "m", parse_timestamp("2026-03-01T08:00:00Z")};
  EXPECT_EQ(row("device", "d-1").parked, taken);
  EXPECT_EQ(row("device", "d-2").parked, missing);
  EXPECT_EQ(row("device", "torn").parked.code, "store.corrupt");
  EXPECT_EQ(row("device", "no-code").parked.code, "store.corrupt");
  EXPECT_TRUE(row("alert", "names").parked.empty());
  EXPECT_EQ(store->counts("acme").value().parked, 4);
}

TEST(SqliteStore, WakesRowsOfAnOlderSchema) {
  const TemporaryFolder folder;
  const SqliteOptions options{.path = folder.file("store.db"), .synchronous = false};
  make_older(options.path, 8, kRowsOfVersion8);
  const std::unique_ptr<Store> store = open_sqlite_store(options).value();
  std::int64_t seconds = 1'000;
  // Each wake is earlier than the one before, so that it shows.
  const auto woken = [&](Wake wake) {
    wake.partner = "acme";
    wake.due_at = contract::at(--seconds);
    EXPECT_TRUE(commit(*store, {.wakes = {wake}}));
    std::set<std::string> keys;
    const std::vector<RecordRow> rows = store->due("acme", wake.due_at, 100).value();
    for (const RecordRow& row : rows) keys.insert(row.ref.key);
    return keys;
  };
  using Keys = std::set<std::string>;
  EXPECT_EQ(woken({.state = Wake::State::open, .kinds = {"alert"}, .refers_to = "device/d-1"}), Keys{"subject"});
  EXPECT_EQ(woken({.state = Wake::State::open, .kinds = {"alert"}, .refers_to = "device/pc \"7\" / ü"}), Keys{"names"});
  EXPECT_EQ(woken({.refers_to = "customer/a/b"}), (Keys{"ada", "d-1"}));
  EXPECT_EQ(woken({.state = Wake::State::open, .group_key = "v1/edr/a/c"}), (Keys{"names", "subject"}));
  EXPECT_EQ(woken({.state = Wake::State::parked, .kinds = {"device"}, .parked_code = "object.taken"}), Keys{"d-1"});
  EXPECT_EQ(woken({.state = Wake::State::parked_not_due, .parked_code = "store.corrupt"}), (Keys{"torn", "no-code"}));
  EXPECT_EQ(woken({.state = Wake::State::parked}), (Keys{"d-1", "d-2", "torn", "no-code"}));
}

TEST(SqliteStore, SaysSoWhereItCannotBeReadWhyARecordWaits) {
  const TemporaryFolder folder;
  const SqliteOptions options{.path = folder.file("store.db"), .synchronous = false};
  const std::unique_ptr<Store> store = open_sqlite_store(options).value();
  RecordRow waits = alert("acme", "disk");
  waits.parked = {"mapping.missing", "why"};
  ASSERT_TRUE(commit(*store, {.records = {waits}}));
  for (const char* damage : {"UPDATE records SET parked = '{\"message\":'", "UPDATE records SET parked = '[]'"}) {
    Intruder(options.path).execute(damage);
    EXPECT_EQ(store->records({&waits.ref, 1}).value().at(0).value().parked.code, "store.corrupt") << damage;
  }
}

TEST(SqliteStore, LeavesNothingOfAPersonInItsFiles) {
  const TemporaryFolder folder;
  const std::unique_ptr<Store> store = open_sqlite_store({.path = folder.file("store.db")}).value();
  RecordRow person = alert("acme", "p-1");
  person.ref.kind = "contact";
  person.state = R"({"name":"Wilhelmina Quackenbush","email":"wilhelmina@acme.example"})";
  RecordRow other = alert("acme", "disk");
  other.state = R"({"contact_email":"wilhelmina@acme.example"})";
  EXPECT_TRUE(commit(*store, {.records = {person, other}}));
  const auto holds = [&](std::string_view text) {
    bool found = false;
    for (const char* name : {"store.db", "store.db-wal"}) {
      std::ifstream file(folder.file(name), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      found |= bytes.find(text) != std::string::npos;
    }
    return found;
  };
  ASSERT_TRUE(holds("Quackenbush"));
  const std::vector<std::string> texts{"wilhelmina@acme.example"};
  EXPECT_TRUE(store->forget(person.ref, texts));
  EXPECT_FALSE(holds("Quackenbush"));
  EXPECT_FALSE(holds("wilhelmina@acme.example"));
}

TEST(SqliteStore, MigratesOnceWhenSeveralOpenTheSameNewFile) {
  const TemporaryFolder folder;
  std::vector<std::future<std::string>> openings;
  for (int i = 0; i < 12; ++i) {
    openings.push_back(std::async(std::launch::async, [&] { return code_of_open({.path = folder.file("store.db")}); }));
  }
  for (std::future<std::string>& opening : openings) EXPECT_EQ(opening.get(), "");
}

TEST(SqliteStore, RefusesAFileOfANewerProgramAndLeavesItAlone) {
  const TemporaryFolder folder;
  const SqliteOptions options{.path = folder.file("store.db")};
  ASSERT_EQ(code_of_open(options), "");
  Intruder(options.path).execute("PRAGMA user_version = 999");
  EXPECT_EQ(code_of_open(options), "store.newer");
  EXPECT_EQ(Intruder(options.path).ask("PRAGMA user_version"), "999");
}

TEST(SqliteStore, RefusesAnotherProgramsDatabase) {
  const TemporaryFolder folder;
  const SqliteOptions options{.path = folder.file("store.db")};
  Intruder(options.path).execute("CREATE TABLE recipes (title TEXT)");
  EXPECT_EQ(code_of_open(options), "store.failed");
  Intruder(options.path).execute("PRAGMA user_version = 1");
  EXPECT_EQ(code_of_open(options), "store.failed");
}

TEST(SqliteStore, RefusesAFileThatIsNoDatabase) {
  const TemporaryFolder folder;
  const SqliteOptions options{.path = folder.file("store.db")};
  std::ofstream(options.path) << std::string(8'192, 'x');
  EXPECT_EQ(code_of_open(options), "store.damaged");
}

TEST(SqliteStore, TellsOfADamagedPage) {
  const TemporaryFolder folder;
  const SqliteOptions options{.path = folder.file("store.db")};
  {
    const std::unique_ptr<Store> store = open_sqlite_store(options).value();
    Transaction many;
    for (int i = 0; i < 500; ++i) many.records.push_back(alert("acme", std::to_string(i)));
    ASSERT_TRUE(commit(*store, many));
  }
  {
    std::fstream file(options.path, std::ios::in | std::ios::out | std::ios::binary);
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(options.path));
    // All but the pages of the schema.
    for (std::streamoff page = 16'384; page < size; page += 4'096) {
      file.seekp(page);
      file << std::string(64, '\xee');
    }
  }
  const Result<std::unique_ptr<Store>> store = open_sqlite_store(options);
  if (!store) {
    EXPECT_EQ(store.error().code, "store.damaged");
    return;
  }
  EXPECT_EQ((*store)->list_records({.partner = "acme"}).error().code, "store.damaged");
  EXPECT_EQ(commit(**store, {.records = {alert("acme", "new")}}).error().code, "store.damaged");
}

TEST(SqliteStore, RefusesAFolderThatIsNotThere) {
  const TemporaryFolder folder;
  EXPECT_EQ(code_of_open({.path = folder.file("missing/store.db")}), "store.failed");
}

TEST(SqliteStore, TakesNothingHalfWhenTheDiskIsFullAndGoesOnWhenThereIsRoom) {
  const TemporaryFolder folder;
  const SqliteOptions small{.path = folder.file("store.db"), .synchronous = false, .pages_max = 100};
  Transaction large;
  for (int i = 0; i < 5'000; ++i) large.events.push_back(event("acme", std::to_string(i)));
  {
    const std::unique_ptr<Store> store = open_sqlite_store(small).value();
    ASSERT_TRUE(commit(*store, {.events = {event("acme", "before")}}));
    EXPECT_EQ(commit(*store, large).error().code, "store.full");
    EXPECT_EQ(store->counts("acme").value().events, 1);
    EXPECT_TRUE(commit(*store, {.events = {event("acme", "small enough")}}));
  }
  const std::unique_ptr<Store> roomy = open_sqlite_store({.path = small.path, .synchronous = false}).value();
  EXPECT_TRUE(commit(*roomy, large));
  EXPECT_EQ(roomy->counts("acme").value().events, 5'002);
}

TEST(SqliteStore, TellsThatAnotherProgramHoldsTheLockAndRecovers) {
  const TemporaryFolder folder;
  const SqliteOptions options{.path = folder.file("store.db"), .synchronous = false, .busy_timeout = Duration{20}};
  const std::unique_ptr<Store> store = open_sqlite_store(options).value();
  Intruder intruder(options.path);
  intruder.execute("BEGIN IMMEDIATE");
  EXPECT_EQ(commit(*store, {.folded = FoldedTo{{}, 1}}).error().code, "store.busy");
  EXPECT_EQ(store->folded({}).value(), 0);
  intruder.execute("ROLLBACK");
  EXPECT_TRUE(commit(*store, {.folded = FoldedTo{{}, 1}}));
  EXPECT_EQ(store->folded({}).value(), 1);
}

TEST(SqliteStore, KeepsItsLogShortHoweverMuchIsWritten) {
  const TemporaryFolder folder;
  const SqliteOptions options{.path = folder.file("store.db")};
  constexpr int kCommits = 60, kEach = 500;
  {
    const std::unique_ptr<Store> store = open_sqlite_store(options).value();
    for (int i = 0; i < kCommits; ++i) {
      Transaction large;
      for (int j = 0; j < kEach; ++j)
        large.events.push_back(event("acme", std::to_string(i) + "-" + std::to_string(j)));
      for (EventRow& row : large.events) row.data = std::string(3'000, 'x');
      ASSERT_TRUE(commit(*store, large));
    }
    // 90 MB have been written through a log that begins anew each 16 MiB; a slow disk may let it run on a while.
    EXPECT_GT(std::filesystem::file_size(options.path), 16U << 20);
    EXPECT_EQ(store->counts("acme").value().events, kCommits * kEach);
  }
  EXPECT_EQ(open_sqlite_store(options).value()->events_after(0, 100'000).value().size(), kCommits * kEach);
  EXPECT_EQ(Intruder(options.path).ask("PRAGMA integrity_check"), "ok");
}

TEST(SqliteStore, RefusesARowBeyondItsLimitAndGoesOn) {
  const std::unique_ptr<Store> store = open_sqlite_store({.path = ":memory:"}).value();
  EventRow oversized = event("acme", "1");
  oversized.data.assign(17 * 1024 * 1024, 'x');
  EXPECT_EQ(commit(*store, {.events = {oversized}}).error().code, "store.failed");
  EXPECT_TRUE(commit(*store, {.events = {event("acme", "1")}}));
}

TEST(SqliteStore, KeepsStoresInMemoryApart) {
  const std::unique_ptr<Store> first = open_sqlite_store({.path = ":memory:"}).value();
  const std::unique_ptr<Store> second = open_sqlite_store({.path = ":memory:"}).value();
  ASSERT_TRUE(commit(*first, {.folded = FoldedTo{{}, 1}}));
  EXPECT_EQ(second->folded({}).value(), 0);
}

}  // namespace
}  // namespace crosswalk::store

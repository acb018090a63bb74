// What the store does on this disk: durable commits, reads under load, start with a large database.

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "store/sqlite/sqlite_store.h"
#include "store/writer.h"

namespace crosswalk::store {
namespace {

namespace asio = boost::asio;

constexpr int kPartners = 1'000;

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "crosswalk-bench-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file() const { return (path_ / "store.db").string(); }

 private:
  std::filesystem::path path_;
};

Timestamp at(std::int64_t milliseconds) { return from_milliseconds(1'700'000'000'000 + milliseconds); }

std::string partner_of(std::int64_t number) { return "partner-" + std::to_string(number % kPartners); }

EventRow event(std::int64_t number) {
  const std::string text = std::to_string(number);
  return {
      .partner = partner_of(number),
      .source = "/products/sentinel",
      .id = "018c5f2e-7a10-7000-8000-" + text,
      .type = "com.crosswalk.alert.raised.v1",
      .kind = "alert",
      .key = "device-" + std::to_string(number % 100'000) + "/disk-space",
      .time = at(number),
      .received_at = at(number),
      .data = R"({"customer":"c-17","device":"d-)" + text +
              R"(","severity":"high","title":"Disk space is low on volume C:","link":"https://example.com/alerts/)" +
              text + R"(","attributes":{"free_percent":"4","volume":"C:"}})"};
}

RecordRow record(std::int64_t number) {
  return {.ref = {partner_of(number), "alert", "device-" + std::to_string(number) + "/disk-space"},
          .version = 1,
          .state = std::string(600, 's'),
          .group_key = "c-" + std::to_string(number % 50),
          .refers_to = "device/device-" + std::to_string(number),
          .raised_at = at(number),
          .open = number % 4 == 0};
}

void commit(Store& store, const Transaction& transaction) {
  const Transaction* alone = &transaction;
  if (const auto committed = store.commit({&alone, 1}); !committed) std::abort();
}

std::unique_ptr<Store> open(const std::string& path, bool synchronous) {
  return open_sqlite_store({.path = path, .synchronous = synchronous}).value();
}

asio::awaitable<void> write_events(Writer& writer, std::atomic<std::int64_t>& next, std::int64_t end,
                                   std::vector<double>& milliseconds) {
  for (;;) {
    const std::int64_t number = next++;
    if (number >= end) co_return;
    const auto start = std::chrono::steady_clock::now();
    Transaction transaction;
    transaction.events.push_back(event(number));
    if (!co_await writer.write(std::move(transaction))) std::abort();
    milliseconds.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
}

/// Single-event transactions of concurrent coroutines, each durable before its coroutine goes on.
void BM_SingleEvents(benchmark::State& state) {
  const Folder folder;
  const std::unique_ptr<Store> store = open(folder.file(), true);
  const std::unique_ptr<Writer> writer = make_thread_writer(*store);
  std::vector<double> milliseconds;
  std::atomic<std::int64_t> next{0};
  constexpr std::int64_t kRound = 100'000;
  std::int64_t end = 0;
  for (auto _ : state) {
    end += kRound;
    next = end - kRound;
    asio::io_context context(1);
    for (int i = 0; i < state.range(0); ++i) {
      asio::co_spawn(context, write_events(*writer, next, end, milliseconds), asio::detached);
    }
    context.run();
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  state.SetItemsProcessed(end);
  state.counters["p50_ms"] = milliseconds[milliseconds.size() / 2];
  state.counters["max_ms"] = milliseconds.back();
  state.counters["p99_ms"] = milliseconds[milliseconds.size() * 99 / 100];
}
BENCHMARK(BM_SingleEvents)->Arg(1)->Arg(32)->Arg(256)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

/// One transaction after the other, of `range` events each.
void BM_EventsInGroups(benchmark::State& state) {
  const Folder folder;
  const std::unique_ptr<Store> store = open(folder.file(), true);
  std::int64_t number = 0;
  for (auto _ : state) {
    Transaction transaction;
    for (std::int64_t i = 0; i < state.range(0); ++i) transaction.events.push_back(event(number++));
    commit(*store, transaction);
  }
  state.SetItemsProcessed(number);
}
BENCHMARK(BM_EventsInGroups)->Arg(1)->Arg(100)->Arg(1'000)->MinTime(4)->UseRealTime();

/// What the engine leaves behind of 50 alerts: fold, then result with link and journal.
void BM_ReconcileFiftyRecords(benchmark::State& state) {
  const Folder folder;
  const std::unique_ptr<Store> store = open(folder.file(), true);
  std::int64_t number = 0;
  for (auto _ : state) {
    Transaction folded, done;
    for (int i = 0; i < 50; ++i) {
      RecordRow row = record(number);
      row.due_at = at(number);
      ++number;
      done.settled.push_back({.ref = row.ref, .version = row.version, .due_at = std::nullopt});
      done.links.push_back({.ref = row.ref,
                            .anchor = "episode-1",
                            .provider = "manage",
                            .object_kind = "ticket",
                            .object_id = std::to_string(number),
                            .external_reference = "XW-" + std::to_string(number),
                            .state = std::string(400, 'l')});
      done.journal.push_back({.ref = row.ref, .at = at(number), .entry = std::string(300, 'j')});
      folded.records.push_back(std::move(row));
    }
    folded.folded = store::FoldedTo{{}, number};
    commit(*store, folded);
    commit(*store, done);
  }
  state.SetItemsProcessed(number);
}
BENCHMARK(BM_ReconcileFiftyRecords)->MinTime(4)->UseRealTime();

void BM_OpenInMemory(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(open(":memory:", false));
}
BENCHMARK(BM_OpenInMemory)->Unit(benchmark::kMicrosecond);

void BM_OpenNewFile(benchmark::State& state) {
  for (auto _ : state) {
    const Folder folder;
    benchmark::DoNotOptimize(open(folder.file(), false));
  }
}
BENCHMARK(BM_OpenNewFile)->Unit(benchmark::kMicrosecond);

/// A million records (one in a thousand due) and three million events, made once.
const Folder& large() {
  static const Folder folder;
  static const bool filled = [] {
    const std::unique_ptr<Store> store = open(folder.file(), false);
    constexpr std::int64_t kRecords = 1'000'000, kBatch = 20'000;
    for (std::int64_t begin = 0; begin < kRecords; begin += kBatch) {
      Transaction transaction;
      for (std::int64_t number = begin; number < begin + kBatch; ++number) {
        RecordRow row = record(number);
        if (number % 1'000 == 0) row.due_at = at(number);
        transaction.records.push_back(std::move(row));
        for (int i = 0; i < 3; ++i) transaction.events.push_back(event(number * 3 + i));
      }
      commit(*store, transaction);
    }
    return true;
  }();
  benchmark::DoNotOptimize(filled);
  return folder;
}

double resident_megabytes() {
  std::ifstream file("/proc/self/statm");
  double total = 0, resident = 0;
  file >> total >> resident;
  return resident * 4'096 / 1'048'576;
}

/// From nothing to the first answers that a start needs.
void BM_StartWithAMillionRecords(benchmark::State& state) {
  const std::string path = large().file();
  for (auto _ : state) {
    const std::unique_ptr<Store> store = open(path, true);
    benchmark::DoNotOptimize(store->folded({}));
    benchmark::DoNotOptimize(store->newest_event());
    benchmark::DoNotOptimize(store->due_partners());
    benchmark::DoNotOptimize(store->counts(""));
    benchmark::DoNotOptimize(store->partners());
  }
}
BENCHMARK(BM_StartWithAMillionRecords)->UseRealTime()->Unit(benchmark::kMillisecond);

/// Single events into a log that is large already, and the memory that it takes.
void BM_SingleEventsIntoALargeLog(benchmark::State& state) {
  const std::string path = large().file();
  malloc_trim(0);
  const double before = resident_megabytes();
  const std::unique_ptr<Store> store = open(path, true);
  const std::unique_ptr<Writer> writer = make_thread_writer(*store);
  std::vector<double> milliseconds;
  constexpr std::int64_t kRound = 100'000;
  static std::int64_t begin = 10'000'000;
  for (auto _ : state) {
    std::atomic<std::int64_t> next{begin};
    asio::io_context context(1);
    for (int i = 0; i < 32; ++i) {
      asio::co_spawn(context, write_events(*writer, next, begin + kRound, milliseconds), asio::detached);
    }
    context.run();
    begin += kRound;
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  state.SetItemsProcessed(static_cast<std::int64_t>(milliseconds.size()) / 1'000 * 1'000);
  state.counters["p99_ms"] = milliseconds[milliseconds.size() * 99 / 100];
  state.counters["added_mb"] = resident_megabytes() - before;
}
BENCHMARK(BM_SingleEventsIntoALargeLog)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

void BM_DuePartnersOfAThousand(benchmark::State& state) {
  const std::unique_ptr<Store> store = open(large().file(), true);
  Transaction due;
  for (int number = 0; number < kPartners; ++number) {
    due.records.push_back(record(number));
    due.records.back().due_at = at(number);
  }
  commit(*store, due);
  for (auto _ : state) benchmark::DoNotOptimize(store->due_partners());
}
BENCHMARK(BM_DuePartnersOfAThousand)->Unit(benchmark::kMicrosecond);

void BM_FiftyRecordsWithLinks(benchmark::State& state) {
  const std::unique_ptr<Store> store = open(large().file(), true);
  std::int64_t number = 0;
  for (auto _ : state) {
    std::vector<RecordKey> refs;
    for (int i = 0; i < 50; ++i) refs.push_back(record((number += 7'919) % 1'000'000).ref);
    benchmark::DoNotOptimize(store->records(refs));
    benchmark::DoNotOptimize(store->links(refs));
  }
}
BENCHMARK(BM_FiftyRecordsWithLinks)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace crosswalk::store

BENCHMARK_MAIN();

#include "store/writer.h"

#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "store/contract.h"
#include "store/sqlite/sqlite_store.h"

namespace crosswalk::store {
namespace {

namespace asio = boost::asio;
using contract::event;
using testing::Each;
using testing::SizeIs;

std::unique_ptr<Store> open_in_memory() { return open_sqlite_store({.path = ":memory:"}).value(); }

/// A store whose commits wait until the test opens the gate, and that remembers how large each was.
class GatedStore : public Store {
 public:
  Result<std::vector<Committed>> commit(std::span<const Transaction* const> transactions) override {
    std::unique_lock lock(mutex_);
    sizes_.push_back(transactions.size());
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    if (!failure_code_.empty()) return failure(failure_code_, "made to fail");
    lock.unlock();
    return store_->commit(transactions);
  }
  void open_gate() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void fail_with(std::string code) {
    const std::lock_guard lock(mutex_);
    failure_code_ = std::move(code);
  }
  void await_first_commit() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !sizes_.empty(); });
  }
  std::vector<std::size_t> sizes() {
    const std::lock_guard lock(mutex_);
    return sizes_;
  }

  Result<std::int64_t> folded(const Share& share) override { return store_->folded(share); }
  Result<Unfolded> unfolded(const Share& share, std::int64_t after, std::size_t count_max) override {
    return store_->unfolded(share, after, count_max);
  }
  Result<std::int64_t> newest_event() override { return store_->newest_event(); }
  Result<std::vector<EventRow>> events_after(std::int64_t sequence, std::size_t count_max) override {
    return store_->events_after(sequence, count_max);
  }
  Result<std::vector<std::optional<RecordRow>>> records(std::span<const RecordKey> refs) override {
    return store_->records(refs);
  }
  Result<std::vector<RecordRow>> due(const std::string& partner, Timestamp now, std::size_t count_max, int lane_max,
                                     const std::set<RecordKey>& except) override {
    return store_->due(partner, now, count_max, lane_max, except);
  }
  Result<std::vector<RecordRow>> find_records(const std::string& partner, std::span<const std::string> words,
                                              std::size_t count_max) override {
    return store_->find_records(partner, words, count_max);
  }
  Result<std::vector<PartnerDue>> due_partners() override { return store_->due_partners(); }
  Result<std::optional<Timestamp>> earliest_due(const std::string& partner, Timestamp after) override {
    return store_->earliest_due(partner, after);
  }
  Result<std::vector<LinkRow>> links(std::span<const RecordKey> refs) override { return store_->links(refs); }
  Result<std::vector<RecordRow>> group_members(const std::string& partner, const std::string& group_key,
                                               Timestamp since, std::size_t count_max) override {
    return store_->group_members(partner, group_key, since, count_max);
  }
  Result<GroupCount> count_group_members(const std::string& partner, const std::string& group_key,
                                         Timestamp since) override {
    return store_->count_group_members(partner, group_key, since);
  }
  Result<std::vector<RecordRow>> open_group_members(const std::string& partner, const std::string& group_key,
                                                    std::size_t count_max) override {
    return store_->open_group_members(partner, group_key, count_max);
  }
  Result<std::vector<RecordRow>> list_records(const RecordQuery& query) override { return store_->list_records(query); }
  Result<std::vector<EventRow>> events_of(const RecordKey& ref, std::size_t count_max) override {
    return store_->events_of(ref, count_max);
  }
  Result<std::vector<JournalRow>> journal_of(const RecordKey& ref, std::size_t count_max) override {
    return store_->journal_of(ref, count_max);
  }
  Result<Counts> counts(const std::string& partner) override { return store_->counts(partner); }
  Result<std::vector<PartnerRow>> partners() override { return store_->partners(); }
  Result<std::optional<PartnerRow>> partner(const std::string& id) override { return store_->partner(id); }
  Result<std::vector<MappingRow>> mappings(const std::string& partner, const std::string& workflow) override {
    return store_->mappings(partner, workflow);
  }
  Result<std::optional<MappingRow>> live_mapping(const std::string& partner, const std::string& workflow) override {
    return store_->live_mapping(partner, workflow);
  }
  Result<SettingsVersion> settings_version(const std::string& partner) override {
    return store_->settings_version(partner);
  }
  Result<std::vector<LinkRow>> links_to(const std::string& partner, const std::string& object_kind,
                                        std::span<const std::string> object_ids) override {
    return store_->links_to(partner, object_kind, object_ids);
  }
  Result<std::vector<LinkedObject>> linked_objects(const std::string& partner,
                                                   const std::string& object_kind) override {
    return store_->linked_objects(partner, object_kind);
  }
  Result<Leaving> leaving(const std::string& partner, const std::string& kind, Timestamp seen_until,
                          const std::string& held) override {
    return store_->leaving(partner, kind, seen_until, held);
  }
  Result<std::vector<OfferRow>> offers(const std::string& partner, const std::string& kind) override {
    return store_->offers(partner, kind);
  }
  Result<std::vector<std::string>> mapped_partners() override { return store_->mapped_partners(); }
  Result<std::optional<Timestamp>> restored_at() override { return store_->restored_at(); }
  Result<std::vector<std::string>> partners_without_offers() override { return store_->partners_without_offers(); }
  Result<std::vector<CallbackRow>> callbacks(const std::string& partner) override { return store_->callbacks(partner); }
  Result<std::vector<std::string>> linked_partners() override { return store_->linked_partners(); }
  Result<std::int64_t> forget(const RecordKey& ref, std::span<const std::string> texts) override {
    return store_->forget(ref, texts);
  }
  Result<std::vector<ConnectionRow>> connections(const std::string& partner) override {
    return store_->connections(partner);
  }
  Result<std::vector<SweepRow>> sweeps(const std::string& partner) override { return store_->sweeps(partner); }
  Result<std::vector<ApiKeyRow>> api_keys() override { return store_->api_keys(); }
  Result<std::optional<PlanRow>> plan(const std::string& partner, const std::string& id) override {
    return store_->plan(partner, id);
  }
  Result<std::optional<std::string>> setting(const std::string& name) override { return store_->setting(name); }
  Result<std::vector<AuditRow>> audit(const AuditQuery& query) override { return store_->audit(query); }
  OutboundReads& outbound() override { return store_->outbound(); }

 private:
  std::unique_ptr<Store> store_ = open_in_memory();
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  std::string failure_code_;
  std::vector<std::size_t> sizes_;
};

/// Starts a write and keeps its outcome.
class Call {
 public:
  void start(asio::io_context& context, Writer& writer, Transaction transaction) {
    asio::co_spawn(
        context,
        [](Writer& writer, Transaction transaction, Call& call) -> asio::awaitable<void> {
          call.outcome_ = co_await writer.write(std::move(transaction));
          call.thread_ = std::this_thread::get_id();
        }(writer, std::move(transaction), *this),
        asio::bind_cancellation_slot(signal_.slot(), asio::detached));
  }
  void cancel() { signal_.emit(asio::cancellation_type::all); }
  [[nodiscard]] const std::optional<Result<Committed>>& outcome() const { return outcome_; }
  [[nodiscard]] std::thread::id thread() const { return thread_; }

 private:
  asio::cancellation_signal signal_;
  std::optional<Result<Committed>> outcome_;
  std::thread::id thread_;
};

TEST(ThreadWriter, ResumesTheCallerOnItsOwnExecutorWhenTheRowIsDurable) {
  const std::unique_ptr<Store> store = open_in_memory();
  const std::unique_ptr<Writer> writer = make_thread_writer(*store);
  asio::io_context context;
  Call call;
  call.start(context, *writer, {.events = {event("acme", "1")}});
  context.run();
  ASSERT_TRUE(call.outcome().has_value() && call.outcome()->has_value());
  EXPECT_EQ((*call.outcome())->events.front().kind, Appended::Kind::stored);
  EXPECT_EQ(call.thread(), std::this_thread::get_id());
  EXPECT_EQ(store->counts("acme").value().events, 1);
}

TEST(ThreadWriter, AnswersAnEmptyTransactionWithoutACommit) {
  GatedStore store;
  const std::unique_ptr<Writer> writer = make_thread_writer(store);
  asio::io_context context;
  Call call;
  call.start(context, *writer, {});
  context.run();
  EXPECT_TRUE(call.outcome().value().has_value());
  EXPECT_THAT(store.sizes(), SizeIs(0));
}

TEST(ThreadWriter, SharesOneCommitAmongThoseWhoWaited) {
  GatedStore store;
  const std::unique_ptr<Writer> writer = make_thread_writer(store);
  asio::io_context context;
  std::vector<Call> calls(11);
  calls[0].start(context, *writer, {.events = {event("acme", "0")}});
  context.poll();
  store.await_first_commit();
  for (std::size_t i = 1; i < calls.size(); ++i) {
    calls[i].start(context, *writer, {.events = {event("acme", std::to_string(i))}});
  }
  context.poll();
  store.open_gate();
  context.run();
  EXPECT_THAT(store.sizes(), testing::ElementsAre(1, 10));
  for (const Call& call : calls) EXPECT_TRUE(call.outcome().value().has_value());
}

TEST(ThreadWriter, KeepsACommitBelowItsRowLimit) {
  GatedStore store;
  const std::unique_ptr<Writer> writer = make_thread_writer(store);
  asio::io_context context;
  std::vector<Call> calls(4);
  calls[0].start(context, *writer, {.folded = FoldedTo{{}, 1}});
  context.poll();
  store.await_first_commit();
  Transaction large;
  for (std::size_t i = 0; i < kRowsPerCommitMax / 2; ++i) large.events.push_back(event("acme", std::to_string(i)));
  for (std::size_t i = 1; i < calls.size(); ++i) calls[i].start(context, *writer, large);
  context.poll();
  store.open_gate();
  context.run();
  EXPECT_THAT(store.sizes(), testing::ElementsAre(1, 2, 1));
}

TEST(ThreadWriter, LetsABadNeighbourFailAlone) {
  GatedStore store;
  const std::unique_ptr<Writer> writer = make_thread_writer(store);
  asio::io_context context;
  std::vector<Call> calls(4);
  calls[0].start(context, *writer, {.folded = FoldedTo{{}, 1}});
  context.poll();
  store.await_first_commit();
  EventRow oversized = event("acme", "oversized");
  oversized.data.assign(17 * 1024 * 1024, 'x');
  calls[1].start(context, *writer, {.events = {event("acme", "1")}});
  calls[2].start(context, *writer, {.events = {event("acme", "2"), oversized}});
  calls[3].start(context, *writer, {.events = {event("acme", "3")}});
  context.poll();
  store.open_gate();
  context.run();
  EXPECT_TRUE(calls[1].outcome().value().has_value());
  EXPECT_EQ(calls[2].outcome().value().error().code, "store.failed");
  EXPECT_EQ(calls[3].outcome().value().value().events.front().kind, Appended::Kind::stored);
  EXPECT_EQ(store.counts("acme").value().events, 2);
  EXPECT_THAT(store.sizes(), testing::ElementsAre(1, 3, 1, 1, 1));
}

TEST(ThreadWriter, LetsWhoComesSecondFailAloneAndCallsThatNoFailureOfTheDisk) {
  GatedStore store;
  const std::unique_ptr<Writer> writer = make_thread_writer(store);
  asio::io_context context;
  std::vector<Call> calls(4);
  EXPECT_FALSE(writer->last_commit().at);
  calls[0].start(context, *writer, {.partners = {contract::partner_row("acme")}});
  context.poll();
  store.await_first_commit();
  calls[1].start(context, *writer, {.events = {event("acme", "1")}});
  calls[2].start(context, *writer, {.partners = {contract::partner_row("acme")}});
  calls[3].start(context, *writer, {.events = {event("acme", "2")}});
  context.poll();
  store.open_gate();
  context.run();
  EXPECT_EQ(calls[2].outcome().value().error().code, "store.exists");
  EXPECT_TRUE(calls[1].outcome().value().has_value());
  EXPECT_TRUE(calls[3].outcome().value().has_value());
  EXPECT_FALSE(writer->last_commit().failure);
  EXPECT_TRUE(writer->last_commit().at);
}

TEST(ThreadWriter, RemembersHowTheLastCommitEnded) {
  GatedStore store;
  store.open_gate();
  const std::unique_ptr<Writer> writer = make_thread_writer(store);
  asio::io_context context;
  const auto write = [&] {
    Call call;
    call.start(context, *writer, {.folded = FoldedTo{{}, 1}});
    context.restart();
    context.run();
  };
  store.fail_with("store.full");
  write();
  ASSERT_TRUE(writer->last_commit().failure);
  EXPECT_EQ(writer->last_commit().failure->code, "store.full");
  store.fail_with("");
  write();
  EXPECT_FALSE(writer->last_commit().failure);
}

TEST(ThreadWriter, DoesNotWaitForALockOnceForEachCaller) {
  GatedStore store;
  const std::unique_ptr<Writer> writer = make_thread_writer(store);
  asio::io_context context;
  std::vector<Call> calls(5);
  calls[0].start(context, *writer, {.folded = FoldedTo{{}, 1}});
  context.poll();
  store.await_first_commit();
  for (std::size_t i = 1; i < calls.size(); ++i) calls[i].start(context, *writer, {.folded = FoldedTo{{}, 2}});
  context.poll();
  store.fail_with("store.busy");
  store.open_gate();
  context.run();
  for (const Call& call : calls) EXPECT_EQ(call.outcome().value().error().code, "store.busy");
  EXPECT_THAT(store.sizes(), testing::ElementsAre(1, 4));
}

TEST(ThreadWriter, TellsACancelledCallerTheOutcome) {
  GatedStore store;
  const std::unique_ptr<Writer> writer = make_thread_writer(store);
  asio::io_context context;
  Call call;
  call.start(context, *writer, {.events = {event("acme", "1")}});
  context.poll();
  store.await_first_commit();
  call.cancel();
  context.poll();
  EXPECT_FALSE(call.outcome().has_value());
  store.open_gate();
  context.run();
  EXPECT_TRUE(call.outcome().value().has_value());
}

TEST(ThreadWriter, RefusesWhenTooManyWaitAndRecovers) {
  GatedStore store;
  const std::unique_ptr<Writer> writer = make_thread_writer(store);
  asio::io_context context;
  std::vector<Call> calls(kWaitingMax + 1);
  for (Call& call : calls) call.start(context, *writer, {.folded = FoldedTo{{}, 1}});
  context.poll();
  EXPECT_EQ(calls.back().outcome().value().error().code, "store.overloaded");
  store.open_gate();
  context.run();
  EXPECT_TRUE(calls.front().outcome().value().has_value());
  Call again;
  again.start(context, *writer, {.folded = FoldedTo{{}, 1}});
  context.restart();
  context.run();
  EXPECT_TRUE(again.outcome().value().has_value());
}

TEST(ThreadWriter, CommitsAllThatWasGivenBeforeItStops) {
  GatedStore store;
  const std::unique_ptr<Writer> writer = make_thread_writer(store);
  asio::io_context context;
  std::vector<Call> calls(100);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    calls[i].start(context, *writer, {.events = {event("acme", std::to_string(i))}});
  }
  context.poll();
  store.open_gate();
  writer->stop();
  EXPECT_EQ(store.counts("acme").value().events, 100);
  context.run();
  for (const Call& call : calls) EXPECT_TRUE(call.outcome().value().has_value());

  Call late;
  late.start(context, *writer, {.folded = FoldedTo{{}, 1}});
  context.restart();
  context.run();
  EXPECT_EQ(late.outcome().value().error().code, "store.failed");
  writer->stop();
}

TEST(ThreadWriter, ServesCoroutinesOfSeveralThreads) {
  const std::unique_ptr<Store> store = open_in_memory();
  const std::unique_ptr<Writer> writer = make_thread_writer(*store);
  asio::thread_pool pool(4);
  constexpr int kCallers = 32, kEach = 50;
  std::vector<std::future<int>> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.push_back(asio::co_spawn(
        pool,
        [](Writer& writer, int caller) -> asio::awaitable<int> {
          int stored = 0;
          for (int i = 0; i < kEach; ++i) {
            Transaction transaction;
            transaction.events.push_back(event("acme", std::to_string(caller) + "-" + std::to_string(i)));
            const Result<Committed> committed = co_await writer.write(std::move(transaction));
            if (committed && committed->events.front().kind == Appended::Kind::stored) ++stored;
          }
          co_return stored;
        }(*writer, caller),
        asio::use_future));
  }
  std::vector<int> stored;
  for (std::future<int>& caller : callers) stored.push_back(caller.get());
  EXPECT_THAT(stored, Each(kEach));
  EXPECT_EQ(store->counts("acme").value().events, kCallers * kEach);
  const std::vector<EventRow> rows = store->events_after(0, kCallers * kEach + 1).value();
  std::set<std::string> ids;
  for (const EventRow& row : rows) ids.insert(row.id);
  EXPECT_THAT(ids, SizeIs(kCallers * kEach));
}

}  // namespace
}  // namespace crosswalk::store

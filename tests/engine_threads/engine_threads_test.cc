// Several engines on threads of their own: what they share is looked at by the thread sanitizer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "engine/engine.h"
#include "store/sqlite/sqlite_store.h"

namespace crosswalk::engine {
namespace {

namespace json = boost::json;
using testing::SizeIs;

/// The machine's own.
class RealClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
  [[nodiscard]] Timestamp monotonic() const override {
    return Timestamp(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
  }
  boost::asio::awaitable<void> sleep_until(Timestamp at) override { co_await sleep_for(at - now()); }
  boost::asio::awaitable<void> sleep_for(Duration duration) override {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
    boost::system::error_code cancelled;
    co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
  }
};

/// Of partners who have given no keys yet. Notes on which thread each is asked for.
class NoPsa final : public PsaFactory {
 public:
  Result<std::unique_ptr<PsaSession>> open(const store::PartnerRow& partner, psa::CallGate&, bool) override {
    const std::lock_guard lock(mutex_);
    threads[partner.id].insert(std::this_thread::get_id());
    return failure("partner.credentials_missing", "There are no keys.");
  }
  std::map<std::string, std::set<std::thread::id>> threads;

 private:
  std::mutex mutex_;
};

TEST(EngineThreads, EachDoTheWorkOfTheirOwnPartners) {
  // The log is there before the threads are, as in the program; what it says is of no interest here.
  spdlog::set_level(spdlog::level::off);
  constexpr int kPartners = 12;
  constexpr std::size_t kThreads = 3;
  auto store = store::open_sqlite_store({.path = ":memory:", .synchronous = false}).value();
  const auto writer = store::make_thread_writer(*store);
  RealClock clock;
  NoPsa factory;
  std::deque<boost::asio::thread_pool> pools;
  std::vector<boost::asio::any_io_executor> executors;
  for (std::size_t i = 0; i < kThreads; ++i) executors.emplace_back(pools.emplace_back(1).get_executor());
  boost::asio::thread_pool asking(2);
  EngineOptions options;
  options.heartbeat = Duration{5};
  const auto engine = Engine::make(executors, *store, *writer, clock, factory, options);
  std::future<void> ended = boost::asio::co_spawn(executors.front(), engine->run(), boost::asio::use_future);

  store::Transaction transaction;
  for (int i = 0; i < kPartners; ++i) {
    const std::string id = "partner-" + std::to_string(i);
    store::PartnerRow row;
    row.id = row.name = id;
    row.version = 1;
    transaction.partners.push_back(row);
    store::EventRow event;
    event.partner = id;
    event.source = "test";
    event.id = "1";
    event.type = "customer.upserted";
    event.kind = "customer";
    event.key = "acme";
    event.time = event.received_at = clock.now();
    event.data = R"({"customer":"acme","name":"Acme"})";
    transaction.events.push_back(event);
  }
  auto written = boost::asio::co_spawn(asking, writer->write(std::move(transaction)), boost::asio::use_future);
  ASSERT_TRUE(written.get());
  engine->wake();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  const std::int64_t newest = store->newest_event().value();
  while (store->folded({}).value() < newest && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(store->folded({}).value(), newest);
  std::vector<std::future<Result<json::object>>> answers;
  for (int i = 0; i < kPartners; ++i)
    answers.push_back(boost::asio::co_spawn(asking, engine->check(PartnerId{"partner-" + std::to_string(i)}),
                                            boost::asio::use_future));
  for (auto& answer : answers) EXPECT_TRUE(answer.get());
  while (engine->metrics().oldest_heartbeat_ms() == 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_GT(engine->metrics().oldest_heartbeat_ms(), 0) << "each of them is there";
  engine->stop();
  ended.get();
  for (boost::asio::thread_pool& each : pools) {
    each.stop();
    each.join();
  }
  asking.join();
  writer->stop();
  std::set<std::thread::id> all;
  EXPECT_THAT(factory.threads, SizeIs(kPartners));
  for (const auto& [partner, threads] : factory.threads) {
    EXPECT_THAT(threads, SizeIs(1)) << partner;
    all.insert(threads.begin(), threads.end());
  }
  EXPECT_THAT(all, SizeIs(kThreads));
}

}  // namespace
}  // namespace crosswalk::engine

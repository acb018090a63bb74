#include "cli/own_thread.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <semaphore>
#include <utility>

namespace crosswalk::cli {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

/// Runs until it is stopped, or does not care.
class Work {
 public:
  enum class Kind { obedient, deaf, blocked };
  Work(asio::any_io_executor executor, Kind kind) : timer_(std::move(executor)), kind_(kind) {}
  asio::awaitable<void> run() {
    begun.release();
    if (kind_ == Kind::blocked) go_on.acquire();
    timer_.expires_at(asio::steady_timer::time_point::max());
    boost::system::error_code cancelled;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  void stop() {
    if (kind_ == Kind::obedient) asio::post(timer_.get_executor(), [this] { timer_.cancel(); });
  }
  std::binary_semaphore begun{0}, go_on{0};

 private:
  asio::steady_timer timer_;
  Kind kind_;
};

using Thread = OwnThread<Work>;
constexpr milliseconds kLong{60'000}, kShort{50};

Thread::End end_of(Work::Kind kind, milliseconds grace) {
  Thread thread("work");
  Work work(thread.executor(), kind);
  thread.start(work);
  work.begun.acquire();
  return thread.stop(grace, kLong);
}

TEST(OwnThread, EndsWhenWhatItRunsDoes) { EXPECT_EQ(end_of(Work::Kind::obedient, kLong), Thread::End::well); }

TEST(OwnThread, CutsOffWhatDoesNotEndInTime) { EXPECT_EQ(end_of(Work::Kind::deaf, kShort), Thread::End::cut_off); }

TEST(OwnThread, DoesNotWaitForAThreadThatDoesNotComeBack) {
  // Neither may go while the thread still runs.
  auto* thread = new Thread("work");
  auto* work = new Work(thread->executor(), Work::Kind::blocked);
  thread->start(*work);
  work->begun.acquire();
  EXPECT_EQ(thread->stop(kShort, kShort), Thread::End::stuck);
  static const auto kept [[maybe_unused]] = std::pair(thread, work);
}

}  // namespace
}  // namespace crosswalk::cli

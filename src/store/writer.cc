#include "store/writer.h"

#include <atomic>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "store/conflict.h"

namespace crosswalk::store {
namespace {

namespace asio = boost::asio;

/// A coroutine that waits for its outcome.
class Caller {
 public:
  virtual ~Caller() = default;
  virtual void resume(Result<Committed> outcome) = 0;
};

template <class Handler>
class HandlerCaller final : public Caller {
 public:
  explicit HandlerCaller(Handler handler)
      // Tracked work keeps the caller's event loop running while nothing but this commit is awaited.
      : executor_(asio::prefer(asio::get_associated_executor(handler), asio::execution::outstanding_work.tracked)),
        handler_(std::move(handler)) {}

  void resume(Result<Committed> outcome) override {
    asio::post(executor_, [handler = std::move(handler_), outcome = std::move(outcome)]() mutable {
      std::move(handler)(std::move(outcome));
    });
  }

 private:
  using Executor = std::decay_t<decltype(asio::prefer(asio::get_associated_executor(std::declval<Handler&>()),
                                                      asio::execution::outstanding_work.tracked))>;
  Executor executor_;
  Handler handler_;
};

struct Waiting {
  Transaction transaction;
  std::unique_ptr<Caller> caller;
};

class ThreadWriter final : public Writer {
 public:
  explicit ThreadWriter(Store& store) : store_(store), thread_([this] { run(); }) {}
  ~ThreadWriter() override { stop(); }

  /// A caller that is cancelled while it waits learns the outcome all the same: the transaction may already be on its
  /// way to the disk.
  asio::awaitable<Result<Committed>> write(Transaction transaction) override {
    if (transaction.empty()) co_return Committed{};
    if (unfinished_.fetch_add(1) >= kWaitingMax) {
      unfinished_.fetch_sub(1);
      co_return failure("store.overloaded", "Too many transactions wait for the disk already.");
    }
    auto initiate = [this, &transaction](auto handler) {
      using Handler = decltype(handler);
      give(Waiting{std::move(transaction), std::make_unique<HandlerCaller<Handler>>(std::move(handler))});
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<Committed>)>(
        initiate, asio::use_awaitable);
  }

  [[nodiscard]] LastCommit last_commit() const override {
    const std::lock_guard lock(last_mutex_);
    return last_;
  }

  void stop() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    gathered_.notify_one();
    const std::lock_guard lock(join_mutex_);
    if (thread_.joinable()) thread_.join();
  }

 private:
  void give(Waiting waiting) {
    std::unique_lock lock(mutex_);
    if (stopping_) {
      lock.unlock();
      finish(waiting, failure("store.failed", "The store is stopping."));
      return;
    }
    waiting_.push_back(std::move(waiting));
    lock.unlock();
    gathered_.notify_one();
  }

  void run() {
    std::vector<Waiting> gathered;
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        gathered_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        gathered.swap(waiting_);
      }
      commit_in_groups(gathered);
      gathered.clear();
    }
  }

  void commit_in_groups(std::span<Waiting> gathered) {
    while (!gathered.empty()) {
      std::size_t rows = gathered.front().transaction.rows();
      std::size_t count = 1;
      for (; count < gathered.size(); ++count) {
        rows += gathered[count].transaction.rows();
        if (rows > kRowsPerCommitMax) break;
      }
      commit_group(gathered.first(count));
      gathered = gathered.subspan(count);
    }
  }

  void commit_group(std::span<Waiting> group) {
    std::vector<const Transaction*> transactions;
    transactions.reserve(group.size());
    for (const Waiting& waiting : group) transactions.push_back(&waiting.transaction);
    Result<std::vector<Committed>> committed = commit(transactions);
    if (committed) {
      for (std::size_t i = 0; i < group.size(); ++i) finish(group[i], std::move((*committed)[i]));
    } else if (group.size() == 1) {
      finish(group.front(), tl::unexpected(std::move(committed.error())));
    } else {
      commit_each_alone(group, std::move(committed.error()));
    }
  }

  /// A locked file is no neighbour's fault and has cost its whole time-out: then nobody is made to wait for it again,
  /// one after the other.
  void commit_each_alone(std::span<Waiting> group, Error shared) {
    std::optional<Error> locked;
    if (shared.code == "store.busy") locked = std::move(shared);
    for (Waiting& waiting : group) {
      if (locked) {
        finish(waiting, tl::unexpected(*locked));
        continue;
      }
      const Transaction* alone = &waiting.transaction;
      Result<std::vector<Committed>> committed = commit({&alone, 1});
      if (committed) {
        finish(waiting, std::move(committed->front()));
        continue;
      }
      if (committed.error().code == "store.busy") locked = committed.error();
      finish(waiting, tl::unexpected(std::move(committed.error())));
    }
  }

  Result<std::vector<Committed>> commit(std::span<const Transaction* const> transactions) {
    Result<std::vector<Committed>> committed = store_.commit(transactions);
    if (!committed && is_conflict(committed.error())) return committed;
    const std::lock_guard lock(last_mutex_);
    last_ = {committed ? std::nullopt : std::optional(committed.error()), std::chrono::steady_clock::now()};
    return committed;
  }

  void finish(Waiting& waiting, Result<Committed> outcome) {
    unfinished_.fetch_sub(1);
    waiting.caller->resume(std::move(outcome));
  }

  Store& store_;
  std::atomic<std::size_t> unfinished_{0};
  std::mutex mutex_;
  std::condition_variable gathered_;
  std::vector<Waiting> waiting_;
  bool stopping_ = false;
  std::mutex join_mutex_;
  mutable std::mutex last_mutex_;
  LastCommit last_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Writer> make_thread_writer(Store& store) { return std::make_unique<ThreadWriter>(store); }

}  // namespace crosswalk::store

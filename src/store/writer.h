#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>

#include "store/store.h"

namespace crosswalk::store {

/// The group commit: transactions of all callers that wait at the same time share one durable commit.
class Writer {
 public:
  virtual ~Writer() = default;
  /// Resumes on the caller's executor when the transaction is durable, or has failed as a whole. When a shared commit
  /// fails, each of its transactions is tried alone once, so that one bad neighbour fails only itself.
  /// "store.overloaded" when kWaitingMax transactions wait already.
  virtual boost::asio::awaitable<Result<Committed>> write(Transaction transaction) = 0;
  /// How the last commit ended; what fails because others were quicker is no failure of the disk's.
  struct LastCommit {
    std::optional<Error> failure;                             ///< absent: it succeeded, or there was none yet
    std::optional<std::chrono::steady_clock::time_point> at;  ///< absent: there was none yet
  };
  /// Thread-safe.
  [[nodiscard]] virtual LastCommit last_commit() const = 0;
  /// Waits until all that was given has been committed, then stops the thread.
  virtual void stop() = 0;
};

/// Bounds memory when the disk cannot keep up.
inline constexpr std::size_t kWaitingMax = 65'536;
/// Rows of one commit: large enough to spread the sync, small enough to keep its latency.
inline constexpr std::size_t kRowsPerCommitMax = 4'096;

/// A thread that commits whatever has gathered while the previous commit was under way.
[[nodiscard]] std::unique_ptr<Writer> make_thread_writer(Store& store);

}  // namespace crosswalk::store

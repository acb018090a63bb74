#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "store/sqlite/connection.h"

namespace crosswalk::store {

/// Copies the write-ahead log into the database beside the commits, so that no commit waits for the bulk of it. A log
/// can only begin anew when all of it has been copied while nothing is written; so the writer copies the little that
/// came meanwhile by itself.
class Checkpointer {
 public:
  /// `writer` must outlive it, or at least not commit after it.
  Checkpointer(Connection& writer, std::unique_ptr<Connection> own);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

 private:
  enum class Phase { idle, copying, copied };
  void log_grew(int pages);
  void run();

  Connection& writer_;
  const std::unique_ptr<Connection> own_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Phase phase_ = Phase::idle;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace crosswalk::store

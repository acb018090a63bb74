#include "store/sqlite/pool.h"

namespace crosswalk::store {

Result<Pool::Lease> Pool::lend() {
  std::unique_lock lock(mutex_);
  given_back_.wait(lock, [this] { return !idle_.empty() || opened_ < connections_max_; });
  if (!idle_.empty()) {
    Lease lease(*this, std::move(idle_.back()));
    idle_.pop_back();
    return lease;
  }
  Result<std::unique_ptr<Connection>> connection = open_();
  if (!connection) return tl::unexpected(std::move(connection.error()));
  ++opened_;
  return Lease(*this, std::move(*connection));
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
  }
  given_back_.notify_one();
}

}  // namespace crosswalk::store

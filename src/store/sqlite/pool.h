#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "store/sqlite/connection.h"

namespace crosswalk::store {

/// Lends connections, each to one thread at a time; opens them when first needed.
class Pool {
 public:
  using Open = std::function<Result<std::unique_ptr<Connection>>()>;
  Pool(std::size_t connections_max, Open open) : connections_max_(connections_max), open_(std::move(open)) {}

  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection) : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_) pool_->give_back(std::move(connection_));
    }
    Connection& operator*() const { return *connection_; }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  /// Waits while all are lent.
  [[nodiscard]] Result<Lease> lend();

 private:
  void give_back(std::unique_ptr<Connection> connection);

  const std::size_t connections_max_;
  const Open open_;
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t opened_ = 0;
};

}  // namespace crosswalk::store

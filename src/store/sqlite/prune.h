#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace crosswalk::store {

struct Pruned {
  std::int64_t rows = 0;  ///< deleted
  bool all = true;        ///< the end of what is old enough was reached, in every table
};

/// One piece of a prune, inside the caller's transaction.
[[nodiscard]] Pruned prune(Connection& connection, const Prune& prune);

}  // namespace crosswalk::store

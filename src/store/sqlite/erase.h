#pragma once

#include "store/sqlite/connection.h"
#include "store/sqlite/prune.h"
#include "store/store.h"

namespace crosswalk::store {

/// One piece of a partner's erasure, inside the caller's transaction.
[[nodiscard]] Pruned erase(Connection& connection, const PartnerErased& erased);

}  // namespace crosswalk::store

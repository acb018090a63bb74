#pragma once

#include "store/outbound.h"
#include "store/sqlite/connection.h"

namespace crosswalk::store {

/// Applies the outbound side of a transaction; answers how many rows an expiry, a replay or a sweep has changed.
/// Failures stay in the connection.
std::int64_t apply_outbound(Connection& connection, const OutboundChanges& changes);

}  // namespace crosswalk::store

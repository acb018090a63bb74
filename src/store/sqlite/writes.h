#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace crosswalk::store {

/// All transactions in one commit; on failure nothing of them is left.
[[nodiscard]] Result<std::vector<Committed>> commit(Connection& connection,
                                                    std::span<const Transaction* const> transactions);

}  // namespace crosswalk::store

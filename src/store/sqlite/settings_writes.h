#pragma once

#include <vector>

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace crosswalk::store {

/// Partners, mappings, keys and plans of a transaction; answers the mappings' versions.
std::vector<std::int64_t> apply_settings(Connection& connection, const Transaction& transaction);

/// The texts of the installation, and the audit.
void apply_audit(Connection& connection, const Transaction& transaction);

}  // namespace crosswalk::store

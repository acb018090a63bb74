#pragma once

#include "store/sqlite/connection.h"

namespace crosswalk::store {

/// Brings the file to this program's version, under an exclusive lock, all of it or nothing. "store.newer" when a newer
/// program has made the file.
[[nodiscard]] Result<void> migrate(Connection& connection);

}  // namespace crosswalk::store

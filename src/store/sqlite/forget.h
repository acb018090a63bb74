#pragma once

#include <span>
#include <string>

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace crosswalk::store {

/// Store::forget() on the writing connection, in a transaction of its own.
[[nodiscard]] Result<std::int64_t> forget(Connection& connection, const RecordKey& ref,
                                          std::span<const std::string> texts);

}  // namespace crosswalk::store

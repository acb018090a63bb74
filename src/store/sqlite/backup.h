#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"

namespace crosswalk::store {

/// Copies a database file as it is at one moment, also while a server writes to it, and proves that the copy holds
/// together. `to` must not exist. Fails as a Store does; a damaged copy is "store.damaged", and is removed.
[[nodiscard]] Result<void> copy_database(const std::string& from, const std::string& to,
                                         Duration busy_timeout = Duration{5'000});

/// Whether a database file holds together: reads all of it. "store.damaged" when it does not.
[[nodiscard]] Result<void> prove_database(const std::string& path);

}  // namespace crosswalk::store

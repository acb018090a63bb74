#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/time.h"
#include "store/store.h"

namespace crosswalk::store {

struct SqliteOptions {
  std::string path;  ///< file; its folder must exist. ":memory:": nothing is kept, and reads share the one connection
  bool synchronous = true;       ///< false only in the simulated world, where a crash is simulated above the disk
  std::int64_t pages_max = 0;    ///< 4 KiB pages that the file may have, then "store.full"; 0: what the disk holds
  Duration busy_timeout{5'000};  ///< how long another program's lock is waited for
};

/// Embedded SQLite: WAL, synchronous=FULL, one writing connection, a few reading ones. Migrates at open, under a lock.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteOptions& options);

}  // namespace crosswalk::store

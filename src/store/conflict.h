#pragma once

#include "base/result.h"

namespace crosswalk::store {

/// Whether a transaction has failed because its author has not seen what others wrote; the store itself is well.
[[nodiscard]] inline bool is_conflict(const Error& error) {
  return error.code == "store.changed_meanwhile" || error.code == "store.exists";
}

}  // namespace crosswalk::store

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace crosswalk::store {

/// Why a record waits for a person.
struct Parked {
  std::string code;               ///< of the catalogue; empty: it does not wait
  std::string message;            ///< the reason in words
  std::optional<Timestamp> at{};  ///< since when
  std::int64_t version = 0;       ///< of the record, when it was last looked at
  int looks = 0;                  ///< how often time has made it due since it was told or woken
  int skipped = 0;                ///< times in a row that another with the same cause was looked at in its place

  [[nodiscard]] bool empty() const { return code.empty(); }
  bool operator==(const Parked&) const = default;
};

}  // namespace crosswalk::store

#pragma once

#include <compare>
#include <string>

namespace crosswalk::store {

/// Names one record.
struct RecordKey {
  std::string partner, kind, key;
  auto operator<=>(const RecordKey&) const = default;
};

}  // namespace crosswalk::store

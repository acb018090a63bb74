#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <utility>
#include <vector>

#include "sandbox/tenant.h"

namespace crosswalk::sandbox {

// The fields of its own that a town's MSP has, as town.json defines them.
inline constexpr std::int64_t kClientTier = 1, kSeats = 2, kDiscount = 3, kRootCause = 4, kDiskEncryption = 5;

/// Values of such fields, by their ids.
[[nodiscard]] boost::json::array custom_fields(const Tenant& tenant,
                                               const std::vector<std::pair<std::int64_t, boost::json::value>>& values);

}  // namespace crosswalk::sandbox

#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string_view>

namespace crosswalk::sandbox {

/// What a device is.
struct DeviceModel {
  std::int64_t manufacturer = 0;
  std::string_view name, system;  ///< no system: nobody has noted one
};

/// One that devices whose names begin with `prefix` ("WS", "FW"...) may be, and that was sold when this one was bought:
/// seconds since 1970. Where none was, the one that comes nearest.
[[nodiscard]] DeviceModel device_model(std::string_view prefix, std::uint64_t draw, std::int64_t purchased);

/// Days in the life of a device, in seconds since 1970.
struct DeviceLife {
  std::int64_t purchased = 0, installed = 0, warranty_ends = 0;
};

/// One that is in use was bought within the last five years, a retired one up to four years before those.
[[nodiscard]] DeviceLife device_life(std::string_view prefix, bool in_use, std::uint64_t draw, std::int64_t now);

}  // namespace crosswalk::sandbox

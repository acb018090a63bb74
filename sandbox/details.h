#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <unordered_set>

#include "sandbox/devices.h"

namespace crosswalk::sandbox {

// Small things by which one tells a made-up object from a real one.

/// A phone number of the form that `pattern` says: each "#" becomes a digit.
[[nodiscard]] std::string phone_number(std::string_view pattern, std::uint64_t draw);

/// What stands before the "@" of somebody's address: "sofia.obrien", or "frontdesk" where there is no last name.
/// Letters that no address has lose their marks.
[[nodiscard]] std::string mail_name(std::string_view first, std::string_view last);

/// Serial numbers as the makers of devices write them; none comes twice.
class SerialNumbers {
 public:
  explicit SerialNumbers(std::uint64_t seed) : random_(seed) {}
  /// For a device that is named by `prefix` ("SRV") and was bought on a day, in seconds since 1970: some makers write
  /// the week in which they have made it.
  [[nodiscard]] std::string next(std::string_view prefix, const DeviceModel& model, std::int64_t purchased);

 private:
  std::mt19937_64 random_;
  std::unordered_set<std::string> given_;
};

}  // namespace crosswalk::sandbox

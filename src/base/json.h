#pragma once

#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <string_view>

namespace crosswalk {

/// How deep a text of our own may be nested when it is read back. Intake takes 32 levels (service/intake.h) and states,
/// journal entries, plans and answers put a few around them, so that what was taken in can always be read.
inline constexpr std::size_t kOwnTextDepthMax = 128;

/// Reads JSON that this program has written: states, journal entries, plans, its own answers. Boost's own limit of 32
/// levels is not enough for it. Throws boost::system::system_error when it is not JSON, or damaged.
[[nodiscard]] boost::json::value parse_own_json(std::string_view text);
/// The same with the failure in `error`.
[[nodiscard]] boost::json::value parse_own_json(std::string_view text, boost::system::error_code& error);

}  // namespace crosswalk

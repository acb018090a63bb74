#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/time.h"

namespace crosswalk {

/// How deep a text of our own may be nested when it is read back. Intake takes 32 levels (service/intake.h) and states,
/// journal entries, plans and answers put a few around them, so that what was taken in can always be read.
inline constexpr std::size_t kOwnTextDepthMax = 128;

/// Reads JSON that this program has written: states, journal entries, plans, its own answers. Boost's own limit of 32
/// levels is not enough for it. Throws boost::system::system_error when it is not JSON, or damaged.
[[nodiscard]] boost::json::value parse_own_json(std::string_view text);
/// The same with the failure in `error`.
[[nodiscard]] boost::json::value parse_own_json(std::string_view text, boost::system::error_code& error);

// Members of an object, of ours or of others. What is absent, or of another type, is empty.

[[nodiscard]] std::string text_at(const boost::json::object& object, std::string_view name);
[[nodiscard]] bool flag_at(const boost::json::object& object, std::string_view name);
[[nodiscard]] std::int64_t number_at(const boost::json::object& object, std::string_view name);
/// Milliseconds since the epoch.
[[nodiscard]] std::optional<Timestamp> time_at(const boost::json::object& object, std::string_view name);
/// The texts of a list.
[[nodiscard]] std::set<std::string> texts_at(const boost::json::object& object, std::string_view name);

}  // namespace crosswalk

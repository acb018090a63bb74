#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

#include "model/event.h"
#include "service/problem.h"

namespace crosswalk::service {

/// The largest data of one event, as JSON: the longest description in four-byte characters, and as much again.
inline constexpr std::size_t kEventDataBytesMax = 128u << 10;

/// The first thing in `data` that breaks the data schema of `type` (api/schemas), or that no schema can say: a NUL, a
/// number that is not finite. `pointer` counts from `data`. Written by hand because every event passes here; a test
/// holds it against the JSON Schemas.
[[nodiscard]] std::optional<RequestProblem> check_event_data(model::EventType type, const boost::json::object& data);

/// Members of `data` that its schema does not name, of which most are slips of the keyboard.
[[nodiscard]] std::vector<std::string> unknown_members(model::EventType type, const boost::json::object& data);
/// So many are told of one event.
inline constexpr std::size_t kUnknownMembersMax = 8;
/// What becomes of such a member, and what may have been meant.
[[nodiscard]] std::string explain_unknown(model::EventType type, std::string_view name);

/// The published JSON Schema by file name ("alert.raised.v1.json"); nothing when there is none of this name.
[[nodiscard]] std::optional<std::string_view> event_schema(std::string_view file_name);

}  // namespace crosswalk::service

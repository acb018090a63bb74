#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

#include "net/http.h"
#include "service/problem.h"

namespace crosswalk::service {

/// A parameter behind "?" that is not among `known` (names with blanks between); with the one that may be meant.
[[nodiscard]] std::optional<RequestProblem> check_query(const net::Query& query, std::string_view known);

/// A member of a body that is not among `known`.
[[nodiscard]] std::optional<RequestProblem> check_members(const boost::json::object& body, std::string_view known);

/// Whether the request may be done to what is `etag` now: it says nothing of it, or names it in If-Match (RFC 9110,
/// section 13.1.1, by strong comparison).
[[nodiscard]] bool may_change(const net::Request& request, std::string_view etag);

/// Whether who asks knows of `etag`: by If-Match, or because it was read on the request's behalf (`read`).
[[nodiscard]] bool knows(const net::Request& request, std::string_view etag, std::string_view read);

/// The entity tag of what has a version.
[[nodiscard]] std::string etag_of(std::int64_t version);

}  // namespace crosswalk::service

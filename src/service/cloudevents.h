#pragma once

#include <boost/json/value.hpp>

#include "net/http.h"
#include "service/intake.h"

namespace crosswalk::service {

/// Reads CloudEvents 1.0 over HTTP: structured, batched or binary mode, told apart by Content-Type.
[[nodiscard]] Incoming read_cloudevents(const net::Request& request, const IntakeContext& context);

/// Parses a body within the limits of intake, into `memory`; says in words what is wrong.
[[nodiscard]] tl::expected<boost::json::value, RequestProblem> parse_body(std::string_view body,
                                                                          boost::json::storage_ptr memory,
                                                                          std::size_t bytes_max = kBodyBytesMax);

/// A body in which some texts may not be UTF-8: half a character, of which the other half was cut off.
struct EventsBody {
  boost::json::value value;
  bool torn = false;  ///< there are such texts; which, find_torn() tells
};
/// The same, for bodies of many events, of which a torn text shall cost one and not all.
[[nodiscard]] tl::expected<EventsBody, RequestProblem> parse_events(std::string_view body,
                                                                    boost::json::storage_ptr memory,
                                                                    std::size_t bytes_max = kBodyBytesMax);
/// The first torn text below `value`, which stands at `pointer`.
[[nodiscard]] std::optional<RequestProblem> find_torn(const boost::json::value& value, const std::string& pointer);

/// True for application/json and everything that ends in +json, parameters ignored.
[[nodiscard]] bool is_json_type(std::string_view content_type);

}  // namespace crosswalk::service

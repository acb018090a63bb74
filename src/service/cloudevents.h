#pragma once

#include <boost/json/value.hpp>

#include "net/http.h"
#include "service/intake.h"

namespace crosswalk::service {

/// Reads CloudEvents 1.0 over HTTP: structured, batched or binary mode, told apart by Content-Type.
[[nodiscard]] Incoming read_cloudevents(const net::Request& request, const IntakeContext& context);

/// Parses a body within the limits of intake, into `memory`; says in words what is wrong.
[[nodiscard]] tl::expected<boost::json::value, RequestProblem> parse_body(std::string_view body,
                                                                          boost::json::storage_ptr memory);

/// True for application/json and everything that ends in +json, parameters ignored.
[[nodiscard]] bool is_json_type(std::string_view content_type);

}  // namespace crosswalk::service

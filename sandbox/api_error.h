#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "net/http.h"

namespace crosswalk::sandbox {

/// One entry of "errors"; empty members are left out.
struct FieldError {
  std::string code, message, resource, field;
};

/// ConnectWise's error envelope.
struct ApiError {
  int status = 400;
  std::string code, message;
  std::vector<FieldError> errors;
};

template <class T>
using ApiResult = tl::expected<T, ApiError>;

[[nodiscard]] net::Response to_response(const ApiError& error);
[[nodiscard]] net::Response json_response(int status, std::string body);
[[nodiscard]] net::Response text_response(int status, std::string body);

// The errors that ConnectWise is known to give, to the letter.

[[nodiscard]] ApiError endpoint_missing();
[[nodiscard]] ApiError not_authenticated(int status = 401);
[[nodiscard]] ApiError not_permitted();
/// "Ticket 5 not found"
[[nodiscard]] ApiError not_found(std::string_view title, std::int64_t id);
/// "ticket object is invalid"
[[nodiscard]] ApiError invalid_object(std::string_view noun, std::vector<FieldError> errors);
[[nodiscard]] ApiError invalid_condition(std::string message);
[[nodiscard]] FieldError missing_field(std::string_view noun, std::string_view field);
[[nodiscard]] FieldError too_long(std::string_view noun, std::string_view field, std::size_t length_max);
/// Of a date in another form than "2026-03-01T06:00:00Z".
[[nodiscard]] FieldError unsupported_format(std::string_view noun, std::string_view field);

}  // namespace crosswalk::sandbox

#include "sandbox/api_error.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

json::object to_json(const FieldError& error) {
  json::object object;
  if (!error.code.empty()) object["code"] = error.code;
  object["message"] = error.message;
  if (!error.resource.empty()) object["resource"] = error.resource;
  if (!error.field.empty()) object["field"] = error.field;
  return object;
}

}  // namespace

net::Response json_response(int status, std::string body) {
  net::Response response;
  response.status = status;
  response.headers.items.emplace_back("Content-Type", "application/json; charset=utf-8");
  response.body = std::move(body);
  return response;
}

net::Response text_response(int status, std::string body) {
  net::Response response;
  response.status = status;
  response.headers.items.emplace_back("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(body);
  return response;
}

net::Response to_response(const ApiError& error) {
  json::object body;
  if (!error.code.empty()) body["code"] = error.code;
  body["message"] = error.message;
  if (!error.errors.empty()) {
    json::array& errors = body["errors"].emplace_array();
    for (const FieldError& each : error.errors) errors.push_back(to_json(each));
  }
  return json_response(error.status, json::serialize(body));
}

ApiError endpoint_missing() { return {404, "ConnectWiseApi", "The endpoint does not exist.", {}}; }

ApiError not_authenticated(int status) { return {status, "ConnectWiseApi", "UserNotAuthenticated", {}}; }

ApiError not_permitted() {
  return {403, "Security", "You do not have security permission to perform this action.", {}};
}

ApiError not_found(std::string_view title, std::int64_t id) {
  return {404, "NotFound", fmt::format("{} {} not found", title, id), {}};
}

ApiError invalid_object(std::string_view noun, std::vector<FieldError> errors) {
  return {400, "InvalidObject", fmt::format("{} object is invalid", noun), std::move(errors)};
}

ApiError invalid_condition(std::string message) { return {400, "ApiFindCondition", std::move(message), {}}; }

FieldError missing_field(std::string_view noun, std::string_view field) {
  return {"MissingRequiredField", fmt::format("The {} field is required.", field), std::string(noun),
          std::string(field)};
}

FieldError too_long(std::string_view noun, std::string_view field, std::size_t length_max) {
  return {"MaxLengthField",
          fmt::format("The field {} must be a string with a maximum length of {}.", field, length_max),
          std::string(noun), std::string(field)};
}

FieldError unsupported_format(std::string_view noun, std::string_view field) {
  return {"UnsupportedFormat", fmt::format("Unsupported format applied to {}", field), std::string(noun),
          std::string(field)};
}

}  // namespace crosswalk::sandbox

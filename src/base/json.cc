#include "base/json.h"

#include <boost/json/parse.hpp>

namespace crosswalk {
namespace json = boost::json;
namespace {

boost::json::parse_options own_options() {
  boost::json::parse_options options;
  options.max_depth = kOwnTextDepthMax;
  return options;
}

}  // namespace

boost::json::value parse_own_json(std::string_view text) {
  return boost::json::parse({text.data(), text.size()}, {}, own_options());
}

boost::json::value parse_own_json(std::string_view text, boost::system::error_code& error) {
  return boost::json::parse({text.data(), text.size()}, error, {}, own_options());
}

std::string text_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool flag_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_bool() && value->get_bool();
}

std::int64_t number_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_number()) return 0;
  boost::system::error_code inexact;
  const auto number = value->to_number<std::int64_t>(inexact);
  return inexact ? 0 : number;
}

std::optional<Timestamp> time_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_number()) return std::nullopt;
  return from_milliseconds(number_at(object, name));
}

std::set<std::string> texts_at(const json::object& object, std::string_view name) {
  std::set<std::string> texts;
  const json::value* list = object.if_contains(name);
  if (!list || !list->is_array()) return texts;
  for (const json::value& each : list->get_array())
    if (each.is_string()) texts.emplace(each.get_string());
  return texts;
}

}  // namespace crosswalk

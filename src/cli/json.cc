#include "cli/json.h"

#include <boost/json/serialize.hpp>

namespace crosswalk::cli {
namespace {

void write(std::string& text, const json::value& value, std::size_t depth) {
  const auto line = [&text](std::size_t level) { text += '\n' + std::string(2 * level, ' '); };
  if (const json::object* object = value.if_object(); object && !object->empty()) {
    text += '{';
    bool first = true;
    for (const auto& [key, member] : *object) {
      if (!first) text += ',';
      first = false;
      line(depth + 1);
      text += json::serialize(json::string(key)) + ": ";
      write(text, member, depth + 1);
    }
    line(depth);
    text += '}';
  } else if (const json::array* array = value.if_array(); array && !array->empty()) {
    text += '[';
    bool first = true;
    for (const json::value& item : *array) {
      if (!first) text += ',';
      first = false;
      line(depth + 1);
      write(text, item, depth + 1);
    }
    line(depth);
    text += ']';
  } else {
    text += json::serialize(value);
  }
}

}  // namespace

std::string text_of(const json::value& value) {
  if (const json::string* text = value.if_string()) return std::string(text->data(), text->size());
  if (const json::object* object = value.if_object()) {
    for (const std::string_view key : {"name", "title", "text", "number", "id"}) {
      if (const json::value* member = object->if_contains(key); member && !member->is_null()) return text_of(*member);
    }
    return object->empty() ? "" : json::serialize(value);
  }
  if (value.is_null()) return "";
  if (const json::array* array = value.if_array()) {
    std::string list;
    for (const json::value& item : *array) list += (list.empty() ? "" : ", ") + text_of(item);
    return list;
  }
  if (const double* number = value.if_double();
      number && *number == static_cast<double>(static_cast<std::int64_t>(*number))) {
    return std::to_string(static_cast<std::int64_t>(*number));
  }
  return json::serialize(value);
}

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value ? text_of(*value) : "";
}

std::int64_t number_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (!value) return 0;
  json::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  return error ? 0 : number;
}

bool flag_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value && value->is_bool() && value->get_bool();
}

const json::object& as_object(const json::value& value) {
  static const json::object kEmpty;
  const json::object* object = value.if_object();
  return object ? *object : kEmpty;
}

const json::object& object_at(const json::object& object, std::string_view key) {
  static const json::object kEmpty;
  const json::value* value = object.if_contains(key);
  return value && value->is_object() ? value->get_object() : kEmpty;
}

const json::array& array_at(const json::object& object, std::string_view key) {
  static const json::array kEmpty;
  const json::value* value = object.if_contains(key);
  return value && value->is_array() ? value->get_array() : kEmpty;
}

std::string pretty(const json::value& value) {
  std::string text;
  write(text, value, 0);
  return text + "\n";
}

}  // namespace crosswalk::cli

#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "connectwise_material.h"
#include "sandbox/schema.h"

namespace crosswalk::sandbox {

/// A file of the published material about ConnectWise; nothing when it is not beside the project.
inline std::optional<boost::json::value> connectwise_file(const std::string& name) {
  std::ifstream file(connectwise_material(name));
  if (!file) return std::nullopt;
  return boost::json::parse(std::string{std::istreambuf_iterator<char>(file), {}});
}

inline std::optional<boost::json::value> connectwise_document() { return connectwise_file("openapi.json"); }

/// The few words of JSON Schema that ConnectWise's document uses for what it answers.
class Schemas {
 public:
  explicit Schemas(const boost::json::object& schemas) : schemas_(schemas) {}

  void expect_valid(const boost::json::value& value, std::string_view name, const std::string& where) {
    const boost::json::value* schema = schemas_.if_contains(name);
    return schema == nullptr ? expect_added(value, name, where) : expect(value, *schema, where);
  }

 private:
  /// What the document leaves out is held against what the sandbox has from elsewhere.
  static void expect_added(const boost::json::value& value, std::string_view name, const std::string& where) {
    const Schema* schema = Catalogue::instance().schema(name);
    ASSERT_NE(schema, nullptr) << where << ": no schema " << name;
    ASSERT_TRUE(value.is_object()) << where << ": " << value;
    for (const auto& [member, shown] : value.get_object()) {
      const bool known = (member == "id" && schema->has_id) || (member == "_info" && schema->has_info) ||
                         schema->field(member) != nullptr;
      EXPECT_TRUE(known) << where << " has no member " << member;
    }
  }

  /// An object without a word about its members is whatever there is: a number, a text.
  static bool says_nothing(const boost::json::object& schema) {
    const boost::json::value* more = schema.if_contains("additionalProperties");
    return more == nullptr || (more->is_object() && more->get_object().empty());
  }

  void expect(const boost::json::value& value, const boost::json::value& schema, const std::string& where) {
    if (const boost::json::value* reference = schema.as_object().if_contains("$ref")) {
      const std::string_view path = reference->as_string();
      const std::string_view name = path.substr(path.rfind('/') + 1);
      // What many kinds of objects have in common.
      if (name == "IRestIdentifiedItem") return;
      return expect(value, schemas_.at(name), where);
    }
    const boost::json::value* type = schema.as_object().if_contains("type");
    if (value.is_null() || type == nullptr) return;
    const std::string_view kind = type->as_string();
    const boost::json::value* properties = schema.as_object().if_contains("properties");
    if (kind == "object" && properties == nullptr && says_nothing(schema.as_object())) return;
    const bool fits = (kind == "integer" && value.is_int64()) || (kind == "number" && value.is_number()) ||
                      (kind == "string" && value.is_string()) || (kind == "boolean" && value.is_bool()) ||
                      (kind == "array" && value.is_array()) || (kind == "object" && value.is_object());
    ASSERT_TRUE(fits) << where << " is not " << kind << ": " << value;
    if (const boost::json::value* known = schema.as_object().if_contains("enum")) {
      const boost::json::array& values = known->as_array();
      EXPECT_NE(std::find(values.begin(), values.end(), value), values.end()) << where << ": " << value;
    }
    if (value.is_array()) {
      for (const boost::json::value& element : value.get_array()) expect(element, schema.at("items"), where + "[]");
    }
    if (!value.is_object() || properties == nullptr) return;
    for (const auto& [name, member] : value.get_object()) {
      const boost::json::value* described = properties->as_object().if_contains(name);
      ASSERT_NE(described, nullptr) << where << " has no member " << name;
      expect(member, *described, where + "." + std::string(name));
    }
  }

  const boost::json::object& schemas_;
};

}  // namespace crosswalk::sandbox

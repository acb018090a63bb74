#include "sandbox/wire.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "helpers.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

/// The few words of JSON Schema that ConnectWise's document uses for what it answers.
class Schemas {
 public:
  explicit Schemas(const json::object& schemas) : schemas_(schemas) {}

  void expect_valid(const json::value& value, std::string_view name, const std::string& where) {
    expect(value, schemas_.at(name), where);
  }

 private:
  void expect(const json::value& value, const json::value& schema, const std::string& where) {
    if (const json::value* reference = schema.as_object().if_contains("$ref")) {
      const std::string_view path = reference->as_string();
      return expect(value, schemas_.at(path.substr(path.rfind('/') + 1)), where);
    }
    const json::value* type = schema.as_object().if_contains("type");
    if (value.is_null() || type == nullptr) return;
    const std::string_view kind = type->as_string();
    const bool fits = (kind == "integer" && value.is_int64()) || (kind == "number" && value.is_number()) ||
                      (kind == "string" && value.is_string()) || (kind == "boolean" && value.is_bool()) ||
                      (kind == "array" && value.is_array()) || (kind == "object" && value.is_object());
    ASSERT_TRUE(fits) << where << " is not " << kind << ": " << value;
    if (const json::value* known = schema.as_object().if_contains("enum")) {
      const json::array& values = known->as_array();
      EXPECT_NE(std::find(values.begin(), values.end(), value), values.end()) << where << ": " << value;
    }
    if (value.is_array()) {
      for (const json::value& element : value.get_array()) expect(element, schema.at("items"), where + "[]");
    }
    const json::value* properties = schema.as_object().if_contains("properties");
    if (!value.is_object() || properties == nullptr) return;
    for (const auto& [name, member] : value.get_object()) {
      const json::value* described = properties->as_object().if_contains(name);
      ASSERT_NE(described, nullptr) << where << " has no member " << name;
      expect(member, *described, where + "." + std::string(name));
    }
  }

  const json::object& schemas_;
};

TEST(Wire, AnswersAreValidByConnectWisesOwnDocument) {
  std::ifstream file(CROSSWALK_SOURCE_DIR "/../shared/connectwise/manage/openapi.json");
  if (!file) GTEST_SKIP() << "skipped: ConnectWise's OpenAPI document is not here";
  const json::value document = json::parse(std::string{std::istreambuf_iterator<char>(file), {}});
  Schemas schemas(document.at("components").at("schemas").as_object());
  Bench bench;
  ASSERT_TRUE(bench.world.close_ticket("sandbox", 1000));
  ASSERT_NE(bench.world.enter_time("sandbox", 1000, "0.25", "Done"), 0);
  ASSERT_TRUE(bench.world.merge_ticket("sandbox", 1001, 1002));
  for (const Resource& resource : Catalogue::instance().resources()) {
    for (const json::object& object : bench.world.list("sandbox", resource.path)) {
      schemas.expect_valid(object, resource.spec.schema, resource.path);
    }
  }
  schemas.expect_valid(bench.get("/system/info"), "Info", "system/info");
  const json::value notes = bench.get("/service/tickets/1000/allNotes");
  ASSERT_FALSE(notes.as_array().empty());
  for (const json::value& note : notes.as_array()) {
    schemas.expect_valid(note, "ServiceTicketNote", "allNotes");
  }
}

TEST(Wire, WhatHasGoneLeavesNoReferenceBehind) {
  Bench bench;
  ASSERT_TRUE(bench.world.rename("sandbox", "service/priorities", 3, "P3"));
  EXPECT_EQ(bench.get("/service/tickets/1002").at("priority").at("name"), "P3");
  ASSERT_TRUE(bench.world.erase("sandbox", "service/priorities", 3));
  EXPECT_FALSE(bench.get("/service/tickets/1002").as_object().contains("priority"));
}

TEST(Wire, ProjectsNestedFieldsAndInfoOnlyWhenNamed) {
  const json::object object =
      json::parse(R"({"id":1,"name":"n","status":{"id":2,"name":"s"},"_info":{"a":"b"}})").as_object();
  EXPECT_EQ(json::serialize(project(object, "id, Status/name,_info/a,nonsense")),
            R"({"id":1,"status":{"name":"s"},"_info":{"a":"b"}})");
}

}  // namespace
}  // namespace crosswalk::sandbox

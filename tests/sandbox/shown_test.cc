#include <gtest/gtest.h>

#include "helpers.h"
#include "sandbox/operations.h"
#include "sandbox/wire.h"

// What an answer shows can be asked for in conditions, by the name that it has there; what it does not show cannot.

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

constexpr std::string_view kOfInfo[] = {"lastUpdated", "updatedBy", "dateEntered", "enteredBy"};

std::string literal(const json::value& value, bool as_date) {
  if (!value.is_string()) return json_text(value);
  const std::string text(value.get_string());
  if (as_date) return "[" + text + "]";
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

class Shown : public ::testing::Test {
 protected:
  /// Lists that the engine answers, with a parent that has something where the path names one.
  template <class Visit>
  void each_list(Visit&& visit) {
    for (const DocumentPath& path : Document::instance().paths()) {
      const Operation* reading = path.operation("GET");
      if (path.kind != PathKind::list || reading == nullptr || find_operation_rule(*reading) != nullptr) continue;
      const Resource* resource = Catalogue::instance().find(path.collection);
      if (resource == nullptr || !is_implemented(path, *reading)) continue;
      if (const std::optional<std::string> target = filled(path, *resource)) visit(path, *resource, *target);
    }
  }

  net::Response ask(const std::string& target, const std::string& conditions) {
    return bench_.world.handle(bench_.request("GET", target + "?pageSize=1&conditions=" + encoded(conditions)));
  }

  void expect_found(const std::string& target, const std::string& name, const json::value& value) {
    ++asked_;
    net::Response response = ask(target, name + " = " + literal(value, false));
    if (response.status == 400 && value.is_string()) response = ask(target, name + " = " + literal(value, true));
    EXPECT_EQ(response.status, 200) << target << " " << name << " = " << value << ": " << response.body;
    EXPECT_NE(response.body, "[]") << target << " " << name << " = " << value;
  }

  void expect_all_found(const std::string& target, const std::string& prefix, const json::object& object) {
    for (const auto& [name, value] : object) {
      if (name == "_info") {
        if (prefix.empty()) expect_info_found(target, value.as_object());
      } else if (value.is_object()) {
        expect_all_found(target, prefix + std::string(name) + "/", value.get_object());
      } else if (!value.is_array() && !value.is_null()) {
        expect_found(target, prefix + std::string(name), value);
      }
    }
  }

  void expect_info_found(const std::string& target, const json::object& info) {
    for (const std::string_view name : kOfInfo) {
      if (const json::value* value = info.if_contains(name)) expect_found(target, "_info/" + std::string(name), *value);
    }
  }

  Bench bench_;
  int asked_ = 0;

 private:
  std::optional<std::string> filled(const DocumentPath& path, const Resource& resource) const {
    std::int64_t parent = 0;
    bench_.world.tenant("sandbox")->table(resource).each([&](const Row& row) {
      parent = row.parent;
      return false;
    });
    std::string target;
    int parameters = 0;
    for (const std::string& segment : path.segments) {
      const bool parameter = segment.starts_with('{');
      parameters += parameter ? 1 : 0;
      target += "/" + (parameter ? std::to_string(parent) : segment);
    }
    const bool reachable = parameters == 0 || (parameters == 1 && parent != 0);
    return reachable ? std::optional(target) : std::nullopt;
  }
};

TEST_F(Shown, EveryValueOfAnAnswerFindsItsObject) {
  each_list([&](const DocumentPath&, const Resource&, const std::string& target) {
    const net::Response response = bench_.world.handle(bench_.request("GET", target + "?pageSize=2"));
    ASSERT_EQ(response.status, 200) << target << ": " << response.body;
    const json::value objects = json::parse(response.body);
    for (const json::value& object : objects.as_array()) expect_all_found(target, "", object.as_object());
  });
  EXPECT_GT(asked_, 2'000);
}

TEST_F(Shown, AFieldThatAPathDoesNotShowIsNotRecognizedThere) {
  int refused = 0;
  each_list([&](const DocumentPath& path, const Resource& resource, const std::string& target) {
    const Schema* schema = Catalogue::instance().schema(path.schema);
    if (schema == nullptr || path.schema == resource.spec.schema) return;
    for (const Field& field : resource.fields) {
      const bool of_info = std::find(std::begin(kOfInfo), std::end(kOfInfo), field.name) != std::end(kOfInfo);
      if (schema->field(field.name) != nullptr || of_info || field.name == "id") continue;
      const net::Response response = ask(target, field.name + " != null");
      EXPECT_EQ(response.status, 400) << target << " " << field.name;
      EXPECT_NE(response.body.find(field.name + " is not a recognized name."), std::string::npos) << response.body;
      ++refused;
    }
  });
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace crosswalk::sandbox

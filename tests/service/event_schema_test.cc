#include "service/event_schema.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <boost/json.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace crosswalk::service {
namespace {

namespace json = boost::json;
using model::EventType;

constexpr std::pair<EventType, std::string_view> kSchemas[] = {
    {EventType::alert_raised, "alert.raised.v1.json"},
    {EventType::alert_updated, "alert.updated.v1.json"},
    {EventType::alert_resolved, "alert.resolved.v1.json"},
    {EventType::alert_snoozed, "alert.snoozed.v1.json"},
    {EventType::customer_upserted, "customer.upserted.v1.json"},
    {EventType::device_upserted, "device.upserted.v1.json"}};

/// One published schema, and its judgement.
class Published {
 public:
  explicit Published(std::string_view file) : document_(json::parse(*event_schema(file))) {
    valijson::SchemaParser parser;
    const valijson::adapters::BoostJsonAdapter adapter(document_);
    parser.populateSchema(adapter, schema_);
  }
  [[nodiscard]] bool takes(const json::value& data) const {
    // valijson throws where a value with a format is no text; the schemas say of each of them that it must be one.
    for (const auto& [name, member] : document().at("properties").as_object())
      if (const json::value* value = data.as_object().if_contains(name);
          value && member.as_object().contains("format") && !value->is_string())
        return false;
    valijson::Validator validator;
    return validator.validate(schema_, valijson::adapters::BoostJsonAdapter(data), nullptr);
  }
  [[nodiscard]] const json::object& document() const { return document_.as_object(); }

 private:
  json::value document_;
  valijson::Schema schema_;
};

const Published& published(EventType type) {
  static const std::map<EventType, Published> all = [] {
    std::map<EventType, Published> made;
    for (const auto& [each, file] : kSchemas) made.try_emplace(each, file);
    return made;
  }();
  return all.at(type);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

/// Texts around every limit that the schemas have, in one-byte and in four-byte characters.
rc::Gen<json::value> any_text() {
  return rc::gen::map(rc::gen::pair(rc::gen::element<std::size_t>(0, 1, 64, 65, 99, 100, 101, 200, 201, 320, 321, 500,
                                                                  501, 2'000, 2'001, 16'000, 16'001),
                                    rc::gen::element<std::string>("x", "é", "\xf0\x9f\x98\x80")),
                      [](const auto& pair) { return json::value(repeated(pair.second, pair.first)); });
}

rc::Gen<json::value> any_value() {
  return rc::gen::weightedOneOf<json::value>(
      {{4, any_text()},
       {2, rc::gen::element<json::value>("high", "info", "Critical", "https://a.example/x", "http://", "ftp://x",
                                         "https://a b", "https://a\tb", "2026-03-01T08:00:00Z")},
       {2, rc::gen::element<json::value>(nullptr, true, false, 7, -1.5)},
       {1, rc::gen::element<json::value>(json::array{}, json::object{}, json::array{"x"}, json::object{{"line1", 7}},
                                         json::object{{"city", "Berlin"}}, json::object{{"a", nullptr}},
                                         json::object{{"a", "b"}, {"c", 1.5}, {"d", false}},
                                         json::object{{"a", json::array{}}})}});
}

json::object fitting(EventType type) {
  json::object data{{"customer", "contoso"}, {"name", "Contoso"}, {"device", "d-1"}};
  if (type == EventType::customer_upserted || type == EventType::device_upserted) return data;
  return {{"product", "edr"}, {"customer", "contoso"}, {"subject", "s"},
          {"condition", "c"}, {"severity", "low"},     {"title", "t"}};
}

json::value attributes_of(std::size_t count) {
  json::object attributes;
  for (std::size_t i = 0; i < count; ++i) attributes["a" + std::to_string(i)] = static_cast<std::int64_t>(i);
  return attributes;
}

TEST(EventSchema, TakesWhatTheSchemasNeedAtLeast) {
  for (const auto& [type, file] : kSchemas) {
    const json::object data = fitting(type);
    const auto problem = check_event_data(type, data);
    EXPECT_FALSE(problem) << file << " " << problem->pointer << " " << problem->detail;
    EXPECT_TRUE(published(type).takes(data)) << file;
  }
}

TEST(EventSchema, RefusesWhatLacksARequiredMember) {
  for (const auto& [type, file] : kSchemas) {
    for (const json::value& name : published(type).document().at("required").as_array()) {
      json::object data = fitting(type);
      data.erase(name.as_string());
      const auto problem = check_event_data(type, data);
      ASSERT_TRUE(problem) << file << " without " << name;
      EXPECT_EQ(problem->pointer, "/" + std::string(name.as_string()));
    }
  }
}

/// Every member of every schema, with every kind of value: the hand-written checks and the published schema judge
/// alike.
TEST(EventSchema, JudgesAsThePublishedSchemasDo) {
  EXPECT_TRUE(rc::check([] {
    const auto& [type, file] = *rc::gen::elementOf(std::vector(std::begin(kSchemas), std::end(kSchemas)));
    std::vector<std::string> names{"unknown", repeated("n", 100), repeated("n", 101), repeated("é", 100),
                                   repeated("é", 101)};
    for (const auto& member : published(type).document().at("properties").as_object()) names.emplace_back(member.key());
    json::object data = fitting(type);
    const int changes = *rc::gen::inRange(1, 4);
    for (int i = 0; i < changes; ++i) data[*rc::gen::elementOf(names)] = *any_value();
    if (*rc::gen::inRange(0, 8) == 0) data["attributes"] = attributes_of(*rc::gen::element<std::size_t>(64, 65));
    if (*rc::gen::inRange(0, 8) == 0)
      data["attributes"] =
          json::object{{*rc::gen::element<std::string>("a", repeated("b", 100), repeated("b", 101)), *any_value()}};
    if (*rc::gen::inRange(0, 8) == 0) data["address"] = json::object{{"zip", *any_value()}};
    const auto problem = check_event_data(type, data);
    const bool taken = published(type).takes(data);
    RC_CLASSIFY(taken);
    if (taken == problem.has_value())
      RC_FAIL(std::string(file) +
              (taken ? " takes, the code refuses: " + problem->pointer + " " + problem->detail
                     : " refuses, the code takes") +
              "\n" + json::serialize(data).substr(0, 2'000));
  }));
}

TEST(EventSchema, PointsIntoAttributesWithEscapes) {
  json::object data = fitting(EventType::alert_raised);
  data["attributes"] = json::object{{"a/b~c", nullptr}};
  EXPECT_EQ(check_event_data(EventType::alert_raised, data)->pointer, "/attributes/a~1b~0c");
}

TEST(EventSchema, RefusesNumbersThatAreNotFinite) {
  json::object data = fitting(EventType::alert_raised);
  data["unknown"] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(check_event_data(EventType::alert_raised, data)->pointer, "/unknown");
}

}  // namespace
}  // namespace crosswalk::service

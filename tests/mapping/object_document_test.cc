#include "mapping/object_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crosswalk::mapping {
namespace {

std::string first_problem(std::string_view workflow, std::string_view json) {
  const ParsedObjects parsed = parse_object_document(workflow, json);
  if (parsed.problems.empty()) return "none";
  return parsed.problems.front().pointer + ": " + parsed.problems.front().message;
}

TEST(ObjectDocuments, WhatTheVendorShipsIsValid) {
  for (const std::string_view workflow : kObjectWorkflows) {
    const ParsedObjects parsed = parse_object_document(workflow, object_recipe(workflow));
    ASSERT_TRUE(parsed.document) << workflow << " " << first_problem(workflow, object_recipe(workflow));
    EXPECT_EQ(parsed.document->mode, Mode::test) << "nothing is written before somebody has looked";
    EXPECT_EQ(parsed.document->kind, object_kind_of(workflow));
  }
}

TEST(ObjectDocuments, LeaveToTheVendorWhatTheyDoNotSay) {
  const ParsedObjects parsed = parse_object_document(
      kDeviceToConfiguration,
      R"({"workflow":"device_to_configuration","mode":"live","fields":{"name":{"owner":"create"},"question:12":{"value":"{{os}}"}},
          "classes":{"Server":{"id":9,"name":"Server"}},"lifecycle":{"stale_after":"3d"}})");
  ASSERT_TRUE(parsed.document);
  const ObjectDocument& document = *parsed.document;
  EXPECT_EQ(document.mode, Mode::live);
  EXPECT_EQ(document.fields.at("name").value, "{{name}}");
  EXPECT_EQ(document.fields.at("name").ownership, Ownership::create);
  EXPECT_EQ(document.fields.at("question:12").value, "{{os}}");
  EXPECT_EQ(document.classes.at("server").id, "9");
  EXPECT_EQ(document.stale_after, std::chrono::days{3});
  EXPECT_EQ(document.inactive_after, std::chrono::days{30});
  EXPECT_EQ(document.guard_records, 25);
}

TEST(ObjectDocuments, GuardAgainstMassesOfEachKindWithinAWindow) {
  for (const std::string_view workflow : kObjectWorkflows) {
    const auto read = [&](const std::string& guard) {
      return *parse_object_document(workflow, "{\"workflow\":\"" + std::string(workflow) + "\"" + guard + "}").document;
    };
    const ObjectDocument shipped = read("");
    EXPECT_EQ(shipped.guard_percent, 10);
    EXPECT_EQ(shipped.guard_records, 25);
    EXPECT_EQ(shipped.guard_window, std::chrono::days{1});
    const ObjectDocument named = read(R"(,"mass_change_guard":{"records":3,"window":"2h"})");
    EXPECT_EQ(named.guard_percent, 10);
    EXPECT_EQ(named.guard_records, 3);
    EXPECT_EQ(named.guard_window, std::chrono::hours{2});
    EXPECT_EQ(read(R"(,"mass_change_guard":{"percent":0,"devices":0})").guard_records, 0) << "as it was called before";
  }
}

TEST(ObjectDocuments, FillWhatTheyAdoptUnlessTheySayOtherwise) {
  const auto read = [](const std::string& more) {
    return *parse_object_document(kDeviceToConfiguration, "{\"workflow\":\"device_to_configuration\"" + more + "}")
                .document;
  };
  EXPECT_TRUE(read("").adopted_keep);
  EXPECT_FALSE(read(R"(,"adopted":"overwrite")").adopted_keep);
  EXPECT_TRUE(read(R"(,"decisions":{"d1":{"object":{"id":5},"overwrite":true}})").decisions.at("d1").overwrite);
}

TEST(ObjectDocuments, AreRefusedWithThePlaceAndWhatIsExpected) {
  using testing::HasSubstr;
  EXPECT_THAT(first_problem(kDeviceToConfiguration, R"({"workflow":"device_to_configuration","fields":{"nmae":{}}})"),
              HasSubstr("/fields/nmae: There is no field \"nmae\" here"));
  EXPECT_THAT(first_problem(kDeviceToConfiguration, R"({"workflow":"customer_to_company"})"), HasSubstr("/workflow"));
  EXPECT_THAT(first_problem(kCustomerToCompany, R"({"workflow":"customer_to_company","classes":{}})"),
              HasSubstr("/classes: \"classes\" has no meaning in customer_to_company."));
  EXPECT_THAT(
      first_problem(kCustomerToCompany, R"({"workflow":"customer_to_company","match":{"link_at":60,"propose_at":80}})"),
      HasSubstr("/match/propose_at"));
  EXPECT_THAT(first_problem(kCustomerToCompany, R"({"workflow":"customer_to_company","mod":"live"})"),
              HasSubstr("Did you mean \"mode\"?"));
  EXPECT_THAT(first_problem(kContactToContact,
                            R"({"workflow":"contact_to_contact","decisions":{"a":{"create":true,"excluded":true}}})"),
              HasSubstr("/decisions/a"));
  EXPECT_THAT(first_problem(kDeviceToConfiguration, R"({"workflow":"device_to_configuration","direction":"import"})"),
              HasSubstr("/direction: Only companies are imported"));
  EXPECT_EQ(first_problem(kCustomerToCompany, R"({"workflow":"customer_to_company","direction":"both"})"), "none");
  constexpr std::string_view kShared =
      R"({"workflow":"customer_to_company","decisions":{"a":{"object":{"id":5}},"b":{"object":{"id":5}}}})";
  EXPECT_THAT(first_problem(kCustomerToCompany, kShared), HasSubstr("/decisions/b: Two records"));
  EXPECT_EQ(first_problem(kCustomerToCompany, R"({"workflow":"customer_to_company","allow_shared":true,)" +
                                                  std::string(kShared.substr(34))),
            "none");
  EXPECT_THAT(first_problem(kDeviceToConfiguration,
                            R"({"workflow":"device_to_configuration","fields":{"company":{"value":"x"}}})"),
              HasSubstr("/fields/company"));
  EXPECT_THAT(first_problem(kDeviceToConfiguration,
                            R"({"workflow":"device_to_configuration","fields":{"name":{"value":"{{#a}}"}}})"),
              HasSubstr("/fields/name/value"));
}

TEST(ObjectDocuments, FieldsTakeTheirValuesFromTheRecord) {
  model::Entity device;
  device.attributes = {{"name", " PC-1 "}, {"address", boost::json::object{{"city", "Troy"}}}, {"ram", 16}};
  EXPECT_EQ(render_field({.value = "{{name}}", .reference = {}, .every = {}}, device), "PC-1");
  EXPECT_EQ(render_field({.value = "{{address.city}} {{ram}}", .reference = {}, .every = {}}, device), "Troy 16");
  EXPECT_EQ(render_field({.value = "{{nothing}}", .reference = {}, .every = {}}, device), "");
}

}  // namespace
}  // namespace crosswalk::mapping

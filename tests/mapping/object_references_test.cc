#include "mapping/object_references.h"

#include <boost/json/serialize.hpp>

#include "fixtures.h"
#include "mapping/suggest.h"

namespace crosswalk::mapping {
namespace {

psa::ObjectReferenceData objects() {
  psa::ObjectReferenceData data;
  data.company_types = {{{"1", "Client"}, false}, {{"2", "Vendor"}, false}, {{"3", "Former client"}, false}};
  data.company_statuses = {{.reference = {"1", "Active"}, .is_default = true},
                           {.reference = {"2", "Inactive"}},
                           {.reference = {"3", "Active (old)"}, .inactive = true}};
  data.contact_types = {{{"4", "Decision maker"}, false}};
  data.communication_types = {{.reference = {"1", "Email"}, .email = true},
                              {.reference = {"2", "Direct"}, .phone = true},
                              {.reference = {"3", "Cell"}, .phone = true, .is_default = true}};
  data.configuration_types = {
      {.reference = {"21", "Workstation"}, .questions = {{{{"7", "Asset owner"}, false}, {{"8", "Room"}, true}}}},
      {.reference = {"22", "Managed Workstation"}},
      {.reference = {"25", "Managed Server"}, .questions = {{{{"9", "Rack"}, false}}}},
      {.reference = {"27", "Printer (old)"}, .inactive = true},
      {.reference = {"28", "Managed Anything"}}};
  data.configuration_statuses = {{.reference = {"1", "Active"}, .is_default = true},
                                 {.reference = {"2", "Retired"}, .closed = true},
                                 {.reference = {"3", "Inactive"}}};
  data.manufacturers = {{{"5", "Dell"}, false}};
  return data;
}

std::vector<Problem> check(std::string_view workflow, std::string_view rest) {
  const ParsedObjects parsed =
      parse_object_document(workflow, R"({"workflow": ")" + std::string(workflow) + R"(", )" + std::string(rest) + "}");
  if (!parsed.document) ADD_FAILURE() << listing(parsed.problems);
  return parsed.document ? check_object_references(*parsed.document, objects()) : parsed.problems;
}

TEST(ObjectReferences, WhatFitsHasNoProblems) {
  EXPECT_EQ(listing(check(kCustomerToCompany, R"("types": [{"id": 1, "name": "Client"}], "statuses": [{"id": 3}],
                          "fields": {"type": {"reference": {"id": 1}}, "status": {"reference": {"id": 1}}})")),
            "");
  EXPECT_EQ(listing(check(kContactToContact, R"("communication_types": {"email": {"id": 1}, "phone": {"id": 2}},
                          "fields": {"type": {"reference": {"id": 4}}})")),
            "");
  EXPECT_EQ(listing(check(kDeviceToConfiguration, R"("default_type": {"id": 21}, "classes": {"server": {"id": 25}},
                          "lifecycle": {"statuses": {"active": {"id": 1}, "retired": {"id": 2}}},
                          "fields": {"manufacturer": {"reference": {"id": 5}}, "question:7": {"value": "{{os}}"},
                                     "question:9": {"value": "{{os}}"}})")),
            "");
}

TEST(ObjectReferences, WhatIsNotThereIsToldWithItsPlace) {
  const auto missing = [](std::string_view workflow, std::string_view rest, std::string_view pointer) {
    const auto problems = check(workflow, rest);
    const Problem* problem = find_problem(problems, "mapping.reference_missing", pointer);
    EXPECT_TRUE(problem && problem->level == Problem::Level::error && problems.size() == 1) << listing(problems);
  };
  missing(kCustomerToCompany, R"("types": [{"id": 1}, {"id": 77}])", "/types/1");
  missing(kCustomerToCompany, R"("statuses": [{"id": 77}])", "/statuses/0");
  missing(kCustomerToCompany, R"("fields": {"type": {"reference": {"id": 77}}})", "/fields/type/reference");
  missing(kCustomerToCompany, R"("fields": {"status": {"reference": {"id": 77}}})", "/fields/status/reference");
  missing(kContactToContact, R"("communication_types": {"phone": {"id": 77}})", "/communication_types/phone");
  missing(kContactToContact, R"("fields": {"type": {"reference": {"id": 77}}})", "/fields/type/reference");
  missing(kDeviceToConfiguration, R"("default_type": {"id": 77, "name": "Toaster"})", "/default_type");
  missing(kDeviceToConfiguration, R"("classes": {"server": {"id": 77}})", "/classes/server");
  missing(kDeviceToConfiguration, R"("lifecycle": {"statuses": {"stale": {"id": 77}}})", "/lifecycle/statuses/stale");
  missing(kDeviceToConfiguration, R"("fields": {"manufacturer": {"reference": {"id": 77}}})",
          "/fields/manufacturer/reference");
}

TEST(ObjectReferences, WhatIsSwitchedOffOrMeantForSomethingElseIsTold) {
  EXPECT_TRUE(find_problem(check(kDeviceToConfiguration, R"("classes": {"printer": {"id": 27}})"),
                           "mapping.reference_inactive", "/classes/printer"));
  EXPECT_TRUE(find_problem(check(kCustomerToCompany, R"("fields": {"status": {"reference": {"id": 3}}})"),
                           "mapping.reference_inactive", "/fields/status/reference"));
  const auto unfit = check(kContactToContact, R"("communication_types": {"email": {"id": 2}})");
  const Problem* problem = find_problem(unfit, "mapping.reference_unfit", "/communication_types/email");
  ASSERT_TRUE(problem) << listing(unfit);
  EXPECT_EQ(problem->message,
            "The communication type \"Direct\" (2) is not meant for e-mail addresses; choose another.");
  const auto closed = check(kDeviceToConfiguration, R"("lifecycle": {"statuses": {"active": {"id": 2}}})");
  problem = find_problem(closed, "mapping.reference_unfit", "/lifecycle/statuses/active");
  ASSERT_TRUE(problem) << listing(closed);
  EXPECT_EQ(problem->level, Problem::Level::warning);
  EXPECT_TRUE(find_problem(check(kDeviceToConfiguration, R"("default_type": {"id": 21, "name": "Desk"})"),
                           "mapping.reference_renamed", "/default_type"));
}

TEST(ObjectReferences, QuestionsBelongToTheTypesThatTheMappingNames) {
  const auto asked = [](std::string_view type, std::string_view question) {
    return check(kDeviceToConfiguration, R"("default_type": {"id": )" + std::string(type) +
                                             R"(}, "fields": {"question:)" + std::string(question) +
                                             R"(": {"value": "{{os}}"}})");
  };
  EXPECT_EQ(listing(asked("21", "7")), "");
  EXPECT_TRUE(find_problem(asked("21", "8"), "mapping.reference_inactive", "/fields/question:8"));
  EXPECT_TRUE(find_problem(asked("21", "9"), "mapping.reference_missing", "/fields/question:9"));
  // Nobody has read what this type asks.
  EXPECT_EQ(listing(asked("22", "9")), "");
}

TEST(ObjectReferences, OnlyWhatIsNamedIsAskedFor) {
  const auto named = [](std::string_view rest) {
    return named_references(
        *parse_object_document(kDeviceToConfiguration,
                               R"({"workflow": "device_to_configuration", )" + std::string(rest) + "}")
             .document);
  };
  EXPECT_TRUE(named(R"("default_type": {"id": 21})").question_types.empty());
  const psa::ObjectReferences all =
      named(R"("default_type": {"id": 21}, "classes": {"server": {"id": 25}, "pc": {"id": 21}},
    "fields": {"question:7": {"value": "x"}, "manufacturer": {"reference": {"id": 5}}})");
  EXPECT_EQ(all.question_types, (std::vector<std::string>{"21", "25"}));
  EXPECT_EQ(all.manufacturers, (std::vector<std::string>{"5"}));
}

std::string suggested(std::string_view workflow, const psa::ObjectReferenceData& data, std::string_view pointer) {
  const boost::json::value document = suggest_objects(workflow, data);
  boost::system::error_code error;
  const boost::json::value* found = document.find_pointer(pointer, error);
  return found ? boost::json::serialize(*found) : "nothing";
}

TEST(ObjectSuggestions, GoByNames) {
  EXPECT_EQ(suggested(kCustomerToCompany, objects(), "/types"), R"([{"id":"1","name":"Client"}])");
  EXPECT_EQ(suggested(kCustomerToCompany, objects(), "/statuses"), R"([{"id":"1","name":"Active"}])");
  EXPECT_EQ(suggested(kCustomerToCompany, objects(), "/fields/status"),
            R"({"reference":{"id":"1","name":"Active"},"owner":"create"})");
  EXPECT_EQ(suggested(kContactToContact, objects(), "/communication_types"),
            R"({"email":{"id":"1","name":"Email"},"phone":{"id":"3","name":"Cell"}})");
  EXPECT_EQ(suggested(kDeviceToConfiguration, objects(), "/classes"),
            R"({"server":{"id":"25","name":"Managed Server"},"workstation":{"id":"22","name":"Managed Workstation"},)"
            R"("laptop":{"id":"22","name":"Managed Workstation"}})");
  EXPECT_EQ(suggested(kDeviceToConfiguration, objects(), "/default_type/id"), "\"22\"");
  EXPECT_EQ(suggested(kDeviceToConfiguration, objects(), "/lifecycle/statuses"),
            R"({"active":{"id":"1","name":"Active"},"inactive":{"id":"3","name":"Inactive"},)"
            R"("retired":{"id":"2","name":"Retired"},"replaced":{"id":"2","name":"Retired"}})");
  EXPECT_EQ(suggested(kDeviceToConfiguration, objects(), "/lifecycle/retired_after"), "\"90d\"");
}

TEST(ObjectSuggestions, CanBePublishedAndSayWhy) {
  for (const std::string_view workflow : kObjectWorkflows) {
    std::vector<SuggestedChoice> choices;
    const ParsedObjects parsed =
        parse_object_document(workflow, boost::json::serialize(suggest_objects(workflow, objects(), &choices)));
    ASSERT_TRUE(parsed.document) << listing(parsed.problems);
    EXPECT_EQ(parsed.document->mode, Mode::test);
    EXPECT_EQ(listing(check_object_references(*parsed.document, objects())), "");
    EXPECT_FALSE(choices.empty());
    for (const SuggestedChoice& each : choices) EXPECT_NE(each.reason, "") << each.setting;
    // What names do not tell is left out.
    EXPECT_TRUE(parse_object_document(workflow, boost::json::serialize(suggest_objects(workflow, {}))).document);
  }
}

}  // namespace
}  // namespace crosswalk::mapping

#include "sandbox/conditions.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "helpers.h"

namespace crosswalk::sandbox {
namespace {

std::size_t count_of(Bench& bench, std::string_view collection, std::string_view conditions,
                     std::string_view parameter = "conditions") {
  const net::Response response =
      bench.call("GET", std::string(collection) + "/count?" + std::string(parameter) + "=" + encoded(conditions));
  if (response.status != 200) return SIZE_MAX;
  return static_cast<std::size_t>(boost::json::parse(response.body).at("count").as_int64());
}

TEST(Conditions, BindsNotTighterThanAndTighterThanOr) {
  const auto parsed = parse_conditions("a = 1 or not b = 2 and c = 3");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->kind, Condition::Kind::any_of);
  ASSERT_EQ(parsed->children.size(), 2u);
  EXPECT_EQ(parsed->children[0].path, "a");
  ASSERT_EQ(parsed->children[1].kind, Condition::Kind::all_of);
  EXPECT_EQ(parsed->children[1].children[0].kind, Condition::Kind::negation);
  EXPECT_EQ(parsed->children[1].children[1].path, "c");
}

TEST(Conditions, ReadsEveryKindOfLiteral) {
  const auto parsed =
      parse_conditions(R"(a="x\"y\\" AND b='it''s' and c=-12.5 and d=True and e=null and f=[2016-08-20T18:04:26Z])");
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->children.size(), 6u);
  EXPECT_EQ(parsed->children[0].literals[0].text, "x\"y\\");
  EXPECT_EQ(parsed->children[1].literals[0].text, "it's");
  EXPECT_EQ(parsed->children[2].literals[0].number, -125'000);
  EXPECT_TRUE(parsed->children[3].literals[0].flag);
  EXPECT_EQ(parsed->children[4].literals[0].kind, Literal::Kind::null);
  EXPECT_EQ(parsed->children[5].literals[0].number, 1471716266);
}

TEST(Conditions, ReadsTheDeveloperGuidesLackOfBlanks) {
  EXPECT_TRUE(parse_conditions("lastUpdated>[2016-08-20T18:04:26Z]"));
  EXPECT_TRUE(parse_conditions("summary like '%new%'and board/name='Help Desk'"));
  EXPECT_TRUE(parse_conditions("board/id in (3, 2, 4) and closedFlag=False"));
  EXPECT_TRUE(parse_conditions("   "));
}

TEST(Conditions, SaysWhereItWasNotUnderstood) {
  const struct {
    const char* text;
    std::size_t position;
  } cases[] = {{"summary = ", 10}, {"summary 'x'", 8}, {"(a = 1", 6}, {"a = 'x", 4},    {"a = 1 b = 2", 6},
               {"a in 3", 5},      {"= 3", 0},         {"a ; b", 2},  {"d = [soon]", 4}};
  for (const auto& each : cases) {
    const auto parsed = parse_conditions(each.text);
    ASSERT_FALSE(parsed) << each.text;
    EXPECT_EQ(parsed.error().position, each.position) << each.text << ": " << parsed.error().message;
  }
}

TEST(Conditions, RefusesDeepNestingInsteadOfOverflowing) {
  const std::string deep(100'000, '(');
  ASSERT_FALSE(parse_conditions(deep + "a=1"));
  std::string nots;
  for (int i = 0; i < 100'000; ++i) nots += "not ";
  ASSERT_FALSE(parse_conditions(nots + "a=1"));
  EXPECT_TRUE(parse_conditions("((((a=1))))"));
}

TEST(Conditions, RefusesInWhereItIsNotSupported) {
  EXPECT_FALSE(parse_conditions("value in (1, 2)", {.in_allowed = false}));
  EXPECT_TRUE(parse_conditions("value not like 'x%'", {.in_allowed = false}));
}

TEST(Conditions, LikeFollowsTransactSql) {
  EXPECT_TRUE(like_matches("%disk%", "The DISK is full"));
  EXPECT_TRUE(like_matches("*disk*", "The disk is full"));
  EXPECT_TRUE(like_matches("disk", "Disk"));
  EXPECT_FALSE(like_matches("disk", "disks"));
  EXPECT_TRUE(like_matches("d_sk", "dusk"));
  EXPECT_TRUE(like_matches("[[]x]", "[x]"));
  EXPECT_TRUE(like_matches("[a-c]%", "Beta"));
  EXPECT_FALSE(like_matches("[^a-c]%", "beta"));
  EXPECT_TRUE(like_matches("%", ""));
  EXPECT_FALSE(like_matches("", "x"));
}

RC_GTEST_PROP(ConditionsProperty, NeverCrashesOnAnyText, (const std::string& text)) {
  const auto parsed = parse_conditions(text);
  if (!parsed) RC_ASSERT(parsed.error().position <= text.size());
}

RC_GTEST_PROP(ConditionsProperty, NeverCrashesOnAnyRowOfTokens, ()) {
  const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "a", "board/name", "=", "!=", "<", ">=", "like", "contains", "in", "not", "and", "or", "(", ")", ",", "'x'", "\"",
      "12", "-", "[", "[2020-01-01]", "null", "true", "%"));
  std::string text;
  for (const std::string& word : words) text += word + " ";
  const auto parsed = parse_conditions(text);
  if (!parsed) RC_ASSERT(parsed.error().position <= text.size());
}

RC_GTEST_PROP(ConditionsProperty, LikeWithRunsAroundFindsEveryPart,
              (const std::string& before, const std::string& after)) {
  RC_ASSERT(like_matches("%needle%", before + "Needle" + after));
}

RC_GTEST_PROP(ConditionsProperty, ServerAnswersAnyConditionWith200Or400, (const std::string& text)) {
  static Bench bench;
  const int status = bench.call("GET", "/service/tickets?conditions=" + encoded(text)).status;
  RC_ASSERT(status == 200 || status == 400);
}

TEST(ConditionsOnData, EachOperatorMeansWhatItSays) {
  Bench bench;
  const std::string companies = "/company/companies", tickets = "/service/tickets",
                    statuses = "/service/boards/1/statuses";
  EXPECT_EQ(count_of(bench, companies, "identifier = 'catchall'"), 1u);
  EXPECT_EQ(count_of(bench, companies, "identifier != 'catchall'"), 19u);
  EXPECT_EQ(count_of(bench, companies, "id < 252"), 2u);
  EXPECT_EQ(count_of(bench, companies, "id <= 252"), 3u);
  EXPECT_EQ(count_of(bench, companies, "id > 268 and id >= 269"), 1u);
  EXPECT_EQ(count_of(bench, companies, "name contains 'nova'"), 2u);
  EXPECT_EQ(count_of(bench, companies, "name not contains 'nova'"), 18u);
  EXPECT_EQ(count_of(bench, companies, "name like 'nova%'"), 2u);
  EXPECT_EQ(count_of(bench, companies, "name not like 'nova*'"), 18u);
  EXPECT_EQ(count_of(bench, companies, "id in (250, 251, 99999)"), 2u);
  EXPECT_EQ(count_of(bench, companies, "id not in (250, 251, 99999)"), 18u);
  EXPECT_EQ(count_of(bench, companies, "deletedFlag = false"), 20u);
  EXPECT_EQ(count_of(bench, companies, "parentCompany = null"), 20u);
  EXPECT_EQ(count_of(bench, companies, "status != null"), 20u);
  EXPECT_EQ(count_of(bench, statuses, "closedStatus = true"), 1u);
  EXPECT_EQ(count_of(bench, tickets, "board/name = 'help desk' and ClosedFlag = False"), 5u - 1u);
  EXPECT_EQ(count_of(bench, tickets, "Status/Name like '>%'"), 2u);
  EXPECT_EQ(count_of(bench, tickets, "board/id in (2, 3)"), 5u);
  EXPECT_EQ(count_of(bench, tickets, "lastUpdated > [2020-01-01T00:00:00Z] and _info/dateEntered < [2030-01-01]"), 10u);
  EXPECT_EQ(count_of(bench, tickets, "priority/sort = 1"), 1u);
  EXPECT_EQ(count_of(bench, tickets, "not (board/id = 1 or board/id = 2)"), 3u);
}

TEST(ConditionsOnData, WhatIsNotSetIsNeitherEqualNorUnequal) {
  Bench bench;
  bench.make_ticket(R"(,"externalXRef":"a-1")");
  EXPECT_EQ(count_of(bench, "/service/tickets", "externalXRef = 'A-1'"), 1u);
  EXPECT_EQ(count_of(bench, "/service/tickets", "externalXRef != 'a-1'"), 0u);
  EXPECT_EQ(count_of(bench, "/service/tickets", "not externalXRef = 'a-1'"), 0u);
  EXPECT_EQ(count_of(bench, "/service/tickets", "externalXRef = null"), 10u);
  EXPECT_EQ(count_of(bench, "/service/tickets", "externalXRef in ('a-1', 'b')"), 1u);
}

/// A condition that one contact alone meets, by an e-mail address but for its end.
std::string with_address_of(Bench& bench, int contact) {
  const boost::json::value items = bench.get("/company/contacts/" + std::to_string(contact)).at("communicationItems");
  const std::string address(items.at(0).at("value").as_string());
  return "communicationItems/value like '" + address.substr(0, address.rfind('.')) + "*'";
}

TEST(ConditionsOnData, ChildConditionsSpeakOfOneElement) {
  Bench bench;
  const std::string address = with_address_of(bench, 2520);
  const std::string same = address + " AND communicationItems/communicationType='Email'";
  const std::string mixed = address + " AND communicationItems/communicationType='Phone'";
  EXPECT_EQ(count_of(bench, "/company/contacts", same, "childConditions"), 1u);
  EXPECT_EQ(count_of(bench, "/company/contacts", mixed, "childConditions"), 0u);
  EXPECT_EQ(count_of(bench, "/company/companies", "types/name = 'Client'", "childConditions"), 1u);
  EXPECT_EQ(count_of(bench, "/company/companies", "types/name in ('Client')", "childConditions"), SIZE_MAX);
}

TEST(ConditionsOnData, CustomFieldConditionsSpeakOfOneField) {
  Bench bench;
  bench.call(
      "PATCH", "/company/companies/252",
      R"([{"op":"replace","path":"customFields","value":[{"id":5,"caption":"TomNumber","type":"Text","value":"7"}]}])");
  EXPECT_EQ(count_of(bench, "/company/companies", "caption=\"TomNumber\" AND value !=null", "customFieldConditions"),
            1u);
  EXPECT_EQ(count_of(bench, "/company/companies", "caption=\"TomNumber\" AND value = '8'", "customFieldConditions"),
            0u);
}

TEST(ConditionsOnData, ChildConditionsMaySpeakOfSeveralLists) {
  Bench bench;
  bench.call("PATCH", "/company/contacts/2520", R"([{"op":"replace","path":"types","value":[{"id":1}]}])");
  const std::string type(bench.get("/company/contacts/types/1").at("description").as_string());
  const std::string address = with_address_of(bench, 2520);
  EXPECT_EQ(count_of(bench, "/company/contacts", address + " and types/name='" + type + "'", "childConditions"), 1u);
  EXPECT_EQ(count_of(bench, "/company/contacts", address + " and types/name='nonsense'", "childConditions"), 0u);
}

TEST(ConditionsOnData, NamesThatAListDoesNotHaveAreNotRecognized) {
  Bench bench;
  const auto message = [&](std::string_view parameter, std::string_view conditions) {
    const net::Response response =
        bench.call("GET", "/company/contacts?" + std::string(parameter) + "=" + encoded(conditions));
    EXPECT_EQ(response.status, 400) << conditions;
    return std::string(boost::json::parse(response.body).at("message").as_string());
  };
  EXPECT_EQ(message("childConditions", "communicationItems/nonsense = 1"),
            "communicationItems/nonsense is not a recognized name.");
  EXPECT_EQ(message("childConditions", "firstName = 'x'"), "firstName is not a recognized name.");
  EXPECT_EQ(message("customFieldConditions", "nonsense = 1"), "nonsense is not a recognized name.");
}

TEST(CustomFields, AreCheckedAgainstTheirDefinitions) {
  Bench bench;
  const auto define = [&](const char* body) {
    const net::Response made = bench.call("POST", "/system/userDefinedFields", body);
    EXPECT_EQ(made.status, 201) << made.body;
    return boost::json::serialize(boost::json::parse(made.body).at("id"));
  };
  const std::string number =
      define(R"({"podId":1,"caption":"Seats","sequenceNumber":1,"fieldTypeIdentifier":"Number"})");
  const std::string list = define(
      R"({"podId":1,"caption":"Tier","sequenceNumber":2,"fieldTypeIdentifier":"Text","entryTypeIdentifier":"List",
          "options":[{"optionValue":"Gold"},{"optionValue":"Silver"}]})");
  const auto set = [&](const std::string& id, const char* value) {
    return bench.call(
        "PATCH", "/company/companies/252",
        R"([{"op":"replace","path":"customFields","value":[{"id":)" + id + R"(,"value":)" + value + "}]}]");
  };
  const net::Response seats = set(number, "12");
  ASSERT_EQ(seats.status, 200) << seats.body;
  EXPECT_EQ(boost::json::parse(seats.body).at("customFields").at(0).at("caption"), "Seats");
  EXPECT_EQ(set(number, "\"many\"").status, 400);
  EXPECT_EQ(set(list, "\"Gold\"").status, 200);
  EXPECT_EQ(set(list, "\"Tin\"").status, 400);
  EXPECT_EQ(set("999", "1").status, 400);
  EXPECT_EQ(bench.get("/company/companies/252").at("customFields").as_array().size(), 2u);
}

TEST(ConditionsOnData, ErrorsAreConnectWises) {
  Bench bench;
  const auto message = [&](std::string_view conditions) {
    const net::Response response = bench.call("GET", "/service/tickets?conditions=" + encoded(conditions));
    EXPECT_EQ(response.status, 400);
    const boost::json::value body = boost::json::parse(response.body);
    EXPECT_EQ(body.at("code").as_string(), "ApiFindCondition");
    return std::string(body.at("message").as_string());
  };
  EXPECT_EQ(message("nonsense = 1"), "nonsense is not a recognized name.");
  EXPECT_EQ(message("board/nonsense = 1"), "board/nonsense is not a recognized name.");
  EXPECT_EQ(message("initialDescription = 'x'"), "initialDescription is not a recognized name.");
  EXPECT_TRUE(message("closedFlag = 1")
                  .starts_with("Expected a boolean value, not a numeric. String values should be enclosed"));
  EXPECT_TRUE(message("summary = 1").starts_with("Expected a string value, not a numeric."));
  EXPECT_EQ(message("severity = 'Enormous'"), "Enum value supplied was invalid");
}

TEST(ConditionsOnData, AnInfoPathKnowsTheNamesOfItsAnswer) {
  Bench bench;
  const auto listed = [&](const std::string& path, std::string_view parameter, std::string_view text) {
    return bench.call("GET", path + "?" + std::string(parameter) + "=" + encoded(text));
  };
  const std::string statuses = "/service/boards/1/statuses/info";
  EXPECT_EQ(boost::json::parse(listed(statuses, "conditions", "closedFlag = true").body).at(0).at("id"), 108);
  EXPECT_EQ(boost::json::parse(listed(statuses, "conditions", "inactiveFlag = true").body).at(0).at("id"), 109);
  EXPECT_EQ(count_of(bench, statuses, "closedFlag = true"), 1u);
  EXPECT_EQ(count_of(bench, statuses, "closedStatus = true"), SIZE_MAX);
  EXPECT_EQ(listed(statuses, "orderBy", "closedFlag desc").status, 200);
  EXPECT_EQ(listed(statuses, "orderBy", "closedStatus desc").status, 400);
  EXPECT_EQ(count_of(bench, "/service/boards/1/statuses", "closedStatus = true"), 1u);
  EXPECT_EQ(count_of(bench, "/service/boards/1/statuses", "closedFlag = true"), SIZE_MAX);
  const std::string types = "/company/companies/info/types";
  EXPECT_EQ(count_of(bench, types, "isVendor = true"),
            count_of(bench, "/company/companies/types", "vendorFlag = true"));
  EXPECT_EQ(count_of(bench, types, "vendorFlag = true"), SIZE_MAX);
  EXPECT_EQ(listed("/company/contacts/types/count/info", "conditions", "defaultFlag = true").status, 200);
}

TEST(ConditionsOnData, WhatAReferenceShowsIsCompared) {
  Bench bench;
  const boost::json::value agreement = bench.get("/finance/agreements/253");
  const std::string type(agreement.at("type").at("name").as_string());
  const std::string ours = " and id = " + std::to_string(bench.make_ticket(R"(,"agreement":{"id":253})"));
  EXPECT_EQ(count_of(bench, "/service/tickets", "agreement/type = '" + type + "'" + ours), 1u);
  EXPECT_EQ(count_of(bench, "/service/tickets", "agreement/type != '" + type + "'" + ours), 0u);
  EXPECT_EQ(count_of(bench, "/service/tickets", "agreement/type/name = '" + type + "'" + ours), 1u);
  EXPECT_EQ(count_of(bench, "/service/tickets", "agreement/type = 1"), SIZE_MAX);
}

TEST(ConditionsOnData, WhatCannotMatchIsRefused) {
  Bench bench;
  EXPECT_EQ(count_of(bench, "/service/tickets", "board = 3"), count_of(bench, "/service/tickets", "board/id = 3"));
  EXPECT_EQ(count_of(bench, "/service/tickets", "board = 'Help Desk'"), SIZE_MAX);
  EXPECT_EQ(count_of(bench, "/service/tickets", "agreement = null"),
            count_of(bench, "/service/tickets", "agreement/id = null"));
  EXPECT_EQ(count_of(bench, "/company/contacts", "communicationItems != null"), SIZE_MAX);
  EXPECT_EQ(count_of(bench, "/company/companies", "types = null"), SIZE_MAX);
  EXPECT_EQ(count_of(bench, "/company/companies", "types/nonsense = 1", "childConditions"), SIZE_MAX);
  EXPECT_EQ(count_of(bench, "/company/contacts", "communicationItems/type/nonsense = 1", "childConditions"), SIZE_MAX);
  EXPECT_EQ(count_of(bench, "/service/boards", "caption = 'x'", "customFieldConditions"), SIZE_MAX);
}

TEST(ConditionsOnData, ListsThatAreWorkedOutKnowTheirNamesToo) {
  Bench bench;
  const auto status = [&](const std::string& path, std::string_view conditions) {
    return bench.call("GET", path + "?conditions=" + encoded(conditions)).status;
  };
  EXPECT_EQ(status("/company/contacts/2520/communications", "nonsense = 1"), 400);
  EXPECT_EQ(status("/company/contacts/2520/communications/count", "nonsense = 1"), 400);
  EXPECT_EQ(status("/company/contacts/2520/communications/count", "communicationType = 'Email'"), 200);
  EXPECT_EQ(status("/service/info/boards/active", "projectFlag = true"), 200);
  EXPECT_EQ(status("/service/info/boards/active", "sendToCCFlag = true"), 400);
  EXPECT_EQ(status("/system/reports/service", "TicketNbr = 1000"), 200);
  const std::string ticket = "/service/tickets/" + std::to_string(bench.make_ticket());
  const std::string attached = ticket + "/configurations";
  bench.call("POST", attached, R"({"id":2520})");
  EXPECT_EQ(count_of(bench, attached, "id = 2520"), 1u);
  EXPECT_EQ(count_of(bench, attached, "id = 2521"), 0u);
  EXPECT_EQ(bench.get(attached + "?conditions=" + encoded("deviceIdentifier = 'nonsense'")).as_array().size(), 0u);
  EXPECT_EQ(status(attached, "name = 'x'"), 400);
  EXPECT_EQ(status(ticket + "/timeentries", "id > 0"), 200);
  EXPECT_EQ(status("/system/reports/service", "priority = 'x'"), 400);
}

}  // namespace
}  // namespace crosswalk::sandbox

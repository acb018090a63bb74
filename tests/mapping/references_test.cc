#include "fixtures.h"
#include "mapping/suggest.h"

namespace crosswalk::mapping {
namespace {

/// Board 1 "Help Desk" with statuses 101.., board 2 "Security Alerts" with statuses 201.., board 3 inactive.
psa::ReferenceData reference_data() {
  psa::ReferenceData data;
  data.boards = {{.reference = {"1", "Help Desk"},
                  .inactive = false,
                  .statuses = {{{"101", "New"}, false, false, true},
                               {{"102", "In Progress"}, false, false, false},
                               {{"103", "Completed"}, true, false, false}},
                  .types = {{{"11", "Alert"}, false}},
                  .subtypes = {},
                  .items = {},
                  .teams = {{{"31", "Blue"}, false}}},
                 {.reference = {"2", "Security Alerts"},
                  .inactive = false,
                  .statuses = {{{"204", "Cancelled"}, true, false, false},
                               {{"201", "Acknowledged"}, false, false, false},
                               {{"202", "New alert"}, false, false, true},
                               {{"203", "Resolved"}, true, false, false},
                               {{"205", "Re-opened"}, false, false, false},
                               {{"206", "Old"}, false, true, false}},
                  .types = {{{"21", "Incident"}, false}},
                  .subtypes = {},
                  .items = {},
                  .teams = {}},
                 {.reference = {"3", "SOC alerts"},
                  .inactive = true,
                  .statuses = {},
                  .types = {},
                  .subtypes = {},
                  .items = {},
                  .teams = {}}};
  data.priorities = {{{"6", "Priority 1 - Critical"}, false},
                     {{"7", "Priority 2 - High"}, false},
                     {{"8", "Priority 3 - Medium"}, false},
                     {{"9", "Priority 4 - Low"}, false}};
  data.sources = {{{"1", "Email"}, false}, {{"2", "Monitoring"}, false}};
  data.companies = {{{"12", "Contoso"}, false}, {{"13", "Gone Ltd"}, true}};
  return data;
}

std::vector<Problem> check(std::string_view json) { return check_references(document(json), reference_data()); }

constexpr std::string_view kGood = R"({
  "defaults": {"board": {"id": 1, "name": "Help Desk"}, "type": {"id": 11}, "statuses": {"opened": {"id": 101}, "resolved": {"id": 103}}},
  "customers": {"contoso": {"company": {"id": 12, "name": "Contoso"}}},
  "rules": [{"name": "Security", "set": {"board": {"id": 2}, "statuses": {"opened": {"id": 202}, "resolved": {"id": 203}}}}]})";

TEST(References, GoodDocumentHasNoProblems) { EXPECT_EQ(listing(check(kGood)), ""); }

TEST(References, DeletedAndInactiveObjectsAreReported) {
  EXPECT_TRUE(find_problem(check(R"({"defaults": {"board": {"id": 77, "name": "NOC"}}})"), "mapping.reference_missing",
                           "/defaults/board"));
  EXPECT_TRUE(
      find_problem(check(R"({"defaults": {"board": {"id": 3}}})"), "mapping.reference_inactive", "/defaults/board"));
  EXPECT_TRUE(find_problem(check(R"({"triage_board": {"id": 78}})"), "mapping.reference_missing", "/triage_board"));
  EXPECT_TRUE(find_problem(check(R"({"customers": {"gone": {"company": {"id": 13}}}})"), "mapping.reference_inactive",
                           "/customers/gone/company"));
  EXPECT_TRUE(find_problem(check(R"({"unknown_customer": {"policy": "catch_all", "company": {"id": 99}}})"),
                           "mapping.reference_missing", "/unknown_customer/company"));
  EXPECT_TRUE(find_problem(check(R"({"defaults": {"priority": {"id": 6, "by_severity": {"low": {"id": 5}}}}})"),
                           "mapping.reference_missing", "/defaults/priority/by_severity/low"));
  EXPECT_TRUE(
      find_problem(check(R"({"defaults": {"source": {"id": 5}}})"), "mapping.reference_missing", "/defaults/source"));
  EXPECT_TRUE(find_problem(check(R"({"defaults": {"board": {"id": 1}, "type": {"id": 21}}})"),
                           "mapping.reference_missing", "/defaults/type"));
  EXPECT_TRUE(find_problem(check(R"({"defaults": {"board": {"id": 2}, "statuses": {"updated": {"id": 206}}}})"),
                           "mapping.reference_inactive", "/defaults/statuses/updated"));
}

TEST(References, RenamedObjectIsAWarningThatSaysTheNewName) {
  const auto problems = check(R"({"customers": {"contoso": {"company": {"id": 12, "name": "Contoso GmbH"}}}})");
  const Problem* problem = find_problem(problems, "mapping.reference_renamed", "/customers/contoso/company");
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->level, Problem::Level::warning);
  EXPECT_NE(problem->message.find("now called \"Contoso\""), std::string::npos);
}

TEST(References, StatusesMustMeanWhatTheyAreFor) {
  const auto opened =
      check(R"({"defaults": {"board": {"id": 1}, "statuses": {"opened": {"id": 103}, "resolved": {"id": 103}}}})");
  ASSERT_TRUE(find_problem(opened, "mapping.status_opened_closed", "/defaults/statuses/opened")) << listing(opened);
  const auto resolved = check(R"({"defaults": {"board": {"id": 1}, "statuses": {"resolved": {"id": 102}}}})");
  const Problem* problem = find_problem(resolved, "mapping.status_resolved_not_closed", "/defaults/statuses/resolved");
  ASSERT_TRUE(problem) << listing(resolved);
  EXPECT_EQ(problem->level, Problem::Level::warning);
  EXPECT_TRUE(find_problem(check(R"({"defaults": {"board": {"id": 1}}})"), "mapping.status_resolved_not_closed",
                           "/defaults/statuses"));
}

TEST(References, StatusOfAnotherBoardIsAnErrorAtEveryLevel) {
  EXPECT_TRUE(find_problem(check(R"({"defaults": {"board": {"id": 1}, "statuses": {"opened": {"id": 202}}}})"),
                           "mapping.status_other_board", "/defaults/statuses/opened"));
  EXPECT_TRUE(find_problem(
      check(
          R"({"defaults": {"board": {"id": 1}}, "customers": {"contoso": {"settings": {"statuses": {"opened": {"id": 202}}}}}})"),
      "mapping.status_other_board", "/customers/contoso/settings/statuses/opened"));
  EXPECT_TRUE(find_problem(
      check(
          R"({"defaults": {"board": {"id": 1}}, "rules": [{"name": "x", "set": {"statuses": {"resolved": {"id": 203}}}}]})"),
      "mapping.status_other_board", "/rules/0/set/statuses/resolved"));
}

TEST(References, BoardOfARuleNeedsStatusesOfItsOwn) {
  constexpr std::string_view kMoved =
      R"({"defaults": {"board": {"id": 1}, "statuses": {"opened": {"id": 101}, "resolved": {"id": 103}}},
    "rules": [{"name": "x", "set": {"board": {"id": 2}, "statuses": {"opened": {"id": 202}}}}]})";
  const auto problems = check(kMoved);
  const Problem* problem = find_problem(problems, "mapping.status_other_board", "/rules/0/set/board");
  ASSERT_TRUE(problem) << listing(problems);
  EXPECT_NE(problem->message.find("for resolved."), std::string::npos) << problem->message;
  const auto customer =
      check(R"({"defaults": {"board": {"id": 1}, "statuses": {"opened": {"id": 101}, "resolved": {"id": 103}}},
                                  "customers": {"contoso": {"settings": {"board": {"id": 2}}}}})");
  EXPECT_TRUE(find_problem(customer, "mapping.status_other_board", "/customers/contoso/settings/board"))
      << listing(customer);
}

TEST(References, StatusesOfAHigherRuleServeTheBoardOfALowerOne) {
  EXPECT_EQ(
      listing(check(R"({"defaults": {"board": {"id": 1}, "statuses": {"opened": {"id": 101}, "resolved": {"id": 103}}},
    "rules": [{"name": "words", "set": {"statuses": {"opened": {"id": 202}, "resolved": {"id": 203}}}}, {"name": "x", "set": {"board": {"id": 2}}}]})")),
      "");
}

TEST(References, BoardWhoseStatusesWereNotReadIsNotJudged) {
  psa::ReferenceData data = reference_data();
  data.boards[0].statuses.clear();
  EXPECT_EQ(
      listing(check_references(
          document(
              R"({"defaults": {"board": {"id": 1}, "type": {"id": 5}, "statuses": {"opened": {"id": 7}, "resolved": {"id": 8}}}})"),
          data)),
      "");
}

TEST(Suggest, ChoosesBoardStatusesPrioritiesAndSourceByMeaning) {
  std::vector<SuggestedChoice> choices;
  const Document made = suggest(reference_data(), &choices);
  EXPECT_EQ(made.settings.mode, Mode::test);
  EXPECT_EQ(made.settings.fields.at(psa::TicketField::board).id, "2");
  EXPECT_EQ(made.settings.statuses.at(AlertState::opened).id, "202");
  EXPECT_EQ(made.settings.statuses.at(AlertState::acknowledged).id, "201");
  EXPECT_EQ(made.settings.statuses.at(AlertState::resolved).id, "203");
  EXPECT_EQ(made.settings.statuses.at(AlertState::reopened).id, "205");
  EXPECT_EQ(made.settings.priority_by_severity.at(model::Severity::critical).id, "6");
  EXPECT_EQ(made.settings.priority_by_severity.at(model::Severity::low).id, "9");
  EXPECT_EQ(made.settings.priority_by_severity.at(model::Severity::info).id, "9");
  EXPECT_EQ(made.settings.fields.at(psa::TicketField::source).id, "2");
  ASSERT_FALSE(choices.empty());
  EXPECT_EQ(choices[0].setting, "board");
  EXPECT_NE(choices[0].reason.find("security"), std::string::npos);
}

TEST(Suggest, PassesTheChecksOfTheSameData) {
  const Document made = suggest(reference_data());
  EXPECT_EQ(listing(check_references(made, reference_data())), "");
}

TEST(Suggest, FirstClosingStatusResolvesWhenNoNameTells) {
  psa::ReferenceData data = reference_data();
  data.boards = {{.reference = {"5", "Tavola"},
                  .inactive = false,
                  .statuses = {{{"1", "Nuovo"}, false, false, true}, {{"2", "Chiuso"}, true, false, false}},
                  .types = {},
                  .subtypes = {},
                  .items = {},
                  .teams = {}}};
  data.priorities = {{{"1", "P1"}, false}, {{"2", "P2"}, false}};
  const Document made = suggest(data);
  EXPECT_EQ(made.settings.fields.at(psa::TicketField::board).id, "5");
  EXPECT_EQ(made.settings.statuses.at(AlertState::resolved).id, "2");
  EXPECT_EQ(made.settings.statuses.at(AlertState::reopened).id, "1");
  EXPECT_EQ(made.settings.priority_by_severity.at(model::Severity::critical).id, "1");
  EXPECT_EQ(made.settings.priority_by_severity.at(model::Severity::info).id, "2");
}

TEST(Suggest, SaysNothingAboutAnEmptyPsa) {
  EXPECT_EQ(suggest_board({}), nullptr);
  Document expected;
  expected.settings.mode = Mode::test;
  EXPECT_EQ(suggest({}), expected);
}

TEST(Suggest, ShortWordsMustStandAlone) {
  psa::ReferenceData data;
  data.boards = {{.reference = {"1", "Innocent"},
                  .inactive = false,
                  .statuses = {},
                  .types = {},
                  .subtypes = {},
                  .items = {},
                  .teams = {}},
                 {.reference = {"2", "NOC (24x7)"},
                  .inactive = false,
                  .statuses = {},
                  .types = {},
                  .subtypes = {},
                  .items = {},
                  .teams = {}}};
  EXPECT_EQ(suggest_board(data)->reference.id, "2");
}

}  // namespace
}  // namespace crosswalk::mapping

#include "cli/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cli/logging.h"
#include "cli/render_plan.h"
#include "cli/render_webhooks.h"

namespace crosswalk::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Terminal kFile{};

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Compares with tests/cli/golden/<name>.txt; CROSSWALK_GOLDEN=write writes what is there now.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(CROSSWALK_SOURCE_DIR) + "/tests/cli/golden/" + name + ".txt";
  if (const char* mode = std::getenv("CROSSWALK_GOLDEN"); mode && std::string_view(mode) == "write")
    std::ofstream(path) << text;
  EXPECT_EQ(text, read_file(path)) << path;
}

json::object object_of(const std::string& name) {
  return json::parse(read_file(std::string(CROSSWALK_SOURCE_DIR) + "/tests/cli/golden/" + name + ".json")).as_object();
}

TEST(RenderPlan, ShowsWhatWouldBeDoneFieldByFieldAndWhy) {
  expect_golden("plan", render_plan(kFile, object_of("plan")));
}

TEST(RenderPlan, TellsHowToApplyAKeptPlan) {
  json::object plan = object_of("plan");
  plan["id"] = "7Q2M9K";
  EXPECT_THAT(render_plan(kFile, plan), HasSubstr("crosswalk apply northwind-it 7Q2M9K\n"));
  plan["applied_at"] = "2026-03-01T09:00:00Z";
  EXPECT_THAT(render_plan(kFile, plan), Not(HasSubstr("crosswalk apply")));
}

TEST(RenderPlan, SaysWhenThereIsNothingToDo) {
  const json::object plan{{"partner", "p"}, {"writes_sent", 0}, {"summary", {{"unchanged", 2}}}};
  EXPECT_THAT(render_plan(kFile, plan),
              HasSubstr("Plan: nothing to do, 2 records unchanged.\n0 writes were sent to ConnectWise.\n"));
}

TEST(RenderPlan, ShowsWritesHadThereBeenAny) {
  const json::object plan{{"partner", "p"}, {"writes_sent", 3}, {"summary", json::object{}}};
  EXPECT_THAT(render_plan(kFile, plan), HasSubstr("3 writes were sent"));
}

TEST(RenderPlan, IsColouredOnATerminal) {
  const Terminal terminal{.is_terminal = true, .colours = true, .width = 100};
  EXPECT_THAT(render_plan(terminal, object_of("plan")), HasSubstr("\x1b[32m+\x1b[0m create a ticket"));
}

TEST(RenderPlan, FindsErrorsInThePlanAndInItsRecords) {
  EXPECT_FALSE(has_errors(object_of("plan")));
  const json::array errors{{{"level", "error"}, {"message", "x"}}};
  EXPECT_TRUE(has_errors({{"problems", errors}}));
  EXPECT_TRUE(has_errors({{"records", json::array{{{"problems", errors}}}}}));
}

TEST(RenderApplyReport, ShowsEachOperationsFate) {
  expect_golden("apply", render_apply_report(kFile, object_of("apply")));
}

TEST(RenderStory, TellsTheWholeStory) { expect_golden("story", render_story(kFile, object_of("story"))); }

TEST(RenderStory, LeavesNoBlankLineWhereThereIsNoDetail) {
  const json::value story = json::parse(R"({"record":{"kind":"alert","key":"k"},"title":"T","summary":"S","tickets":[],
    "story":[{"at":"2026-03-01T08:00:00Z","kind":"people","text":"jsmith has closed ticket #1010.","detail":""},
             {"at":"2026-03-01T08:00:01Z","kind":"decision","text":"Left."}]})");
  EXPECT_TRUE(render_story(kFile, story.as_object())
                  .ends_with("people     jsmith has closed ticket #1010.\n2026-03-01 08:00:01  decision   Left.\n"));
}

TEST(RenderProblem, HasTitleWhyActionAndCode) {
  const json::object problem{{"title", "The status is not on the board"},
                             {"status", 422},
                             {"detail", "\"Closed\" belongs to another board."},
                             {"code", "psa.status_not_on_board"},
                             {"action", "Choose a status of the board."},
                             {"pointer", "/defaults/statuses"},
                             {"request_id", "r-1"}};
  EXPECT_EQ(render_problem(kFile, problem),
            "The status is not on the board\n"
            "  \"Closed\" belongs to another board.\n"
            "  At /defaults/statuses\n"
            "  Do this: Choose a status of the board.\n"
            "  (psa.status_not_on_board, request r-1)\n");
}

TEST(RenderRecords, ShowsStateTicketAndReason) {
  const json::array records{{{"kind", "alert"},
                             {"key", "v1/edr/contoso/srv-01/ransomware"},
                             {"title", "Ransomware on SRV-01"},
                             {"customer", "contoso"},
                             {"customer_name", "Contoso"},
                             {"severity", "critical"},
                             {"open", true},
                             {"state", "settled"},
                             {"text", "nothing to do"},
                             {"tickets", json::array{{{"id", "1204"}, {"provider", "manage"}}}}},
                            {{"kind", "device"},
                             {"key", "srv-01"},
                             {"open", false},
                             {"state", "parked"},
                             {"text", "the company is not mapped"}}};
  EXPECT_EQ(
      render_records(kFile, records),
      "STATE    KIND    SEVERITY  OPEN  TICKET  CUSTOMER  TITLE                 KEY                               "
      "WHY\n"
      "settled  alert   critical  yes   1204    Contoso   Ransomware on SRV-01  v1/edr/contoso/srv-01/ransomware  "
      "nothing to do\n"
      "parked   device                                                          srv-01                            "
      "the company is not mapped\n");
}

/// Terminals that people have.
class OnTerminal : public testing::TestWithParam<std::size_t> {
 protected:
  /// Every line fits, but for those that hold one word alone: a key or an address, which must be copied whole.
  static void expect_fits(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      const bool one_word = line.find(' ', line.find_first_not_of(' ')) == std::string::npos;
      EXPECT_TRUE(one_word || display_width(line) <= GetParam()) << line;
    }
    EXPECT_THAT(text, Not(HasSubstr("…")));
  }
  Terminal terminal_{.is_terminal = true, .colours = false, .width = GetParam()};
};

TEST_P(OnTerminal, RecordsShowTheirTitleAndTheirWholeKeyAndReason) {
  const std::string key =
      "v1/lighthouse-edr/cust-1041/srv-fin-01.branch-office.acme-dental.example/ransomware.behaviour.blocked";
  const json::array records{
      {{"kind", "alert"},
       {"key", key},
       {"title", "Ransomware behaviour blocked on SRV-FIN-01"},
       {"customer_name", "Acme Dental Group of the Northern Lakes and Rivers"},
       {"severity", "critical"},
       {"open", true},
       {"state", "parked"},
       {"text", "Waits for a person: The customer is not mapped to a company"},
       {"parked", {{"action", "Add the customer to the mapping, or choose a catch-all company for such alerts"}}}}};
  const std::string text = render_records(terminal_, records);
  expect_fits(text);
  EXPECT_THAT(text, HasSubstr("  " + key + "\n"));
  EXPECT_THAT(text, HasSubstr("  Ransomware behaviour blocked on SRV-FIN-01\n"));
  EXPECT_THAT(text, HasSubstr("  Waits for a person: The customer is not mapped to a company. Do this:"));
}

TEST_P(OnTerminal, NoTableCutsWhatIsCopiedFromIt) {
  const std::string
      id = "key_7q2m9k4d8x1c6v3b",
      at = "2026-03-01T08:00:00.250Z",
      url = "https://hooks.lighthouse-edr.example/integrations/crosswalk/events?tenant=northwind-managed-services";
  const json::array keys{{{"id", id},
                          {"name", "what the product posts with, at the branch office"},
                          {"role", "administration"},
                          {"created_at", at},
                          {"expires_at", at},
                          {"last_used_at", at}}};
  expect_fits(render_keys(terminal_, keys));
  EXPECT_THAT(render_keys(terminal_, keys), AllOf(HasSubstr(id), HasSubstr("made 2026-03-01 08:00:00; expires")));
  const json::array webhooks{{{"id", id},
                              {"url", url},
                              {"enabled", true},
                              {"types", json::array{"ticket.created", "ticket.closed", "ticket.note_added"}},
                              {"partners", json::array{"northwind-managed-services", "contoso"}}}};
  expect_fits(render_webhooks(terminal_, webhooks));
  EXPECT_THAT(render_webhooks(terminal_, webhooks), HasSubstr("  " + url + "\n"));
  const json::array deliveries{
      {{"event", "evt_6c1f3a0b2d4e5f60718293a4"},
       {"type", "ticket.note_added"},
       {"partner", "northwind"},
       {"attempts", 12},
       {"at", at},
       {"record", {{"kind", "alert"}, {"key", "v1/a/b/c/" + std::string(90, 'd')}}},
       {"error", "the receiver answered 503 and said that it is being maintained until noon"}}};
  const std::string failed = render_deliveries(terminal_, deliveries);
  EXPECT_THAT(failed, AllOf(HasSubstr(std::string(90, 'd') + "\n"), HasSubstr("evt_6c1f3a0b2d4e5f60718293a4")));
  EXPECT_THAT(failed, Not(HasSubstr("…")));
  const json::array history{{{"version", 12},
                             {"state", "archived"},
                             {"created_at", at},
                             {"published_at", at},
                             {"author", "Maria Lopez of the integrations team"},
                             {"comment", "the alerts of the new board go to the night shift from now on"}}};
  expect_fits(render_mapping_history(terminal_, history));
  const json::array audit{{{"at", at},
                           {"by", {{"name", "Maria Lopez of the integrations team"}}},
                           {"act", "record.forget"},
                           {"partner", "northwind"},
                           {"target", "record contact " + std::string(70, 'c')},
                           {"after", {{"name", "what the product posts with, at the branch office"}}}}};
  EXPECT_THAT(render_audit(terminal_, audit), HasSubstr(std::string(70, 'c') + "\n"));
}

TEST_P(OnTerminal, APlansFieldsGoOnUnderThemselves) {
  json::object plan = object_of("plan");
  json::object& field = plan["records"]
                            .as_array()[0]
                            .as_object()["operations"]
                            .as_array()[0]
                            .as_object()["fields"]
                            .as_array()[1]
                            .as_object();
  field["after"] = "Priority 1 - Emergency, which is for what stops a whole office from working, and nothing else";
  field["decided_by"] = "rule 3: Ransomware and everything that looks like it on a server of finance";
  expect_fits(render_plan(terminal_, plan));
}

INSTANTIATE_TEST_SUITE_P(Widths, OnTerminal, testing::Values(80u, 100u));

TEST(RenderIntake, ShowsCountsAndEachRefusedEvent) {
  const json::object report{{"accepted", 2},
                            {"duplicates", 1},
                            {"conflicts", 0},
                            {"rejected", 1},
                            {"events", json::array{{{"index", 0}, {"status", "accepted"}},
                                                   {{"index", 3},
                                                    {"status", "rejected"},
                                                    {"id", "e-3"},
                                                    {"problem",
                                                     {{"code", "event.invalid"},
                                                      {"pointer", "/3/data/severity"},
                                                      {"detail", "\"urgent\" is no severity."},
                                                      {"action", "Use high."}}}}}}};
  EXPECT_EQ(render_intake(kFile, report),
            "2 taken, 1 known already, 0 in conflict, 1 refused\n"
            "  rejected event 3 (id e-3) at /3/data/severity (event.invalid)\n"
            "    \"urgent\" is no severity.\n"
            "    Do this: Use high.\n");
}

TEST(RenderKeys, NeverShowsMoreThanTheListHas) {
  const json::array keys{{{"id", "k1"},
                          {"name", "intake"},
                          {"role", "partner"},
                          {"partner", "acme"},
                          {"created_at", "2026-03-01T08:00:00.250Z"},
                          {"revoked_at", "2026-03-02T08:00:00Z"}}};
  EXPECT_EQ(render_keys(kFile, keys),
            "ID  NAME    ROLE     FOR   MADE                 EXPIRES  LAST USED  STATE\n"
            "k1  intake  partner  acme  2026-03-01 08:00:00  never    never      revoked\n");
}

TEST(LogLine, KeepsMessagesOnTheirLine) {
  EXPECT_EQ(format_log_line(LogFormat::text, "2026-03-01T08:00:00Z", "info", "a\nb\x1b[2Jc"),
            "2026-03-01T08:00:00Z info    a b [2Jc");
}

TEST(LogLine, MakesMembersOfIdsInJson) {
  EXPECT_EQ(
      format_log_line(LogFormat::json, "2026-03-01T08:00:00Z", "warning",
                      "partner=acme record=alert/v1/a call=K7: slowed \"down\""),
      R"({"time":"2026-03-01T08:00:00Z","level":"warning","partner":"acme","record":"alert/v1/a","call":"K7","message":"slowed \"down\""})");
  EXPECT_EQ(format_log_line(LogFormat::json, "t", "info", "a=b without the colon"),
            R"({"time":"t","level":"info","message":"a=b without the colon"})");
}

}  // namespace
}  // namespace crosswalk::cli

#include "cli/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cli/logging.h"
#include "cli/render_plan.h"

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
  EXPECT_EQ(render_records(kFile, records),
            "KIND    KEY                               CUSTOMER  SEVERITY  OPEN  TICKET  STATE    WHY\n"
            "alert   v1/edr/contoso/srv-01/ransomware  Contoso   critical  yes   1204    settled  nothing to do\n"
            "device  srv-01                                                              parked   the company is not "
            "mapped\n");
}

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

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "helpers.h"

// What contradicts itself is refused: ends before beginnings, negative amounts, boards of another kind.

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

class Contradictions : public ::testing::Test {
 protected:
  void expect_refused(std::string_view method, std::string_view path, const std::string& body, std::string_view field) {
    const net::Response response = bench_.call(method, path, body);
    EXPECT_EQ(response.status, 400) << method << " " << path << " " << body << "\n" << response.body;
    EXPECT_THAT(response.body, HasSubstr(std::string(field)));
  }
  json::object made(std::string_view path, const std::string& body) {
    const net::Response response = bench_.call("POST", path, body);
    EXPECT_EQ(response.status, 201) << response.body;
    return json::parse(response.body).as_object();
  }
  static std::string set(std::string_view path, std::string_view value) {
    return R"([{"op":"replace","path":")" + std::string(path) + R"(","value":)" + std::string(value) + "}]";
  }
  Bench bench_;
};

TEST_F(Contradictions, AnAdditionIsNotCancelledBeforeItBeginsNorLessThanNothing) {
  const std::string additions = "/finance/agreements/254/additions";
  const json::object product = bench_.get("/procurement/catalog?pageSize=1").as_array().at(0).as_object();
  const std::string begin = R"("product":{"id":)" + json::serialize(product.at("id")) +
                            R"(},"billCustomer":"Billable","effectiveDate":"2026-06-01T00:00:00Z")";
  for (const char* amount : {"quantity", "lessIncluded", "unitPrice", "unitCost"})
    expect_refused("POST", additions, "{" + begin + ",\"" + amount + "\":-1}", amount);
  expect_refused("POST", additions, "{" + begin + R"(,"cancelledDate":"2026-05-01T00:00:00Z"})", "cancelledDate");
  const json::object made_one = made(additions, "{" + begin + R"(,"quantity":2})");
  const std::string path = additions + "/" + json::serialize(made_one.at("id"));
  expect_refused("PATCH", path, set("quantity", "-0.5"), "quantity");
  expect_refused("PATCH", path, set("cancelledDate", "\"2026-05-01T00:00:00Z\""), "cancelledDate");
  EXPECT_EQ(bench_.call("PATCH", path, set("quantity", "0")).status, 200);
  EXPECT_EQ(bench_.call("PATCH", path, set("cancelledDate", "\"2026-06-01T00:00:00Z\"")).status, 200);
  // Of a day that is both, the time of day does not count.
  EXPECT_EQ(bench_.call("PATCH", path, set("effectiveDate", "\"2026-06-01T09:00:00Z\"")).status, 200);
}

TEST_F(Contradictions, NothingEndsBeforeItBegins) {
  expect_refused("PATCH", "/finance/agreements/254", set("endDate", "\"1999-01-01T00:00:00Z\""), "endDate");
  const std::string ticket = std::to_string(bench_.make_ticket());
  expect_refused("POST", "/time/entries",
                 R"({"chargeToId":)" + ticket +
                     R"(,"chargeToType":"ServiceTicket","timeStart":"2026-03-01T10:00:00Z",
                         "timeEnd":"2026-03-01T09:00:00Z","member":{"identifier":"jsmith"}})",
                 "timeEnd");
  expect_refused("POST", "/schedule/entries",
                 R"({"objectId":)" + ticket +
                     R"(,"type":{"id":4},"member":{"identifier":"jsmith"},"dateStart":"2026-03-01T10:00:00Z",
                         "dateEnd":"2026-03-01T09:00:00Z"})",
                 "dateEnd");
  expect_refused("POST", "/project/projects",
                 R"({"name":"Move","board":{"id":10},"company":{"id":253},"billingMethod":"ActualRates",
                     "estimatedStart":"2026-03-02T00:00:00Z","estimatedEnd":"2026-03-01T00:00:00Z"})",
                 "estimatedEnd");
  expect_refused("PATCH", "/finance/agreements/254", set("dateCancelled", "\"1999-01-01T00:00:00Z\""), "dateCancelled");
  expect_refused("POST", "/sales/activities",
                 R"({"name":"Call","assignTo":{"identifier":"jsmith"},"dateStart":"2026-03-01T10:00:00Z",
                     "dateEnd":"2026-03-01T09:00:00Z"})",
                 "dateEnd");
}

TEST_F(Contradictions, NoAmountIsLessThanNothing) {
  const std::string ticket = std::to_string(bench_.make_ticket());
  expect_refused("PATCH", "/service/tickets/" + ticket, set("budgetHours", "-1"), "budgetHours");
  const std::string entry = R"({"chargeToId":)" + ticket +
                            R"(,"chargeToType":"ServiceTicket","timeStart":"2026-03-01T09:00:00Z",
                                "timeEnd":"2026-03-01T10:00:00Z","member":{"identifier":"jsmith"})";
  expect_refused("POST", "/time/entries", entry + R"(,"hoursDeduct":2})", "actualHours");
  expect_refused("POST", "/time/entries", entry + R"(,"actualHours":-1})", "actualHours");
  expect_refused("PATCH", "/procurement/catalog/101", set("price", "-1"), "price");
}

TEST_F(Contradictions, WhatWasThereBeforeDoesNotStandInTheWay) {
  bench_.world.switches().contradictions_refused = false;
  const std::string ticket = "/service/tickets/" + std::to_string(bench_.make_ticket(R"(,"budgetHours":-1)"));
  bench_.world.switches().contradictions_refused = true;
  EXPECT_EQ(bench_.call("PATCH", ticket, set("summary", "\"x\"")).status, 200);
  expect_refused("PATCH", ticket, set("budgetHours", "-2"), "budgetHours");
}

TEST_F(Contradictions, ASwitchTakesThemAsTheyCome) {
  bench_.world.switches().contradictions_refused = false;
  EXPECT_EQ(bench_.call("PATCH", "/finance/agreements/254", set("endDate", "\"1999-01-01T00:00:00Z\"")).status, 200);
}

TEST_F(Contradictions, AServiceTicketDoesNotLieOnABoardForProjects) {
  const std::string ticket = "/service/tickets/" + std::to_string(bench_.make_ticket());
  const json::array boards = bench_.get("/service/boards?conditions=" + encoded("projectFlag = true")).as_array();
  ASSERT_FALSE(boards.empty());
  const std::string board = json::serialize(boards[0].at("id"));
  expect_refused("PATCH", ticket, set("board/id", board), "board/id");
  expect_refused("PATCH", ticket, set("board", R"({"id":)" + board + "}"), "board/id");
  const std::string both = R"([{"op":"replace","path":"status/id","value":202},
                               {"op":"replace","path":"board/id","value":2}])";
  EXPECT_EQ(bench_.call("PATCH", ticket, both).status, 200);
}

TEST_F(Contradictions, AProjectLiesOnABoardForProjects) {
  const std::string project = R"({"name":"Move","company":{"id":253},"billingMethod":"ActualRates",
      "estimatedStart":"2026-03-02T00:00:00Z","estimatedEnd":"2026-04-02T00:00:00Z","board":{"id":)";
  expect_refused("POST", "/project/projects", project + "1}}", "board/id");
  const json::object made_one = made("/project/projects", project + "10}}");
  const std::string path = "/project/projects/" + json::serialize(made_one.at("id"));
  expect_refused("PATCH", path, set("board", R"({"id":1})"), "board/id");
  expect_refused("POST", path + "/phases", R"({"description":"Plan","board":{"id":1}})", "board/id");
  expect_refused("PATCH", "/project/tickets/901", set("board", R"({"id":1})"), "board/id");
  expect_refused("PATCH", "/system/members/101", set("projectDefaultBoard", R"({"id":1})"), "projectDefaultBoard/id");
}

}  // namespace
}  // namespace crosswalk::sandbox

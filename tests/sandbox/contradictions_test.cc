#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "helpers.h"

// What contradicts itself is refused: ends before beginnings, negative quantities, boards of another kind.

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
  expect_refused("POST", additions, "{" + begin + R"(,"quantity":-1})", "quantity");
  expect_refused("POST", additions, "{" + begin + R"(,"cancelledDate":"2026-05-01T00:00:00Z"})", "cancelledDate");
  const json::object made_one = made(additions, "{" + begin + R"(,"quantity":2})");
  const std::string path = additions + "/" + json::serialize(made_one.at("id"));
  expect_refused("PATCH", path, set("quantity", "-0.5"), "quantity");
  expect_refused("PATCH", path, set("cancelledDate", "\"2026-05-01T00:00:00Z\""), "cancelledDate");
  EXPECT_EQ(bench_.call("PATCH", path, set("quantity", "0")).status, 200);
  EXPECT_EQ(bench_.call("PATCH", path, set("cancelledDate", "\"2026-06-01T00:00:00Z\"")).status, 200);
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

}  // namespace
}  // namespace crosswalk::sandbox

#include <gtest/gtest.h>

#include "helpers.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

/// A world with one opportunity, and the path of its forecast.
struct Sales : Bench {
  Sales() {
    const net::Response made =
        call("POST", "/sales/opportunities",
             R"({"name":"Firewall","company":{"id":252},"contact":{"id":2520},"primarySalesRep":{"id":101}})");
    path = "/sales/opportunities/" + json::serialize(json::parse(made.body).at("id")) + "/forecast";
  }
  json::value forecast() { return get(path).at(0); }
  json::value sent(std::string_view method, const std::string& to, std::string body, int status) {
    const net::Response response = call(method, to, std::move(body));
    EXPECT_EQ(response.status, status) << method << " " << to << ": " << response.body;
    return response.body.empty() ? json::value() : json::parse(response.body);
  }
  std::string path;
};

constexpr const char* kTwoItems =
    R"({"forecastItems":[{"forecastType":"Product","status":{"id":1},"revenue":1000.5,"cost":600,"includeFlag":true},
        {"forecastType":"Service","status":{"id":1},"revenue":200,"cost":50,"recurringRevenue":20}]})";

TEST(Forecasts, AreThereWithTheirOpportunityAndAddUpTheirItems) {
  Sales bench;
  EXPECT_EQ(bench.forecast().at("forecastRevenueTotals").at("revenue").to_number<double>(), 0);
  EXPECT_EQ(bench.get(bench.path + "/count").at("count"), 1);
  const json::value kept = bench.sent("POST", bench.path, kTwoItems, 201);
  ASSERT_EQ(kept.at("forecastItems").as_array().size(), 2u);
  EXPECT_EQ(kept.at("forecastItems").at(0).at("opportunity").at("name"), "Firewall");
  EXPECT_EQ(kept.at("forecastItems").at(0).at("margin").to_number<double>(), 400.5);
  EXPECT_EQ(kept.at("productRevenue").at("revenue").to_number<double>(), 1000.5);
  EXPECT_EQ(kept.at("serviceRevenue").at("margin").to_number<double>(), 150);
  EXPECT_EQ(kept.at("forecastRevenueTotals").at("cost").to_number<double>(), 650);
  EXPECT_EQ(kept.at("inclusiveRevenueTotals").at("revenue").to_number<double>(), 1000.5);
  EXPECT_EQ(kept.at("recurringTotal").to_number<double>(), 20);
  EXPECT_EQ(bench.sent("POST", bench.path, kTwoItems, 201).at("forecastItems").as_array().size(), 4u);
}

TEST(Forecasts, ItemsAreObjectsOfTheirOwn) {
  Sales bench;
  const std::string forecast = json::serialize(bench.forecast().at("id"));
  const char* item = R"({"forecastType":"Agreement","status":{"id":1},"revenue":90,"cost":30})";
  const json::value added = bench.sent("POST", bench.path + "/" + forecast, item, 201);
  const std::string one = bench.path + "/" + json::serialize(added.at("id"));
  EXPECT_EQ(bench.get(one).at("revenue"), 90);
  EXPECT_EQ(bench.sent("PATCH", one, R"([{"op":"replace","path":"revenue","value":100}])", 200).at("margin"), 70);
  EXPECT_EQ(bench.forecast().at("agreementRevenue").at("revenue"), 100);
  bench.sent("PATCH", one, R"([{"op":"replace","path":"nonsense","value":1}])", 400);
  bench.sent("PATCH", one, "{}", 400);
  bench.sent("PATCH", one, "[1]", 400);
  bench.sent("PUT", one, R"({"forecastType":"Product","status":{"id":1},"revenue":5})", 200);
  EXPECT_EQ(bench.forecast().at("agreementRevenue").at("revenue"), 0);
  bench.sent("PUT", one, R"({"revenue":5})", 400);
  bench.sent("POST", bench.path + "/copy/" + json::serialize(added.at("id")), "", 200);
  EXPECT_EQ(bench.forecast().at("productRevenue").at("revenue"), 10);
  bench.sent("DELETE", one, "", 204);
  for (const char* method : {"GET", "PUT", "PATCH", "DELETE"}) bench.sent(method, one, "{}", 404);
  bench.sent("POST", bench.path + "/copy/" + json::serialize(added.at("id")), "", 404);
  bench.sent("POST", bench.path + "/999999", item, 404);
}

TEST(Forecasts, AreReplacedPatchedAndEmptied) {
  Sales bench;
  bench.sent("POST", bench.path, kTwoItems, 201);
  bench.sent("POST", bench.path, R"({"forecastItems":[{"revenue":1}]})", 400);
  bench.sent("POST", bench.path, R"({"forecastItems":[{"forecastType":"None","status":{"id":1}}]})", 400);
  bench.sent("POST", bench.path, R"({"forecastItems":[{"forecastType":"Product","status":{"id":1},"cost":-4e11}]})",
             400);
  EXPECT_EQ(bench.forecast().at("forecastItems").as_array().size(), 2u);
  EXPECT_EQ(bench.sent("PATCH", bench.path, R"([{"op":"remove","path":"forecastItems/0"}])", 200)
                .at("forecastItems")
                .as_array()
                .size(),
            1u);
  bench.sent("PATCH", bench.path, "{}", 400);
  const json::value put =
      bench.sent("PUT", bench.path, R"({"forecastItems":[{"forecastType":"Other2","status":{"id":2}}]})", 200);
  EXPECT_EQ(put.at("forecastItems").at(0).at("forecastType"), "Other2");
  bench.sent("DELETE", bench.path, "", 204);
  EXPECT_TRUE(bench.forecast().at("forecastItems").as_array().empty());
  bench.sent("GET", "/sales/opportunities/999999/forecast", "", 404);
}

TEST(Forecasts, SayWhatIsWonAndLost) {
  Sales bench;
  std::string won = "0", lost = "0";
  const json::value statuses = bench.get("/sales/opportunities/statuses");
  for (const json::value& status : statuses.as_array()) {
    if (status.at("wonFlag").as_bool()) won = json::serialize(status.at("id"));
    if (status.at("lostFlag").as_bool()) lost = json::serialize(status.at("id"));
  }
  const json::value kept =
      bench.sent("POST", bench.path,
                 R"({"forecastItems":[{"forecastType":"Product","status":{"id":)" + won +
                     R"(},"revenue":10},{"forecastType":"Product","status":{"id":)" + lost + R"(},"revenue":4}]})",
                 201);
  EXPECT_EQ(kept.at("wonRevenue").at("revenue"), 10);
  EXPECT_EQ(kept.at("lostRevenue").at("revenue"), 4);
  EXPECT_EQ(kept.at("openRevenue").at("revenue"), 0);
}

}  // namespace
}  // namespace crosswalk::sandbox

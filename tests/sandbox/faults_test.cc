#include "sandbox/faults.h"

#include <gtest/gtest.h>

#include "helpers.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

TEST(Faults, StatusHitsTheNextMatchingRequestsOnly) {
  Bench bench;
  bench.world.faults().settings.faults.push_back(
      {.kind = FaultKind::status, .method = "POST", .path = "/service/tickets*", .status = 500, .count = 2});
  EXPECT_EQ(bench.call("GET", "/service/tickets").status, 200);
  const std::string body = R"({"summary":"x","company":{"id":252}})";
  EXPECT_EQ(bench.call("POST", "/service/tickets", body).status, 500);
  EXPECT_EQ(bench.call("POST", "/service/tickets", body).status, 500);
  EXPECT_EQ(bench.call("POST", "/service/tickets", body).status, 201);
  EXPECT_EQ(bench.world.tickets("sandbox").size(), 11u);
}

TEST(Faults, DropBeforeDoesNothingAndDropAfterDoes) {
  Bench bench;
  const std::string body = R"({"summary":"x","company":{"id":252}})";
  bench.world.faults().settings.faults.push_back({.kind = FaultKind::drop_before});
  Outcome outcome = bench.world.serve(bench.request("POST", "/service/tickets", body));
  EXPECT_TRUE(outcome.dropped && outcome.response.drop_connection && !outcome.handled);
  EXPECT_EQ(bench.world.tickets("sandbox").size(), 10u);
  bench.world.faults().settings.faults.push_back({.kind = FaultKind::drop_after});
  outcome = bench.world.serve(bench.request("POST", "/service/tickets", body));
  EXPECT_TRUE(outcome.dropped && outcome.response.drop_connection && outcome.handled);
  EXPECT_EQ(bench.world.tickets("sandbox").size(), 11u);
  EXPECT_EQ(bench.world.calls().back().status, 0);
}

TEST(Faults, HtmlEmptyAndSlowAnswersLookAsTheyDo) {
  Bench bench;
  auto& faults = bench.world.faults().settings.faults;
  faults.push_back({.kind = FaultKind::html});
  faults.push_back({.kind = FaultKind::empty_body});
  faults.push_back({.kind = FaultKind::slow, .delay = Duration(5000)});
  const net::Response html = bench.call("GET", "/service/boards");
  EXPECT_EQ(html.status, 502);
  EXPECT_TRUE(html.headers.find("Content-Type")->starts_with("text/html"));
  EXPECT_EQ(bench.call("GET", "/service/boards").body, "");
  EXPECT_EQ(bench.world.serve(bench.request("GET", "/service/boards")).delay, Duration(5000));
  EXPECT_EQ(bench.world.serve(bench.request("GET", "/service/boards")).delay, Duration(0));
}

TEST(Faults, RateIsLimitedPerCompanyUntilRetryAfterHasPassed) {
  Bench bench(WorldOptions{.tenants = {TenantOptions{}, TenantOptions{.login_company = "other"}}});
  bench.world.faults().settings.requests_per_minute = 3;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bench.call("GET", "/service/boards").status, 200);
  EXPECT_EQ(bench.call("GET", "/service/boards").status, 429);
  net::Request other = bench.request("GET", "/service/boards");
  other.headers.set("Authorization", "Basic " + base64_encode("other+other-public:other-private"));
  EXPECT_EQ(bench.world.handle(other).status, 200);
  bench.now += Duration(29'000);
  const net::Response still = bench.call("GET", "/service/boards");
  EXPECT_EQ(still.status, 429);
  EXPECT_EQ(*still.headers.find("Retry-After"), "1");
  bench.now += Duration(32'000);
  EXPECT_EQ(bench.call("GET", "/service/boards").status, 200);
}

TEST(Faults, ConcurrencyIsLimitedByWhatIsUnderWay) {
  Bench bench;
  bench.world.faults().settings.concurrency_max = 2;
  bench.world.faults().settings.latency = Duration(1000);
  EXPECT_EQ(bench.call("GET", "/service/boards").status, 200);
  EXPECT_EQ(bench.call("GET", "/service/boards").status, 200);
  EXPECT_EQ(bench.call("GET", "/service/boards").status, 429);
  bench.now += Duration(1000);
  EXPECT_EQ(bench.call("GET", "/service/boards").status, 200);
}

TEST(Faults, MaintenanceAnswersEverythingWith503) {
  Bench bench;
  bench.world.faults().settings.maintenance = true;
  EXPECT_EQ(bench.call("GET", "/service/boards").status, 503);
  bench.world.faults().settings.maintenance = false;
  EXPECT_EQ(bench.call("GET", "/service/boards").status, 200);
}

TEST(Faults, SettingsRoundTripAsJson) {
  const auto settings = apply_json({}, json::parse(R"({"requests_per_minute":60,"latency_ms":5,"faults":[
      {"kind":"drop_after","method":"POST","path":"/service/tickets","count":2,"probability":0.5},{"kind":"slow","delay_ms":900,"count":null}]})")
                                           .as_object());
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->faults[0].count, 2);
  EXPECT_FALSE(settings->faults[1].count);
  const auto again = apply_json({}, to_json(*settings));
  ASSERT_TRUE(again);
  EXPECT_EQ(to_json(*again), to_json(*settings));
  EXPECT_FALSE(apply_json({}, {{"latencyms", 5}}));
  EXPECT_FALSE(apply_json({}, {{"faults", {{{"kind", "explode"}}}}}));
  EXPECT_FALSE(apply_json({}, {{"latency_ms", -1}}));
}

}  // namespace
}  // namespace crosswalk::sandbox

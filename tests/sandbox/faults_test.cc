#include "sandbox/faults.h"

#include <gtest/gtest.h>

#include <algorithm>

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

TEST(Faults, LatencyFollowsItsDistribution) {
  const auto measured = [](LatencySpread spread) {
    FaultInjector faults(7);
    faults.settings.spread = spread;
    std::vector<std::int64_t> delays;
    for (int i = 0; i < 4000; ++i)
      delays.push_back(faults.decide("a", "GET", "/x", from_milliseconds(i)).delay.count());
    std::sort(delays.begin(), delays.end());
    return delays;
  };
  using Shape = LatencySpread::Shape;
  EXPECT_EQ(measured({Shape::fixed, Duration(50)}).front(), 50);
  const auto uniform = measured({Shape::uniform, Duration(20), Duration(80)});
  EXPECT_GE(uniform.front(), 20);
  EXPECT_LE(uniform.back(), 80);
  EXPECT_NEAR(static_cast<double>(uniform[2000]), 50, 3);
  const auto normal = measured({Shape::normal, Duration(100), Duration(20)});
  EXPECT_NEAR(static_cast<double>(normal[2000]), 100, 3);
  EXPECT_NEAR(static_cast<double>(normal[3364]), 120, 4);
  const auto lognormal = measured({Shape::lognormal, Duration(80), Duration(900)});
  EXPECT_NEAR(static_cast<double>(lognormal[2000]), 80, 8);
  EXPECT_NEAR(static_cast<double>(lognormal[3960]), 900, 250);
  EXPECT_EQ(measured({Shape::lognormal, Duration(80), Duration(900)}), lognormal);
}

TEST(Faults, OneTenantMayFareWorseThanTheOthers) {
  Bench bench(WorldOptions{.tenants = {TenantOptions{}, TenantOptions{.login_company = "other"}}});
  bench.world.faults().settings.tenants["sandbox"].maintenance = true;
  net::Request other = bench.request("GET", "/service/boards");
  other.headers.set("Authorization", "Basic " + base64_encode("other+other-public:other-private"));
  EXPECT_EQ(bench.call("GET", "/service/boards").status, 503);
  EXPECT_EQ(bench.world.handle(other).status, 200);
  TenantSettings& own = bench.world.faults().settings.tenants["sandbox"];
  own = {.requests_per_minute = 1, .latency = LatencySpread{LatencySpread::Shape::fixed, Duration(70)}};
  EXPECT_EQ(bench.world.serve(bench.request("GET", "/service/boards")).delay, Duration(70));
  EXPECT_EQ(bench.call("GET", "/service/boards").status, 429);
  EXPECT_EQ(bench.world.serve(other).delay, Duration(0));
}

TEST(Faults, BodiesDripAndBreakOff) {
  Bench bench;
  auto& faults = bench.world.faults().settings.faults;
  faults.push_back({.kind = FaultKind::drip, .delay = Duration(900)});
  faults.push_back({.kind = FaultKind::cut_body});
  const Outcome dripping = bench.world.serve(bench.request("GET", "/service/boards"));
  EXPECT_EQ(dripping.delay, Duration(0));
  EXPECT_EQ(dripping.response.body_time, Duration(900));
  const Outcome cut = bench.world.serve(bench.request("GET", "/service/boards"));
  EXPECT_TRUE(cut.handled && cut.response.drop_within_body);
  EXPECT_FALSE(bench.call("GET", "/service/boards").drop_within_body);
}

TEST(Faults, TheSameSeedDrawsTheSame) {
  const auto drawn = [](std::uint64_t seed) {
    FaultInjector faults(1);
    faults.settings.faults.push_back({.count = std::nullopt, .probability = 0.5});
    faults.reseed(seed);
    std::string hits;
    for (int i = 0; i < 64; ++i)
      hits += faults.decide("a", "GET", "/x", Timestamp{}).act == Verdict::Act::answer ? '1' : '0';
    return hits;
  };
  EXPECT_EQ(drawn(5), drawn(5));
  EXPECT_NE(drawn(5), drawn(6));
}

TEST(Faults, HtmlPagesAreNamedAfterTheirStatus) {
  Bench bench;
  bench.world.faults().settings.faults.push_back({.kind = FaultKind::html, .status = 503});
  EXPECT_NE(bench.call("GET", "/service/boards").body.find("503 Service Unavailable"), std::string::npos);
}

TEST(Faults, AnUpgradedServerNoLongerRoutesTheOldCodebase) {
  Bench bench;
  EXPECT_EQ(bench.call("GET", "/service/boards").status, 200);
  ASSERT_TRUE(bench.world.set_codebase("sandbox", "v2026_3"));
  const net::Response old = bench.call("GET", "/service/boards");
  EXPECT_EQ(old.status, 400);
  EXPECT_EQ(old.body, "Cannot route. Codebase/company is invalid");
  net::Request asked;
  asked.target = "/login/companyinfo/sandbox";
  EXPECT_EQ(json::parse(bench.world.handle(asked).body).at("Codebase"), "v2026_3/");
  net::Request again = bench.request("GET", "/service/boards");
  again.target = "/v2026_3/apis/3.0/service/boards";
  EXPECT_EQ(bench.world.handle(again).status, 200);
}

TEST(Faults, SettingsRoundTripAsJson) {
  const auto settings = apply_json({}, json::parse(R"({"requests_per_minute":60,"latency_ms":5,
      "latency":{"shape":"lognormal","median_ms":80,"p99_ms":900},
      "tenants":{"msp001":{"maintenance":true,"latency":{"shape":"none"}}},"faults":[
      {"kind":"drop_after","method":"POST","path":"/service/tickets","count":2,"probability":0.5},{"kind":"slow","delay_ms":900,"count":null}]})")
                                           .as_object());
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->faults[0].count, 2);
  EXPECT_FALSE(settings->faults[1].count);
  const auto again = apply_json({}, to_json(*settings));
  ASSERT_TRUE(again);
  EXPECT_EQ(to_json(*again), to_json(*settings));
  EXPECT_FALSE(apply_json({}, {{"latency", {{"shape", "lognormal"}}}}));
  EXPECT_FALSE(apply_json({}, {{"latency", {{"shape", "uniform"}, {"from_ms", 9}, {"to_ms", 8}}}}));
  EXPECT_FALSE(apply_json({}, {{"tenants", {{"a", {{"nonsense", 1}}}}}}));
  const auto taken_back = apply_json(*settings, {{"tenants", {{"msp001", nullptr}}}, {"latency", nullptr}});
  ASSERT_TRUE(taken_back);
  EXPECT_TRUE(taken_back->tenants.empty());
  EXPECT_EQ(taken_back->spread.shape, LatencySpread::Shape::none);
  EXPECT_FALSE(apply_json({}, {{"latencyms", 5}}));
  EXPECT_FALSE(apply_json({}, {{"faults", {{{"kind", "explode"}}}}}));
  EXPECT_FALSE(apply_json({}, {{"latency_ms", -1}}));
}

}  // namespace
}  // namespace crosswalk::sandbox

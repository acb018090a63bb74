#include "service/metrics.h"

#include <regex>

#include "harness.h"

namespace crosswalk::service {
namespace {

/// Every line of the text format that is a sample, by its name with labels.
std::map<std::string, double> samples_of(const std::string& text) {
  static const std::regex kSample(R"(^([a-z_]+(?:\{[^}]*\})?) (\+Inf|[-+0-9.eE]+)$)");
  std::map<std::string, double> samples;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    std::smatch match;
    EXPECT_TRUE(std::regex_match(line, match, kSample)) << line;
    if (!match.empty()) samples[match[1]] = std::stod(match[2]);
  }
  return samples;
}

class Pages : public ServiceTest {
 protected:
  net::Response look(std::string path) { return ask(net::Request{"GET", std::move(path), {}, ""}); }
};

TEST_F(Pages, MetricsShowHowItStandsWithEachPartnerAndWhy) {
  store::Transaction transaction;
  transaction.connections.push_back({"northwind", "refused", clock.now(), "partner.refused_credentials", "401", {}});
  commit(transaction);
  auto samples = samples_of(look("/metrics").body);
  EXPECT_EQ(
      samples.at(
          R"(crosswalk_connection_in_order{partner="northwind",state="refused",cause="partner.refused_credentials"})"),
      0);
  EXPECT_EQ(samples.at(R"(crosswalk_connection_in_order{partner="fabrikam",state="never_reached",cause=""})"), 0);
  transaction = {};
  transaction.connections.push_back({"northwind", "in_order", clock.now(), "", "", clock.now()});
  commit(transaction);
  samples = samples_of(look("/metrics").body);
  EXPECT_EQ(samples.at(R"(crosswalk_connection_in_order{partner="northwind",state="in_order",cause=""})"), 1);
}

TEST(Metrics, ShowTheLatencyAsACumulativeHistogram) {
  engine::Metrics measured;
  measured.event_to_call[0] = 2;
  measured.event_to_call[3] = 5;
  measured.event_to_call[12] = 1;
  measured.event_to_call_sum_microseconds = 2'500'000;
  measured.calls_throttled = 4;
  const auto samples = samples_of(render_metrics({}, measured, {}, {{"mapping.customer_unknown", 3}}));
  EXPECT_EQ(samples.at("crosswalk_event_to_call_seconds_bucket{le=\"0.001\"}"), 2);
  EXPECT_EQ(samples.at("crosswalk_event_to_call_seconds_bucket{le=\"0.01\"}"), 7);
  EXPECT_EQ(samples.at("crosswalk_event_to_call_seconds_bucket{le=\"300\"}"), 7);
  EXPECT_EQ(samples.at("crosswalk_event_to_call_seconds_bucket{le=\"+Inf\"}"), 8);
  EXPECT_EQ(samples.at("crosswalk_event_to_call_seconds_count"), 8);
  EXPECT_DOUBLE_EQ(samples.at("crosswalk_event_to_call_seconds_sum"), 2.5);
  EXPECT_EQ(samples.at("crosswalk_calls_throttled_total"), 4);
  EXPECT_EQ(samples.at("crosswalk_records_parked_by_cause{code=\"mapping.customer_unknown\"}"), 3);
}

TEST_F(Pages, MetricsCountIntakeByOutcome) {
  post(json::serialize(raised("e-1")));
  post(json::serialize(raised("e-1")));
  json::object bad = raised("e-2");
  bad["data"].as_object().erase("title");
  post(json::serialize(bad));
  post(json::serialize(json::array{raised("e-3"), bad}), "application/cloudevents-batch+json");
  post("{");
  const net::Response response = look("/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.headers.find("Content-Type")->starts_with("text/plain; version=0.0.4"));
  const auto samples = samples_of(response.body);
  EXPECT_EQ(samples.at("crosswalk_intake_accepted_total{source=\"cloudevents\"}"), 2);
  EXPECT_EQ(samples.at("crosswalk_intake_duplicates_total{source=\"cloudevents\"}"), 1);
  EXPECT_EQ(samples.at("crosswalk_intake_rejected_total{code=\"event.schema\"}"), 2);
  EXPECT_EQ(samples.at("crosswalk_intake_rejected_total{code=\"event.invalid_json\"}"), 1);
  EXPECT_EQ(samples.at("crosswalk_http_responses_total{class=\"2xx\"}"), 3);
  EXPECT_EQ(samples.at("crosswalk_events"), 2);
}

TEST_F(Pages, MetricsCountParkedRecordsByCause) {
  store::Transaction transaction;
  for (const std::string key : {"a", "b"}) {
    store::RecordRow row;
    row.ref = {"northwind", "alert", key};
    row.state = "{}";
    row.parked.code = "mapping.customer_unknown";
    transaction.records.push_back(row);
  }
  commit(transaction);
  const auto samples = samples_of(look("/metrics").body);
  EXPECT_EQ(samples.at("crosswalk_records_parked"), 2);
  EXPECT_EQ(samples.at("crosswalk_records_parked_by_cause{code=\"mapping.customer_unknown\"}"), 2);
}

TEST_F(Pages, TellThatTheProcessLivesAndIsReady) {
  EXPECT_EQ(at(parsed(look("/healthz")), "/status"), "ok");
  EXPECT_EQ(at(parsed(look("/readyz")), "/status"), "ready");
}

TEST_F(Pages, AreServedWithAStrictPolicyAndRunNoInlineScript) {
  const net::Response index = look("/");
  EXPECT_EQ(index.status, 200);
  EXPECT_NE(index.headers.find("Content-Security-Policy")->find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(*index.headers.find("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(index.body.find("<style"), std::string::npos);
  EXPECT_EQ(index.body.find(" style="), std::string::npos);
  EXPECT_EQ(index.body.find(" onclick="), std::string::npos);
  EXPECT_EQ(look("/app.js").headers.find("Content-Type")->substr(0, 15), "text/javascript");
  EXPECT_EQ(look("/app.js").body.find("innerHTML"), std::string::npos);
  EXPECT_EQ(look("/app.css").status, 200);
  EXPECT_EQ(look("/icon.svg").status, 200);
}

TEST_F(Pages, ServeTheContractAndTheSchemas) {
  EXPECT_TRUE(look("/v1/openapi.yaml").body.starts_with("openapi: 3.1.0"));
  EXPECT_EQ(at(parsed(look("/v1/schemas/alert.raised.v1.json")), "/title"), "Data of alert.raised.v1");
  EXPECT_EQ(look("/v1/schemas/alert.exploded.v1.json").status, 404);
  EXPECT_EQ(look("/v1/mapping-schema").status, 200);
}

}  // namespace
}  // namespace crosswalk::service

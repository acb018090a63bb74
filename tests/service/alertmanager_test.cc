#include "service/alertmanager.h"

#include "harness.h"

namespace crosswalk::service {
namespace {

const Timestamp kNow = *parse_timestamp("2026-03-01T08:00:00Z");

/// As Alertmanager 0.25 sends it.
constexpr std::string_view kNotification = R"({
  "receiver": "crosswalk", "status": "firing",
  "alerts": [
    {"status": "firing",
     "labels": {"alertname": "DiskFull", "customer": "contoso", "instance": "srv-01:9100", "job": "node", "mountpoint": "/var", "severity": "page"},
     "annotations": {"description": "The disk /var of srv-01 is 97% full.", "summary": "Disk /var is filling up"},
     "startsAt": "2026-03-01T07:30:00.123456789Z", "endsAt": "0001-01-01T00:00:00Z",
     "generatorURL": "http://prometheus:9090/graph?g0.expr=disk", "fingerprint": "c6a3f1e2d4b5a697"},
    {"status": "resolved",
     "labels": {"alertname": "InstanceDown", "customer": "contoso", "instance": "srv-02:9100", "severity": "warning"},
     "annotations": {}, "startsAt": "2026-03-01T07:00:00Z", "endsAt": "2026-03-01T07:45:00Z",
     "generatorURL": "", "fingerprint": "0011223344556677"}],
  "groupLabels": {"customer": "contoso"}, "commonLabels": {"customer": "contoso"}, "commonAnnotations": {},
  "externalURL": "http://alertmanager:9093", "version": "4", "groupKey": "{}:{customer=\"contoso\"}", "truncatedAlerts": 0})";

Incoming read(const json::value& body, const AlertmanagerOptions& options = {}) {
  return read_alertmanager({"POST", "/", {}, json::serialize(body)}, "northwind", options, kNow);
}

TEST(Alertmanager, TurnsFiringIntoRaisedAndResolvedIntoResolved) {
  const Incoming incoming = read(json::parse(kNotification));
  ASSERT_FALSE(incoming.problem);
  ASSERT_EQ(incoming.events.size(), 2u);
  const store::EventRow& fired = incoming.events[0].row;
  ASSERT_FALSE(incoming.events[0].problem) << incoming.events[0].problem->detail;
  EXPECT_EQ(fired.partner, "northwind");
  EXPECT_EQ(fired.source, "alertmanager:crosswalk");
  EXPECT_EQ(fired.id, "c6a3f1e2d4b5a697/2026-03-01T07:30:00.123Z/firing");
  EXPECT_EQ(fired.type, "alert.raised");
  EXPECT_EQ(format_timestamp(fired.time), "2026-03-01T07:30:00.123Z");
  EXPECT_EQ(fired.key, "v1/alertmanager/contoso/srv-01:9100/DiskFull{mountpoint=%2Fvar}");
  const json::object data = json::parse(fired.data).as_object();
  EXPECT_EQ(data.at("severity"), "critical");
  EXPECT_EQ(data.at("title"), "Disk /var is filling up");
  EXPECT_EQ(data.at("description"), "The disk /var of srv-01 is 97% full.");
  EXPECT_EQ(data.at("url"), "http://prometheus:9090/graph?g0.expr=disk");
  EXPECT_EQ(data.at("device"), "srv-01:9100");
  EXPECT_EQ(data.at("attributes").at("job"), "node");
  const store::EventRow& resolved = incoming.events[1].row;
  ASSERT_FALSE(incoming.events[1].problem) << incoming.events[1].problem->detail;
  EXPECT_EQ(resolved.type, "alert.resolved");
  EXPECT_EQ(format_timestamp(resolved.time), "2026-03-01T07:45:00Z");
  EXPECT_EQ(json::parse(resolved.data).at("title"), "InstanceDown on srv-02:9100");
  EXPECT_FALSE(json::parse(resolved.data).as_object().contains("url"));
}

TEST(Alertmanager, NamesFiringAndResolvedOfOneAlertAlikeInAllButTheId) {
  json::value body = json::parse(kNotification);
  const IncomingEvent fired = read(body).events[0];
  body.at("alerts").at(0).as_object()["status"] = "resolved";
  body.at("alerts").at(0).as_object()["endsAt"] = "2026-03-01T07:50:00Z";
  const IncomingEvent resolved = read(body).events[0];
  EXPECT_EQ(fired.row.key, resolved.row.key);
  EXPECT_NE(fired.row.id, resolved.row.id);
}

TEST(Alertmanager, MapsLabelsByConfiguration) {
  AlertmanagerOptions options;
  options.product = "prometheus";
  options.customer_label = "tenant";
  options.subject_label = "job";
  options.device_label = "";
  options.severities = {{"sev1", "critical"}};
  json::value body = json::parse(kNotification);
  json::object& labels = body.at("alerts").at(0).at("labels").as_object();
  labels["tenant"] = "fabrikam";
  labels["severity"] = "SEV1";
  const Incoming incoming = read(body, options);
  ASSERT_FALSE(incoming.events[0].problem);
  EXPECT_EQ(incoming.events[0].row.key, "v1/prometheus/fabrikam/node/DiskFull{mountpoint=%2Fvar}");
  EXPECT_EQ(json::parse(incoming.events[0].row.data).at("severity"), "critical");
  EXPECT_FALSE(json::parse(incoming.events[0].row.data).as_object().contains("device"));
  EXPECT_TRUE(incoming.events[1].problem);
}

TEST(Alertmanager, AlertsWithoutAnInstanceAreAboutWhatTheirOtherLabelsName) {
  json::value body = json::parse(kNotification);
  json::object& labels = body.at("alerts").at(0).at("labels").as_object();
  labels = {{"alertname", "KubePodCrashLooping"}, {"customer", "contoso"}, {"namespace", "shop"}, {"pod", "db-0"}};
  EXPECT_EQ(read(body).events[0].row.key, "v1/alertmanager/contoso/shop%2Fdb-0/KubePodCrashLooping");
  labels["namespace"] = "staging";
  EXPECT_EQ(read(body).events[0].row.key, "v1/alertmanager/contoso/staging%2Fdb-0/KubePodCrashLooping");
  labels = {{"alertname", "Watchdog"}, {"customer", "contoso"}};
  EXPECT_EQ(read(body).events[0].row.key, "v1/alertmanager/contoso/-/Watchdog");
  labels["job"] = "node";
  AlertmanagerOptions options;
  options.subject_fallback_labels = {};
  EXPECT_EQ(read(body, options).events[0].row.key, "v1/alertmanager/contoso/-/Watchdog");
}

TEST(Alertmanager, TwoSeveritiesOfOneRuleAreTwoMembersOfOneAlert) {
  json::value body = json::parse(kNotification);
  const IncomingEvent warning = read(body).events[0];
  body.at("alerts").at(0).at("labels").as_object()["severity"] = "critical";
  body.at("alerts").at(0).as_object()["fingerprint"] = "ffff";
  const IncomingEvent critical = read(body).events[0];
  EXPECT_EQ(warning.row.key, critical.row.key);
  EXPECT_EQ(json::parse(warning.row.data).at("instance"), "c6a3f1e2d4b5a697");
  EXPECT_EQ(json::parse(critical.row.data).at("instance"), "ffff");
}

TEST(Alertmanager, EachEndUnderOneStartIsAnEventOfItsOwn) {
  json::value body = json::parse(kNotification);
  json::object& resolved = body.at("alerts").at(1).as_object();
  const std::string first = read(body).events[1].row.id;
  EXPECT_EQ(read(body).events[1].row.id, first);
  resolved["endsAt"] = "2026-03-01T07:55:00Z";
  EXPECT_NE(read(body).events[1].row.id, first);
  // Without a time at which it ended, it has ended by now.
  resolved["endsAt"] = "0001-01-01T00:00:00Z";
  EXPECT_EQ(read(body).events[1].row.time, kNow);
}

TEST(Alertmanager, TakesGrafanasFormAndTellsItsLegacyFormApart) {
  json::value body = json::parse(kNotification);
  body.as_object()["version"] = "1";
  body.as_object()["orgId"] = 1;
  json::object& alert = body.at("alerts").at(0).as_object();
  alert["startsAt"] = "2026-03-01T08:30:00.123456789+01:00";
  alert["generatorURL"] = "";
  alert["panelURL"] = "https://grafana.example/d/x?viewPanel=1";
  alert["values"] = json::object{{"B", 93.5}};
  const Incoming incoming = read(body);
  ASSERT_FALSE(incoming.problem) << incoming.problem->detail;
  ASSERT_FALSE(incoming.events[0].problem) << incoming.events[0].problem->detail;
  EXPECT_EQ(incoming.events[0].row.source, "grafana:crosswalk");
  EXPECT_EQ(format_timestamp(incoming.events[0].row.time), "2026-03-01T07:30:00.123Z");
  EXPECT_EQ(json::parse(incoming.events[0].row.data).at("url"), "https://grafana.example/d/x?viewPanel=1");
  EXPECT_EQ(json::parse(incoming.events[1].row.data).at("resolution"), "Resolved in Grafana.");
  const Incoming legacy = read(json::object{{"ruleName", "x"}, {"state", "alerting"}});
  EXPECT_NE(legacy.problem->detail.find("legacy"), std::string::npos);
}

TEST(Alertmanager, WhatWouldBeRefusedForItsLengthIsCutInstead) {
  json::value body = json::parse(kNotification);
  json::object& labels = body.at("alerts").at(0).at("labels").as_object();
  labels["instance"] = std::string(300, 'i') + "a";
  labels["alertname"] = std::string(300, 'n');
  labels["customer"] = std::string(300, 'c');
  labels[std::string(150, 'l')] = "x";
  for (int i = 0; i < 60; ++i) {
    std::string wide;
    for (int k = 0; k < 2'000; ++k) wide += "\xf0\x9f\x98\x80";
    labels["label" + std::to_string(i)] = wide;
  }
  const IncomingEvent one = read(body).events[0];
  ASSERT_FALSE(one.problem) << one.problem->pointer << " " << one.problem->detail;
  body.at("alerts").at(0).at("labels").as_object()["instance"] = std::string(300, 'i') + "b";
  EXPECT_NE(read(body).events[0].row.key, one.row.key) << "two that begin alike are two";
}

TEST(Alertmanager, ATextThatIsTornIsMendedSinceWhatIsRefusedIsNeverSentAgain) {
  std::string body(kNotification);
  body.replace(body.find("Disk /var"), 1, "\\ud83d");
  const Incoming incoming = read_alertmanager({"POST", "/", {}, "\xEF\xBB\xBF" + body}, "northwind", {}, kNow);
  ASSERT_FALSE(incoming.problem) << incoming.problem->detail;
  ASSERT_FALSE(incoming.events[0].problem);
  EXPECT_EQ(json::parse(incoming.events[0].row.data).at("title"),
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDisk /var is filling up");
}

TEST(Alertmanager, ReportsAnAlertWithoutCustomerAndTakesTheOthers) {
  json::value body = json::parse(kNotification);
  body.at("alerts").at(0).at("labels").as_object().erase("customer");
  const Incoming incoming = read(body);
  ASSERT_TRUE(incoming.events[0].problem);
  EXPECT_EQ(incoming.events[0].problem->code, "event.label_missing");
  EXPECT_EQ(incoming.events[0].problem->pointer, "/alerts/0/labels");
  EXPECT_NE(incoming.events[0].problem->detail.find("customer"), std::string::npos);
  EXPECT_FALSE(incoming.events[1].problem);
}

TEST(Alertmanager, RefusesWhatIsNoNotification) {
  EXPECT_EQ(read(json::object{{"version", "3"}, {"alerts", json::array{}}}).problem->pointer, "/version");
  EXPECT_EQ(read(json::object{{"version", "4"}}).problem->pointer, "/alerts");
  EXPECT_EQ(read(json::array{}).problem->code, "event.schema");
  for (const std::string name : {"status", "fingerprint", "startsAt"}) {
    json::value body = json::parse(kNotification);
    body.at("alerts").at(0).as_object()[name] = 7;
    EXPECT_EQ(read(body).events[0].problem->pointer, "/alerts/0/" + name);
  }
}

TEST(Alertmanager, CutsWhatIsTooLongInsteadOfLosingTheAlert) {
  json::value body = json::parse(kNotification);
  body.at("alerts").at(0).at("annotations").as_object()["summary"] = std::string(3'000, 'x');
  body.at("alerts").at(0).at("annotations").as_object()["description"] = std::string(30'000, 'x');
  const Incoming incoming = read(body);
  EXPECT_FALSE(incoming.events[0].problem);
}

class AlertmanagerService : public ServiceTest {
 protected:
  net::Response notify(std::string body, std::string authorization) {
    net::Request request{"POST", "/v1/sources/alertmanager/northwind", {}, std::move(body)};
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Authorization", std::move(authorization));
    return ask(std::move(request));
  }
  static std::string basic(const std::string& password) {
    const std::string plain = "alertmanager:" + password;
    std::string encoded;
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < plain.size(); i += 3) {
      std::uint32_t bits = 0;
      for (std::size_t k = 0; k < 3; ++k)
        bits = (bits << 8) | (i + k < plain.size() ? static_cast<unsigned char>(plain[i + k]) : 0);
      for (std::size_t k = 0; k < 4; ++k) encoded += i + k <= plain.size() ? kDigits[(bits >> (18 - 6 * k)) & 63] : '=';
    }
    return "Basic " + encoded;
  }
};

TEST_F(AlertmanagerService, CountsRepeatedNotificationsAsDuplicatesEvenWhenReworded) {
  EXPECT_EQ(at(parsed(notify(std::string(kNotification), "Bearer " + northwind_key)), "/accepted"), "2");
  clock.at += std::chrono::minutes{5};
  std::string reworded(kNotification);
  reworded.replace(reworded.find("97%"), 3, "98%");
  const net::Response again = notify(reworded, "Bearer " + northwind_key);
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(at(parsed(again), "/duplicates"), "2");
  EXPECT_EQ(events_kept(), 2);
}

TEST_F(AlertmanagerService, TakesANotificationOfAnySizeInPartsAndNamesEachAlert) {
  json::array alerts;
  for (int i = 0; i < 2'500; ++i)
    alerts.push_back(
        {{"status", "firing"},
         {"labels", {{"alertname", "TargetDown"}, {"customer", "contoso"}, {"instance", std::to_string(i)}}},
         {"annotations", {{"description", std::string(2'000, 'x')}}},
         {"startsAt", "2026-03-01T07:00:00Z"},
         {"fingerprint", std::to_string(i)}});
  const std::string body = json::serialize(json::object{{"version", "4"}, {"alerts", alerts}});
  ASSERT_GT(body.size(), kBodyBytesMax);
  const net::Response response = notify(body, "Bearer " + northwind_key);
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(at(parsed(response), "/accepted"), "2500");
  EXPECT_EQ(parsed(response).at("events").as_array().size(), 2'500u);
  EXPECT_EQ(events_kept(), 2'500);
  EXPECT_EQ(at(parsed(notify(body, "Bearer " + northwind_key)), "/duplicates"), "2500");
}

TEST_F(AlertmanagerService, TakesAKeyThatAFileWithAByteOrderMarkHasHeld) {
  EXPECT_EQ(notify(std::string(kNotification), "Bearer \xEF\xBB\xBF" + northwind_key).status, 202);
  EXPECT_EQ(notify(std::string(kNotification), basic("\xEF\xBB\xBF" + northwind_key)).status, 202);
}

TEST_F(AlertmanagerService, AnAlertThatWasNotTakenIsSeenWhereItsSenderIsNotAsked) {
  std::string body(kNotification);
  body.replace(body.find("\"customer\": \"contoso\", \"instance\": \"srv-01"), 23, "");
  const net::Response mixed = notify(body, "Bearer " + northwind_key);
  EXPECT_EQ(mixed.status, 202);
  EXPECT_EQ(at(parsed(mixed), "/events/0/problem/code"), "event.label_missing");
  clock.at += std::chrono::minutes{5};
  notify(body, "Bearer " + northwind_key);
  const auto look = [this] { return parsed(ask("GET", "/v1/partners/northwind/intake", "", northwind_key)); };
  json::object seen = look();
  EXPECT_EQ(at(seen, "/refused/0/about"), "DiskFull");
  EXPECT_EQ(at(seen, "/refused/0/code"), "event.label_missing");
  EXPECT_EQ(at(seen, "/refused/0/count"), "2");
  EXPECT_EQ(at(seen, "/refused/0/last_at"), "2026-03-01T08:05:00Z");
  EXPECT_EQ(ask("GET", "/metrics").body.find("code=\"event.label_missing\"} 2") == std::string::npos, false);
  engine.answer = json::object{{"partner", "northwind"}, {"healthy", true}, {"checks", json::array{}}};
  const json::object check = parsed(ask("GET", "/v1/partners/northwind/check"));
  EXPECT_EQ(at(check, "/healthy"), "false");
  EXPECT_NE(at(check, "/checks/0/detail").find("DiskFull: The label \"customer\" is missing"), std::string::npos);
  EXPECT_EQ(at(parsed(ask("GET", "/v1/partners/fabrikam/intake")), "/refused"), "[]");
  start();
  EXPECT_EQ(at(look(), "/refused/0/about"), "DiskFull") << "after a restart too";
  clock.at += std::chrono::hours{25};
  EXPECT_EQ(at(parsed(ask("GET", "/v1/partners/northwind/check")), "/healthy"), "true") << "it is over for a day";
}

TEST_F(AlertmanagerService, TakesTheKeyAsBasicPassword) {
  EXPECT_EQ(notify(std::string(kNotification), basic(northwind_key)).status, 202);
  EXPECT_EQ(notify(std::string(kNotification), basic("cw_wrong")).status, 401);
  EXPECT_EQ(notify(std::string(kNotification), "Basic !!!").status, 401);
}

TEST_F(AlertmanagerService, AnswersARefusalWhenNothingCouldBeTaken) {
  const net::Response response = notify(R"({"version":"4","alerts":[{"status":"firing"}]})", "Bearer " + admin_key);
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(at(parsed(response), "/events/0/status"), "rejected");
}

}  // namespace
}  // namespace crosswalk::service

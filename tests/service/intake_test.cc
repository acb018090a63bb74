#include "harness.h"
#include "model/alert.h"

namespace crosswalk::service {
namespace {

class Intake : public ServiceTest {};

TEST_F(Intake, KeepsAnEventAndWakesTheEngine) {
  const net::Response response = post(json::serialize(raised("e-1")));
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.body, R"({"accepted":1,"duplicates":0,"conflicts":0,"rejected":0})");
  EXPECT_EQ(engine.wakes, 1);
  const auto rows = store->events_after(0, 10);
  ASSERT_TRUE(rows && rows->size() == 1);
  EXPECT_EQ(rows->front().id, "e-1");
  EXPECT_EQ(rows->front().partner, "northwind");
}

TEST_F(Intake, OfAContactOnlyWhatTheMappingInForceNamesIsKept) {
  json::object event = raised("e-1");
  event["type"] = "contact.upserted";
  event["data"] = {{"contact", "c-1"}, {"customer", "acme"},   {"email", "ada@acme.example"},
                   {"title", "Clerk"}, {"born", "1990-01-02"}, {"attributes", {{"desk", "4b"}}}};
  const auto kept = [&](const char* id) {
    event["id"] = id;
    EXPECT_EQ(post(json::serialize(event)).status, 202);
    return store->events_after(0, 10)->back().data;
  };
  EXPECT_EQ(kept("e-1"), R"({"contact":"c-1","customer":"acme","email":"ada@acme.example","title":"Clerk"})");
  const json::object first = event;
  store::Transaction published;
  published.mappings.push_back(
      {.partner = "northwind",
       .workflow = "contact_to_contact",
       .version = 0,
       .state = "live",
       .document = R"({"workflow":"contact_to_contact","fields":{"title":{"value":"{{attributes.desk}}"}}})",
       .author = "",
       .comment = "",
       .created_at = clock.now(),
       .published_at = clock.now()});
  commit(published);
  EXPECT_EQ(kept("e-2"),
            R"({"contact":"c-1","customer":"acme","email":"ada@acme.example","attributes":{"desk":"4b"}})");
  EXPECT_EQ(at(parsed(post(json::serialize(first))), "/duplicates"), "1") << "a repeat is one, whatever is kept by now";
  EXPECT_EQ(events_kept(), 2);
}

TEST_F(Intake, AMemberThatNobodyReadsIsToldOnceForItsProductAndStaysListed) {
  json::object event = raised("e-1");
  event["data"].as_object()["hostname"] = "SRV-01";
  event["data"].as_object()["Severity"] = "high";
  const json::object answer = parsed(post(json::serialize(event)));
  EXPECT_EQ(at(answer, "/accepted"), "1");
  EXPECT_EQ(at(answer, "/warnings/0/code"), "event.unknown_member");
  EXPECT_EQ(at(answer, "/warnings/0/pointer"), "/data/hostname");
  EXPECT_NE(at(answer, "/warnings/0/detail").find("attributes"), std::string::npos);
  EXPECT_NE(at(answer, "/warnings/1/detail").find("did you mean \"severity\"?"), std::string::npos);
  event["id"] = "e-2";
  EXPECT_EQ(at(parsed(post(json::serialize(event))), "/warnings"), "(absent)") << "once";
  event["id"] = "e-3";
  event["data"].as_object()["product"] = "backup";
  EXPECT_EQ(at(parsed(post(json::serialize(event))), "/warnings/0/pointer"), "/data/hostname") << "of each product";
  start();
  event["id"] = "e-4";
  EXPECT_EQ(at(parsed(post(json::serialize(event))), "/warnings"), "(absent)") << "a restart forgets nothing";
  const json::object listed = parsed(ask("GET", "/v1/partners/northwind/intake"));
  EXPECT_EQ(listed.at("unknown_members").as_array().size(), 4u);
  EXPECT_EQ(at(listed, "/unknown_members/0/product"), "backup");
}

TEST_F(Intake, AnEventThatIsRefusedIsListedForItsPartner) {
  json::object bad = raised("e-1");
  bad["data"].as_object()["severity"] = "severe";
  json::object unknown = raised("e-2");
  unknown["partner"] = "nobody";
  const std::string batch = json::serialize(json::array{raised("e-0"), bad, unknown});
  EXPECT_EQ(at(parsed(post(batch, "application/cloudevents-batch+json")), "/rejected"), "2");
  const json::object listed = parsed(ask("GET", "/v1/partners/northwind/intake"));
  ASSERT_EQ(listed.at("refused").as_array().size(), 1u);
  EXPECT_EQ(at(listed, "/refused/0/about"), "alert.raised");
  EXPECT_EQ(at(listed, "/refused/0/source"), "cloudevents");
  EXPECT_NE(at(listed, "/refused/0/action"), "(absent)");
}

TEST_F(Intake, ASnoozeTellsWhyAndWhoAndLastsNinetyDaysAtMost) {
  int number = 0;
  const auto snooze = [&](json::object more) {
    json::object event = raised("s-" + std::to_string(++number));
    event["type"] = "alert.snoozed";
    event["data"] = {{"product", "edr"}, {"customer", "contoso"}, {"subject", "srv-01"}, {"condition", "ransomware"}};
    for (auto& member : more) event["data"].as_object()[member.key()] = member.value();
    return post(json::serialize(event));
  };
  const json::object good{{"until", "2026-03-08T08:00:00Z"}, {"reason", "parts are on order"}, {"by", "M. Lopez"}};
  EXPECT_EQ(snooze(good).status, 202);
  for (const char* name : {"reason", "by"}) {
    json::object without = good;
    without.erase(name);
    EXPECT_EQ(at(parsed(snooze(without)), "/pointer"), "/data/" + std::string(name));
    without[name] = " ";
    EXPECT_EQ(snooze(without).status, 422) << name;
  }
  json::object year = good;
  year["until"] = "2027-03-01T08:00:00Z";
  const net::Response refused = snooze(year);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(at(parsed(refused), "/pointer"), "/data/until");
  year["until"] = "2026-05-30T07:59:00Z";
  EXPECT_EQ(snooze(year).status, 202) << "ninety days to the minute";
  EXPECT_EQ(snooze({}).status, 202) << "the end of a snooze needs no reason";
}

TEST_F(Intake, ARecordWithoutAMappingSaysThatNothingIsDoneWithIt) {
  store::RecordRow row;
  row.ref = {"northwind", "device", "d-1"};
  row.version = 1;
  row.state = "{}";
  store::Transaction transaction;
  transaction.records.push_back(row);
  commit(transaction);
  const auto text = [this] { return at(parsed(ask("GET", "/v1/partners/northwind/records/device/d-1")), "/text"); };
  EXPECT_NE(text().find("no mapping"), std::string::npos) << text();
  EXPECT_NE(at(parsed(ask("GET", "/v1/partners/northwind/records")), "/records/0/text").find("no mapping"),
            std::string::npos);
  store::Transaction published;
  published.mappings.push_back({.partner = "northwind",
                                .workflow = "device_to_configuration",
                                .version = 0,
                                .state = "live",
                                .document = R"({"workflow":"device_to_configuration","mode":"off"})",
                                .author = "",
                                .comment = "",
                                .created_at = clock.now(),
                                .published_at = clock.now()});
  commit(published);
  EXPECT_NE(text().find("switched off"), std::string::npos) << text();
  published.mappings[0].document = R"({"workflow":"device_to_configuration","mode":"live"})";
  commit(published);
  EXPECT_EQ(text(), "Everything is as it should be");
}

TEST_F(Intake, AnswersARepeatAsSuccessAndKeepsItOnce) {
  ASSERT_EQ(post(json::serialize(raised("e-1"))).status, 202);
  clock.at += std::chrono::seconds{9};
  const net::Response again = post(json::serialize(raised("e-1")));
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(at(parsed(again), "/duplicates"), "1");
  EXPECT_EQ(events_kept(), 1);
}

TEST_F(Intake, ARepeatOfAnEventWithoutTimeIsADuplicateThoughItsTimeDiffers) {
  json::object event = raised("e-1");
  event.erase("time");
  ASSERT_EQ(post(json::serialize(event)).status, 202);
  clock.at += std::chrono::seconds{9};
  EXPECT_EQ(at(parsed(post(json::serialize(event))), "/duplicates"), "1");
  event["data"].as_object()["title"] = "Another";
  EXPECT_EQ(post(json::serialize(event)).status, 409);
}

TEST_F(Intake, TellsOfAnIdWithOtherContentAndKeepsTheFirst) {
  ASSERT_EQ(post(json::serialize(raised("e-1"))).status, 202);
  json::object other = raised("e-1");
  other["data"].as_object()["title"] = "Another";
  const net::Response response = post(json::serialize(other));
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(at(parsed(response), "/code"), "event.duplicate_conflict");
  EXPECT_NE(store->events_after(0, 10)->at(0).data.find("Ransomware"), std::string::npos);
  EXPECT_EQ(events_kept(), 1);
}

TEST_F(Intake, ATimeThatDiffersInEarnestIsAConflict) {
  ASSERT_EQ(post(json::serialize(raised("e-1"))).status, 202);
  json::object other = raised("e-1");
  other["time"] = "2026-03-01T07:58:00Z";
  EXPECT_EQ(post(json::serialize(other)).status, 409);
}

/// Alertmanager loses sight of an alert (its source could not be reached), calls it resolved, and tells of it again
/// under its old start.
TEST_F(Intake, AFiringThatWasCalledResolvedMeanwhileIsAReturnAndNoDuplicate) {
  const std::string firing = R"({"version":"4","receiver":"crosswalk","alerts":[{"status":"firing","labels":
      {"alertname":"Down","customer":"contoso","instance":"srv-1"},"annotations":{},
      "startsAt":"2026-03-01T07:00:00Z","fingerprint":"f00d"}]})";
  const auto tell = [&] { return parsed(ask("POST", "/v1/sources/alertmanager/northwind", firing)); };
  ASSERT_EQ(at(tell(), "/accepted"), "1");
  ASSERT_EQ(at(tell(), "/duplicates"), "1");

  const store::EventRow raised = store->events_after(0, 10)->at(0);
  model::Event event;
  event.type = model::EventType::alert_raised;
  event.time = raised.time;
  event.source = raised.source;
  event.id = raised.id;
  event.data = json::parse(raised.data).as_object();
  event.sequence = 1;
  model::Alert alert;
  model::fold(alert, event);
  event.type = model::EventType::alert_resolved;
  event.sequence = 2;
  event.time = clock.now();
  event.id = "resolved";
  model::fold(alert, event);
  store::Transaction folded;
  store::RecordRow& row = folded.records.emplace_back();
  row.ref = {raised.partner, raised.kind, raised.key};
  row.version = 1;
  row.state = serialize(alert);
  folded.folded = store::FoldedTo{{}, raised.sequence};
  commit(folded);

  EXPECT_EQ(at(tell(), "/duplicates"), "1") << "a notification that was on its way when the alert resolved";
  clock.at += std::chrono::minutes{10};
  EXPECT_EQ(at(tell(), "/accepted"), "1");
  EXPECT_EQ(store->events_after(0, 10)->at(1).time, clock.now());
}

TEST_F(Intake, TakesTheGoodOnesOfABatchAndReportsEachBadOne) {
  ASSERT_EQ(post(json::serialize(raised("known"))).status, 202);
  json::object conflicting = raised("known");
  conflicting["data"].as_object()["title"] = "Another";
  json::object bad = raised("bad");
  bad["data"].as_object().erase("title");
  const json::array batch{raised("new"), bad, raised("known"), conflicting, raised("new")};
  const net::Response response = post(json::serialize(batch), "application/cloudevents-batch+json");
  EXPECT_EQ(response.status, 202);
  const json::object body = parsed(response);
  EXPECT_EQ(at(body, "/accepted"), "1");
  EXPECT_EQ(at(body, "/duplicates"), "2");
  EXPECT_EQ(at(body, "/conflicts"), "1");
  EXPECT_EQ(at(body, "/rejected"), "1");
  EXPECT_EQ(at(body, "/events/0/status"), "accepted");
  EXPECT_EQ(at(body, "/events/1/status"), "rejected");
  EXPECT_EQ(at(body, "/events/1/id"), "bad");
  EXPECT_EQ(at(body, "/events/1/problem/pointer"), "/1/data/title");
  EXPECT_EQ(at(body, "/events/1/problem/code"), "event.schema");
  EXPECT_NE(at(body, "/events/1/problem/action"), "(absent)");
  EXPECT_EQ(at(body, "/events/2/status"), "duplicate");
  EXPECT_EQ(at(body, "/events/3/status"), "conflict");
  EXPECT_EQ(at(body, "/events/4/status"), "duplicate");
  EXPECT_EQ(events_kept(), 2);
}

TEST_F(Intake, RefusesABatchOfWhichNothingCouldBeTaken) {
  json::object bad = raised("bad");
  bad["type"] = "alert.exploded";
  const net::Response response = post(json::serialize(json::array{bad}), "application/cloudevents-batch+json");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(*response.headers.find("Content-Type"), "application/problem+json");
  EXPECT_EQ(at(parsed(response), "/events/0/problem/code"), "event.unknown_type");
  EXPECT_EQ(events_kept(), 0);
  EXPECT_EQ(engine.wakes, 0);
}

TEST_F(Intake, AnswersASingleBadEventWithItsProblem) {
  json::object bad = raised("bad");
  bad["data"].as_object()["severity"] = "awful";
  const net::Response response = post(json::serialize(bad));
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(at(parsed(response), "/pointer"), "/data/severity");
  EXPECT_EQ(post("{").status, 400);
  EXPECT_EQ(post("\xff").status, 400);
  EXPECT_EQ(post("{}", "text/plain").status, 415);
  EXPECT_EQ(post(std::string(kBodyBytesMax + 1, ' ')).status, 413);
}

TEST_F(Intake, WarnsInTheAnswer) {
  json::object event = raised("e-1");
  event["time"] = "2026-03-02T08:00:00Z";
  const json::object body = parsed(post(json::serialize(event)));
  EXPECT_EQ(at(body, "/accepted"), "1");
  EXPECT_EQ(at(body, "/warnings/0/code"), "event.time_ahead");
  EXPECT_EQ(store->events_after(0, 1)->at(0).time, clock.at);
}

TEST_F(Intake, AnswersUnavailableAndTakesNothingWhenTheStoreFails) {
  for (const std::string code : {"store.full", "store.busy", "store.failed", "store.overloaded"}) {
    writer->broken = Error{code, "It cannot be written.", {}};
    const net::Response response =
        post(json::serialize(json::array{raised("a"), raised("b")}), "application/cloudevents-batch+json");
    EXPECT_EQ(response.status, 503) << code;
    EXPECT_EQ(at(parsed(response), "/code"), code);
    ASSERT_NE(response.headers.find("Retry-After"), nullptr);
  }
  EXPECT_EQ(events_kept(), 0);
  EXPECT_EQ(engine.wakes, 0);
  writer->broken.reset();
  EXPECT_EQ(post(json::serialize(raised("a"))).status, 202);
}

TEST_F(Intake, APartnersKeyPostsForThatPartnerOnly) {
  EXPECT_EQ(post(json::serialize(raised("e-1")), "application/cloudevents+json", northwind_key).status, 202);
  json::object without = raised("e-2");
  without.erase("partner");
  EXPECT_EQ(post(json::serialize(without), "application/cloudevents+json", northwind_key).status, 202);
  EXPECT_EQ(post(json::serialize(without)).status, 422);
  json::object other = raised("e-3");
  other["partner"] = "fabrikam";
  const net::Response response = post(json::serialize(other), "application/cloudevents+json", northwind_key);
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(at(parsed(response), "/code"), "event.partner_forbidden");
}

TEST_F(Intake, AnswersTheRequestIdThatWasSentOrOneOfItsOwn) {
  net::Request request{"POST", "/v1/events", {{"X-Request-Id", "abc-1.2"}}, "{}"};
  EXPECT_EQ(*ask(request).headers.find("X-Request-Id"), "abc-1.2");
  request.headers = {{"X-Request-Id", "<script>"}};
  const net::Response first = ask(request);
  const net::Response second = ask(request);
  EXPECT_EQ(first.headers.find("X-Request-Id")->find('<'), std::string::npos);
  EXPECT_NE(*first.headers.find("X-Request-Id"), *second.headers.find("X-Request-Id"));
}

}  // namespace
}  // namespace crosswalk::service

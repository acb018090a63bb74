#include <gmock/gmock.h>

#include "harness.h"
#include "outbound/failing.h"
#include "outbound/message.h"

namespace crosswalk::service {
namespace {

using testing::HasSubstr;
using testing::Not;

class Webhooks : public ServiceTest {
 protected:
  json::object add(std::string body = R"({"url":"https://hooks.example/crosswalk"})") {
    const net::Response response = ask("POST", "/v1/webhooks", std::move(body));
    EXPECT_EQ(response.status, 201) << response.body;
    return parsed(response);
  }
  store::WebhookRow row() { return store->outbound().webhooks().value().front(); }

  /// `count` events, each of a record of its own, taken by the webhook and given up.
  void make_dead_letters(const std::string& webhook, int count) {
    store::Transaction transaction;
    for (int i = 0; i < count; ++i) {
      store::OutboundRow event;
      event.ref = {"northwind", "alert", "k" + std::to_string(i)};
      event.type = "ticket.created";
      event.at = clock.now();
      event.data = "{}";
      transaction.outbound.events.push_back(std::move(event));
    }
    commit(transaction);
    transaction = {};
    store::WebhookTaken taken{webhook, 0, count, {}, clock.now(), clock.now()};
    for (int i = 1; i <= count; ++i) taken.sequences.push_back(i);
    transaction.outbound.taken.push_back(std::move(taken));
    transaction.outbound.expired.push_back({webhook, clock.now(), "The receiver answered 500."});
    commit(transaction);
  }
};

TEST_F(Webhooks, AreAddedWithASecretThatIsShownOnceAndSealedAtRest) {
  const int before = sender.wakes;
  const json::object added = add(
      R"({"url":"https://hooks.example/x","description":"EDR","types":["ticket.closed"],"partners":["northwind"]})");
  const std::string secret = at(added, "/secret");
  EXPECT_TRUE(secret.starts_with("whsec_"));
  EXPECT_GT(sender.wakes, before);
  EXPECT_EQ(at(added, "/enabled"), "true");
  EXPECT_EQ(at(added, "/types"), R"(["ticket.closed"])");
  const std::string path = "/v1/webhooks/" + at(added, "/id");
  EXPECT_THAT(ask("GET", path).body, Not(HasSubstr("whsec_")));
  EXPECT_THAT(ask("GET", "/v1/webhooks").body, Not(HasSubstr("whsec_")));
  EXPECT_THAT(row().sealed_secrets, Not(HasSubstr(secret.substr(6))));
  const auto opened = outbound::open_secrets(row(), *secrets, clock.now());
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->at(0).text, secret);
}

TEST_F(Webhooks, RefuseWhatCannotBe) {
  for (const std::string body :
       {R"({})", R"({"url":""})", R"({"url":"http://hooks.example/"})", R"({"url":"https://127.0.0.1/"})",
        R"({"url":"https://localhost/"})", R"({"url":"https://10.1.2.3/"})", R"({"url":"https://[::1]/"})",
        R"({"url":"https://h.example/","types":["ticket.exploded"]})", R"({"url":"https://h.example/","types":"all"})",
        R"({"url":"https://h.example/","partners":["nobody"]})", R"({"url":"https://h.example/","colour":"blue"})",
        R"({"url":"https://h.example/","enabled":"yes"})", "[]"}) {
    const net::Response response = ask("POST", "/v1/webhooks", body);
    EXPECT_EQ(response.status, 422) << body;
  }
  EXPECT_TRUE(store->outbound().webhooks().value().empty());
  EXPECT_EQ(at(parsed(ask("POST", "/v1/webhooks", R"({"url":"https://10.1.2.3/"})")), "/code"), "webhook.url_refused");
}

TEST_F(Webhooks, AskWhichTypeWasMeant) {
  const net::Response response =
      ask("POST", "/v1/webhooks", R"({"url":"https://h.example/","types":["ticket.closd"]})");
  EXPECT_EQ(response.status, 422);
  EXPECT_THAT(at(parsed(response), "/detail"), HasSubstr("Did you mean \"ticket.closed\"?"));
}

TEST_F(Webhooks, TellHowTheLastAttemptOfWhatWaitsHasFailed) {
  const std::string id = at(add(), "/id");
  const std::string path = "/v1/webhooks/" + id;
  make_dead_letters(id, 1);
  EXPECT_EQ(at(parsed(ask("GET", path)), "/failure"), "(absent)") << "nothing waits";
  store::Transaction transaction;
  transaction.outbound.replayed.push_back({id, "", clock.now(), clock.now() + std::chrono::hours{1}});
  commit(transaction);
  EXPECT_EQ(at(parsed(ask("GET", path)), "/failure"), "(absent)") << "it was not tried yet";
  transaction = {};
  store::DeliverySettled failed;
  failed.webhook = id;
  failed.sequence = 1;
  failed.ref = {"northwind", "alert", "k0"};
  failed.due_at = clock.now() + std::chrono::minutes{5};
  failed.attempts = 3;
  failed.attempted_at = clock.now();
  failed.status = 401;
  failed.error = "The receiver answered 401.";
  transaction.outbound.settled.push_back(failed);
  commit(transaction);
  const json::object listed = parsed(ask("GET", "/v1/webhooks"));
  EXPECT_EQ(at(listed, "/webhooks/0/circuit"), "closed");
  EXPECT_EQ(at(listed, "/webhooks/0/failure/attempts"), "3");
  EXPECT_EQ(at(listed, "/webhooks/0/failure/status"), "401");
  EXPECT_EQ(at(listed, "/webhooks/0/failure/error"), "The receiver answered 401.");
}

TEST_F(Webhooks, AreNothingForAPartnersKey) {
  const std::string path = "/v1/webhooks/" + at(add(), "/id");
  EXPECT_EQ(ask("GET", "/v1/webhooks", "", northwind_key).status, 403);
  EXPECT_EQ(ask("POST", "/v1/webhooks", R"({"url":"https://h.example/"})", northwind_key).status, 403);
  for (const auto& [method, rest] : {std::pair{"GET", ""},
                                     {"PATCH", ""},
                                     {"DELETE", ""},
                                     {"POST", "/rotate"},
                                     {"POST", "/test"},
                                     {"GET", "/deliveries"},
                                     {"POST", "/replay"}})
    EXPECT_EQ(ask(method, path + rest, "{}", northwind_key).status, 403) << method << rest;
}

TEST_F(Webhooks, ChangeOnlyWhatIsGiven) {
  const std::string path =
      "/v1/webhooks/" + at(add(R"({"url":"https://a.example/","types":["ticket.closed"]})"), "/id");
  const json::object changed = parsed(ask("PATCH", path, R"({"enabled":false,"description":"later"})"));
  EXPECT_EQ(at(changed, "/enabled"), "false");
  EXPECT_EQ(at(changed, "/url"), "https://a.example/");
  EXPECT_EQ(at(changed, "/types"), R"(["ticket.closed"])");
  EXPECT_EQ(at(changed, "/version"), "2");
  EXPECT_EQ(ask("PATCH", path, R"({"url":"http://a.example/"})").status, 422);
  EXPECT_EQ(ask("PATCH", "/v1/webhooks/wh_none", R"({})").status, 404);
  EXPECT_EQ(ask("DELETE", path).status, 204);
  EXPECT_EQ(ask("GET", path).status, 404);
}

TEST_F(Webhooks, ARotatedSecretIsUsedBesideTheNewOneForItsGraceTime) {
  const json::object added = add();
  const std::string path = "/v1/webhooks/" + at(added, "/id");
  const json::object rotated = parsed(ask("POST", path + "/rotate", R"({"grace":"2h"})"));
  EXPECT_NE(at(rotated, "/secret"), at(added, "/secret"));
  const auto texts = [&](Timestamp now) {
    const auto opened = outbound::open_secrets(row(), *secrets, now);
    std::vector<std::string> found;
    for (const outbound::Secret& each : opened.value()) found.push_back(each.text);
    return found;
  };
  EXPECT_THAT(texts(clock.at + std::chrono::hours{2} - Duration{1}),
              testing::ElementsAre(at(rotated, "/secret"), at(added, "/secret")));
  EXPECT_THAT(texts(clock.at + std::chrono::hours{2}), testing::ElementsAre(at(rotated, "/secret")));
  const json::object again = parsed(ask("POST", path + "/rotate", R"({"grace":"0"})"));
  EXPECT_THAT(texts(clock.at), testing::ElementsAre(at(again, "/secret")));
  EXPECT_EQ(ask("POST", path + "/rotate", R"({"grace":"soon"})").status, 422);
  EXPECT_EQ(ask("POST", path + "/rotate", R"({"grace":"31d"})").status, 422);
}

TEST_F(Webhooks, TestsTellHowTheyFared) {
  const std::string path = "/v1/webhooks/" + at(add(), "/id") + "/test";
  const json::object well = parsed(ask("POST", path));
  EXPECT_EQ(at(well, "/delivered"), "true");
  EXPECT_EQ(at(well, "/status"), "204");
  sender.outcome = outbound::TestOutcome{false, 0, Duration{15'000}, "No answer in time."};
  const json::object ill = parsed(ask("POST", path));
  EXPECT_EQ(at(ill, "/delivered"), "false");
  EXPECT_EQ(at(ill, "/status"), "(absent)");
  EXPECT_EQ(at(ill, "/error"), "No answer in time.");
  sender.outcome = failure("webhook.unknown", "There is no such webhook.");
  EXPECT_EQ(ask("POST", path).status, 404);
}

TEST_F(Webhooks, DeadLettersAreListedAndReplayed) {
  const std::string id = at(add(), "/id"), path = "/v1/webhooks/" + id;
  make_dead_letters(id, 5);
  EXPECT_EQ(at(parsed(ask("GET", path)), "/dead"), "5");
  const json::object page = parsed(ask("GET", path + "/deliveries?state=dead&limit=2"));
  EXPECT_EQ(at(page, "/deliveries/0/record/key"), "k4");
  EXPECT_EQ(at(page, "/deliveries/0/error"), "The receiver answered 500.");
  const std::string next = at(page, "/next");
  EXPECT_EQ(next, "4");
  const json::object rest = parsed(ask("GET", path + "/deliveries?state=dead&before=" + next));
  EXPECT_EQ(rest.at("deliveries").as_array().size(), 3U);
  EXPECT_EQ(at(rest, "/next"), "(absent)");
  const std::string event = at(page, "/deliveries/0/event");
  const int before = sender.wakes;
  EXPECT_EQ(at(parsed(ask("POST", path + "/replay", R"({"event":")" + event + "\"}")), "/replayed"), "1");
  EXPECT_GT(sender.wakes, before);
  EXPECT_EQ(ask("POST", path + "/replay", R"({"event":")" + event + "\"}").status, 404);
  EXPECT_EQ(at(parsed(ask("POST", path + "/replay")), "/replayed"), "4");
  EXPECT_EQ(at(parsed(ask("GET", path)), "/waiting"), "5");
  for (const std::string query : {"?state=lost", "?limit=0", "?limit=x", "?before=x"})
    EXPECT_EQ(ask("GET", path + "/deliveries" + query).status, 422) << query;
}

TEST_F(Webhooks, AreToldAgainWhatHasHappenedSinceATime) {
  const std::string id = at(add(), "/id"), path = "/v1/webhooks/" + id;
  make_dead_letters(id, 5);
  const std::string since = R"({"since":"2026-03-01T08:00:00Z")";
  const json::object dry = parsed(ask("POST", path + "/replay", since + R"(,"dry_run":true})"));
  EXPECT_EQ(at(dry, "/would_replay"), "5");
  EXPECT_EQ(at(dry, "/replayed"), "0");
  EXPECT_EQ(at(dry, "/first_at"), "2026-03-01T08:00:00Z");
  EXPECT_EQ(at(dry, "/last_at"), "2026-03-01T08:00:00Z");
  EXPECT_EQ(at(parsed(ask("GET", path)), "/waiting"), "0") << "asking does nothing";
  EXPECT_EQ(at(parsed(ask("POST", path + "/replay", R"({"dry_run":true})")), "/would_replay"), "5") << "dead letters";
  EXPECT_EQ(at(parsed(ask("POST", path + "/replay", since + R"(,"types":["ticket.closed"]})")), "/replayed"), "0");
  EXPECT_EQ(at(parsed(ask("POST", path + "/replay",
                          R"({"since":"2026-03-01T07:00:00+00:00","until":"2026-03-01T08:00:00Z"})")),
               "/replayed"),
            "0")
      << "what has happened before `until`";
  const int before = sender.wakes;
  const json::object done = parsed(ask("POST", path + "/replay", since + "}"));
  EXPECT_EQ(at(done, "/replayed"), "5");
  EXPECT_EQ(at(done, "/already_waiting"), "0");
  EXPECT_GT(sender.wakes, before);
  const json::object again = parsed(ask("POST", path + "/replay", since + "}"));
  EXPECT_EQ(at(again, "/replayed"), "0") << "nothing is doubled";
  EXPECT_EQ(at(again, "/already_waiting"), "5");
  const json::object listed = parsed(ask("GET", path + "/deliveries"));
  EXPECT_EQ(at(listed, "/deliveries/0/state"), "waiting");
  EXPECT_EQ(at(listed, "/deliveries/0/replayed_at"), "2026-03-01T08:00:00Z");
}

TEST_F(Webhooks, RefuseAReplayThatCannotBeMeant) {
  const std::string path =
      "/v1/webhooks/" + at(add(R"({"url":"https://h.example/","types":["ticket.created"]})"), "/id") + "/replay";
  for (const auto& [body, code] :
       {std::pair{R"({"since":"yesterday"})", "webhook.replay_time"},
        {R"({"since":7})", "webhook.replay_time"},
        {R"({"since":"2026-03-01"})", "webhook.replay_time"},
        {R"({"since":"2026-03-01T08:00:01Z"})", "webhook.replay_time"},
        {R"({"since":"2026-01-30T07:59:59Z"})", "webhook.replay_too_old"},
        {R"({"since":"2026-03-01T07:00:00Z","until":"2026-03-01T07:00:00Z"})", "webhook.replay_time"},
        {R"({"since":"2026-03-01T07:00:00Z","until":"soon"})", "webhook.replay_time"},
        {R"({"until":"2026-03-01T07:00:00Z"})", "request.invalid"},
        {R"({"types":["ticket.created"]})", "request.invalid"},
        {R"({"since":"2026-03-01T07:00:00Z","types":["ticket.creatd"]})", "request.invalid"},
        {R"({"since":"2026-03-01T07:00:00Z","types":["ticket.closed"]})", "request.invalid"},
        {R"({"event":"evt_1","since":"2026-03-01T07:00:00Z"})", "request.invalid"},
        {R"({"event":"evt_1","dry_run":true})", "request.invalid"},
        {R"({"dry_run":"yes"})", "request.invalid"},
        {R"({"sinse":"2026-03-01T07:00:00Z"})", "request.invalid"}}) {
    const net::Response response = ask("POST", path, body);
    EXPECT_EQ(response.status, 422) << body;
    EXPECT_EQ(at(parsed(response), "/code"), code) << body;
    EXPECT_NE(at(parsed(response), "/action"), "(absent)") << body;
  }
  const json::object too_old = parsed(ask("POST", path, R"({"since":"2020-01-01T00:00:00Z"})"));
  EXPECT_THAT(at(too_old, "/detail"), HasSubstr("since 2026-01-30T08:00:00Z")) << "the earliest that can be asked for";
  EXPECT_EQ(ask("POST", path, R"({"since":"2026-01-30T08:00:00Z","types":["ticket.created"]})").status, 200);
  EXPECT_EQ(ask("POST", "/v1/webhooks/wh_none/replay", R"({"since":"2026-03-01T07:00:00Z"})").status, 404);
}

TEST_F(Webhooks, AreToldAgainOnlySoMuchAtOnce) {
  store::Transaction many;
  for (int i = 0; i < 12'000; ++i) {
    store::OutboundRow event;
    event.ref = {"northwind", "alert", "k" + std::to_string(i)};
    event.type = "ticket.created";
    event.at = clock.now() - std::chrono::hours{i < 6'000 ? 2 : 1};
    event.data = "{}";
    many.outbound.events.push_back(std::move(event));
  }
  commit(many);
  const std::string path = "/v1/webhooks/" + at(add(), "/id") + "/replay";
  const net::Response response = ask("POST", path, R"({"since":"2026-03-01T00:00:00Z","dry_run":true})");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(at(parsed(response), "/code"), "webhook.replay_too_many");
  EXPECT_THAT(at(parsed(response), "/action"), HasSubstr("until"));
  const json::object part =
      parsed(ask("POST", path, R"({"since":"2026-03-01T00:00:00Z","until":"2026-03-01T06:30:00Z"})"));
  EXPECT_EQ(at(part, "/replayed"), "6000") << "also what happened before the webhook was there";
  EXPECT_EQ(at(part, "/last_at"), "2026-03-01T06:00:00Z");
}

TEST_F(Webhooks, ShowThatOneHasFailedForLong) {
  const std::string id = at(add(), "/id");
  EXPECT_EQ(at(parsed(ask("GET", "/v1/webhooks/" + id)), "/failing"), "(absent)");
  outbound::Failing failing;
  failing.since = clock.now();
  failing.trouble = {"refused", "503", "The receiver answered 503."};
  store::Transaction transaction;
  transaction.outbound.standings.push_back({id, outbound::serialize(failing)});
  commit(transaction);
  const json::object listed = parsed(ask("GET", "/v1/webhooks"));
  EXPECT_EQ(at(listed, "/webhooks/0/failing/state"), "refused");
  EXPECT_EQ(at(listed, "/webhooks/0/failing/since"), "2026-03-01T08:00:00Z");
  EXPECT_EQ(at(listed, "/webhooks/0/failing/cause"), "503");
  EXPECT_EQ(at(listed, "/webhooks/0/failing/error"), "The receiver answered 503.");
  EXPECT_EQ(at(listed, "/webhooks/0/version"), "1");
}

TEST_F(Webhooks, MayWantToHearOfOtherWebhooksAndOfHiddenRows) {
  for (const std::string type :
       {"webhook.failing", "webhook.restored", "connection.rows_hidden", "connection.rows_shown"}) {
    const json::object added =
        add(json::serialize(json::object{{"url", "https://h.example/"}, {"types", json::array{json::value(type)}}}));
    EXPECT_EQ(at(added, "/types/0"), type);
  }
}

TEST_F(Webhooks, AreMeasuredEachByItself) {
  EXPECT_THAT(ask("GET", "/metrics").body, Not(HasSubstr("crosswalk_webhook")));
  const std::string id = at(add(), "/id");
  make_dead_letters(id, 2);
  sender.measured = {{id, 7, 3, 2, true, "refused", "503"}};
  const std::string metrics = ask("GET", "/metrics").body;
  for (const char* line :
       {"delivered_total{webhook=\"%\"} 7", "failed_total{webhook=\"%\"} 3", "given_up_total{webhook=\"%\"} 2",
        "dead{webhook=\"%\"} 2", "waiting{webhook=\"%\"} 0", "circuit_open{webhook=\"%\"} 1",
        "in_order{webhook=\"%\",state=\"refused\",cause=\"503\"} 0"}) {
    std::string expected = "crosswalk_webhook_" + std::string(line);
    expected.replace(expected.find('%'), 1, id);
    EXPECT_THAT(metrics, HasSubstr(expected));
  }
  EXPECT_EQ(at(parsed(ask("GET", "/v1/webhooks")), "/webhooks/0/circuit"), "open");
}

TEST_F(Webhooks, AreLimitedInNumber) {
  for (int i = 0; i < 100; ++i) add();
  const net::Response response = ask("POST", "/v1/webhooks", R"({"url":"https://h.example/"})");
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(at(parsed(response), "/code"), "webhook.too_many");
}

}  // namespace
}  // namespace crosswalk::service

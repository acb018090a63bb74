#include <chrono>

#include "app_fixture.h"
#include "base/time.h"

namespace crosswalk::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kWebhook =
    R"({"id":"wh_1","url":"https://hooks.example/x","description":"","types":[],"partners":["acme"],"enabled":true,)"
    R"("created_at":"2026-03-01T08:00:00Z","version":1,"waiting":3,"dead":2,"circuit":"open"})";

TEST_F(App, PrintsAWebhooksSecretAloneOnItsLine) {
  pretend_to_serve();
  reply(201, R"({"id":"wh_1","secret":"whsec_abc"})");
  EXPECT_EQ(client({"webhooks", "add", "--url", "https://hooks.example/x", "--events", "ticket.closed,workflow.parked",
                    "--partners", "all"}),
            0);
  EXPECT_EQ(out_.str(), "whsec_abc\n");
  EXPECT_THAT(err_.str(), HasSubstr("shown this once"));
  EXPECT_EQ(script_.requests[0].method, "POST");
  EXPECT_EQ(script_.requests[0].body,
            R"({"url":"https://hooks.example/x","types":["ticket.closed","workflow.parked"],"partners":[]})");
  reply(200, R"({"id":"wh_1","secret":"whsec_def"})");
  EXPECT_EQ(client({"webhooks", "rotate", "wh_1", "--grace", "7d"}), 0);
  EXPECT_EQ(out_.str(), "whsec_def\n");
  EXPECT_EQ(script_.requests[1].target, "http://127.0.0.1:8700/v1/webhooks/wh_1/rotate");
  EXPECT_EQ(script_.requests[1].body, R"({"grace":"7d"})");
}

TEST_F(App, ShowsHowWebhooksFare) {
  pretend_to_serve();
  reply(200, std::string(R"({"webhooks":[)") + kWebhook + "]}");
  EXPECT_EQ(client({"webhooks", "list"}), 0);
  for (const char* part : {"wh_1", "https://hooks.example/x", "all", "acme", "failing"})
    EXPECT_THAT(out_.str(), HasSubstr(part));
  reply(200, R"({"webhooks":[]})");
  EXPECT_EQ(client({"webhooks", "list"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("crosswalk webhooks add"));
  reply(200, kWebhook);
  EXPECT_EQ(client({"webhooks", "show", "wh_1"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("dead letters"));
}

TEST_F(App, ChangesOfAWebhookOnlyWhatIsGiven) {
  pretend_to_serve();
  reply(200, kWebhook);
  EXPECT_EQ(client({"webhooks", "edit", "wh_1", "--enable"}), 0);
  EXPECT_EQ(script_.requests[0].method, "PATCH");
  EXPECT_EQ(script_.requests[0].body, R"({"enabled":true})");
  reply(200, kWebhook);
  EXPECT_EQ(client({"webhooks", "edit", "wh_1", "--disable", "--description", "off for now"}), 0);
  EXPECT_EQ(script_.requests[1].body, R"({"description":"off for now","enabled":false})");
  EXPECT_EQ(client({"webhooks", "edit", "wh_1", "--disable", "--enable"}), 2);
  script_.replies.emplace_back(answer(204, ""));
  EXPECT_EQ(client({"webhooks", "remove", "wh_1"}), 0);
  EXPECT_EQ(script_.requests.back().method, "DELETE");
}

TEST_F(App, AWebhooksTestEndsWithSixWhenItWasNotTaken) {
  pretend_to_serve();
  reply(200, R"({"delivered":true,"status":204,"took_ms":12})");
  EXPECT_EQ(client({"webhooks", "test", "wh_1"}), 0);
  EXPECT_EQ(out_.str(), "Delivered in 12 ms: the receiver answered 204.\n");
  reply(200, R"({"delivered":false,"took_ms":15000,"error":"No answer in time.\u001b[31m"})");
  EXPECT_EQ(client({"webhooks", "test", "wh_1"}), 6);
  EXPECT_THAT(out_.str(), HasSubstr("No answer in time."));
  EXPECT_THAT(out_.str(), Not(HasSubstr("\x1b")));
}

TEST_F(App, ShowsDeadLettersAndReplaysThem) {
  pretend_to_serve();
  reply(200, R"({"deliveries":[{"event":"evt_1","sequence":7,"type":"ticket.closed","partner":"acme",)"
             R"("record":{"kind":"alert","key":"k"},"at":"2026-03-01T08:00:00Z","state":"dead","attempts":31,)"
             R"("error":"The receiver answered 500."}],"next":7})");
  EXPECT_EQ(client({"webhooks", "failed", "wh_1", "--limit", "1"}), 0);
  EXPECT_EQ(script_.requests[0].target, "http://127.0.0.1:8700/v1/webhooks/wh_1/deliveries?limit=1&state=dead");
  for (const char* part : {"evt_1", "ticket.closed", "alert k", "31", "answered 500"})
    EXPECT_THAT(out_.str(), HasSubstr(part));
  EXPECT_THAT(err_.str(), HasSubstr("There are more"));
  reply(200, R"({"replayed":1})");
  EXPECT_EQ(client({"webhooks", "replay", "wh_1", "--event", "evt_1"}), 0);
  EXPECT_EQ(script_.requests[1].body, R"({"event":"evt_1"})");
  EXPECT_EQ(out_.str(), "1 event waits again.\n");
  reply(404, R"({"title":"No","code":"webhook.unknown"})");
  EXPECT_EQ(client({"webhooks", "replay", "wh_2"}), 5);
}

TEST_F(App, TellsAWebhookAgainWhatHasHappenedSinceATime) {
  pretend_to_serve();
  reply(200, R"({"replayed":0,"would_replay":12,"already_waiting":1,"first_at":"2026-03-01T08:00:01Z",)"
             R"("last_at":"2026-03-01T09:00:00Z"})");
  EXPECT_EQ(client({"webhooks", "replay", "wh_1", "--since", "2026-03-01T08:00:00Z", "--dry-run"}), 0);
  EXPECT_EQ(script_.requests[0].target, "http://127.0.0.1:8700/v1/webhooks/wh_1/replay");
  EXPECT_EQ(script_.requests[0].body, R"({"since":"2026-03-01T08:00:00Z","dry_run":true})");
  EXPECT_EQ(out_.str(),
            "12 events would be sent again, of 2026-03-01 08:00:01 to 2026-03-01 09:00:00; 1 more waits already. "
            "Nothing was sent.\n");
  reply(200,
        R"({"replayed":2,"already_waiting":0,"first_at":"2026-03-01T08:00:01Z","last_at":"2026-03-01T09:00:00Z"})");
  EXPECT_EQ(client({"webhooks", "replay", "wh_1", "--since", "2026-03-01T08:00:00Z", "--until", "2026-03-01T09:30:00Z",
                    "--types", "ticket.closed,ticket.created"}),
            0);
  EXPECT_EQ(
      script_.requests[1].body,
      R"({"since":"2026-03-01T08:00:00Z","until":"2026-03-01T09:30:00Z","types":["ticket.closed","ticket.created"]})");
  EXPECT_EQ(out_.str(), "2 events wait again, of 2026-03-01 08:00:01 to 2026-03-01 09:00:00.\n");
  reply(200, R"({"replayed":0,"already_waiting":0})");
  EXPECT_EQ(client({"webhooks", "replay", "wh_1", "--since", "2h"}), 0);
  const boost::json::value body = boost::json::parse(script_.requests[2].body);
  const auto since = parse_timestamp(std::string_view(body.at("since").as_string()));
  ASSERT_TRUE(since) << "a time, whatever was typed";
  const auto ago = std::chrono::system_clock::now() - *since;
  EXPECT_GE(ago, std::chrono::hours{2});
  EXPECT_LT(ago, std::chrono::hours{3});
  EXPECT_EQ(out_.str(), "0 events wait again.\n");
}

TEST_F(App, LeavesItToTheServerToSayWhichTimesItTakes) {
  pretend_to_serve();
  reply(422, R"({"title":"Events cannot be replayed from or up to this time","code":"webhook.replay_time",)"
             R"("detail":"Must be a time","action":"Give times as 2026-03-01T08:00:00Z"})");
  EXPECT_NE(client({"webhooks", "replay", "wh_1", "--since", "yesterday"}), 0);
  EXPECT_EQ(script_.requests[0].body, R"({"since":"yesterday"})");
  EXPECT_THAT(err_.str(), HasSubstr("cannot be replayed"));
  EXPECT_EQ(client({"webhooks", "replay", "wh_1", "--since", "2h", "--event", "evt_1"}), 2);
  EXPECT_EQ(client({"webhooks", "replay", "wh_1", "--until", "2026-03-01T08:00:00Z"}), 2);
  EXPECT_EQ(client({"webhooks", "replay", "wh_1", "--types", "ticket.closed"}), 2);
  EXPECT_EQ(script_.requests.size(), 1u);
}

TEST_F(App, ShowsSinceWhenAWebhookFailsThatHasFailedForLong) {
  pretend_to_serve();
  const std::string failing =
      R"({"webhooks":[{"id":"wh_1","url":"https://h.example/","enabled":true,"waiting":0,"dead":0,"circuit":"closed",)"
      R"("failing":{"state":"refused","since":"2026-03-01T08:00:00Z","cause":"503","error":"The receiver answered 503."}}]})";
  reply(200, failing);
  EXPECT_EQ(client({"webhooks", "list"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("failing"));
  EXPECT_THAT(out_.str(), HasSubstr("refused since 2026-03-01 08:00:00 (503)"));
  ASSERT_TRUE(write_private_file(path_in(folder_, "secret.key"), "x"));
  reply(200, R"({"status":"ready"})");
  reply(200, R"({"partners":[]})");
  reply(200, failing);
  reply(200, R"({"partners":[]})");
  EXPECT_EQ(client({"doctor"}), 6);
  EXPECT_THAT(out_.str(), HasSubstr("FAIL  Webhook wh_1"));
  EXPECT_THAT(out_.str(), HasSubstr("answered 503"));
}

}  // namespace
}  // namespace crosswalk::cli

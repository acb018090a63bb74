#include "outbound/message.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/json/parse.hpp>
#include <filesystem>

#include "outbound/failing.h"

namespace crosswalk::outbound {
namespace {

store::OutboundRow event() {
  store::OutboundRow row;
  row.ref = {"acme", "alert", "v1/edr/contoso/srv/disk"};
  row.type = "ticket.created";
  row.at = *parse_timestamp("2026-03-01T08:00:00Z");
  row.data = R"({"ticket":{"id":"42"}})";
  return row;
}

TEST(Message, SaysWhatHappenedToWhich) {
  EXPECT_EQ(message_body(event()),
            R"({"type":"ticket.created","timestamp":"2026-03-01T08:00:00Z","data":{"partner":"acme","record":)"
            R"({"kind":"alert","key":"v1/edr/contoso/srv/disk"},"ticket":{"id":"42"}}})");
}

TEST(Message, SaysThatItIsReplayedAndNamesNoPartnerWhereThereIsNone) {
  EXPECT_EQ(
      message_body(event(), *parse_timestamp("2026-03-02T09:00:00Z")),
      R"({"type":"ticket.created","timestamp":"2026-03-01T08:00:00Z","replayed_at":"2026-03-02T09:00:00Z",)"
      R"("data":{"partner":"acme","record":{"kind":"alert","key":"v1/edr/contoso/srv/disk"},"ticket":{"id":"42"}}})");
  store::OutboundRow of_nobody = event();
  of_nobody.ref = {"", "webhook", "wh_1"};
  const boost::json::value body = boost::json::parse(message_body(of_nobody));
  EXPECT_FALSE(body.at("data").as_object().contains("partner"));
  EXPECT_EQ(body.at("data").at("record").at("key").as_string(), "wh_1");
}

TEST(Failing, IsToldInWordsWithoutTheAddress) {
  store::WebhookRow webhook;
  webhook.id = "wh_1";
  webhook.url = "https://hooks.example/?token=secret";
  webhook.description = "EDR";
  Failing failing;
  failing.since = *parse_timestamp("2026-03-01T08:00:00Z");
  failing.trouble = {"refused", "503", "The receiver answered 503."};
  const store::OutboundRow told = failing_event(webhook, failing, failing.since + Duration{600'000});
  EXPECT_EQ(told.type, "webhook.failing");
  EXPECT_EQ(told.ref, (store::RecordKey{"", "webhook", "wh_1"}));
  EXPECT_EQ(told.data,
            R"({"state":"refused","since":"2026-03-01T08:00:00Z","cause":"503","error":"The receiver answered 503.",)"
            R"("webhook":{"id":"wh_1","description":"EDR"}})");
  const store::OutboundRow restored = restored_event(webhook, failing, failing.since);
  EXPECT_EQ(restored.type, "webhook.restored");
  EXPECT_EQ(boost::json::parse(restored.data).at("was").at("cause").as_string(), "503");
  const auto read = parse_failing(serialize(failing));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->since, failing.since);
  EXPECT_EQ(read->trouble.state, "refused");
  EXPECT_EQ(read->trouble.message, "The receiver answered 503.");
  for (const char* broken : {"", "{", "[]", "{}", R"({"since":7})"}) EXPECT_FALSE(parse_failing(broken)) << broken;
}

TEST(Filter, TellsAWebhookNothingOfItselfAndOneOfSomePartnersNothingOfOthers) {
  store::WebhookRow webhook;
  webhook.id = "wh_1";
  webhook.types = webhook.partners = "[]";
  store::OutboundRow own = event(), other = event();
  own.type = other.type = "webhook.failing";
  own.ref = {"", "webhook", "wh_1"};
  other.ref = {"", "webhook", "wh_2"};
  EXPECT_FALSE(filter_of(webhook).wants(own));
  EXPECT_TRUE(filter_of(webhook).wants(other));
  webhook.partners = R"(["acme"])";
  EXPECT_FALSE(filter_of(webhook).wants(other));
  EXPECT_TRUE(filter_of(webhook).wants(event()));
}

TEST(Filter, TakesAllUnlessItNamesSome) {
  EXPECT_TRUE((Filter{{}, {}}.wants(event())));
  EXPECT_TRUE((Filter{{"ticket.closed", "ticket.created"}, {"acme"}}.wants(event())));
  EXPECT_FALSE((Filter{{"ticket.closed"}, {}}.wants(event())));
  EXPECT_FALSE((Filter{{}, {"fabrikam"}}.wants(event())));
}

TEST(Secrets, AnOlderOneIsUsedUntilItsGraceEndsAndOnlyForItsWebhook) {
  std::string name = (std::filesystem::temp_directory_path() / "crosswalk-message-XXXXXX").string();
  const std::string folder = ::mkdtemp(name.data());
  const net::SecretBox box = net::SecretBox::open(folder + "/key").value();
  const Timestamp until = *parse_timestamp("2026-03-02T08:00:00Z");
  store::WebhookRow webhook;
  webhook.id = "one";
  webhook.sealed_secrets = seal_secrets({{"whsec_new", {}}, {"whsec_old", until}}, "one", box);
  EXPECT_EQ(webhook.sealed_secrets.find("whsec_"), std::string::npos);
  EXPECT_EQ(open_secrets(webhook, box, until - Duration{1}).value().size(), 2U);
  const std::vector<Secret> left = open_secrets(webhook, box, until).value();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].text, "whsec_new");
  webhook.id = "other";
  EXPECT_EQ(open_secrets(webhook, box, until).error().code, "secrets.unreadable");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace crosswalk::outbound

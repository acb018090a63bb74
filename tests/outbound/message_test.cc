#include "outbound/message.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

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

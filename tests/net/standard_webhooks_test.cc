#include "net/standard_webhooks.h"

#include <gtest/gtest.h>

namespace crosswalk::net {
namespace {

constexpr std::string_view kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::int64_t kTimestamp = 1'614'265'330;
constexpr std::string_view kBody = R"({"test": 2432232314})";

TEST(StandardWebhooks, SignsAsTheReferenceLibrariesDo) {
  // The example that the specification's libraries are tested with.
  EXPECT_EQ(sign_webhook(kSecret, kId, kTimestamp, kBody).value(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(StandardWebhooks, SignsWithEachSecretOfAGraceTime) {
  const std::string newer = make_webhook_secret();
  const Headers headers =
      webhook_headers({newer, std::string(kSecret)}, kId, from_milliseconds(kTimestamp * 1'000 + 999), kBody).value();
  EXPECT_EQ(*headers.find("webhook-id"), kId);
  EXPECT_EQ(*headers.find("webhook-timestamp"), "1614265330");
  EXPECT_EQ(*headers.find("webhook-signature"),
            sign_webhook(newer, kId, kTimestamp, kBody).value() + " v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(StandardWebhooks, EverySecretIsAnotherAndOfTheRightForm) {
  const std::string one = make_webhook_secret(), other = make_webhook_secret();
  EXPECT_NE(one, other);
  EXPECT_TRUE(one.starts_with("whsec_"));
  EXPECT_EQ(one.size(), std::string_view("whsec_").size() + 44);
  EXPECT_NE(sign_webhook(one, kId, kTimestamp, kBody).value(), sign_webhook(other, kId, kTimestamp, kBody).value());
}

TEST(StandardWebhooks, RefusesWhatIsNoSecret) {
  for (const std::string_view secret :
       {"", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_!!!!", "whsec_c2hvcnQ="}) {
    const auto signature = sign_webhook(secret, kId, kTimestamp, kBody);
    ASSERT_FALSE(signature) << secret;
    EXPECT_EQ(signature.error().code, "secrets.unreadable");
  }
}

}  // namespace
}  // namespace crosswalk::net

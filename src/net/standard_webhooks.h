#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/http.h"

namespace crosswalk::net {

// Standard Webhooks (www.standardwebhooks.com): how a receiver knows that a message is from us and is not an old one.

/// A new signing secret: "whsec_" and 32 random bytes in base 64.
[[nodiscard]] std::string make_webhook_secret();

/// The value of webhook-signature for one secret: "v1," and the HMAC-SHA256 of "id.timestamp.body" in base 64. Fails
/// with "secrets.unreadable" when the secret is not one.
[[nodiscard]] Result<std::string> sign_webhook(std::string_view secret, std::string_view id, std::int64_t timestamp,
                                               std::string_view body);

/// The three headers of a message that is sent at `at`, signed with each of the secrets.
[[nodiscard]] Result<Headers> webhook_headers(const std::vector<std::string>& secrets, std::string_view id,
                                              Timestamp at, std::string_view body);

}  // namespace crosswalk::net

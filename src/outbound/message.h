#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/secrets.h"
#include "store/outbound.h"

namespace crosswalk::outbound {

/// What is posted of an event: {"type", "timestamp", "data": {"partner", "record": {"kind", "key"}, ...}}; "partner"
/// only where it is of one. `replayed_at`: when somebody has asked for it once more, told beside "timestamp".
[[nodiscard]] std::string message_body(const store::OutboundRow& event, std::optional<Timestamp> replayed_at = {});

/// Which events a webhook wants.
struct Filter {
  std::vector<std::string> types, partners;  ///< empty: all
  std::string webhook{};                     ///< whose it is: it is never told of itself
  [[nodiscard]] bool wants(const store::OutboundRow& event) const;
};
[[nodiscard]] Filter filter_of(const store::WebhookRow& webhook);

/// A webhook's signing secret, and until when it is still used beside a newer one.
struct Secret {
  std::string text;
  std::optional<Timestamp> until;
};
/// WebhookRow::sealed_secrets, newest first.
[[nodiscard]] std::string seal_secrets(const std::vector<Secret>& secrets, const std::string& webhook,
                                       const net::SecretBox& box);
/// Those that are in use at `now`; "secrets.unreadable".
[[nodiscard]] Result<std::vector<Secret>> open_secrets(const store::WebhookRow& webhook, const net::SecretBox& box,
                                                       Timestamp now);

}  // namespace crosswalk::outbound

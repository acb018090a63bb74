#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "store/outbound.h"

namespace crosswalk::outbound {

// A webhook that does not take what it is told cannot be told of that; the others are. Pure.

/// Of a message of a webhook itself: the kind of its record, whose key is the webhook's id. It is of no partner, so
/// that only webhooks of all partners are told.
inline constexpr std::string_view kWebhookKind = "webhook";

/// Why an attempt has failed.
struct Trouble {
  /// "refused": it answers, and not 2xx; "unreachable": it does not; "disabled": it answered 410; "unsigned": there is
  /// nothing that a message could be signed with.
  std::string state;
  std::string cause;    ///< the status of its answer ("503"), or a code of the catalogue
  std::string message;  ///< in words
};

/// That a webhook fails, since the first of its failures in a row.
struct Failing {
  Timestamp since{};
  Trouble trouble;
};

/// store::WebhookRow::failing. What cannot be read does not fail.
[[nodiscard]] std::string serialize(const Failing& failing);
[[nodiscard]] std::optional<Failing> parse_failing(std::string_view text);

/// "webhook.failing", for the others.
[[nodiscard]] store::OutboundRow failing_event(const store::WebhookRow& webhook, const Failing& failing, Timestamp at);
/// "webhook.restored", with what `was`.
[[nodiscard]] store::OutboundRow restored_event(const store::WebhookRow& webhook, const Failing& was, Timestamp at);

}  // namespace crosswalk::outbound

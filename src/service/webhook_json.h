#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "net/curl_transport.h"
#include "service/problem.h"
#include "store/outbound.h"

namespace crosswalk::service {

/// openapi: Webhook, without what is counted. No secret is in it.
[[nodiscard]] boost::json::object to_json(const store::WebhookRow& webhook);

/// openapi: Delivery.
[[nodiscard]] boost::json::object to_json(const store::DeliveryRow& delivery);

/// Writes what the body says (openapi: NewWebhook, WebhookChange) into the row, or says what is wrong with it. Partners
/// are not looked up.
[[nodiscard]] tl::expected<void, RequestProblem> change_webhook(store::WebhookRow& row, const boost::json::object& body,
                                                                const net::HostPolicy& hosts);

/// What somebody wants a webhook to be told once more (openapi: Replay).
struct ReplayWish {
  std::string event;                          ///< one dead letter; empty: all, or the range
  std::optional<store::OutboundRange> range;  ///< instead of dead letters
  bool dry_run = false;
};
/// `now` and `retention` tell which times can be meant. What is not said of the range is as the webhook has it.
[[nodiscard]] tl::expected<ReplayWish, RequestProblem> read_replay(const boost::json::object& body,
                                                                   const store::WebhookRow& webhook, Timestamp now,
                                                                   Duration retention);

[[nodiscard]] std::string_view to_string(store::DeliveryState state);
[[nodiscard]] std::optional<store::DeliveryState> parse_delivery_state(std::string_view text);

}  // namespace crosswalk::service

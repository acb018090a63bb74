#pragma once

#include "store/outbound.h"
#include "store/sqlite/connection.h"

namespace crosswalk::store {

// The reads of outbound.h on one connection; failures stay in the connection.

[[nodiscard]] bool read_has_webhooks(Connection& connection);
[[nodiscard]] std::vector<WebhookRow> read_webhooks(Connection& connection);
[[nodiscard]] std::vector<OutboundRow> read_outbound_after(Connection& connection, std::int64_t sequence,
                                                           std::size_t count_max);
[[nodiscard]] std::vector<DeliveryRow> read_due_deliveries(Connection& connection, const std::string& webhook,
                                                           Timestamp now, std::size_t count_max);
[[nodiscard]] std::optional<Timestamp> read_next_delivery(Connection& connection, const std::string& webhook,
                                                          Timestamp after);
[[nodiscard]] std::vector<DeliveryRow> read_delivery_list(Connection& connection,
                                                          const OutboundReads::DeliveryQuery& query);
[[nodiscard]] std::vector<OutboundReads::DeliveryCounts> read_delivery_counts(Connection& connection);
[[nodiscard]] OutboundReads::RangeCounts read_range_counts(Connection& connection, const std::string& webhook,
                                                           const OutboundRange& range);

}  // namespace crosswalk::store

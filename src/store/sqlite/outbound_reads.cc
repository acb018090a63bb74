#include "store/sqlite/outbound_reads.h"

#include <limits>

namespace crosswalk::store {
namespace {

WebhookRow webhook_of(const Statement& row) {
  return {.id = row.text(0),
          .url = row.text(1),
          .description = row.text(2),
          .types = row.text(3),
          .partners = row.text(4),
          .enabled = row.flag(5),
          .disabled_why = row.text(6),
          .sealed_secrets = row.text(7),
          .place = row.integer(8),
          .created_at = row.time(9),
          .version = row.integer(10),
          .failing = row.text(11)};
}

#define EVENT_COLUMNS "outbound.sequence, outbound.id, outbound.partner, outbound.kind, outbound.key, type, at, data"
#define DELIVERY_COLUMNS \
  EVENT_COLUMNS ", webhook, state, due_at, give_up_at, attempts, attempted_at, status, error, replayed_at"

OutboundRow event_of(const Statement& row) {
  return {.sequence = row.integer(0),
          .id = row.text(1),
          .ref = {row.text(2), row.text(3), row.text(4)},
          .type = row.text(5),
          .at = row.time(6),
          .data = row.text(7)};
}

DeliveryState state_of(const std::string& text) {
  if (text == "delivered") return DeliveryState::delivered;
  return text == "dead" ? DeliveryState::dead : DeliveryState::waiting;
}

DeliveryRow delivery_of(const Statement& row) {
  return {.webhook = row.text(8),
          .event = event_of(row),
          .state = state_of(row.text(9)),
          .due_at = row.optional_time(10),
          .give_up_at = row.time(11),
          .attempts = static_cast<int>(row.integer(12)),
          .attempted_at = row.optional_time(13),
          .status = static_cast<int>(row.integer(14)),
          .error = row.text(15),
          .replayed_at = row.optional_time(16)};
}

constexpr const char* kHasWebhooks = "SELECT EXISTS (SELECT 1 FROM webhooks)";
constexpr const char* kWebhooks = R"(
  SELECT id, url, description, types, partners, enabled, disabled_why, sealed_secrets, place, created_at, version,
    failing
  FROM webhooks ORDER BY row)";
constexpr const char* kOutboundAfter =
    "SELECT " EVENT_COLUMNS " FROM outbound WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";
constexpr const char* kDue = "SELECT " DELIVERY_COLUMNS R"(
  FROM deliveries INDEXED BY deliveries_due JOIN outbound ON outbound.sequence = deliveries.sequence
  WHERE webhook = ?1 AND due_at <= ?2 ORDER BY due_at, deliveries.sequence LIMIT ?3)";
constexpr const char* kNext = R"(
  SELECT due_at FROM deliveries INDEXED BY deliveries_due WHERE webhook = ?1 AND due_at > ?2 ORDER BY due_at LIMIT 1)";
constexpr const char* kListAll = "SELECT " DELIVERY_COLUMNS R"(
  FROM deliveries INDEXED BY deliveries_key JOIN outbound ON outbound.sequence = deliveries.sequence
  WHERE webhook = ?1 AND deliveries.sequence < ?2 ORDER BY deliveries.sequence DESC LIMIT ?3)";
constexpr const char* kListOfState = "SELECT " DELIVERY_COLUMNS R"(
  FROM deliveries INDEXED BY deliveries_key JOIN outbound ON outbound.sequence = deliveries.sequence
  WHERE webhook = ?1 AND deliveries.sequence < ?2 AND state = ?4 ORDER BY deliveries.sequence DESC LIMIT ?3)";
constexpr const char* kListDead = "SELECT " DELIVERY_COLUMNS R"(
  FROM deliveries INDEXED BY deliveries_dead JOIN outbound ON outbound.sequence = deliveries.sequence
  WHERE webhook = ?1 AND deliveries.sequence < ?2 AND state = 'dead' ORDER BY deliveries.sequence DESC LIMIT ?3)";
constexpr const char* kCounts = R"(
  SELECT id,
    (SELECT count(*) FROM deliveries INDEXED BY deliveries_waiting WHERE webhook = id AND state = 'waiting'),
    (SELECT count(*) FROM deliveries INDEXED BY deliveries_dead WHERE webhook = id AND state = 'dead')
  FROM webhooks ORDER BY row)";

// What a replay finds; outbound_writes.cc chooses in the same way.
constexpr const char* kCountRange = R"(
  SELECT count(*), min(at), max(at) FROM (
    SELECT at FROM outbound INDEXED BY outbound_at
    WHERE at >= ?2 AND at < ?3 AND sequence <= (SELECT place FROM webhooks WHERE id = ?1)
      AND (?4 = '[]' OR type IN (SELECT value FROM json_each(?4)))
      AND (?5 = '[]' OR partner IN (SELECT value FROM json_each(?5)))
      AND NOT (kind = 'webhook' AND key = ?1)
      AND NOT EXISTS (SELECT 1 FROM deliveries
        WHERE webhook = ?1 AND deliveries.sequence = outbound.sequence AND state = 'waiting')
    LIMIT ?6))";
constexpr const char* kCountRangeWaiting = R"(
  SELECT count(*) FROM outbound INDEXED BY outbound_at
  WHERE at >= ?2 AND at < ?3
    AND (?4 = '[]' OR type IN (SELECT value FROM json_each(?4)))
    AND (?5 = '[]' OR partner IN (SELECT value FROM json_each(?5)))
    AND NOT (kind = 'webhook' AND key = ?1)
    AND (sequence > (SELECT place FROM webhooks WHERE id = ?1)
      OR EXISTS (SELECT 1 FROM deliveries
        WHERE webhook = ?1 AND deliveries.sequence = outbound.sequence AND state = 'waiting')))";

std::vector<DeliveryRow> all_deliveries(Statement& statement) {
  std::vector<DeliveryRow> rows;
  while (statement.next()) rows.push_back(delivery_of(statement));
  return rows;
}

}  // namespace

bool read_has_webhooks(Connection& connection) {
  Statement statement = connection.prepare(kHasWebhooks);
  return statement.next() && statement.flag(0);
}

std::vector<WebhookRow> read_webhooks(Connection& connection) {
  Statement statement = connection.prepare(kWebhooks);
  std::vector<WebhookRow> rows;
  while (statement.next()) rows.push_back(webhook_of(statement));
  return rows;
}

std::vector<OutboundRow> read_outbound_after(Connection& connection, std::int64_t sequence, std::size_t count_max) {
  Statement statement = connection.prepare(kOutboundAfter);
  statement.with(sequence, count_max);
  std::vector<OutboundRow> rows;
  while (statement.next()) rows.push_back(event_of(statement));
  return rows;
}

std::vector<DeliveryRow> read_due_deliveries(Connection& connection, const std::string& webhook, Timestamp now,
                                             std::size_t count_max) {
  Statement statement = connection.prepare(kDue);
  return all_deliveries(statement.with(webhook, now, count_max));
}

std::optional<Timestamp> read_next_delivery(Connection& connection, const std::string& webhook, Timestamp after) {
  Statement statement = connection.prepare(kNext);
  if (!statement.with(webhook, after).next()) return std::nullopt;
  return statement.time(0);
}

std::vector<DeliveryRow> read_delivery_list(Connection& connection, const OutboundReads::DeliveryQuery& query) {
  const std::int64_t before = query.before.value_or(std::numeric_limits<std::int64_t>::max());
  if (query.state == DeliveryState::waiting || query.state == DeliveryState::delivered) {
    const std::string_view state = *query.state == DeliveryState::waiting ? "waiting" : "delivered";
    Statement statement = connection.prepare(kListOfState);
    return all_deliveries(statement.with(query.webhook, before, query.count_max, state));
  }
  Statement statement = connection.prepare(query.state ? kListDead : kListAll);
  return all_deliveries(statement.with(query.webhook, before, query.count_max));
}

OutboundReads::RangeCounts read_range_counts(Connection& connection, const std::string& webhook,
                                             const OutboundRange& range) {
  OutboundReads::RangeCounts counts;
  {
    Statement statement = connection.prepare(kCountRange);
    statement.with(webhook, range.since, range.until, range.types, range.partners, range.count_max);
    if (statement.next()) {
      counts.events = statement.integer(0);
      counts.first_at = statement.optional_time(1);
      counts.last_at = statement.optional_time(2);
    }
  }
  Statement statement = connection.prepare(kCountRangeWaiting);
  if (statement.with(webhook, range.since, range.until, range.types, range.partners).next())
    counts.waiting = statement.integer(0);
  return counts;
}

std::vector<OutboundReads::DeliveryCounts> read_delivery_counts(Connection& connection) {
  Statement statement = connection.prepare(kCounts);
  std::vector<OutboundReads::DeliveryCounts> rows;
  while (statement.next())
    rows.push_back({.webhook = statement.text(0), .waiting = statement.integer(1), .dead = statement.integer(2)});
  return rows;
}

}  // namespace crosswalk::store

#include "store/sqlite/outbound_writes.h"

#include <array>

namespace crosswalk::store {
namespace {

constexpr const char* kInsertWebhook = R"(
  INSERT INTO webhooks (id, url, description, types, partners, enabled, disabled_why, sealed_secrets, place, created_at,
    version)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbound'), 0), ?9, ?10)
  ON CONFLICT (id) DO NOTHING)";
constexpr const char* kUpdateWebhook = R"(
  UPDATE webhooks SET url = ?2, description = ?3, types = ?4, partners = ?5, enabled = ?6, disabled_why = ?7,
    sealed_secrets = ?8, version = ?10
  WHERE id = ?1 AND version = ?10 - 1 AND ?9 = ?9)";
constexpr const char* kRemoveWebhook = "DELETE FROM webhooks WHERE id = ?1 AND version = ?2";
constexpr const char* kRemoveDeliveries = "DELETE FROM deliveries WHERE webhook = ?1";
constexpr const char* kDisable =
    "UPDATE webhooks SET enabled = 0, disabled_why = ?2, version = version + 1 WHERE id = ?1 AND version = ?3 AND "
    "enabled = 1";

// Not a change of the row: its version stays, and a webhook that is gone needs none.
constexpr const char* kPutStanding = "UPDATE webhooks SET failing = ?2 WHERE id = ?1";

// The id is drawn here, so that whoever makes events needs no source of randomness.
constexpr const char* kAppend = R"(
  INSERT INTO outbound (partner, kind, key, id, type, at, data)
  SELECT ?1, ?2, ?3, 'evt_' || lower(hex(randomblob(12))), ?4, ?5, ?6
  WHERE ?7 OR EXISTS (SELECT 1 FROM records WHERE partner = ?1 AND kind = ?2 AND key = ?3 AND version = ?8))";

void append(Connection& connection, const OutboundRow& row) {
  connection.prepare(kAppend)
      .with(row.ref.partner, row.ref.kind, row.ref.key, row.type, row.at, row.data, !row.of_version.has_value(),
            row.of_version.value_or(0))
      .run();
}

constexpr const char* kMovePlace = "UPDATE webhooks SET place = ?3 WHERE id = ?1 AND place = ?2";
constexpr const char* kTake = R"(
  INSERT INTO deliveries (webhook, sequence, partner, kind, key, state, due_at, give_up_at, attempts, status, error)
  SELECT ?1, sequence, partner, kind, key, 'waiting',
    CASE WHEN EXISTS (
      SELECT 1 FROM deliveries AS older INDEXED BY deliveries_waiting
      WHERE older.webhook = ?1 AND older.partner = outbound.partner AND older.kind = outbound.kind
        AND older.key = outbound.key AND older.state = 'waiting') THEN NULL ELSE ?3 END,
    ?4, 0, 0, ''
  FROM outbound WHERE sequence = ?2)";

void take(Connection& connection, const WebhookTaken& taken) {
  connection.prepare(kMovePlace).with(taken.webhook, taken.from, taken.up_to).run();
  if (connection.failed() || connection.rows_changed() == 0) return;
  for (const std::int64_t sequence : taken.sequences)
    connection.prepare(kTake).with(taken.webhook, sequence, taken.due_at, taken.give_up_at).run();
}

std::string_view to_text(DeliveryState state) {
  constexpr std::array<std::string_view, 3> kTexts{"waiting", "delivered", "dead"};
  return kTexts[static_cast<std::size_t>(state)];
}

// One that was given up while an attempt was under way has been delivered all the same, when the attempt succeeds.
constexpr const char* kSettle = R"(
  UPDATE deliveries SET state = ?3, due_at = ?4, attempts = ?5, attempted_at = ?6, settled_at = ?7, status = ?8,
    error = ?9
  WHERE webhook = ?1 AND sequence = ?2 AND (state = 'waiting' OR (state = 'dead' AND ?3 = 'delivered')))";
constexpr const char* kPromote = R"(
  UPDATE deliveries SET due_at = ?5
  WHERE row = (SELECT row FROM deliveries INDEXED BY deliveries_waiting
      WHERE webhook = ?1 AND partner = ?2 AND kind = ?3 AND key = ?4 AND state = 'waiting' ORDER BY sequence LIMIT 1)
    AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_waiting
      WHERE webhook = ?1 AND partner = ?2 AND kind = ?3 AND key = ?4 AND state = 'waiting' AND due_at IS NOT NULL))";

void settle(Connection& connection, const DeliverySettled& settled) {
  const bool over = settled.state != DeliveryState::waiting;
  const std::string_view state = to_text(settled.state);
  std::optional<Timestamp> settled_at;
  if (over) settled_at = settled.attempted_at;
  connection.prepare(kSettle)
      .with(settled.webhook, settled.sequence, state, settled.due_at, settled.attempts, settled.attempted_at,
            settled_at, settled.status, settled.error)
      .run();
  if (!over) return;
  connection.prepare(kPromote)
      .with(settled.webhook, settled.ref.partner, settled.ref.kind, settled.ref.key, settled.attempted_at)
      .run();
}

// min() makes the other columns those of the oldest row (SQLite, "bare columns in an aggregate query").
constexpr const char* kPromoteAll = R"(
  UPDATE deliveries SET due_at = ?2 WHERE row IN (
    SELECT row FROM (SELECT row, min(sequence), count(due_at) AS due FROM deliveries INDEXED BY deliveries_waiting
      WHERE webhook = ?1 AND state = 'waiting' GROUP BY partner, kind, key) WHERE due = 0))";

/// Each record that waits and has nothing due gets its oldest delivery due.
void promote_all(Connection& connection, const std::string& webhook, Timestamp due_at) {
  connection.prepare(kPromoteAll).with(webhook, due_at).run();
}

constexpr const char* kExpire = R"(
  UPDATE deliveries INDEXED BY deliveries_waiting SET state = 'dead', due_at = NULL, settled_at = ?2,
    error = CASE error WHEN '' THEN ?3 ELSE error END
  WHERE webhook = ?1 AND state = 'waiting' AND give_up_at <= ?2)";

std::int64_t expire(Connection& connection, const DeliveriesExpired& expired) {
  connection.prepare(kExpire).with(expired.webhook, expired.at, expired.error).run();
  if (connection.failed()) return 0;
  const std::int64_t count = connection.rows_changed();
  if (count > 0) promote_all(connection, expired.webhook, expired.at);
  return count;
}

constexpr const char* kReplay = R"(
  UPDATE deliveries INDEXED BY deliveries_dead SET state = 'waiting', due_at = NULL, settled_at = NULL, attempts = 0,
    give_up_at = ?3, replayed_at = ?4
  WHERE webhook = ?1 AND state = 'dead'
    AND (?2 = '' OR EXISTS (SELECT 1 FROM outbound WHERE outbound.sequence = deliveries.sequence AND id = ?2)))";

// What became of it does not matter, but for what waits: that comes anyway.
constexpr const char* kReplayRange = R"(
  INSERT INTO deliveries (webhook, sequence, partner, kind, key, state, due_at, give_up_at, attempts, status, error,
    replayed_at)
  SELECT ?1, sequence, partner, kind, key, 'waiting', NULL, ?7, 0, 0, '', ?8
  FROM outbound INDEXED BY outbound_at
  WHERE at >= ?2 AND at < ?3 AND sequence <= (SELECT place FROM webhooks WHERE id = ?1)
    AND (?4 = '[]' OR type IN (SELECT value FROM json_each(?4)))
    AND (?5 = '[]' OR partner IN (SELECT value FROM json_each(?5)))
    AND NOT (kind = 'webhook' AND key = ?1)
    AND NOT EXISTS (SELECT 1 FROM deliveries AS waits
      WHERE waits.webhook = ?1 AND waits.sequence = outbound.sequence AND waits.state = 'waiting')
  ORDER BY sequence LIMIT ?6
  ON CONFLICT (webhook, sequence) DO UPDATE SET state = 'waiting', due_at = NULL, settled_at = NULL, attempts = 0,
    attempted_at = NULL, status = 0, error = '', give_up_at = ?7, replayed_at = ?8)";

std::int64_t replay(Connection& connection, const DeliveriesReplayed& replayed) {
  if (const auto& range = replayed.range)
    connection.prepare(kReplayRange)
        .with(replayed.webhook, range->since, range->until, range->types, range->partners, range->count_max,
              replayed.give_up_at, replayed.due_at)
        .run();
  else
    connection.prepare(kReplay).with(replayed.webhook, replayed.event, replayed.give_up_at, replayed.due_at).run();
  if (connection.failed()) return 0;
  const std::int64_t count = connection.rows_changed();
  promote_all(connection, replayed.webhook, replayed.due_at);
  return count;
}

constexpr const char* kForgetDeliveriesOf = R"(
  DELETE FROM deliveries WHERE sequence IN (
    SELECT sequence FROM outbound INDEXED BY outbound_record WHERE partner = ?1 AND kind = ?2 AND key = ?3))";
constexpr const char* kForgetEventsOf =
    "DELETE FROM outbound INDEXED BY outbound_record WHERE partner = ?1 AND kind = ?2 AND key = ?3";

void forget(Connection& connection, const RecordKey& ref) {
  for (const char* query : {kForgetDeliveriesOf, kForgetEventsOf})
    connection.prepare(query).with(ref.partner, ref.kind, ref.key).run();
}

constexpr const char* kForgetSettled = R"(
  DELETE FROM deliveries WHERE row IN (
    SELECT row FROM deliveries INDEXED BY deliveries_settled WHERE settled_at < ?1 LIMIT ?2))";
// What waits for a webhook that nobody has enabled again for so long will not be missed.
constexpr const char* kForgetAbandoned = R"(
  DELETE FROM deliveries WHERE row IN (
    SELECT deliveries.row FROM webhooks JOIN deliveries ON deliveries.webhook = webhooks.id
    WHERE webhooks.enabled = 0 AND deliveries.state = 'waiting' AND deliveries.give_up_at < ?1 LIMIT ?2))";
constexpr const char* kForgetEvents = R"(
  DELETE FROM outbound WHERE sequence IN (
    SELECT sequence FROM outbound INDEXED BY outbound_at
    WHERE at < ?1 AND NOT EXISTS (SELECT 1 FROM webhooks WHERE enabled = 1 AND place < outbound.sequence)
      AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.sequence = outbound.sequence) LIMIT ?2))";

std::int64_t sweep(Connection& connection, const OutboundSwept& swept) {
  std::int64_t rows = 0;
  for (const char* query : {kForgetSettled, kForgetAbandoned, kForgetEvents}) {
    connection.prepare(query).with(swept.before, swept.rows_max).run();
    if (connection.failed()) return 0;
    rows += connection.rows_changed();
  }
  return rows;
}

void expect_one(Connection& connection, const char* code, const char* what) {
  if (!connection.failed() && connection.rows_changed() == 0) connection.fail(Error{code, what, {}});
}
constexpr const char* kChanged = "The webhook has been changed meanwhile.";

void put(Connection& connection, const WebhookRow& row) {
  const bool is_new = row.version <= 1;
  connection.prepare(is_new ? kInsertWebhook : kUpdateWebhook)
      .with(row.id, row.url, row.description, row.types, row.partners, row.enabled, row.disabled_why,
            row.sealed_secrets, row.created_at, row.version)
      .run();
  is_new ? expect_one(connection, "store.exists", "The webhook is there already.")
         : expect_one(connection, "store.changed_meanwhile", kChanged);
  // A sweep may have forgotten the oldest of what waited while it was disabled.
  if (!connection.failed() && row.enabled) promote_all(connection, row.id, row.created_at);
}

}  // namespace

std::int64_t apply_outbound(Connection& connection, const OutboundChanges& changes) {
  for (const WebhookRow& row : changes.webhooks) put(connection, row);
  for (const OutboundChanges::Removed& each : changes.removed) {
    connection.prepare(kRemoveWebhook).with(each.webhook, each.version).run();
    expect_one(connection, "store.changed_meanwhile", kChanged);
    connection.prepare(kRemoveDeliveries).with(each.webhook).run();
  }
  for (const OutboundChanges::Disabled& each : changes.disabled)
    connection.prepare(kDisable).with(each.webhook, each.why, each.version).run();
  for (const WebhookStanding& each : changes.standings)
    connection.prepare(kPutStanding).with(each.webhook, each.failing).run();
  for (const OutboundRow& row : changes.events) append(connection, row);
  for (const WebhookTaken& taken : changes.taken) take(connection, taken);
  for (const DeliverySettled& settled : changes.settled) settle(connection, settled);
  std::int64_t touched = 0;
  for (const DeliveriesExpired& expired : changes.expired) touched += expire(connection, expired);
  for (const DeliveriesReplayed& replayed : changes.replayed) touched += replay(connection, replayed);
  for (const RecordKey& ref : changes.forgotten) forget(connection, ref);
  if (changes.swept) touched += sweep(connection, *changes.swept);
  return touched;
}

}  // namespace crosswalk::store

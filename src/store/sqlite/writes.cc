#include "store/sqlite/writes.h"

#include <algorithm>
#include <unordered_map>

#include "store/sqlite/digests.h"
#include "store/sqlite/erase.h"
#include "store/sqlite/outbound_writes.h"
#include "store/sqlite/prune.h"
#include "store/sqlite/settings_writes.h"

namespace crosswalk::store {
namespace {

struct Totals {
  std::int64_t events = 0, records = 0, links = 0;
};
using TotalsByPartner = std::unordered_map<std::string_view, Totals>;

// Events are never deleted from the end of the log, so max(sequence) + 1, which SQLite gives, has never been given
// before.
constexpr const char* kAppendEvent = R"(
  INSERT INTO events (identity, record, content, partner, source, id, type, kind, key, time, received_at, data)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
  ON CONFLICT (identity) DO NOTHING)";
constexpr const char* kEarlierEvent = "SELECT sequence, content FROM events WHERE identity = ?1";

Appended append(Connection& connection, const EventRow& row, TotalsByPartner& totals) {
  const EventIdentity identity = identity_of(row);
  const std::int64_t content = content_of(row);
  connection.prepare(kAppendEvent)
      .with(identity, record_digest({row.partner, row.kind, row.key}), content, row.partner, row.source, row.id,
            row.type, row.kind, row.key, row.time, row.received_at, row.data)
      .run();
  if (connection.failed()) return {};
  if (connection.rows_changed() == 1) {
    ++totals[row.partner].events;
    return {Appended::Kind::stored, connection.last_row()};
  }
  Statement earlier = connection.prepare(kEarlierEvent);
  if (!earlier.with(identity).next()) return {};
  const bool is_same = earlier.integer(1) == content;
  return {is_same ? Appended::Kind::duplicate : Appended::Kind::conflict, earlier.integer(0)};
}

// ?14: the version that must be there; NULL: any that is older.
constexpr const char* kUpdateRecord = R"(
  UPDATE records SET version = ?4, group_key = ?5, raised_at = ?6, open = ?7, due_at = ?8, lane = ?9, attempts = ?10,
    parked = ?11, state = ?12, needed_since = ?13
  WHERE partner = ?1 AND kind = ?2 AND key = ?3 AND version < ?4 AND version = coalesce(?14, version))";
constexpr const char* kInsertRecord = R"(
  INSERT INTO records (partner, kind, key, version, group_key, raised_at, open, due_at, lane, attempts, parked, state,
    needed_since)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 WHERE coalesce(?14, 0) = 0
  ON CONFLICT (partner, kind, key) DO NOTHING)";

void put(Connection& connection, const RecordRow& row, TotalsByPartner& totals) {
  // Two statements rather than an upsert, because an upsert does not say whether the row is new.
  for (const char* query : {kUpdateRecord, kInsertRecord}) {
    if (query == kUpdateRecord && row.based_on == 0) continue;
    connection.prepare(query)
        .with(row.ref.partner, row.ref.kind, row.ref.key, row.version, row.group_key, row.raised_at, row.open,
              row.due_at, row.lane, row.attempts, row.parked, row.state, row.needed_since, row.based_on)
        .run();
    if (connection.failed()) return;
    if (connection.rows_changed() == 0) continue;
    if (query == kInsertRecord) ++totals[row.ref.partner].records;
    return;
  }
  connection.fail(Error{"store.changed_meanwhile",
                        "The " + row.ref.kind + " \"" + row.ref.key + "\" has changed since it was read.",
                        {}});
}

constexpr const char* kSettleRecord = R"(
  UPDATE records SET due_at = ?5, parked = ?6, attempts = ?7, open = coalesce(?8, open)
  WHERE partner = ?1 AND kind = ?2 AND key = ?3 AND version = ?4)";

void settle(Connection& connection, const RecordSettled& row) {
  connection.prepare(kSettleRecord)
      .with(row.ref.partner, row.ref.kind, row.ref.key, row.version, row.due_at, row.parked, row.attempts,
            row.open ? std::optional<std::int64_t>(*row.open) : std::nullopt)
      .run();
}

constexpr const char* kUpdateLink = R"(
  UPDATE links SET provider = ?5, object_kind = ?6, object_id = ?7, external_reference = ?8, state = ?9,
    stale = CASE WHEN ?10 IS NULL THEN stale
      WHEN (SELECT version FROM records WHERE partner = ?1 AND kind = ?2 AND key = ?3) > ?10 THEN stale ELSE 0 END
  WHERE partner = ?1 AND kind = ?2 AND key = ?3 AND anchor = ?4)";
constexpr const char* kInsertLink = R"(
  INSERT INTO links (partner, kind, key, anchor, provider, object_kind, object_id, external_reference, state, stale)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0 * coalesce(?10, 0)))";

void put(Connection& connection, const LinkRow& row, TotalsByPartner& totals) {
  for (const char* query : {kUpdateLink, kInsertLink}) {
    connection.prepare(query)
        .with(row.ref.partner, row.ref.kind, row.ref.key, row.anchor, row.provider, row.object_kind, row.object_id,
              row.external_reference, row.state, row.looked_at_for)
        .run();
    if (connection.failed()) return;
    if (query == kInsertLink) ++totals[row.ref.partner].links;
    if (connection.rows_changed() > 0) return;
  }
}

constexpr const char* kAppendJournal =
    "INSERT INTO journal (partner, kind, key, at, entry) VALUES (?1, ?2, ?3, ?4, ?5)";

void append(Connection& connection, const JournalRow& row) {
  connection.prepare(kAppendJournal).with(row.ref.partner, row.ref.kind, row.ref.key, row.at, row.entry).run();
}

// The version is raised, so that a reconcile which began before the wake does not settle the record after it; what is
// due already may be in such a reconcile.
#define WAKE " SET version = version + 1, due_at = min(coalesce(due_at, ?1), ?1) "
constexpr const char* kWakeParked =
    "UPDATE records INDEXED BY records_parked" WAKE "WHERE partner = ?2 AND parked <> ''";
constexpr const char* kWakeParkedOfAll = "UPDATE records INDEXED BY records_parked" WAKE "WHERE parked <> ''";
constexpr const char* kWakeOpen = "UPDATE records INDEXED BY records_key" WAKE
                                  "WHERE partner = ?2 AND (open = 1 OR parked <> '' OR due_at IS NOT NULL)";
constexpr const char* kWakeOpenOfAll = "UPDATE records" WAKE "WHERE open = 1 OR parked <> '' OR due_at IS NOT NULL";
constexpr const char* kWakeAll = "UPDATE records INDEXED BY records_key" WAKE "WHERE partner = ?2";
constexpr const char* kWakeAllOfAll = "UPDATE records" WAKE;
constexpr const char* kWakeParkedAlerts =
    "UPDATE records INDEXED BY records_parked" WAKE
    "WHERE partner = ?2 AND parked <> '' AND kind IN ('alert', 'group') AND ?3 = ?3";
/// What is due already may have been read, and be on its way to be parked for the very reason that has just gone.
constexpr const char* kWakeDueAlerts = "UPDATE records INDEXED BY records_due" WAKE
                                       "WHERE partner = ?2 AND lane IN (-4, -3, -2, -1, 0) AND due_at IS NOT NULL AND "
                                       "due_at <= ?1 AND kind IN ('alert', 'group')";
constexpr const char* kWakeAlertsOfDevice =
    "UPDATE records INDEXED BY records_key" WAKE
    "WHERE partner = ?2 AND kind = 'alert' AND open = 1 AND instr(state, ?3) > 0";
/// What is due already is on its way; a wake would only make its end void, and those that succeed would wake each other
/// for ever.
constexpr const char* kWakeParkedFor =
    "UPDATE records INDEXED BY records_parked" WAKE
    "WHERE partner = ?2 AND parked <> '' AND instr(parked, ?3) > 0 AND (due_at IS NULL OR due_at > ?1)";
constexpr const char* kWakeTaken =
    "UPDATE records INDEXED BY records_parked" WAKE
    "WHERE partner = ?2 AND parked <> '' AND kind = ?3 AND instr(parked, '\"object.taken\"') > 0";
constexpr const char* kWakeKind = "UPDATE records INDEXED BY records_key" WAKE "WHERE partner = ?2 AND kind = ?3";
constexpr const char* kWakeCustomer =
    "UPDATE records INDEXED BY records_group" WAKE "WHERE partner = ?2 AND group_key = ?3 AND group_key <> ''";
constexpr const char* kWakeGroup =
    "UPDATE records INDEXED BY records_key" WAKE "WHERE partner = ?2 AND kind = 'group' AND key = ?3 AND open = 1";
constexpr const char* kWakeGroupMembers = "UPDATE records INDEXED BY records_group" WAKE
                                          "WHERE partner = ?2 AND group_key = ?3 AND group_key <> '' AND open = 1";

/// Of those that name what they wake; null for the others.
const char* query_of_some(Wake::Which which) {
  switch (which) {
    case Wake::Which::group:
      return kWakeGroup;
    case Wake::Which::group_members:
      return kWakeGroupMembers;
    case Wake::Which::parked_alerts:
      return kWakeParkedAlerts;
    case Wake::Which::alerts_of_device:
      return kWakeAlertsOfDevice;
    case Wake::Which::parked_for:
      return kWakeParkedFor;
    case Wake::Which::taken:
      return kWakeTaken;
    case Wake::Which::kind:
      return kWakeKind;
    case Wake::Which::customer:
      return kWakeCustomer;
    case Wake::Which::parked:
    case Wake::Which::open:
    case Wake::Which::all:
      break;
  }
  return nullptr;
}

constexpr const char* kMarkStale =
    "UPDATE links INDEXED BY links_object SET stale = 1 WHERE partner = ?1 AND object_kind = ?2 AND object_id = ?3";
constexpr const char* kWakeChanged = "UPDATE records INDEXED BY records_key" WAKE R"(
  WHERE partner = ?2 AND (kind, key) IN (SELECT kind, key FROM links INDEXED BY links_object
    WHERE partner = ?2 AND object_kind = ?3 AND object_id = ?4))";

void apply(Connection& connection, const Changed& changed) {
  connection.prepare(kMarkStale).with(changed.partner, changed.object_kind, changed.object_id).run();
  if (connection.failed() || connection.rows_changed() == 0) return;
  connection.prepare(kWakeChanged).with(changed.at, changed.partner, changed.object_kind, changed.object_id).run();
}

constexpr const char* kPutSweep = R"(
  INSERT INTO sweeps (partner, kind, changed_until, compared_at) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (partner, kind) DO UPDATE SET changed_until = ?3, compared_at = ?4)";

void put(Connection& connection, const SweepRow& row) {
  connection.prepare(kPutSweep).with(row.partner, row.kind, row.changed_until, row.compared_at).run();
}

constexpr const char* kPutCallback = R"(
  INSERT INTO callbacks (partner, kind, entry, made_at, checked_at, heard_at, missed_since, missed, problem)
  VALUES (?1, ?2, ?3, ?4, ?5, NULL, NULL, 0, ?6)
  ON CONFLICT (partner, kind) DO UPDATE SET entry = ?3, made_at = ?4, checked_at = ?5, problem = ?6,
    heard_at = CASE made_at WHEN ?4 THEN heard_at END, missed_since = CASE made_at WHEN ?4 THEN missed_since END,
    missed = CASE made_at WHEN ?4 THEN missed ELSE 0 END)";

void put(Connection& connection, const CallbackRow& row) {
  connection.prepare(kPutCallback)
      .with(row.partner, row.kind, row.entry, row.made_at, row.checked_at, row.problem)
      .run();
}

constexpr const char* kHearCallback =
    "UPDATE callbacks SET heard_at = ?3, missed_since = ?4, missed = ?5 WHERE partner = ?1 AND kind = ?2";

void hear(Connection& connection, const CallbackRow& row) {
  connection.prepare(kHearCallback).with(row.partner, row.kind, row.heard_at, row.missed_since, row.missed).run();
}

constexpr const char* kPutOffer = R"(
  INSERT INTO offers (partner, kind, object_id, digest) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (partner, kind, object_id) DO UPDATE SET digest = ?4)";

void put(Connection& connection, const OfferRow& row) {
  connection.prepare(kPutOffer).with(row.partner, row.kind, row.object_id, row.digest).run();
}

constexpr const char* kPutConnection = R"(
  INSERT INTO connections (partner, state, since, code, message, reached_at, hidden) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
  ON CONFLICT (partner) DO UPDATE SET state = ?2, since = ?3, code = ?4, message = ?5, reached_at = ?6, hidden = ?7)";

void put(Connection& connection, const ConnectionRow& row) {
  connection.prepare(kPutConnection)
      .with(row.partner, row.state, row.since, row.code, row.message, row.reached_at, row.hidden)
      .run();
}

void apply(Connection& connection, const Wake& wake) {
  if (const char* of_some = query_of_some(wake.which)) {
    std::string key = wake.key;
    if (wake.which == Wake::Which::customer) key = customer_group(wake.key);
    if (wake.which == Wake::Which::parked_for) key = R"("code":")" + wake.key + '"';
    connection.prepare(of_some).with(wake.due_at, wake.partner, key).run();
    if (wake.which == Wake::Which::parked_alerts)
      connection.prepare(kWakeDueAlerts).with(wake.due_at, wake.partner).run();
    return;
  }
  struct Queries {
    const char* of_partner;
    const char* of_all;
  };
  const Queries queries = wake.which == Wake::Which::parked ? Queries{kWakeParked, kWakeParkedOfAll}
                          : wake.which == Wake::Which::open ? Queries{kWakeOpen, kWakeOpenOfAll}
                                                            : Queries{kWakeAll, kWakeAllOfAll};
  if (wake.partner.empty()) {
    connection.prepare(queries.of_all).with(wake.due_at).run();
  } else {
    connection.prepare(queries.of_partner).with(wake.due_at, wake.partner).run();
  }
}

// Looking earlier than need be is harmless: what is not due yet says so again. The version is raised as by a wake: what
// is being reconciled at this moment settles by the old time, and must not.
constexpr const char* kDueEarlier = R"(
  UPDATE records INDEXED BY records_due
  SET version = version + 1, due_at = CASE WHEN due_at > ?1 THEN max(?1, due_at - ?2) ELSE due_at END
  WHERE due_at IS NOT NULL)";

void apply(Connection& connection, const ClockSetBack& back) {
  connection.prepare(kDueEarlier).with(back.now, static_cast<std::int64_t>(back.by.count())).run();
}

constexpr const char* kSetRestoredAt = "UPDATE progress SET restored_at = nullif(?1, 0) WHERE id = 1";
constexpr const char* kSetFoldCursor = "UPDATE progress SET fold_cursor = ?1 WHERE id = 1";

Committed apply(Connection& connection, const Transaction& transaction, TotalsByPartner& totals) {
  Committed committed;
  committed.events.reserve(transaction.events.size());
  committed.mapping_versions = apply_settings(connection, transaction);
  for (const EventRow& row : transaction.events) committed.events.push_back(append(connection, row, totals));
  for (const RecordRow& row : transaction.records) put(connection, row, totals);
  for (const RecordSettled& row : transaction.settled) settle(connection, row);
  for (const LinkRow& row : transaction.links) put(connection, row, totals);
  for (const JournalRow& row : transaction.journal) append(connection, row);
  if (!transaction.outbound.empty()) committed.outbound_touched = apply_outbound(connection, transaction.outbound);
  for (const Wake& wake : transaction.wakes) apply(connection, wake);
  for (const Changed& each : transaction.changed) apply(connection, each);
  for (const SweepRow& row : transaction.sweeps) put(connection, row);
  for (const CallbackRow& row : transaction.callbacks) put(connection, row);
  for (const CallbackRow& row : transaction.callbacks_heard) hear(connection, row);
  for (const OfferRow& row : transaction.offers) put(connection, row);
  for (const ConnectionRow& row : transaction.connections) put(connection, row);
  if (transaction.prune) {
    const Pruned pruned = prune(connection, *transaction.prune);
    committed.pruned = pruned.rows;
    committed.pruned_all = pruned.all;
  }
  if (transaction.erased) {
    const Pruned pruned = erase(connection, *transaction.erased);
    committed.pruned += pruned.rows;
    committed.pruned_all = committed.pruned_all && pruned.all;
  }
  if (transaction.clock_set_back) apply(connection, *transaction.clock_set_back);
  if (transaction.restored_at) connection.prepare(kSetRestoredAt).with(*transaction.restored_at).run();
  if (transaction.fold_cursor) connection.prepare(kSetFoldCursor).with(*transaction.fold_cursor).run();
  apply_audit(connection, transaction);
  return committed;
}

constexpr const char* kAddTotals = R"(
  INSERT INTO totals (partner, events, records, links) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (partner) DO UPDATE SET events = events + ?2, records = records + ?3, links = links + ?4)";

constexpr const char* kBegin = "BEGIN IMMEDIATE";
constexpr const char* kCommit = "COMMIT";

}  // namespace

Result<std::vector<Committed>> commit(Connection& connection, std::span<const Transaction* const> transactions) {
  std::vector<Committed> committed;
  committed.reserve(transactions.size());
  TotalsByPartner totals;
  connection.prepare(kBegin).run();
  for (const Transaction* transaction : transactions) {
    committed.push_back(apply(connection, *transaction, totals));
    if (connection.failed()) return tl::unexpected(connection.take_error());
  }
  for (const auto& [partner, added] : totals) {
    connection.prepare(kAddTotals).with(partner, added.events, added.records, added.links).run();
  }
  connection.prepare(kCommit).run();
  if (connection.failed()) return tl::unexpected(connection.take_error());
  // Of whom all is erased nothing is left in the write-ahead log either.
  const bool erased =
      std::ranges::any_of(transactions, [](const Transaction* each) { return each->erased.has_value(); });
  if (erased && std::ranges::any_of(committed, &Committed::pruned_all)) connection.empty_log();
  return committed;
}

}  // namespace crosswalk::store

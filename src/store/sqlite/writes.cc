#include "store/sqlite/writes.h"

#include <algorithm>
#include <unordered_map>

#include "store/sqlite/digests.h"
#include "store/sqlite/erase.h"
#include "store/sqlite/outbound_writes.h"
#include "store/sqlite/parked_text.h"
#include "store/sqlite/prune.h"
#include "store/sqlite/settings_writes.h"
#include "store/sqlite/wakes.h"

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

// ?16: the version that must be there; NULL: any that is older.
constexpr const char* kUpdateRecord = R"(
  UPDATE records SET version = ?4, group_key = ?5, raised_at = ?6, open = ?7, due_at = ?8, lane = ?9, attempts = ?10,
    parked_code = ?11, state = ?12, needed_since = ?13, parked = ?14, refers_to = ?15
  WHERE partner = ?1 AND kind = ?2 AND key = ?3 AND version < ?4 AND version = coalesce(?16, version))";
constexpr const char* kInsertRecord = R"(
  INSERT INTO records (partner, kind, key, version, group_key, raised_at, open, due_at, lane, attempts, parked_code,
    state, needed_since, parked, refers_to)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15 WHERE coalesce(?16, 0) = 0
  ON CONFLICT (partner, kind, key) DO NOTHING)";

void put(Connection& connection, const RecordRow& row, TotalsByPartner& totals) {
  const std::string parked = parked_text(row.parked);
  // Two statements rather than an upsert, because an upsert does not say whether the row is new.
  for (const char* query : {kUpdateRecord, kInsertRecord}) {
    if (query == kUpdateRecord && row.based_on == 0) continue;
    connection.prepare(query)
        .with(row.ref.partner, row.ref.kind, row.ref.key, row.version, row.group_key, row.raised_at, row.open,
              row.due_at, row.lane, row.attempts, row.parked.code, row.state, row.needed_since, parked, row.refers_to,
              row.based_on)
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
  UPDATE records SET due_at = ?5, parked_code = ?6, attempts = ?7, open = coalesce(?8, open), parked = ?9
  WHERE partner = ?1 AND kind = ?2 AND key = ?3 AND version = ?4)";

void settle(Connection& connection, const RecordSettled& row) {
  const std::string parked = parked_text(row.parked);
  connection.prepare(kSettleRecord)
      .with(row.ref.partner, row.ref.kind, row.ref.key, row.version, row.due_at, row.parked.code, row.attempts,
            row.open ? std::optional<std::int64_t>(*row.open) : std::nullopt, parked)
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
constexpr const char* kFoldedTo = "UPDATE folded SET sequence = ?1 WHERE slot % ?2 = ?3 AND sequence < ?1";

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
  if (const auto& to = transaction.folded)
    connection.prepare(kFoldedTo)
        .with(to->sequence, std::int64_t{to->share.every}, std::int64_t{to->share.first})
        .run();
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

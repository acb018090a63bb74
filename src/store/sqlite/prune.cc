#include "store/sqlite/prune.h"

#include <algorithm>
#include <limits>

#include "store/sqlite/digests.h"

namespace crosswalk::store {
namespace {

constexpr const char* kPlace = "SELECT place FROM prune_places WHERE name = ?1";
constexpr const char* kMovePlace =
    "INSERT INTO prune_places (name, place) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET place = ?2";
constexpr const char* kLessTotals =
    "UPDATE totals SET events = events - ?2, records = records - ?3, links = links - ?4 WHERE partner = ?1";

// The logs are written in the order of time, so the first row that is not old ends the walk. The newest event stays in
// any case: its sequence must not be given a second time. What is not folded yet is in no state, and needed all the
// more.
constexpr const char* kEvents = R"(
  SELECT sequence, partner, kind, key, received_at, time, sequence = (SELECT max(sequence) FROM events) FROM events
  WHERE sequence > ?1 AND sequence <= (SELECT min(sequence) FROM folded) ORDER BY sequence LIMIT ?2)";
constexpr const char* kNeeded = R"(
  SELECT 1 FROM records WHERE partner = ?1 AND kind = ?2 AND key = ?3 AND (needed_since IS NULL OR needed_since <= ?4))";
constexpr const char* kDeleteEvent = "DELETE FROM events WHERE sequence = ?1";

constexpr const char* kEntries =
    "SELECT sequence, partner, kind, key, at FROM journal WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";
constexpr const char* kUnfinished = R"(
  SELECT 1 FROM records WHERE partner = ?1 AND kind = ?2 AND key = ?3
    AND (parked_code <> '' OR due_at IS NOT NULL OR (open = 1 AND kind = ?4)))";
constexpr const char* kDeleteEntry = "DELETE FROM journal WHERE sequence = ?1";

constexpr const char* kRecords = R"(
  SELECT row, partner, kind, key, open = 0 AND due_at IS NULL AND parked_code = '' FROM records WHERE row > ?1
  ORDER BY row LIMIT ?2)";
constexpr const char* kHeardOfSince = R"(
  SELECT 1 FROM events INDEXED BY events_record
  WHERE record = ?1 AND partner = ?2 AND kind = ?3 AND key = ?4 AND received_at >= ?5 LIMIT 1)";
constexpr const char* kDoneSince =
    "SELECT 1 FROM journal INDEXED BY journal_record WHERE partner = ?1 AND kind = ?2 AND key = ?3 AND at >= ?4 LIMIT "
    "1";
constexpr const char* kDeleteEvents = R"(
  DELETE FROM events WHERE record = ?1 AND partner = ?2 AND kind = ?3 AND key = ?4
    AND sequence < (SELECT max(sequence) FROM events))";
constexpr const char* kDeleteRecord = "DELETE FROM records WHERE row = ?1";
constexpr const char* kDeleteLinks = "DELETE FROM links WHERE partner = ?1 AND kind = ?2 AND key = ?3";
constexpr const char* kDeleteEntries = "DELETE FROM journal WHERE partner = ?1 AND kind = ?2 AND key = ?3";

constexpr const char* kDeleteAudit = R"(
  DELETE FROM audit WHERE sequence IN (SELECT sequence FROM audit ORDER BY sequence LIMIT ?2)
    AND at < ?1 AND sequence < (SELECT max(sequence) FROM audit))";
constexpr const char* kDeletePlans =
    "DELETE FROM plans WHERE rowid IN (SELECT rowid FROM plans INDEXED BY plans_expiry WHERE expires_at < ?1 LIMIT ?2)";

/// A walk through a table: where it stands, and where it goes on next time.
class Walk {
 public:
  Walk(Connection& connection, std::string_view name) : connection_(connection), name_(name) {
    Statement statement = connection.prepare(kPlace);
    if (statement.with(name).next()) place_ = statement.integer(0);
  }
  [[nodiscard]] std::int64_t place() const { return place_; }
  /// `ended`: it begins anew next time.
  void move(std::int64_t place, bool ended) {
    connection_.prepare(kMovePlace).with(name_, ended ? std::int64_t{0} : place).run();
  }

 private:
  Connection& connection_;
  std::string_view name_;
  std::int64_t place_ = 0;
};

struct Row {
  std::int64_t place = 0;
  RecordKey ref;
  Timestamp time{};
  bool flag = false;
};

struct OldRows {
  std::vector<Row> rows;
  bool more = false;  ///< the next ones may be old too
};

/// Rows of a log from `place` on that are older than `before`. `query`: place and limit; sequence, partner, kind, key
/// and when it was written; of events also their time, and whether it is the newest.
OldRows old_rows(Connection& connection, const char* query, std::int64_t place, Timestamp before, std::size_t count_max,
                 bool events) {
  OldRows old;
  Statement statement = connection.prepare(query);
  statement.with(place, count_max);
  while (statement.next()) {
    if (statement.time(4) >= before) return old;
    old.rows.push_back({statement.integer(0),
                        {statement.text(1), statement.text(2), statement.text(3)},
                        events ? statement.time(5) : Timestamp{},
                        events && statement.flag(6)});
  }
  old.more = old.rows.size() == count_max;
  return old;
}

void prune_events(Connection& connection, Timestamp before, std::size_t rows_max, Pruned& pruned) {
  Walk walk(connection, "events");
  const OldRows old = old_rows(connection, kEvents, walk.place(), before, rows_max, true);
  for (const Row& row : old.rows) {
    // What was forgotten is an empty row without a key. It stays: sent again, it must not bring a person back.
    if (row.flag || row.ref.key.empty()) continue;
    {
      Statement needed = connection.prepare(kNeeded);
      if (needed.with(row.ref.partner, row.ref.kind, row.ref.key, row.time).next()) continue;
    }
    connection.prepare(kDeleteEvent).with(row.place).run();
    connection.prepare(kLessTotals).with(row.ref.partner, 1, 0, 0).run();
    ++pruned.rows;
  }
  walk.move(old.rows.empty() ? 0 : old.rows.back().place, !old.more);
  pruned.all = pruned.all && !old.more;
}

void prune_journal(Connection& connection, Timestamp before, std::span<const std::string> closed_kinds,
                   std::size_t rows_max, Pruned& pruned) {
  Walk walk(connection, "journal");
  const OldRows old = old_rows(connection, kEntries, walk.place(), before, rows_max, false);
  for (const Row& row : old.rows) {
    // Of the kinds that close, what is open is told from its beginning on.
    const bool closes = std::ranges::find(closed_kinds, row.ref.kind) != closed_kinds.end();
    {
      Statement unfinished = connection.prepare(kUnfinished);
      if (unfinished.with(row.ref.partner, row.ref.kind, row.ref.key, closes ? row.ref.kind : std::string()).next())
        continue;
    }
    connection.prepare(kDeleteEntry).with(row.place).run();
    ++pruned.rows;
  }
  walk.move(old.rows.empty() ? 0 : old.rows.back().place, !old.more);
  pruned.all = pruned.all && !old.more;
}

std::int64_t delete_record(Connection& connection, const Row& row) {
  const RecordKey& ref = row.ref;
  connection.prepare(kDeleteEvents).with(record_digest(ref), ref.partner, ref.kind, ref.key).run();
  const std::int64_t events = connection.rows_changed();
  connection.prepare(kDeleteLinks).with(ref.partner, ref.kind, ref.key).run();
  const std::int64_t links = connection.rows_changed();
  connection.prepare(kDeleteEntries).with(ref.partner, ref.kind, ref.key).run();
  const std::int64_t entries = connection.rows_changed();
  connection.prepare(kDeleteRecord).with(row.place).run();
  connection.prepare(kLessTotals).with(ref.partner, events, 1, links).run();
  return events + links + entries + 1;
}

/// Whether anything was heard of the record, or done for it, since.
bool is_recent(Connection& connection, const RecordKey& ref, Timestamp since) {
  Statement heard = connection.prepare(kHeardOfSince);
  if (heard.with(record_digest(ref), ref.partner, ref.kind, ref.key, since).next()) return true;
  Statement done = connection.prepare(kDoneSince);
  return done.with(ref.partner, ref.kind, ref.key, since).next();
}

void prune_closed(Connection& connection, const Prune& prune, Pruned& pruned) {
  Walk walk(connection, "closed");
  std::vector<Row> rows;
  {
    Statement statement = connection.prepare(kRecords);
    statement.with(walk.place(), prune.rows_max);
    while (statement.next())
      rows.push_back(
          {statement.integer(0), {statement.text(1), statement.text(2), statement.text(3)}, {}, statement.flag(4)});
  }
  for (const Row& row : rows) {
    const RecordKey& ref = row.ref;
    if (!row.flag || std::ranges::find(prune.closed_kinds, ref.kind) == prune.closed_kinds.end()) continue;
    if (is_recent(connection, ref, *prune.closed_before)) continue;
    pruned.rows += delete_record(connection, row);
  }
  const bool more = rows.size() == prune.rows_max;
  walk.move(rows.empty() ? 0 : rows.back().place, !more);
  pruned.all = pruned.all && !more;
}

}  // namespace

Pruned prune(Connection& connection, const Prune& prune) {
  Pruned pruned;
  if (prune.events_before) prune_events(connection, *prune.events_before, prune.rows_max, pruned);
  if (prune.journal_before)
    prune_journal(connection, *prune.journal_before, prune.closed_kinds, prune.rows_max, pruned);
  if (prune.closed_before) prune_closed(connection, prune, pruned);
  if (prune.audit_before) {
    // Oldest first, as they were written.
    connection.prepare(kDeleteAudit).with(*prune.audit_before, prune.rows_max).run();
    const std::int64_t acts = connection.rows_changed();
    pruned.rows += acts;
    pruned.all = pruned.all && acts < static_cast<std::int64_t>(prune.rows_max);
  }
  if (prune.plans_before) {
    connection.prepare(kDeletePlans).with(*prune.plans_before, prune.rows_max).run();
    const std::int64_t plans = connection.rows_changed();
    pruned.rows += plans;
    pruned.all = pruned.all && plans < static_cast<std::int64_t>(prune.rows_max);
  }
  return pruned;
}

}  // namespace crosswalk::store

#include "store/sqlite/erase.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "store/sqlite/digests.h"

namespace crosswalk::store {
namespace {

constexpr const char* kRecords = "SELECT kind, key FROM records WHERE partner = ?1 ORDER BY kind, key LIMIT ?2";
constexpr const char* kDeleteEventsOf =
    "DELETE FROM events WHERE record = ?1 AND partner = ?2 AND kind = ?3 AND key = ?4"
    " AND sequence < (SELECT max(sequence) FROM events)";
constexpr std::array<const char*, 3> kDeletesOfRecord{
    "DELETE FROM links WHERE partner = ?1 AND kind = ?2 AND key = ?3",
    "DELETE FROM journal WHERE partner = ?1 AND kind = ?2 AND key = ?3",
    "DELETE FROM records WHERE partner = ?1 AND kind = ?2 AND key = ?3"};

/// Tables that may still hold many rows once the records are gone.
constexpr std::array<const char*, 6> kPieces{
    "DELETE FROM links WHERE row IN (SELECT row FROM links WHERE partner = ?1 LIMIT ?2)",
    "DELETE FROM journal WHERE sequence IN (SELECT sequence FROM journal WHERE partner = ?1 LIMIT ?2)",
    "DELETE FROM deliveries WHERE row IN (SELECT row FROM deliveries WHERE partner = ?1 LIMIT ?2)",
    "DELETE FROM outbound WHERE sequence IN (SELECT sequence FROM outbound WHERE partner = ?1 LIMIT ?2)",
    "DELETE FROM plans WHERE rowid IN (SELECT rowid FROM plans WHERE partner = ?1 LIMIT ?2)",
    "DELETE FROM mappings WHERE rowid IN (SELECT rowid FROM mappings WHERE partner = ?1 LIMIT ?2)"};
constexpr std::array<const char*, 8> kRest{
    "DELETE FROM connections WHERE partner = ?1", "DELETE FROM settings WHERE name = 'intake/' || ?1",
    "DELETE FROM sweeps WHERE partner = ?1",      "DELETE FROM callbacks WHERE partner = ?1",
    "DELETE FROM offers WHERE partner = ?1",      "DELETE FROM api_keys WHERE partner = ?1",
    "DELETE FROM totals WHERE partner = ?1",      "DELETE FROM partners WHERE id = ?1"};

// No index leads from a partner to its events, so what no record has led to is found by a walk through all of them.
constexpr const char* kPlace = "SELECT place FROM prune_places WHERE name = ?1";
constexpr const char* kMovePlace =
    "INSERT INTO prune_places (name, place) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET place = ?2";
constexpr const char* kForgetPlace = "DELETE FROM prune_places WHERE name = ?1";
constexpr const char* kWalkEnd =
    "SELECT max(sequence) FROM (SELECT sequence FROM events WHERE sequence > ?1"
    " ORDER BY sequence LIMIT ?2)";
constexpr const char* kDeleteWalked =
    "DELETE FROM events WHERE sequence > ?2 AND sequence <= ?3 AND partner = ?1"
    " AND sequence < (SELECT max(sequence) FROM events)";
/// The newest row stays, emptied: its sequence must not be given a second time.
constexpr const char* kEmptyNewest =
    "UPDATE events SET identity = randomblob(16), record = 0, partner = '', source = '', id = '', key = '', data = '{}'"
    " WHERE partner = ?1 AND sequence = (SELECT max(sequence) FROM events)";
constexpr std::size_t kWalkedPerRow = 20;  ///< looking at a row costs less than deleting one

std::int64_t erase_records(Connection& connection, const PartnerErased& erased) {
  std::vector<RecordKey> keys;
  {
    Statement statement = connection.prepare(kRecords);
    statement.with(erased.partner, erased.rows_max);
    while (statement.next()) keys.push_back({erased.partner, statement.text(0), statement.text(1)});
  }
  std::int64_t rows = 0;
  for (const RecordKey& key : keys) {
    connection.prepare(kDeleteEventsOf).with(record_digest(key), key.partner, key.kind, key.key).run();
    rows += connection.rows_changed();
    for (const char* each : kDeletesOfRecord) {
      connection.prepare(each).with(key.partner, key.kind, key.key).run();
      rows += connection.rows_changed();
    }
  }
  return rows;
}

/// Answers whether the end of the log was reached.
bool walk_events(Connection& connection, const PartnerErased& erased, std::int64_t& rows) {
  const std::string name = "erase " + erased.partner;
  std::int64_t place = 0, end = 0;
  {
    Statement statement = connection.prepare(kPlace);
    if (statement.with(name).next()) place = statement.integer(0);
  }
  {
    Statement statement = connection.prepare(kWalkEnd);
    if (statement.with(place, erased.rows_max * kWalkedPerRow).next()) end = statement.integer(0);
  }
  if (end <= place) {
    connection.prepare(kEmptyNewest).with(erased.partner).run();
    connection.prepare(kForgetPlace).with(name).run();
    return true;
  }
  connection.prepare(kDeleteWalked).with(erased.partner, place, end).run();
  rows += connection.rows_changed();
  connection.prepare(kMovePlace).with(name, end).run();
  return false;
}

}  // namespace

Pruned erase(Connection& connection, const PartnerErased& erased) {
  Pruned pruned{erase_records(connection, erased), false};
  if (pruned.rows > 0) return pruned;
  for (const char* piece : kPieces) {
    connection.prepare(piece).with(erased.partner, erased.rows_max).run();
    pruned.rows += connection.rows_changed();
    if (pruned.rows > 0) return pruned;
  }
  if (!walk_events(connection, erased, pruned.rows)) return pruned;
  for (const char* rest : kRest) {
    connection.prepare(rest).with(erased.partner).run();
    pruned.rows += connection.rows_changed();
  }
  pruned.all = true;
  return pruned;
}

}  // namespace crosswalk::store

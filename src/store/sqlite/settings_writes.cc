#include "store/sqlite/settings_writes.h"

namespace crosswalk::store {
namespace {

/// What was written over is not what its author has read.
void expect_change(Connection& connection, const std::string& what) {
  if (connection.failed() || connection.rows_changed() > 0) return;
  connection.fail(Error{"store.changed_meanwhile", what + " has been changed meanwhile.", {}});
}

void expect_new(Connection& connection, const std::string& what) {
  if (connection.failed() || connection.rows_changed() > 0) return;
  connection.fail(Error{"store.exists", what + " is there already.", {}});
}

constexpr const char* kInsertPartner = R"(
  INSERT INTO partners (id, name, paused, settings, sealed_credentials, created_at, version)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING)";
constexpr const char* kUpdatePartner = R"(
  UPDATE partners SET name = ?2, paused = ?3, settings = ?4, sealed_credentials = ?5, created_at = ?6, version = ?7
  WHERE id = ?1 AND version = ?7 - 1)";

void put(Connection& connection, const PartnerRow& row) {
  const bool is_new = row.version <= 1;
  connection.prepare(is_new ? kInsertPartner : kUpdatePartner)
      .with(row.id, row.name, row.paused, row.settings, row.sealed_credentials, row.created_at, row.version)
      .run();
  const std::string what = "The partner \"" + row.id + "\"";
  is_new ? expect_new(connection, what) : expect_change(connection, what);
}

constexpr const char* kSeenMappings = R"(
  SELECT coalesce(max(CASE state WHEN 'draft' THEN version END), 0),
    coalesce(max(CASE state WHEN 'live' THEN version END), 0)
  FROM mappings WHERE partner = ?1 AND workflow = ?2)";
constexpr const char* kNextMappingVersion =
    "SELECT coalesce(max(version), 0) + 1 FROM mappings WHERE partner = ?1 AND workflow = ?2";
constexpr const char* kSupersedeMapping = R"(
  UPDATE mappings SET state = 'superseded' WHERE partner = ?1 AND workflow = ?2 AND state = ?3 AND version <> ?4)";
constexpr const char* kInsertMapping = R"(
  INSERT INTO mappings (partner, workflow, version, state, document, author, comment, created_at, published_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9))";
constexpr const char* kUpdateMapping = R"(
  UPDATE mappings SET state = ?4,
    published_at = coalesce(?5, published_at, CASE ?4 WHEN 'live' THEN created_at END),
    comment = CASE ?6 WHEN '' THEN comment ELSE ?6 END,
    document = CASE ?7 WHEN '' THEN document ELSE ?7 END
  WHERE partner = ?1 AND workflow = ?2 AND version = ?3 AND (?4 <> 'live' OR state = 'draft'))";

void expect_seen(Connection& connection, const MappingRow& row) {
  Statement statement = connection.prepare(kSeenMappings);
  if (!statement.with(row.partner, row.workflow).next()) return;
  if (MappingRow::Seen{statement.integer(0), statement.integer(1)} == *row.seen) return;
  connection.fail(Error{"store.changed_meanwhile", "The mapping has been changed meanwhile.", {}});
}

/// The version that the row has, or has got. Of drafts and of live ones there is at most one each per workflow.
std::int64_t put(Connection& connection, const MappingRow& row) {
  if (row.seen) expect_seen(connection, row);
  std::int64_t version = row.version;
  if (version == 0) {
    Statement next = connection.prepare(kNextMappingVersion);
    if (next.with(row.partner, row.workflow).next()) version = next.integer(0);
  }
  if (row.state != "superseded") {
    connection.prepare(kSupersedeMapping).with(row.partner, row.workflow, row.state, version).run();
  }
  if (row.version == 0) {
    std::optional<Timestamp> published_at = row.published_at;
    if (row.state == "live" && !published_at) published_at = row.created_at;
    connection.prepare(kInsertMapping)
        .with(row.partner, row.workflow, version, row.state, row.document, row.author, row.comment, row.created_at,
              published_at)
        .run();
    return version;
  }
  connection.prepare(kUpdateMapping)
      .with(row.partner, row.workflow, version, row.state, row.published_at, row.comment, row.document)
      .run();
  expect_change(connection, "Version " + std::to_string(version) + " of the mapping");
  return version;
}

constexpr const char* kInsertKey = R"(
  INSERT INTO api_keys (id, name, hash, partner, created_at, expires_at, revoked_at, last_used_at, role)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO NOTHING)";
constexpr const char* kRevokeKey = "UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
constexpr const char* kUseKey = "UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, ?2), ?2) WHERE id = ?1";

void put(Connection& connection, const ApiKeyRow& row) {
  connection.prepare(kInsertKey)
      .with(row.id, row.name, row.hash, row.partner, row.created_at, row.expires_at, row.revoked_at, row.last_used_at,
            row.role)
      .run();
  expect_new(connection, "The key \"" + row.id + "\"");
}

constexpr const char* kPutPlan = R"(
  INSERT INTO plans (partner, id, hash, document, created_at, expires_at, applied_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
  ON CONFLICT (partner, id) DO UPDATE SET hash = ?3, document = ?4, created_at = ?5, expires_at = ?6, applied_at = ?7
  WHERE applied_at IS NULL)";

void put(Connection& connection, const PlanRow& row) {
  connection.prepare(kPutPlan)
      .with(row.partner, row.id, row.hash, row.document, row.created_at, row.expires_at, row.applied_at)
      .run();
  expect_change(connection, "The plan \"" + row.id + "\"");
}

constexpr const char* kPutSetting =
    "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2";
constexpr const char* kAppendAudit = R"(
  INSERT INTO audit (at, key_id, key_name, act, partner, target, before, after, request_id)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9))";
constexpr const char* kCutAudit = "DELETE FROM audit WHERE sequence <= ?1";

void append(Connection& connection, const AuditRow& row) {
  connection.prepare(kAppendAudit)
      .with(row.at, row.key_id, row.key_name, row.act, row.partner, row.target, row.before, row.after, row.request_id)
      .run();
  if (connection.failed()) return;
  connection.prepare(kCutAudit).with(connection.last_row() - kAuditRowsMax).run();
}

}  // namespace

std::vector<std::int64_t> apply_settings(Connection& connection, const Transaction& transaction) {
  std::vector<std::int64_t> versions;
  for (const PartnerRow& row : transaction.partners) put(connection, row);
  for (const MappingRow& row : transaction.mappings) versions.push_back(put(connection, row));
  for (const ApiKeyRow& row : transaction.keys) put(connection, row);
  for (const KeyTime& each : transaction.keys_revoked) {
    connection.prepare(kRevokeKey).with(each.id, each.at).run();
    expect_change(connection, "The key \"" + each.id + "\"");
  }
  for (const KeyTime& each : transaction.keys_used) connection.prepare(kUseKey).with(each.id, each.at).run();
  for (const PlanRow& row : transaction.plans) put(connection, row);
  return versions;
}

void apply_audit(Connection& connection, const Transaction& transaction) {
  for (const SettingRow& row : transaction.settings) connection.prepare(kPutSetting).with(row.name, row.value).run();
  for (const AuditRow& row : transaction.audit) append(connection, row);
}

}  // namespace crosswalk::store

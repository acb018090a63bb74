#include <limits>

#include "store/sqlite/reads.h"

namespace crosswalk::store {
namespace {

#define PARTNER_COLUMNS "id, name, paused, settings, sealed_credentials, created_at, version"

PartnerRow partner_of(const Statement& row) {
  return {.id = row.text(0),
          .name = row.text(1),
          .paused = row.flag(2),
          .settings = row.text(3),
          .sealed_credentials = row.text(4),
          .created_at = row.time(5),
          .version = row.integer(6)};
}

#define MAPPING_COLUMNS "partner, workflow, version, state, document, author, comment, created_at, published_at"

MappingRow mapping_of(const Statement& row) {
  return {.partner = row.text(0),
          .workflow = row.text(1),
          .version = row.integer(2),
          .state = row.text(3),
          .document = row.text(4),
          .author = row.text(5),
          .comment = row.text(6),
          .created_at = row.time(7),
          .published_at = row.optional_time(8)};
}

ApiKeyRow api_key_of(const Statement& row) {
  return {.id = row.text(0),
          .name = row.text(1),
          .hash = row.text(2),
          .partner = row.text(3),
          .created_at = row.time(4),
          .expires_at = row.optional_time(5),
          .revoked_at = row.optional_time(6),
          .last_used_at = row.optional_time(7),
          .role = row.text(8)};
}

PlanRow plan_of(const Statement& row) {
  return {.partner = row.text(0),
          .id = row.text(1),
          .hash = row.text(2),
          .document = row.text(3),
          .created_at = row.time(4),
          .expires_at = row.time(5),
          .applied_at = row.optional_time(6)};
}

constexpr const char* kPartners = "SELECT " PARTNER_COLUMNS " FROM partners ORDER BY id";
constexpr const char* kPartner = "SELECT " PARTNER_COLUMNS " FROM partners WHERE id = ?1";
constexpr const char* kMappings =
    "SELECT " MAPPING_COLUMNS " FROM mappings WHERE partner = ?1 AND workflow = ?2 ORDER BY version DESC";
constexpr const char* kLiveMapping = "SELECT " MAPPING_COLUMNS
                                     " FROM mappings INDEXED BY mappings_live "
                                     "WHERE partner = ?1 AND workflow = ?2 AND state = 'live'";
constexpr const char* kSettingsVersion = R"(
  SELECT coalesce((SELECT version FROM partners WHERE id = ?1), 0),
    coalesce((SELECT sum(version) FROM mappings INDEXED BY mappings_live
              WHERE partner = ?1 AND state = 'live'), 0),
    coalesce((SELECT created_at FROM partners WHERE id = ?1), 0))";
constexpr const char* kApiKeys =
    "SELECT id, name, hash, partner, created_at, expires_at, revoked_at, last_used_at, role FROM api_keys "
    "ORDER BY created_at, id";
#define AUDIT "SELECT sequence, at, key_id, key_name, act, partner, target, before, after, request_id FROM audit "
#define NEWEST_FIRST "AND sequence < ?4 AND (?2 = '' OR act = ?2) ORDER BY sequence DESC LIMIT ?5"
constexpr const char* kAudit = AUDIT "WHERE ?1 = ?1 AND ?3 = ?3 " NEWEST_FIRST;
constexpr const char* kAuditOfPartner =
    AUDIT "INDEXED BY audit_partner WHERE partner = ?1 AND (?3 = '' OR target = ?3) " NEWEST_FIRST;
constexpr const char* kAuditOfTarget = AUDIT "INDEXED BY audit_target WHERE target = ?3 AND ?1 = ?1 " NEWEST_FIRST;
#undef NEWEST_FIRST
#undef AUDIT

AuditRow audit_of(const Statement& row) {
  return {.sequence = row.integer(0),
          .at = row.time(1),
          .key_id = row.text(2),
          .key_name = row.text(3),
          .act = row.text(4),
          .partner = row.text(5),
          .target = row.text(6),
          .before = row.text(7),
          .after = row.text(8),
          .request_id = row.text(9)};
}

constexpr const char* kSetting = "SELECT value FROM settings WHERE name = ?1";
constexpr const char* kPlan =
    "SELECT partner, id, hash, document, created_at, expires_at, applied_at FROM plans WHERE partner = ?1 AND id = ?2";

}  // namespace

std::vector<PartnerRow> read_partners(Connection& connection) {
  Statement statement = connection.prepare(kPartners);
  std::vector<PartnerRow> rows;
  while (statement.next()) rows.push_back(partner_of(statement));
  return rows;
}

std::optional<PartnerRow> read_partner(Connection& connection, const std::string& id) {
  Statement statement = connection.prepare(kPartner);
  if (!statement.with(id).next()) return std::nullopt;
  return partner_of(statement);
}

std::vector<MappingRow> read_mappings(Connection& connection, const std::string& partner, const std::string& workflow) {
  Statement statement = connection.prepare(kMappings);
  statement.with(partner, workflow);
  std::vector<MappingRow> rows;
  while (statement.next()) rows.push_back(mapping_of(statement));
  return rows;
}

std::optional<MappingRow> read_live_mapping(Connection& connection, const std::string& partner,
                                            const std::string& workflow) {
  Statement statement = connection.prepare(kLiveMapping);
  if (!statement.with(partner, workflow).next()) return std::nullopt;
  return mapping_of(statement);
}

Store::SettingsVersion read_settings_version(Connection& connection, const std::string& partner) {
  Statement statement = connection.prepare(kSettingsVersion);
  if (!statement.with(partner).next()) return {};
  return {.partner = statement.integer(0),
          .mapping = statement.integer(1),
          .made_at = from_milliseconds(statement.integer(2))};
}

std::vector<ApiKeyRow> read_api_keys(Connection& connection) {
  Statement statement = connection.prepare(kApiKeys);
  std::vector<ApiKeyRow> rows;
  while (statement.next()) rows.push_back(api_key_of(statement));
  return rows;
}

std::optional<PlanRow> read_plan(Connection& connection, const std::string& partner, const std::string& id) {
  Statement statement = connection.prepare(kPlan);
  if (!statement.with(partner, id).next()) return std::nullopt;
  return plan_of(statement);
}

std::optional<std::string> read_setting(Connection& connection, const std::string& name) {
  Statement statement = connection.prepare(kSetting);
  if (!statement.with(name).next()) return std::nullopt;
  return statement.text(0);
}

std::vector<AuditRow> read_audit(Connection& connection, const Store::AuditQuery& query) {
  const char* text = !query.partner.empty() ? kAuditOfPartner : query.target.empty() ? kAudit : kAuditOfTarget;
  const std::int64_t before = query.before.value_or(std::numeric_limits<std::int64_t>::max());
  Statement statement = connection.prepare(text);
  statement.with(query.partner, query.act, query.target, before, query.count_max);
  std::vector<AuditRow> rows;
  while (statement.next()) rows.push_back(audit_of(statement));
  return rows;
}

}  // namespace crosswalk::store

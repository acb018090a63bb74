#include "store/sqlite/migrations.h"

#include <array>

namespace crosswalk::embedded {
extern const std::string_view sqlite_migration_001, sqlite_migration_002, sqlite_migration_003, sqlite_migration_004,
    sqlite_migration_005, sqlite_migration_006, sqlite_migration_007, sqlite_migration_008, sqlite_migration_009,
    sqlite_migration_010;
}

namespace crosswalk::store {
namespace {

/// Forward only. Each sets `user_version` to its number at its end.
constexpr std::array<const std::string_view*, 10> kMigrations{
    &embedded::sqlite_migration_001, &embedded::sqlite_migration_002, &embedded::sqlite_migration_003,
    &embedded::sqlite_migration_004, &embedded::sqlite_migration_005, &embedded::sqlite_migration_006,
    &embedded::sqlite_migration_007, &embedded::sqlite_migration_008, &embedded::sqlite_migration_009,
    &embedded::sqlite_migration_010};
constexpr auto kNewestVersion = static_cast<std::int64_t>(kMigrations.size());

/// What V001 writes into the file's header.
constexpr std::int64_t kApplicationId = 1129468759;

constexpr const char* kVersion = "PRAGMA user_version";
constexpr const char* kApplication = "PRAGMA application_id";
constexpr const char* kTables = "SELECT count(*) FROM sqlite_schema";

std::int64_t read_integer(Connection& connection, const char* query) {
  Statement statement = connection.prepare(query);
  return statement.next() ? statement.integer(0) : 0;
}

std::int64_t check_origin(Connection& connection) {
  const std::int64_t version = read_integer(connection, kVersion);
  const bool is_ours = read_integer(connection, kApplication) == kApplicationId;
  const bool is_new = version == 0 && read_integer(connection, kTables) == 0;
  if (!is_ours && !is_new) connection.fail(Error{"store.failed", "The database file belongs to another program.", {}});
  if (is_ours && version > kNewestVersion) {
    connection.fail(Error{"store.newer",
                          "The database has version " + std::to_string(version) + "; this program knows up to " +
                              std::to_string(kNewestVersion) + ".",
                          {}});
  }
  return version;
}

}  // namespace

Result<void> migrate(Connection& connection) {
  // The usual start finds nothing to do, and needs no lock to see it. One transaction, so that what is read is of one
  // moment: another may be migrating the same new file.
  connection.execute("BEGIN");
  const bool is_newest = check_origin(connection) == kNewestVersion;
  connection.execute("COMMIT");
  if (is_newest && !connection.failed()) return {};
  connection.execute("BEGIN EXCLUSIVE");
  const std::int64_t version = check_origin(connection);
  for (std::int64_t next = version; next < kNewestVersion && !connection.failed(); ++next) {
    connection.execute(std::string(*kMigrations[static_cast<std::size_t>(next)]).c_str());
  }
  connection.execute("COMMIT");
  if (connection.failed()) return tl::unexpected(connection.take_error());
  return {};
}

}  // namespace crosswalk::store

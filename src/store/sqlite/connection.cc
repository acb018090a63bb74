#include "store/sqlite/connection.h"

#include <cerrno>
#include <vector>

namespace crosswalk::store {
namespace {

/// A row larger than this is a mistake upstream: intake takes bodies of a few megabytes at most.
constexpr int kValueBytesMax = 16 * 1024 * 1024;

/// Without SQLite's counting of memory its threads do not meet at one global mutex.
void configure_once() {
  static const int configured = [] {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    return sqlite3_initialize();
  }();
  static_cast<void>(configured);
}

bool is_full_disk(int code, int system_error) {
  return (code & 0xff) == SQLITE_FULL ||
         ((code & 0xff) == SQLITE_IOERR && (system_error == ENOSPC || system_error == EDQUOT));
}

Error describe(sqlite3* handle, int code) {
  const std::string reason = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  if (is_full_disk(code, handle != nullptr ? sqlite3_system_errno(handle) : 0)) {
    return Error{"store.full", "The disk of the database is full.", {}};
  }
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error{"store.busy", "Another program holds the database's lock.", {}};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Error{"store.damaged", "The database file is damaged: " + reason + ".", {}};
    default:
      return Error{"store.failed", "The database failed: " + reason + ".", {}};
  }
}

}  // namespace

std::optional<Timestamp> Statement::optional_time(int column) const {
  if (sqlite3_column_type(handle_, column) == SQLITE_NULL) return std::nullopt;
  return time(column);
}

std::string Statement::text(int column) const {
  const auto* characters = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  if (characters == nullptr) return {};
  return {characters, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

bool Statement::next() {
  if (connection_.failed()) return false;
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  check(code);
  return false;
}

void Statement::check(int code) { connection_.check(code); }

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Access access, Duration busy_timeout) {
  configure_once();
  sqlite3* handle = nullptr;
  const int mode = access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  // One thread at a time is the owner's promise, so SQLite need not lock for each call.
  const int code = sqlite3_open_v2(path.c_str(), &handle, mode | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle));
  if (code != SQLITE_OK) {
    Error cause = describe(handle, code);
    if (cause.code != "store.failed") return tl::unexpected(std::move(cause));
    return failure("store.failed", "The database " + path + " cannot be opened.", std::move(cause));
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kValueBytesMax);
  sqlite3_busy_timeout(handle, static_cast<int>(busy_timeout.count()));
  return connection;
}

Connection::~Connection() {
  for (const auto& [query, statement] : statements_) sqlite3_finalize(statement);
  for (const auto& [query, statement] : built_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

sqlite3_stmt* Connection::compile(const char* query) {
  sqlite3_stmt* statement = nullptr;
  if (!failed()) check(sqlite3_prepare_v3(handle_, query, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
  return statement;
}

Statement Connection::prepare(const char* query) {
  if (const auto found = statements_.find(query); found != statements_.end()) return Statement{*this, found->second};
  sqlite3_stmt* const statement = compile(query);
  if (statement != nullptr) statements_.emplace(query, statement);
  return Statement{*this, statement};
}

Statement Connection::prepare_built(const std::string& query) {
  if (const auto found = built_.find(query); found != built_.end()) return Statement{*this, found->second};
  sqlite3_stmt* const statement = compile(query.c_str());
  if (statement != nullptr) built_.emplace(query, statement);
  return Statement{*this, statement};
}

void Connection::execute(const char* script) {
  if (!failed()) check(sqlite3_exec(handle_, script, nullptr, nullptr, nullptr));
}

void Connection::define(const char* name, int arguments, TextFunction function) {
  const auto call = [](sqlite3_context* context, int count, sqlite3_value** values) {
    std::vector<std::string_view> texts;
    for (int i = 0; i < count; ++i) {
      const auto* characters = reinterpret_cast<const char*>(sqlite3_value_text(values[i]));
      const auto size = static_cast<std::size_t>(sqlite3_value_bytes(values[i]));
      texts.push_back(characters == nullptr ? std::string_view{} : std::string_view{characters, size});
    }
    const std::string result = reinterpret_cast<TextFunction>(sqlite3_user_data(context))(texts);
    sqlite3_result_text64(context, result.data(), result.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  };
  check(sqlite3_create_function_v2(handle_, name, arguments, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                   reinterpret_cast<void*>(function), call, nullptr, nullptr, nullptr));
}

void Connection::watch_log(std::function<void(int pages)> grew) {
  log_grew_ = std::move(grew);
  const auto hook = [](void* self, sqlite3*, const char*, int pages) {
    static_cast<Connection*>(self)->log_grew_(pages);
    return SQLITE_OK;
  };
  sqlite3_wal_hook(handle_, log_grew_ ? +hook : nullptr, this);
}

void Connection::checkpoint() {
  sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

void Connection::empty_log() {
  sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
}

Result<void> Connection::copy_from(Connection& source) {
  sqlite3_backup* backup = sqlite3_backup_init(handle_, "main", source.handle_, "main");
  if (backup == nullptr) return tl::unexpected(describe(handle_, sqlite3_errcode(handle_)));
  // All pages in one go: readers keep no writer from its work, and a copy in pieces would begin anew with each commit.
  const int code = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) return tl::unexpected(describe(handle_, code));
  if (finished != SQLITE_OK) return tl::unexpected(describe(handle_, finished));
  return {};
}

void Connection::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

Error Connection::take_error() {
  Error error = std::move(error_).value_or(Error{"store.failed", "The database failed.", {}});
  error_.reset();
  // Some failures (disk full among them) have rolled back already.
  if (sqlite3_get_autocommit(handle_) == 0) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  return error;
}

void Connection::check(int code) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE || error_) return;
  error_ = describe(handle_, code);
}

}  // namespace crosswalk::store

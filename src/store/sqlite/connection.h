#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "base/time.h"

namespace crosswalk::store {

class Connection;

/// A prepared query on loan from its connection's cache: bound, stepped through, and reset when it goes out of scope.
/// Bound texts must outlive it.
class Statement {
 public:
  Statement(Connection& connection, sqlite3_stmt* handle) : connection_(connection), handle_(handle) {}
  ~Statement() {
    if (handle_ != nullptr) sqlite3_reset(handle_);
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Binds all parameters, ?1 first.
  template <class... Values>
  Statement& with(const Values&... values) {
    int position = 0;
    (bind(++position, values), ...);
    return *this;
  }

  /// Binds texts, the first of them to `position`.
  Statement& with_texts(int position, std::span<const std::string_view> texts) {
    for (const std::string_view text : texts) bind(position++, text);
    return *this;
  }

  /// The next row; false at the end and after a failure.
  bool next();
  /// Steps to the end, for statements without rows.
  void run() {
    while (next()) {
    }
  }

  [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(handle_, column); }
  [[nodiscard]] bool flag(int column) const { return integer(column) != 0; }
  [[nodiscard]] Timestamp time(int column) const { return from_milliseconds(integer(column)); }
  [[nodiscard]] std::optional<Timestamp> optional_time(int column) const;
  [[nodiscard]] std::string text(int column) const;

 private:
  void bind(int position, std::int64_t value) { check(sqlite3_bind_int64(handle_, position, value)); }
  void bind(int position, int value) { bind(position, std::int64_t{value}); }
  void bind(int position, bool value) { bind(position, std::int64_t{value}); }
  void bind(int position, std::size_t value) { bind(position, static_cast<std::int64_t>(value)); }
  void bind(int position, Timestamp value) { bind(position, to_milliseconds(value)); }
  template <class T>
  void bind(int position, const std::optional<T>& value) {
    if (value) return bind(position, *value);
    check(sqlite3_bind_null(handle_, position));
  }
  void bind(int position, const std::string& text) { bind(position, std::string_view(text)); }
  void bind(int position, std::string_view text) {
    check(sqlite3_bind_text64(handle_, position, text.data() != nullptr ? text.data() : "", text.size(), SQLITE_STATIC,
                              SQLITE_UTF8));
  }
  template <std::size_t size>
  void bind(int position, const std::array<unsigned char, size>& bytes) {
    check(sqlite3_bind_blob64(handle_, position, bytes.data(), size, SQLITE_STATIC));
  }
  void check(int code);

  Connection& connection_;
  sqlite3_stmt* handle_;
};

/// One SQLite connection, used by one thread at a time. The first failure stays until it is taken; until then
/// statements do nothing, so that a sequence of them needs to be checked only once, at its end.
class Connection {
 public:
  enum class Access { write, read };

  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::string& path, Access access,
                                                                Duration busy_timeout);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// `query` must be a constant: it is the key of the cache, by its address.
  [[nodiscard]] Statement prepare(const char* query);
  /// For a query that is put together: the cache knows it by its text, so there must be few different ones.
  [[nodiscard]] Statement prepare_built(const std::string& query);
  /// Runs a script.
  void execute(const char* script);

  /// Makes `function` callable in queries, with texts for its arguments.
  using TextFunction = std::string (*)(std::span<const std::string_view> arguments);
  void define(const char* name, int arguments, TextFunction function);

  /// `grew` is called after each commit with the pages that the write-ahead log has; replaces SQLite's own checkpoints.
  void watch_log(std::function<void(int pages)> grew);
  /// Copies the log into the file as far as those who read and write allow. What fails is tried again by the next one.
  void checkpoint();
  /// As far as no reader holds it back.
  void empty_log();

  /// Becomes a copy of all that `source` holds at this moment.
  [[nodiscard]] Result<void> copy_from(Connection& source);

  [[nodiscard]] std::int64_t rows_changed() const { return sqlite3_changes64(handle_); }
  [[nodiscard]] std::int64_t last_row() const { return sqlite3_last_insert_rowid(handle_); }
  [[nodiscard]] bool failed() const { return error_.has_value(); }
  void fail(Error error);
  /// Ends the transaction under way, if any, and hands out the failure.
  [[nodiscard]] Error take_error();

 private:
  friend class Statement;
  explicit Connection(sqlite3* handle) : handle_(handle) {}
  void check(int code);
  /// Null after a failure.
  [[nodiscard]] sqlite3_stmt* compile(const char* query);

  sqlite3* handle_;
  std::optional<Error> error_;
  std::function<void(int)> log_grew_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
  std::unordered_map<std::string, sqlite3_stmt*> built_;
};

}  // namespace crosswalk::store

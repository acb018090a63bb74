#pragma once

#include <boost/json.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sandbox/schema.h"

namespace crosswalk::sandbox {

/// A value of a field, as described at FieldType.
struct Cell {
  std::uint16_t field = 0;
  boost::json::value value;
};

/// One object. Only fields that have a value take room. Counted without locks: a world belongs to one thread at a time.
struct Row : boost::intrusive_ref_counter<Row, boost::thread_unsafe_counter> {
  std::int64_t id = 0;
  std::int64_t parent = 0;
  std::int64_t date_entered = 0, last_updated = 0;  ///< seconds since 1970
  std::string entered_by, updated_by;
  std::vector<Cell> cells;  ///< in order of `field`

  [[nodiscard]] const boost::json::value* get(int field) const;
  /// A null value removes the cell.
  void set(int field, boost::json::value value);
  /// The integer there (an id, a number, a time), or 0.
  [[nodiscard]] std::int64_t integer(int field) const;
  [[nodiscard]] bool flag(int field) const;
  [[nodiscard]] std::string_view text(int field) const;
};

/// What has happened to one row of a table that is watched.
struct RowChange {
  enum class Kind { added, updated, deleted };
  int resource = 0;
  std::int64_t id = 0;
  Kind kind = Kind::updated;
  std::string member;  ///< who deleted it; the others are in the row
  Row removed;         ///< as it was, of a deleted one
};

/// What has happened since somebody last looked, and on whose behalf rows are deleted meanwhile.
struct ChangeLog {
  std::string member = kPerson;
  static constexpr const char* kPerson = "zAdmin";  ///< somebody at the screen
  std::vector<RowChange> changes;
};

/// The objects of one collection of one tenant. Kept in order of id in one contiguous list, in which a look-up by id is
/// a binary search over plain integers: as fast as a hash at these sizes, and pages come in order for nothing. A copy
/// shares its rows with the original until one of the two changes them.
class Table {
 public:
  explicit Table(const Resource& resource);
  /// Nobody watches the copy.
  Table(const Table& other);
  Table& operator=(const Table&) = delete;
  ~Table() = default;

  [[nodiscard]] const Resource& resource() const { return *resource_; }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] const Row* find(std::int64_t id) const;
  /// The id that the next insert takes when the row has none.
  [[nodiscard]] std::int64_t next_id() const { return next_id_; }
  void set_next_id(std::int64_t id) { next_id_ = id; }

  /// Takes the next id when the row's is 0.
  const Row& insert(Row row);
  /// The row with this id must exist.
  const Row& replace(Row row);
  bool erase(std::int64_t id);
  void clear();
  /// Another number after every change.
  [[nodiscard]] std::uint64_t version() const { return version_; }
  /// Notes every change from now on; nullptr: no longer.
  void watch(ChangeLog* log) { log_ = log; }

  /// Rows whose indexed `field` is `key` (see index_key), by id; nullptr when the field has no index.
  [[nodiscard]] const std::vector<std::int64_t>* lookup(int field, const std::string& key) const;
  [[nodiscard]] const Row* find_by(int field, std::string_view text) const;

  /// All rows in order of id, from the first with an id greater than `after`, until `visit` says false.
  template <class Visit>
  void each(Visit&& visit, std::int64_t after = 0) const {
    for (std::size_t i = position_after(after); i < rows_.size(); ++i) {
      if (!visit(*rows_[i].row)) return;
    }
  }

 private:
  struct Slot {
    std::int64_t id;
    boost::intrusive_ptr<Row> row;
  };
  struct Index {
    int field;
    std::unordered_map<std::string, std::vector<std::int64_t>> ids;
  };
  [[nodiscard]] std::size_t position_after(std::int64_t id) const;
  void index(const Row& row);
  void unindex(const Row& row);
  void note(RowChange::Kind kind, const Row& row);

  const Resource* resource_;
  std::vector<Slot> rows_;
  std::vector<Index> indexes_;
  std::int64_t next_id_ = 1;
  std::uint64_t version_ = 0;
  ChangeLog* log_ = nullptr;
  static const std::vector<std::int64_t> kNone;
};

/// How a value is spelled in an index: texts in lower case, as ConnectWise compares them.
[[nodiscard]] std::string index_key(const boost::json::value& value);

}  // namespace crosswalk::sandbox

#include "sandbox/table.h"

#include <algorithm>

#include "base/text.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

auto cell_position(std::vector<Cell>& cells, int field) {
  return std::lower_bound(cells.begin(), cells.end(), field,
                          [](const Cell& cell, int sought) { return cell.field < sought; });
}

/// Every key under which a value is found: a list is found by each of its members.
template <class Visit>
void each_key(const json::value& value, Visit&& visit) {
  if (!value.is_array()) return visit(index_key(value));
  for (const json::value& member : value.get_array()) visit(index_key(member));
}

}  // namespace

const std::vector<std::int64_t> Table::kNone;

std::string index_key(const json::value& value) {
  if (value.is_string()) return to_lower(value.get_string());
  if (value.is_int64()) return std::to_string(value.get_int64());
  return json::serialize(value);
}

const json::value* Row::get(int field) const {
  const auto found = std::lower_bound(cells.begin(), cells.end(), field,
                                      [](const Cell& cell, int sought) { return cell.field < sought; });
  return found != cells.end() && found->field == field ? &found->value : nullptr;
}

void Row::set(int field, json::value value) {
  const auto at = cell_position(cells, field);
  const bool present = at != cells.end() && at->field == field;
  if (value.is_null()) {
    if (present) cells.erase(at);
  } else if (present) {
    at->value = std::move(value);
  } else {
    cells.insert(at, Cell{static_cast<std::uint16_t>(field), std::move(value)});
  }
}

std::int64_t Row::integer(int field) const {
  const json::value* value = get(field);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

bool Row::flag(int field) const {
  const json::value* value = get(field);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::string_view Row::text(int field) const {
  const json::value* value = get(field);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

Table::Table(const Resource& resource) : resource_(&resource) {
  for (const int field : resource.indexed) indexes_.push_back({field, {}});
}

Table::Table(const Table& other)
    : resource_(other.resource_),
      rows_(other.rows_),
      indexes_(other.indexes_),
      next_id_(other.next_id_),
      version_(other.version_) {}

std::size_t Table::position_after(std::int64_t id) const {
  return static_cast<std::size_t>(
      std::upper_bound(rows_.begin(), rows_.end(), id,
                       [](std::int64_t sought, const Slot& slot) { return sought < slot.id; }) -
      rows_.begin());
}

const Row* Table::find(std::int64_t id) const {
  const std::size_t after = position_after(id);
  return after > 0 && rows_[after - 1].id == id ? rows_[after - 1].row.get() : nullptr;
}

const Row& Table::insert(Row row) {
  if (row.id == 0) row.id = next_id_;
  next_id_ = std::max(next_id_, row.id + 1);
  // There may be a hundred thousand rows, and most are never changed again.
  row.cells.shrink_to_fit();
  const auto at = rows_.begin() + static_cast<std::ptrdiff_t>(position_after(row.id));
  const auto slot = rows_.insert(at, Slot{row.id, new Row(std::move(row))});
  index(*slot->row);
  note(RowChange::Kind::added, *slot->row);
  return *slot->row;
}

const Row& Table::replace(Row row) {
  boost::intrusive_ptr<Row>& kept = rows_[position_after(row.id) - 1].row;
  unindex(*kept);
  row.cells.shrink_to_fit();
  if (kept->use_count() == 1) {
    *kept = std::move(row);
  } else {
    kept = new Row(std::move(row));
  }
  index(*kept);
  note(RowChange::Kind::updated, *kept);
  return *kept;
}

bool Table::erase(std::int64_t id) {
  const std::size_t after = position_after(id);
  if (after == 0 || rows_[after - 1].id != id) return false;
  unindex(*rows_[after - 1].row);
  note(RowChange::Kind::deleted, *rows_[after - 1].row);
  rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(after - 1));
  return true;
}

void Table::note(RowChange::Kind kind, const Row& row) {
  ++version_;
  if (log_ == nullptr) return;
  const bool deleted = kind == RowChange::Kind::deleted;
  log_->changes.push_back({resource_->number, row.id, kind, deleted ? log_->member : "", deleted ? row : Row()});
}

void Table::clear() {
  rows_.clear();
  for (Index& each : indexes_) each.ids.clear();
  next_id_ = 1;
}

void Table::index(const Row& row) {
  for (Index& each : indexes_) {
    const json::value* value = row.get(each.field);
    if (value == nullptr) continue;
    each_key(*value, [&](const std::string& key) {
      std::vector<std::int64_t>& ids = each.ids[key];
      const auto at = std::lower_bound(ids.begin(), ids.end(), row.id);
      if (at == ids.end() || *at != row.id) ids.insert(at, row.id);
    });
  }
}

void Table::unindex(const Row& row) {
  for (Index& each : indexes_) {
    const json::value* value = row.get(each.field);
    if (value == nullptr) continue;
    each_key(*value, [&](const std::string& key) {
      const auto ids = each.ids.find(key);
      if (ids == each.ids.end()) return;
      const auto at = std::lower_bound(ids->second.begin(), ids->second.end(), row.id);
      if (at != ids->second.end() && *at == row.id) ids->second.erase(at);
      if (ids->second.empty()) each.ids.erase(ids);
    });
  }
}

const std::vector<std::int64_t>* Table::lookup(int field, const std::string& key) const {
  for (const Index& each : indexes_) {
    if (each.field != field) continue;
    const auto ids = each.ids.find(key);
    return ids == each.ids.end() ? &kNone : &ids->second;
  }
  return nullptr;
}

const Row* Table::find_by(int field, std::string_view text) const {
  const std::string key = to_lower(text);
  if (const std::vector<std::int64_t>* ids = lookup(field, key)) return ids->empty() ? nullptr : find(ids->front());
  const Row* found = nullptr;
  each([&](const Row& row) {
    if (equals_ignoring_case(row.text(field), text)) found = &row;
    return found == nullptr;
  });
  return found;
}

}  // namespace crosswalk::sandbox

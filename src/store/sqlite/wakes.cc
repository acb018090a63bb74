#include "store/sqlite/wakes.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crosswalk::store {
namespace {

// The version is raised, so that a reconcile which began before the wake does not settle the record after it; what is
// due already may be in such a reconcile.
#define WAKE " SET version = version + 1, due_at = min(coalesce(due_at, ?1), ?1) "

/// The conditions of a wake and the texts that they speak of. Two wakes of one shape have the same query, which the
/// connection keeps prepared.
class Conditions {
 public:
  void add(std::string_view condition) {
    query_ += query_.empty() ? "WHERE " : " AND ";
    query_ += condition;
  }
  void add_equal(std::string_view column, std::string_view value) {
    add(column);
    query_ += " = " + parameter(value);
  }
  void add_any_of(std::string_view column, const std::vector<std::string>& values) {
    if (values.size() == 1) return add_equal(column, values.front());
    add(column);
    query_ += " IN (";
    for (const std::string& each : values) query_ += (&each == &values.front() ? "" : ", ") + parameter(each);
    query_ += ")";
  }
  /// The numbers stand in the query: there are few lanes.
  void add_any_of(std::string_view column, const std::vector<int>& values) {
    add(column);
    query_ += " IN (";
    for (const int& each : values) query_ += (&each == &values.front() ? "" : ", ") + std::to_string(each);
    query_ += ")";
  }
  [[nodiscard]] const std::string& query() const { return query_; }
  [[nodiscard]] std::span<const std::string_view> texts() const { return texts_; }
  static constexpr int kFirstText = 2;  ///< the parameter before is when the records are due

 private:
  std::string parameter(std::string_view value) {
    texts_.push_back(value);
    return "?" + std::to_string(kFirstText + static_cast<int>(texts_.size()) - 1);
  }

  std::string query_;
  std::vector<std::string_view> texts_;
};

constexpr std::string_view kAmongParked = "records_parked", kAmongDue = "records_due";

/// The index that leads to the fewest rows; empty: the whole table is read. `of_state`: that of the rows in the state
/// that is asked for; empty: there is none.
std::string_view index_of(const Wake& wake, std::string_view of_state) {
  if (wake.refers_to) return "records_refers";
  if (wake.group_key) return "records_group";
  if (!of_state.empty()) return of_state;
  if (wake.parked_code) return kAmongParked;
  return wake.partner.empty() ? "" : "records_key";
}

/// Of the rows that the wake names those in one state.
void wake_those(Connection& connection, const Wake& wake, std::string_view index_of_state, std::string_view state) {
  Conditions conditions;
  if (!wake.partner.empty()) conditions.add_equal("partner", wake.partner);
  if (!wake.kinds.empty()) conditions.add_any_of("kind", wake.kinds);
  if (wake.key) conditions.add_equal("key", *wake.key);
  if (!wake.lanes.empty()) conditions.add_any_of("lane", wake.lanes);
  if (wake.group_key) conditions.add_equal("group_key", *wake.group_key);
  if (wake.refers_to) conditions.add_equal("refers_to", *wake.refers_to);
  if (wake.parked_code) conditions.add_equal("parked_code", *wake.parked_code);
  // An index without the empty ones is of use only to a query that wants none.
  if (wake.group_key) conditions.add("group_key <> ''");
  if (wake.refers_to) conditions.add("refers_to <> ''");
  if (wake.parked_code || index_of_state == kAmongParked) conditions.add("parked_code <> ''");
  if (index_of_state == kAmongDue) conditions.add("due_at IS NOT NULL");
  if (!state.empty()) conditions.add(state);
  const std::string_view index = index_of(wake, index_of_state);
  std::string query = "UPDATE records";
  if (!index.empty()) query.append(" INDEXED BY ").append(index);
  query.append(WAKE).append(conditions.query());
  connection.prepare_built(query).with(wake.due_at).with_texts(Conditions::kFirstText, conditions.texts()).run();
}

constexpr const char* kMarkStale =
    "UPDATE links INDEXED BY links_object SET stale = 1 WHERE partner = ?1 AND object_kind = ?2 AND object_id = ?3";
constexpr const char* kWakeChanged = "UPDATE records INDEXED BY records_key" WAKE R"(
  WHERE partner = ?2 AND (kind, key) IN (SELECT kind, key FROM links INDEXED BY links_object
    WHERE partner = ?2 AND object_kind = ?3 AND object_id = ?4))";

}  // namespace

void apply(Connection& connection, const Wake& wake) {
  switch (wake.state) {
    case Wake::State::any:
      return wake_those(connection, wake, "", "");
    case Wake::State::open:
      return wake_those(connection, wake, "", "open = 1");
    case Wake::State::parked:
      return wake_those(connection, wake, kAmongParked, "");
    case Wake::State::parked_not_due:
      return wake_those(connection, wake, kAmongParked, "(due_at IS NULL OR due_at > ?1)");
    case Wake::State::parked_or_due:
      // Two statements: one that says "or" would use neither index.
      wake_those(connection, wake, kAmongParked, "");
      return wake_those(connection, wake, kAmongDue, "due_at <= ?1 AND parked_code = ''");
    case Wake::State::open_parked_or_due:
      return wake_those(connection, wake, "", "(open = 1 OR parked_code <> '' OR due_at IS NOT NULL)");
  }
}

void apply(Connection& connection, const Changed& changed) {
  connection.prepare(kMarkStale).with(changed.partner, changed.object_kind, changed.object_id).run();
  if (connection.failed() || connection.rows_changed() == 0) return;
  connection.prepare(kWakeChanged).with(changed.at, changed.partner, changed.object_kind, changed.object_id).run();
}

}  // namespace crosswalk::store

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/api_error.h"
#include "sandbox/conditions.h"
#include "sandbox/tenant.h"

namespace crosswalk::sandbox {

/// What a client asks of a collection, as texts.
struct QueryText {
  std::string_view conditions, child_conditions, custom_field_conditions, order_by;
};

/// A value as conditions compare it.
struct Value {
  enum class Kind { null, boolean, number, text, date };
  Kind kind = Kind::null;
  bool flag = false;
  std::int64_t number = 0;  ///< ten-thousandths, or seconds of a date
  std::string text;
};

/// A path that has been looked up: "board/name" is the field board, then the field name of a board.
struct BoundPath {
  enum Special { kId = -1, kLastUpdated = -2, kUpdatedBy = -3, kDateEntered = -4, kEnteredBy = -5, kName = -6 };
  struct Step {
    const Resource* resource = nullptr;
    int field = 0;  ///< or one of Special
  };
  std::vector<Step> steps;
  std::vector<std::string> below;  ///< members of JSON that the last step holds
  FieldType type = FieldType::string;
};

/// The path as text in `resource`; nothing when a name is not recognized. `shown`: the schema of the answer, where that
/// is another than the collection's; its fields alone are known, by the names that it gives them.
[[nodiscard]] std::optional<BoundPath> bind_path(const Resource& resource, std::string_view path,
                                                 const Schema* shown = nullptr);
/// All values there: several when a list of references lies on the way.
void read_path(const Tenant& tenant, const Row& row, const BoundPath& path, std::vector<Value>& values);

/// Whether a path leads to a member of objects like `schema`.
[[nodiscard]] bool is_member_path(const Schema& schema, std::string_view path);
/// Those of `objects`, rendered as they are, that meet `conditions`: for lists that are worked out when they are asked
/// for. `is_known`: whether such an object has what a path leads to.
[[nodiscard]] ApiResult<std::vector<boost::json::object>> filter_objects(
    std::vector<boost::json::object> objects, std::string_view conditions,
    const std::function<bool(std::string_view)>& is_known);

/// A question compiled against one collection: every name is known, every type fits.
class Query {
 public:
  /// `shown`: as for bind_path.
  [[nodiscard]] static ApiResult<Query> compile(const Resource& resource, const QueryText& text,
                                                const Schema* shown = nullptr);

  /// Rows that meet it, in order; of the children of `parent` when that is not 0. `after` skips ids up to it, `limit`
  /// stops early when there is no order.
  [[nodiscard]] std::vector<const Row*> run(const Tenant& tenant, std::int64_t parent, std::int64_t after = 0,
                                            std::size_t limit = SIZE_MAX) const;
  [[nodiscard]] bool ordered() const { return !order_.empty(); }

 private:
  struct Node {
    Condition::Kind kind = Condition::Kind::all_of;
    std::vector<Node> children;
    BoundPath path;
    Comparison comparison = Comparison::equal;
    std::vector<Literal> literals;
  };
  struct Order {
    BoundPath path;
    bool descending = false;
  };
  /// Three values, as in SQL: what is compared with nothing is neither true nor false.
  enum class Truth { no, yes, unknown };
  static ApiResult<Node> bind(const Resource& resource, const Schema* shown, Condition condition);
  static std::optional<ApiError> check_types(const BoundPath& path, Condition& condition, const Resource& resource);
  static ApiResult<std::vector<Order>> bind_order(const Resource& resource, const Schema* shown, std::string_view text);
  static Truth judge(const Tenant& tenant, const Row& row, const Node& node);
  [[nodiscard]] bool matches(const Tenant& tenant, const Row& row) const;
  [[nodiscard]] bool child_matches(const Tenant& tenant, const Row& row) const;
  /// Ids to look at, found by an index; nothing when all must be looked at.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> candidates(const Tenant& tenant, std::int64_t parent) const;
  void sort(const Tenant& tenant, std::vector<const Row*>& rows) const;

  const Resource* resource_ = nullptr;
  Node root_;
  std::optional<Condition> child_, custom_;
  std::vector<Order> order_;
};

}  // namespace crosswalk::sandbox

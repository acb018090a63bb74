#include "sandbox/query.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"
#include "sandbox/custom_fields.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::int64_t kUnitsOfOne = 10'000;

Value date_value(std::int64_t seconds) { return {Value::Kind::date, false, seconds, {}}; }
Value text_value(std::string text) { return {Value::Kind::text, false, 0, std::move(text)}; }
Value number_value(std::int64_t number) { return {Value::Kind::number, false, number * kUnitsOfOne, {}}; }

Value from_json(const json::value& value) {
  if (value.is_string()) return text_value(std::string(value.get_string()));
  if (value.is_bool()) return {Value::Kind::boolean, value.get_bool(), 0, {}};
  if (value.is_double()) return {Value::Kind::number, false, std::llround(value.get_double() * kUnitsOfOne), {}};
  if (value.is_number()) return number_value(value.to_number<std::int64_t>());
  return {};
}

Value from_cell(const json::value* value, FieldType type) {
  if (type == FieldType::boolean) return {Value::Kind::boolean, value != nullptr && value->get_bool(), 0, {}};
  if (value == nullptr) return {};
  if (type == FieldType::date) return date_value(value->to_number<std::int64_t>());
  if (type == FieldType::decimal) return {Value::Kind::number, false, value->to_number<std::int64_t>(), {}};
  // A reference to what is not served is held as it was given, and stands for its id.
  const json::value* id = value->is_object() ? value->get_object().if_contains("id") : nullptr;
  if (type == FieldType::reference && id != nullptr) return from_json(*id);
  return value->is_structured() ? text_value(json_text(*value)) : from_json(*value);
}

const json::value* member_ignoring_case(const json::object& object, std::string_view name) {
  for (const auto& [key, value] : object) {
    if (equals_ignoring_case(key, name)) return &value;
  }
  return nullptr;
}

Value json_at(const json::value& value, std::span<const std::string> path) {
  const json::value* at = &value;
  for (const std::string& name : path) {
    if (!at->is_object()) return {};
    at = member_ignoring_case(at->get_object(), name);
    if (at == nullptr) return {};
  }
  return at->is_structured() ? text_value(json_text(*at)) : from_json(*at);
}

int compare_text(std::string_view left, std::string_view right) {
  const std::string a = to_lower(left), b = to_lower(right);
  return a.compare(b);
}

std::string time_text(std::int64_t seconds) {
  std::string out;
  append_time(out, seconds);
  return out;
}

/// Less than, equal to, greater than 0; nothing when they cannot be compared.
std::optional<int> order_of(const Value& value, const Literal& literal) {
  const auto three_way = [](auto left, auto right) { return left < right ? -1 : left > right ? 1 : 0; };
  switch (value.kind) {
    case Value::Kind::text:
      // Some dates are texts in ConnectWise's model; in this spelling their order is that of the texts.
      if (literal.kind == Literal::Kind::date) return compare_text(value.text, time_text(literal.number));
      if (literal.kind == Literal::Kind::text) return compare_text(value.text, literal.text);
      return std::nullopt;
    case Value::Kind::number:
      if (literal.kind != Literal::Kind::number) return std::nullopt;
      return three_way(value.number, literal.number);
    case Value::Kind::date:
      if (literal.kind != Literal::Kind::date) return std::nullopt;
      return three_way(value.number, literal.number);
    case Value::Kind::boolean:
      if (literal.kind != Literal::Kind::boolean) return std::nullopt;
      return three_way(value.flag, literal.flag);
    case Value::Kind::null:
      break;
  }
  return std::nullopt;
}

bool holds(const Value& value, Comparison comparison, const std::vector<Literal>& literals) {
  const Literal& literal = literals.front();
  if (comparison == Comparison::in) {
    return std::any_of(literals.begin(), literals.end(),
                       [&](const Literal& each) { return order_of(value, each) == 0; });
  }
  if (comparison == Comparison::contains) return contains_ignoring_case(value.text, literal.text);
  if (comparison == Comparison::like) return like_matches(literal.text, value.text);
  const std::optional<int> order = order_of(value, literal);
  if (!order) return false;
  switch (comparison) {
    case Comparison::equal:
      return *order == 0;
    case Comparison::not_equal:
      return *order != 0;
    case Comparison::less:
      return *order < 0;
    case Comparison::less_or_equal:
      return *order <= 0;
    case Comparison::greater:
      return *order > 0;
    default:
      return *order >= 0;
  }
}

/// 0 no, 1 yes, 2 unknown: of all values there.
int judge_values(const std::vector<Value>& values, Comparison comparison, const std::vector<Literal>& literals) {
  const bool about_null = literals.front().kind == Literal::Kind::null && comparison != Comparison::in;
  const bool something =
      std::any_of(values.begin(), values.end(), [](const Value& value) { return value.kind != Value::Kind::null; });
  if (about_null) return (comparison == Comparison::not_equal) == something ? 1 : 0;
  if (!something) return 2;
  return std::any_of(values.begin(), values.end(), [&](const Value& value) {
    return value.kind != Value::Kind::null && holds(value, comparison, literals);
  });
}

template <class Tree, class Leaf>
int judge_tree(const Tree& node, Leaf&& leaf) {
  if (node.kind == Condition::Kind::comparison) return leaf(node);
  if (node.kind == Condition::Kind::negation) {
    const int inner = judge_tree(node.children.front(), leaf);
    return inner == 2 ? 2 : 1 - inner;
  }
  const int decisive = node.kind == Condition::Kind::any_of ? 1 : 0;
  int result = 1 - decisive;
  for (const Tree& child : node.children) {
    const int each = judge_tree(child, leaf);
    if (each == decisive) return decisive;
    if (each == 2) result = 2;
  }
  return result;
}

/// An element of a list is judged by paths whose first `skip` names are left out.
bool element_matches(const json::value& element, const Condition& condition, std::size_t skip) {
  return judge_tree(condition, [&](const Condition& leaf) {
           const std::vector<std::string_view> parts = split_path(leaf.path);
           std::vector<std::string> path(parts.begin() + static_cast<std::ptrdiff_t>(std::min(skip, parts.size())),
                                         parts.end());
           return judge_values({json_at(element, path)}, leaf.comparison, leaf.literals);
         }) == 1;
}

template <class Visit>
void each_leaf(const Condition& condition, Visit&& visit) {
  if (condition.kind == Condition::Kind::comparison) return visit(condition);
  for (const Condition& child : condition.children) each_leaf(child, visit);
}

/// The lists that childConditions speak of, in lower case.
std::set<std::string> lists_named(const Condition& condition) {
  std::set<std::string> lists;
  each_leaf(condition, [&](const Condition& leaf) { lists.insert(to_lower(split_path(leaf.path).front())); });
  return lists;
}

bool is_named(std::string_view name, std::span<const std::string> names) {
  return equals_ignoring_case(name, "id") || std::any_of(names.begin(), names.end(), [&](const std::string& each) {
           return equals_ignoring_case(each, name);
         });
}

bool is_info_member(std::string_view name) {
  static constexpr std::string_view kMembers[] = {"lastUpdated", "updatedBy", "dateEntered", "enteredBy"};
  return std::any_of(std::begin(kMembers), std::end(kMembers),
                     [&](std::string_view each) { return equals_ignoring_case(each, name); });
}

/// Lists have no value of their own: childConditions and customFieldConditions speak of their elements.
bool is_list(const Field& field) {
  if (field.type == FieldType::any) return field.object_schema == "ints" || field.object_schema == "strings";
  return field.type == FieldType::references || field.type == FieldType::objects ||
         field.type == FieldType::custom_fields;
}

bool leads_to_member(const Schema* schema, std::span<const std::string_view> names);

/// Whether what the field holds, or an element of it, has the member that `names` lead to.
bool leads_below(const Field& field, std::span<const std::string_view> names) {
  switch (field.type) {
    case FieldType::reference:
    case FieldType::references:
      return names.size() == 1 && is_named(names.front(), field.target_shape);
    case FieldType::object:
    case FieldType::objects:
      return leads_to_member(Catalogue::instance().schema(field.object_schema), names);
    case FieldType::custom_fields:
      return leads_to_member(Catalogue::instance().schema("CustomFieldValue"), names);
    case FieldType::any:
      return !is_list(field);
    default:
      return false;
  }
}

bool leads_to_member(const Schema* schema, std::span<const std::string_view> names) {
  if (schema == nullptr) return false;
  const auto found = std::find_if(schema->fields.begin(), schema->fields.end(),
                                  [&](const Field& field) { return equals_ignoring_case(field.name, names.front()); });
  if (found == schema->fields.end()) return names.size() == 1 && equals_ignoring_case(names.front(), "id");
  return names.size() == 1 || leads_below(*found, names.subspan(1));
}

/// The field that a path's answer, in the schema `shown` where that is another than the collection's, calls `name`; -1
/// when it shows none of that name.
int field_named(const Resource& resource, const Schema* shown, std::string_view name) {
  if (shown == nullptr) return resource.field_ignoring_case(name);
  const auto found = std::find_if(shown->fields.begin(), shown->fields.end(),
                                  [&](const Field& field) { return equals_ignoring_case(field.name, name); });
  return found == shown->fields.end() ? -1 : field_shown_as(resource, *found);
}

/// The first path that does not lead into a list (childConditions) or to a member of custom fields.
std::optional<std::string> unknown_name(const Resource& resource, const Schema* shown, const Condition& condition,
                                        bool custom) {
  std::optional<std::string> unknown;
  each_leaf(condition, [&](const Condition& leaf) {
    const std::vector<std::string_view> names = split_path(leaf.path);
    const int number = field_named(resource, shown, custom ? "customFields" : names.front());
    bool known = false;
    if (number >= 0) {
      const Field& list = resource.fields[static_cast<std::size_t>(number)];
      const std::span<const std::string_view> below = std::span(names).subspan(custom ? 0 : 1);
      known = is_list(list) && !below.empty() && leads_below(list, below);
    }
    if (!known && !unknown) unknown = leaf.path;
  });
  return unknown;
}

/// What a condition sees of an element that is a reference.
json::value referred(const Tenant& tenant, const Field& list, const json::value& id) {
  const Row* row = id.is_int64() ? tenant.table(list.target).find(id.get_int64()) : nullptr;
  if (row == nullptr) return nullptr;
  const Resource& resource = Catalogue::instance().at(list.target);
  json::object shown{{"id", row->id}};
  for (const std::string& member : list.target_shape) {
    if (member != "id") shown[member] = reference_text(tenant, resource, *row, member);
  }
  return shown;
}

ApiError syntax_error(const ConditionError& error) {
  return invalid_condition(fmt::format("{} at position {}.", error.message, error.position));
}

ApiError unrecognized(std::string_view name) {
  return invalid_condition(fmt::format("{} is not a recognized name.", name));
}

std::string_view kind_word(Literal::Kind kind) {
  switch (kind) {
    case Literal::Kind::text:
      return "string";
    case Literal::Kind::number:
      return "numeric";
    case Literal::Kind::boolean:
      return "boolean";
    case Literal::Kind::date:
      return "datetime";
    case Literal::Kind::null:
      break;
  }
  return "null";
}

ApiError type_mismatch(std::string_view expected, Literal::Kind found) {
  return invalid_condition(
      fmt::format("Expected a {} value, not a {}. String values should be enclosed with double or single quotes; "
                  "DateTime values should be "
                  "enclosed in square brackets; numbers should consist of only digits, and optionally a decimal point "
                  "and a negation sign; "
                  "boolean values should be indicated with the keywords true or false; null values should be indicated "
                  "by the keyword null.",
                  expected, kind_word(found)));
}

bool is_fine(FieldType type, Literal::Kind kind) {
  if (kind == Literal::Kind::null) return true;
  switch (type) {
    case FieldType::boolean:
      return kind == Literal::Kind::boolean;
    case FieldType::integer:
    case FieldType::decimal:
    case FieldType::reference:
      return kind == Literal::Kind::number;
    case FieldType::date:
      return kind == Literal::Kind::date;
    case FieldType::string:
      return kind == Literal::Kind::text || kind == Literal::Kind::date;
    case FieldType::enumeration:
      return kind == Literal::Kind::text;
    default:
      return true;
  }
}

std::string_view type_word(FieldType type) {
  switch (type) {
    case FieldType::boolean:
      return "boolean";
    case FieldType::integer:
    case FieldType::decimal:
    case FieldType::reference:
      return "numeric";
    case FieldType::date:
      return "datetime";
    default:
      return "string";
  }
}

std::optional<BoundPath::Step> bind_special(const Resource& resource, std::string_view name, FieldType& type) {
  static constexpr struct {
    std::string_view name;
    int special;
    FieldType type;
  } kSpecials[] = {{"id", BoundPath::kId, FieldType::integer},
                   {"lastUpdated", BoundPath::kLastUpdated, FieldType::date},
                   {"updatedBy", BoundPath::kUpdatedBy, FieldType::string},
                   {"dateEntered", BoundPath::kDateEntered, FieldType::date},
                   {"enteredBy", BoundPath::kEnteredBy, FieldType::string},
                   {"name", BoundPath::kName, FieldType::string}};
  for (const auto& each : kSpecials) {
    if (!equals_ignoring_case(each.name, name)) continue;
    type = each.type;
    return BoundPath::Step{&resource, each.special};
  }
  return std::nullopt;
}

Value read_special(const Tenant& tenant, const Resource& resource, const Row& row, int special) {
  switch (special) {
    case BoundPath::kId:
      return number_value(row.id);
    case BoundPath::kLastUpdated:
      return date_value(row.last_updated);
    case BoundPath::kUpdatedBy:
      return text_value(row.updated_by);
    case BoundPath::kDateEntered:
      return date_value(row.date_entered);
    case BoundPath::kEnteredBy:
      return text_value(row.entered_by);
    default:
      return text_value(reference_text(tenant, resource, row, "name"));
  }
}

/// A path that ends with `field`, behind the reference `through`: what that shows of a reference is its name.
std::optional<BoundPath> ended(BoundPath path, const Field& field, const Field* through) {
  if (is_list(field) || field.type == FieldType::object) return std::nullopt;
  const bool as_text = through != nullptr && field.type == FieldType::reference && field.target >= 0 &&
                       is_named(field.name, through->target_shape);
  if (!as_text) return path;
  path.steps.push_back({&Catalogue::instance().at(field.target), BoundPath::kName});
  path.type = FieldType::string;
  return path;
}

/// A path that goes on into the JSON that `field` holds.
std::optional<BoundPath> led_below(BoundPath path, const Field& field, std::span<const std::string_view> names) {
  if (is_list(field) || !leads_below(field, names)) return std::nullopt;
  path.below.assign(names.begin(), names.end());
  path.type = FieldType::any;
  return path;
}

void read_step(const Tenant& tenant, const Row& row, const BoundPath& path, std::size_t at,
               std::vector<Value>& values) {
  const BoundPath::Step& step = path.steps[at];
  if (step.field < 0) {
    values.push_back(read_special(tenant, *step.resource, row, step.field));
    return;
  }
  const Field& field = step.resource->fields[static_cast<std::size_t>(step.field)];
  const json::value* value = row.get(step.field);
  if (at + 1 == path.steps.size()) {
    if (value == nullptr && step.field == step.resource->guid_field) {
      values.push_back(text_value(row_guid(tenant, *step.resource, row)));
      return;
    }
    values.push_back(value != nullptr && !path.below.empty() ? json_at(*value, path.below)
                                                             : from_cell(value, field.type));
    return;
  }
  const auto follow = [&](const json::value& id) {
    if (!id.is_int64()) return;
    const Row* target = tenant.table(field.target).find(id.get_int64());
    if (target != nullptr) read_step(tenant, *target, path, at + 1, values);
  };
  if (value == nullptr) return;
  if (!value->is_array()) return follow(*value);
  for (const json::value& id : value->get_array()) follow(id);
}

}  // namespace

std::optional<BoundPath> bind_path(const Resource& resource, std::string_view text, const Schema* shown) {
  BoundPath path;
  const std::vector<std::string_view> names = split_path(text);
  if (names.size() == 2 && equals_ignoring_case(names.front(), "_info")) {
    // What _info says of an object, whatever fields of its own are called the same.
    const auto special = bind_special(resource, names[1], path.type);
    if (!special || !is_info_member(names[1])) return std::nullopt;
    path.steps.push_back(*special);
    return path;
  }
  const Resource* at = &resource;
  const Field* through = nullptr;  // the reference that was followed last
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool last = i + 1 == names.size();
    const std::string_view name = through != nullptr && equals_ignoring_case(names[i], "sort") ? "sortOrder" : names[i];
    const int index = through == nullptr ? field_named(*at, shown, name) : at->field_ignoring_case(name);
    if (index < 0) {
      const auto special = bind_special(*at, name, path.type);
      const bool named = special && special->field == BoundPath::kName;
      if (!special || !last || (named && i == 0)) return std::nullopt;
      path.steps.push_back(*special);
      return path;
    }
    const Field& field = at->fields[static_cast<std::size_t>(index)];
    if (field.post_only || (field.hidden && last)) return std::nullopt;
    path.steps.push_back({at, index});
    path.type = field.type;
    if (last) return ended(std::move(path), field, through);
    const bool reference = field.type == FieldType::reference || field.type == FieldType::references;
    if (!reference || field.target < 0) return led_below(std::move(path), field, std::span(names).subspan(i + 1));
    at = &Catalogue::instance().at(field.target);
    through = &field;
  }
  return std::nullopt;
}

void read_path(const Tenant& tenant, const Row& row, const BoundPath& path, std::vector<Value>& values) {
  read_step(tenant, row, path, 0, values);
}

bool is_member_path(const Schema& schema, std::string_view path) {
  const std::vector<std::string_view> names = split_path(path);
  const bool of_info = schema.has_info && names.size() == 2 && equals_ignoring_case(names.front(), "_info");
  return of_info ? is_info_member(names.back()) : leads_to_member(&schema, names);
}

ApiResult<std::vector<json::object>> filter_objects(std::vector<json::object> objects, std::string_view conditions,
                                                    const std::function<bool(std::string_view)>& is_known) {
  const auto condition = parse_conditions(conditions);
  if (!condition) return tl::unexpected(syntax_error(condition.error()));
  std::optional<std::string> unknown;
  each_leaf(*condition, [&](const Condition& leaf) {
    if (!unknown && !is_known(leaf.path)) unknown = leaf.path;
  });
  if (unknown) return tl::unexpected(unrecognized(*unknown));
  std::erase_if(objects, [&](const json::object& each) { return !element_matches(each, *condition, 0); });
  return objects;
}

std::optional<ApiError> Query::check_types(const BoundPath& path, Condition& condition, const Resource&) {
  for (Literal& literal : condition.literals) {
    if (!is_fine(path.type, literal.kind)) return type_mismatch(type_word(path.type), literal.kind);
    const BoundPath::Step& step = path.steps.back();
    if (path.type != FieldType::enumeration || literal.kind != Literal::Kind::text) continue;
    if (condition.comparison == Comparison::contains || condition.comparison == Comparison::like) continue;
    const auto& values = step.resource->fields[static_cast<std::size_t>(step.field)].enumeration;
    const bool known = std::any_of(values.begin(), values.end(),
                                   [&](const std::string& value) { return equals_ignoring_case(value, literal.text); });
    if (!known) return invalid_condition("Enum value supplied was invalid");
  }
  const bool textual = condition.comparison == Comparison::contains || condition.comparison == Comparison::like;
  const Literal::Kind kind = condition.literals.front().kind;
  if (textual && kind != Literal::Kind::text) return type_mismatch("string", kind);
  return std::nullopt;
}

ApiResult<Query::Node> Query::bind(const Resource& resource, const Schema* shown, Condition condition) {
  Node node;
  node.kind = condition.kind;
  if (condition.kind != Condition::Kind::comparison) {
    for (Condition& child : condition.children) {
      ApiResult<Node> bound = bind(resource, shown, std::move(child));
      if (!bound) return bound;
      node.children.push_back(std::move(*bound));
    }
    return node;
  }
  std::optional<BoundPath> path = bind_path(resource, condition.path, shown);
  if (!path) return tl::unexpected(unrecognized(condition.path));
  if (auto error = check_types(*path, condition, resource)) return tl::unexpected(std::move(*error));
  node.path = std::move(*path);
  node.comparison = condition.comparison;
  node.literals = std::move(condition.literals);
  return node;
}

ApiResult<std::vector<Query::Order>> Query::bind_order(const Resource& resource, const Schema* shown,
                                                       std::string_view text) {
  std::vector<Order> orders;
  while (!trim(text).empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view part = trim(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    const std::size_t blank = part.find(' ');
    const std::string_view direction = blank == std::string_view::npos ? "" : trim(part.substr(blank));
    std::optional<BoundPath> path = bind_path(resource, part.substr(0, blank), shown);
    const bool known =
        direction.empty() || equals_ignoring_case(direction, "asc") || equals_ignoring_case(direction, "desc");
    if (!path || !known) return tl::unexpected(unrecognized(path ? direction : part.substr(0, blank)));
    orders.push_back({std::move(*path), equals_ignoring_case(direction, "desc")});
  }
  return orders;
}

ApiResult<Query> Query::compile(const Resource& resource, const QueryText& text, const Schema* shown) {
  const auto refuse = [](const ConditionError& error) { return tl::unexpected(syntax_error(error)); };
  Query query;
  query.resource_ = &resource;
  auto condition = parse_conditions(text.conditions);
  if (!condition) return refuse(condition.error());
  ApiResult<Node> root = bind(resource, shown, std::move(*condition));
  if (!root) return tl::unexpected(std::move(root.error()));
  query.root_ = std::move(*root);
  for (const auto& [source, target] :
       {std::pair(text.child_conditions, &query.child_), std::pair(text.custom_field_conditions, &query.custom_)}) {
    if (trim(source).empty()) continue;
    auto parsed = parse_conditions(source, {.in_allowed = false});
    if (!parsed) return refuse(parsed.error());
    const bool custom = target == &query.custom_;
    if (std::optional<std::string> name = unknown_name(resource, shown, *parsed, custom))
      return tl::unexpected(unrecognized(*name));
    *target = std::move(*parsed);
  }
  auto order = bind_order(resource, shown, text.order_by);
  if (!order) return tl::unexpected(std::move(order.error()));
  query.order_ = std::move(*order);
  return query;
}

Query::Truth Query::judge(const Tenant& tenant, const Row& row, const Node& node) {
  std::vector<Value> values;
  return static_cast<Truth>(judge_tree(node, [&](const Node& leaf) {
    values.clear();
    read_path(tenant, row, leaf.path, values);
    return judge_values(values, leaf.comparison, leaf.literals);
  }));
}

bool Query::child_matches(const Tenant& tenant, const Row& row) const {
  const std::set<std::string> lists = lists_named(*child_);
  const auto some_element = [&](const std::string& list_name, const Condition& condition) {
    const int field = resource_->field_ignoring_case(list_name);
    const json::value* list = field < 0 ? nullptr : row.get(field);
    if (list == nullptr || !list->is_array()) return false;
    const Field& described = resource_->fields[static_cast<std::size_t>(field)];
    return std::any_of(list->get_array().begin(), list->get_array().end(), [&](const json::value& element) {
      return element_matches(described.target < 0 ? element : referred(tenant, described, element), condition, 1);
    });
  };
  // What is said of one list is said of one element of it.
  if (lists.size() == 1) return some_element(*lists.begin(), *child_);
  return judge_tree(*child_, [&](const Condition& leaf) {
           return some_element(to_lower(split_path(leaf.path).front()), leaf) ? 1 : 0;
         }) == 1;
}

bool Query::matches(const Tenant& tenant, const Row& row) const {
  if (judge(tenant, row, root_) != Truth::yes) return false;
  if (child_ && !child_matches(tenant, row)) return false;
  if (!custom_) return true;
  const int field = resource_->field("customFields");
  if (field < 0) return false;
  const json::array shown = shown_custom_fields(tenant, *resource_, row.get(field));
  return std::any_of(shown.begin(), shown.end(),
                     [&](const json::value& element) { return element_matches(element, *custom_, 0); });
}

std::optional<std::vector<std::int64_t>> Query::candidates(const Tenant& tenant, std::int64_t parent) const {
  const Table& table = tenant.table(*resource_);
  std::vector<const Node*> conditions;
  if (root_.kind == Condition::Kind::comparison) conditions.push_back(&root_);
  if (root_.kind == Condition::Kind::all_of) {
    for (const Node& child : root_.children) conditions.push_back(&child);
  }
  for (const Node* node : conditions) {
    if (node->kind != Condition::Kind::comparison) continue;
    if (node->comparison != Comparison::equal && node->comparison != Comparison::in) continue;
    const auto& steps = node->path.steps;
    const bool by_id = steps.size() == 1 && steps[0].field == BoundPath::kId;
    const bool of_reference = steps.size() == 2 && steps[1].field == BoundPath::kId;
    if (!by_id && !of_reference && !(steps.size() == 1 && node->path.below.empty())) continue;
    std::vector<std::int64_t> ids;
    bool usable = true;
    for (const Literal& literal : node->literals) {
      const bool number = literal.kind == Literal::Kind::number && literal.number % kUnitsOfOne == 0;
      if (by_id && number) {
        ids.push_back(literal.number / kUnitsOfOne);
      } else if (number || literal.kind == Literal::Kind::text) {
        const std::string key = number ? std::to_string(literal.number / kUnitsOfOne) : to_lower(literal.text);
        const std::vector<std::int64_t>* found = by_id ? nullptr : table.lookup(steps[0].field, key);
        usable = usable && found != nullptr;
        if (found != nullptr) ids.insert(ids.end(), found->begin(), found->end());
      } else {
        usable = false;
      }
    }
    if (!usable) continue;
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
  }
  if (parent == 0) return std::nullopt;
  const std::vector<std::int64_t>* children = table.lookup(resource_->parent_field, std::to_string(parent));
  return children == nullptr ? std::nullopt : std::optional(*children);
}

void Query::sort(const Tenant& tenant, std::vector<const Row*>& rows) const {
  std::vector<std::pair<std::vector<Value>, const Row*>> keyed;
  keyed.reserve(rows.size());
  for (const Row* row : rows) {
    std::vector<Value> keys;
    for (const Order& order : order_) {
      std::vector<Value> values;
      read_path(tenant, *row, order.path, values);
      keys.push_back(values.empty() ? Value{} : std::move(values.front()));
      keys.back().text = to_lower(keys.back().text);
    }
    keyed.emplace_back(std::move(keys), row);
  }
  const auto key_of = [](const Value& value) { return std::tie(value.kind, value.flag, value.number, value.text); };
  std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& left, const auto& right) {
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const auto a = key_of(left.first[i]), b = key_of(right.first[i]);
      if (a != b) return order_[i].descending ? b < a : a < b;
    }
    return false;
  });
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = keyed[i].second;
}

std::vector<const Row*> Query::run(const Tenant& tenant, std::int64_t parent, std::int64_t after,
                                   std::size_t limit) const {
  const Table& table = tenant.table(*resource_);
  std::vector<const Row*> rows;
  const auto consider = [&](const Row& row) {
    if ((parent == 0 || row.parent == parent) && matches(tenant, row)) rows.push_back(&row);
    return !order_.empty() || rows.size() < limit;
  };
  if (const auto ids = candidates(tenant, parent)) {
    for (const std::int64_t id : *ids) {
      if (id <= after) continue;
      const Row* row = table.find(id);
      if (row != nullptr && !consider(*row)) break;
    }
  } else {
    table.each(consider, after);
  }
  if (!order_.empty()) sort(tenant, rows);
  return rows;
}

}  // namespace crosswalk::sandbox

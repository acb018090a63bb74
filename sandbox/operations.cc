#include "sandbox/operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "base/text.h"
#include "sandbox/usages.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

/// By number of the operation, so that a request costs one look.
std::vector<const OperationRule*> all_rules() {
  const Document& document = Document::instance();
  std::vector<const OperationRule*> rules(static_cast<std::size_t>(document.operations_total()), nullptr);
  for (const auto module : {company_operations(), service_operations(), finance_operations(), procurement_operations(),
                            sales_operations(), time_operations(), system_operations()}) {
    for (const OperationRule& rule : module) {
      const DocumentPath* path = document.find(rule.path);
      const Operation* operation = path == nullptr ? nullptr : path->operation(rule.method);
      if (operation == nullptr) {
        throw std::logic_error(fmt::format("operation table: not in the document: {} {}", rule.method, rule.path));
      }
      rules[static_cast<std::size_t>(operation->number)] = &rule;
    }
  }
  static constexpr OperationRule kUsages{"GET", "", list_usages};
  for (const DocumentPath& path : document.paths()) {
    const bool of_usages = path.path.ends_with("/usages") || path.path.ends_with("/usages/list");
    const Operation* operation = of_usages && path.of_item ? path.operation("GET") : nullptr;
    if (operation != nullptr) rules[static_cast<std::size_t>(operation->number)] = &kUsages;
  }
  return rules;
}

constexpr std::string_view kCount = "/count";

/// The type of what a list shows that is worked out; behind a count, of what is counted. Empty where the document does
/// not say.
std::string_view type_in_list(const DocumentPath& path) {
  const bool counting = path.path.ends_with(kCount);
  const DocumentPath* list =
      counting ? Document::instance().find(path.path.substr(0, path.path.size() - kCount.size())) : &path;
  const Operation* reading = list == nullptr ? nullptr : list->operation("GET");
  const bool told = reading != nullptr && reading->answer_schema.starts_with('*');
  return told ? std::string_view(reading->answer_schema).substr(1) : std::string_view();
}

/// Whether objects of that type have what a path leads to; of an unknown type nobody knows.
bool has_member(std::string_view type, std::string_view path) {
  if (const Schema* schema = Catalogue::instance().schema(type)) return is_member_path(*schema, path);
  const std::span<const std::string> shape = Catalogue::instance().reference_shape(type);
  return shape.empty() || std::any_of(shape.begin(), shape.end(),
                                      [&](const std::string& member) { return equals_ignoring_case(member, path); });
}

ApiResult<std::vector<json::object>> filtered(const OperationContext& context, std::vector<json::object> objects) {
  const std::string_view conditions = context.request.parameter("conditions");
  if (conditions.empty()) return objects;
  const std::string_view type = type_in_list(*context.route.path);
  return filter_objects(std::move(objects), conditions,
                        [type](std::string_view path) { return has_member(type, path); });
}

}  // namespace

const OperationRule* find_operation_rule(const Operation& operation) {
  static const std::vector<const OperationRule*> rules = all_rules();
  return rules[static_cast<std::size_t>(operation.number)];
}

bool is_implemented(const DocumentPath& path, const Operation& operation) {
  if (find_operation_rule(operation) != nullptr) return true;
  if (operation.status == kNotSimulated) return false;
  switch (path.kind) {
    case PathKind::list:
      return operation.method == "GET" || operation.method == "POST";
    case PathKind::item:
      return operation.method != "POST";
    case PathKind::count:
      return operation.method == "GET";
    case PathKind::operation:
      break;
  }
  return path.path.ends_with("/tickets/search");
}

net::Response page_response(const OperationContext& context, std::size_t total,
                            const std::function<void(std::string&, std::size_t)>& write) {
  return page_response(context.request, context.wire, total, write);
}

net::Response objects_response(const OperationContext& context, std::vector<json::object> objects) {
  const ApiResult<std::vector<json::object>> met = filtered(context, std::move(objects));
  if (!met) return to_response(met.error());
  const std::vector<json::object>& shown = *met;
  const std::string_view fields = context.request.parameter("fields");
  return page_response(context, shown.size(), [&](std::string& out, std::size_t i) {
    out += json_text(fields.empty() ? shown[i] : project(shown[i], fields));
  });
}

net::Response objects_count_response(const OperationContext& context, std::vector<json::object> objects) {
  const ApiResult<std::vector<json::object>> met = filtered(context, std::move(objects));
  return met ? count_response(met->size()) : to_response(met.error());
}

net::Response references_response(const OperationContext& context, const Resource& resource,
                                  const std::vector<const Row*>& rows) {
  const std::span<const std::string> shape = Catalogue::instance().reference_shape(type_in_list(*context.route.path));
  std::vector<json::object> objects;
  for (const Row* row : rows) {
    std::string text;
    context.wire.write_reference(text, resource, *row, shape);
    objects.push_back(json::parse(text).as_object());
  }
  const bool counting = context.route.path->path.ends_with(kCount);
  return counting ? objects_count_response(context, std::move(objects)) : objects_response(context, std::move(objects));
}

net::Response row_response(const OperationContext& context, int status, const Resource& resource, const Row& row) {
  const std::string_view fields = context.request.parameter("fields");
  if (fields.empty()) return json_response(status, context.wire.text(resource, row));
  return json_response(status, json_text(project(context.wire.object(resource, row), fields)));
}

net::Response rows_response(const OperationContext& context, const Resource& resource) {
  const ApiResult<Query> query = Query::compile(resource, context.request.query_text());
  if (!query) return to_response(query.error());
  const std::vector<const Row*> rows = query->run(context.tenant, 0);
  return page_response(context, rows.size(),
                       [&](std::string& out, std::size_t i) { context.wire.write(out, resource, *rows[i]); });
}

net::Response count_response(std::size_t number) { return json_response(200, fmt::format("{{\"count\":{}}}", number)); }

net::Response success_response() { return json_response(200, R"({"success":true,"message":""})"); }

net::Response no_content_response() {
  net::Response response;
  response.status = 204;
  return response;
}

}  // namespace crosswalk::sandbox

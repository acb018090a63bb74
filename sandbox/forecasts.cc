#include "sandbox/forecasts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sandbox/money.h"
#include "sandbox/rules.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr const char* kItems = "forecastItems";
constexpr const char* kItemNoun = "forecastItem";
/// A thousand items of up to this add up, and their costs beside them, without running over.
constexpr double kAmountMax = 4e11;

double amount_in(const json::object& item, std::string_view name) {
  const json::value* value = item.if_contains(name);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

std::int64_t units_in(const json::object& item, std::string_view name) {
  return std::llround(amount_in(item, name) * static_cast<double>(kUnit));
}

bool flag_in(const json::object& item, std::string_view name) {
  const json::value* value = item.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

struct Sum {
  std::int64_t revenue = 0, cost = 0;
  void add(const json::object& item) {
    revenue += units_in(item, "revenue");
    cost += units_in(item, "cost");
  }
  /// In the shape that all sums of a forecast have; margin as a share of the revenue.
  [[nodiscard]] json::object shown(std::int64_t id) const {
    const std::int64_t margin = revenue - cost;
    return {{"id", id},
            {"revenue", decimal_value(revenue)},
            {"cost", decimal_value(cost)},
            {"margin", decimal_value(margin)},
            {"percentage", decimal_value(revenue == 0 ? 0 : share_of(100 * kUnit, margin, revenue))}};
  }
};

/// Whether an item of this status is won, lost or open.
const char* outcome_of(const Tenant& tenant, const json::object& item) {
  const Table& statuses = tenant.table("sales/opportunities/statuses");
  const json::value* status = item.if_contains("status");
  const json::value* id = status != nullptr && status->is_object() ? status->get_object().if_contains("id") : nullptr;
  const Row* row = id != nullptr && id->is_int64() ? statuses.find(id->get_int64()) : nullptr;
  if (row != nullptr && row->flag(statuses.resource().field("wonFlag"))) return "wonRevenue";
  return row != nullptr && row->flag(statuses.resource().field("lostFlag")) ? "lostRevenue" : "openRevenue";
}

const char* kind_of(const json::object& item) {
  static constexpr std::pair<std::string_view, const char*> kKinds[] = {{"Product", "productRevenue"},
                                                                        {"Service", "serviceRevenue"},
                                                                        {"Agreement", "agreementRevenue"},
                                                                        {"Other1", "otherRevenue1"},
                                                                        {"Other2", "otherRevenue2"}};
  const json::value* type = item.if_contains("forecastType");
  for (const auto& [name, sum] : kKinds) {
    if (type != nullptr && *type == json::value(name)) return sum;
  }
  return "otherRevenue1";
}

void add_up(Writer& writer, const json::array& items) {
  std::map<std::string_view, Sum> sums;
  for (const char* name :
       {"productRevenue", "serviceRevenue", "agreementRevenue", "timeRevenue", "expenseRevenue", "otherRevenue1",
        "otherRevenue2", "forecastRevenueTotals", "inclusiveRevenueTotals", "wonRevenue", "lostRevenue", "openRevenue"})
    sums[name];
  std::int64_t recurring = 0;
  for (const json::value& each : items) {
    const json::object& item = each.get_object();
    for (const char* name : {kind_of(item), outcome_of(writer.tenant, item), "forecastRevenueTotals"})
      sums[name].add(item);
    if (flag_in(item, "includeFlag")) sums["inclusiveRevenueTotals"].add(item);
    recurring += units_in(item, "recurringRevenue");
  }
  for (const auto& [name, sum] : sums) writer.row.set(writer.resource.field(name), sum.shown(writer.row.parent));
  writer.row.set(writer.resource.field("recurringTotal"), recurring);
}

const Row* forecast_of(const OperationContext& context) {
  const Table& forecasts = std::as_const(context.tenant).table(context.resource());
  const auto* ids = forecasts.lookup(context.resource().parent_field, std::to_string(context.route.parent));
  return ids->empty() ? nullptr : forecasts.find(ids->front());
}

json::array items_of(const OperationContext& context, const Row& forecast) {
  const json::value* items = forecast.get(context.resource().field(kItems));
  return items == nullptr ? json::array() : items->get_array();
}

/// The forecast of an opportunity that was there before opportunities had any.
const Row& needed_forecast(const OperationContext& context) {
  if (const Row* forecast = forecast_of(context)) return *forecast;
  [[maybe_unused]] const auto added =
      post_row(context.tenant, context.resource(), context.route.parent, {}, context.actor);
  return *forecast_of(context);
}

std::optional<std::size_t> position_of(const json::array& items, std::int64_t id) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const json::value& item) { return item.at("id") == id; });
  return found == items.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - items.begin()));
}

net::Response answered(const OperationContext& context, const ApiResult<const Row*>& written) {
  return written ? row_response(context, context.route.operation->status, context.resource(), **written)
                 : to_response(written.error());
}

ApiResult<const Row*> keep_items(const OperationContext& context, json::array items) {
  return patch_row(context.tenant, context.resource(), needed_forecast(context),
                   {json::object{{"op", "replace"}, {"path", kItems}, {"value", std::move(items)}}}, context.actor);
}

/// Writes the items and answers with the one at `position`.
net::Response item_response(const OperationContext& context, json::array items, std::size_t position) {
  const ApiResult<const Row*> written = keep_items(context, std::move(items));
  if (!written) return to_response(written.error());
  return json_response(context.route.operation->status, json_text(items_of(context, **written)[position]));
}

ApiError no_item(const OperationContext& context) { return not_found("ForecastItem", context.route.below); }

/// The operations of a PATCH, into an item as it is sent.
std::optional<ApiError> apply_to_item(json::object& item, const json::array& operations) {
  const Schema& schema = *Catalogue::instance().schema("ForecastItem");
  for (const json::value& operation : operations) {
    const json::value* path = operation.is_object() ? operation.get_object().if_contains("path") : nullptr;
    if (path == nullptr || !path->is_string())
      return invalid_object(kItemNoun, {{"InvalidField", "Each operation must have an op and a path.", kItemNoun, ""}});
    std::string name(path->get_string());
    if (name.starts_with('/')) name.erase(0, 1);
    if (schema.field(name) == nullptr)
      return invalid_object(kItemNoun, {{"InvalidField", fmt::format("path {} is not valid", name), kItemNoun, name}});
    const json::value* value = operation.get_object().if_contains("value");
    const json::value* op = operation.get_object().if_contains("op");
    const bool removing = value == nullptr || (op != nullptr && *op == json::value("remove"));
    item[name] = removing ? json::value(nullptr) : *value;
  }
  return std::nullopt;
}

}  // namespace

void add_forecast(Writer& writer, const Row& opportunity, bool inserted) {
  if (!inserted) return;
  const Resource& forecasts = Catalogue::instance().get("sales/opportunities/forecast");
  [[maybe_unused]] const auto added = post_row(writer.tenant, forecasts, opportunity.id, {}, writer.actor);
}

void rule_forecast(Writer& writer, const Row*) {
  const Table& opportunities = std::as_const(writer.tenant).table("sales/opportunities");
  const Resource& of_opportunity = opportunities.resource();
  const Row* opportunity = opportunities.find(writer.row.parent);
  const int field = writer.resource.field(kItems);
  const json::value* kept = writer.row.get(field);
  json::array items = kept == nullptr ? json::array() : kept->get_array();
  for (json::value& each : items) {
    json::object& item = each.get_object();
    for (const char* name : {"status", "forecastType"}) {
      if (!item.contains(name)) writer.fail(missing_field(kItemNoun, name));
    }
    for (const char* name : {"revenue", "cost", "recurringRevenue"}) {
      if (std::abs(amount_in(item, name)) < kAmountMax) continue;
      writer.fail({"InvalidField", fmt::format("The {} field is invalid.", name), kItemNoun, name});
    }
    if (!writer.errors.empty() || opportunity == nullptr) continue;
    item["opportunity"] =
        json::object{{"id", opportunity->id}, {"name", opportunity->text(of_opportunity.field("name"))}};
    item["margin"] = decimal_value(units_in(item, "revenue") - units_in(item, "cost"));
  }
  if (!writer.errors.empty()) return;
  add_up(writer, items);
  writer.row.set(field, std::move(items));
}

net::Response extend_forecast(const OperationContext& context) {
  const std::optional<json::object> body = parse_object(context.request.body);
  if (!body) return to_response(invalid_object(context.resource().spec.noun, {}));
  const Row forecast = needed_forecast(context);
  json::object extended = *body;
  json::array items = items_of(context, forecast);
  if (const json::value* more = body->if_contains(kItems); more != nullptr && more->is_array())
    items.insert(items.end(), more->get_array().begin(), more->get_array().end());
  extended[kItems] = std::move(items);
  Writer writer(context.tenant, context.resource(), forecast, Writer::Mode::patch, context.actor);
  writer.apply_body(extended);
  writer.finish();
  return answered(context, writer.commit());
}

net::Response replace_forecast(const OperationContext& context) {
  const std::optional<json::object> body = parse_object(context.request.body);
  if (!body) return to_response(invalid_object(context.resource().spec.noun, {}));
  return answered(context, put_row(context.tenant, context.resource(), needed_forecast(context), *body, context.actor));
}

net::Response patch_forecast(const OperationContext& context) {
  boost::system::error_code error;
  const json::value operations = json::parse(context.request.body, error);
  if (error || !operations.is_array()) return to_response({400, "InvalidObject", "expected array format", {}});
  return answered(context, patch_row(context.tenant, context.resource(), needed_forecast(context),
                                     operations.get_array(), context.actor));
}

net::Response empty_forecast(const OperationContext& context) {
  const ApiResult<const Row*> emptied = keep_items(context, {});
  return emptied ? no_content_response() : to_response(emptied.error());
}

net::Response show_forecast_item(const OperationContext& context) {
  const json::array items = items_of(context, needed_forecast(context));
  const auto at = position_of(items, context.route.below);
  return at ? json_response(200, json_text(items[*at])) : to_response(no_item(context));
}

net::Response add_forecast_item(const OperationContext& context) {
  const Row& forecast = needed_forecast(context);
  if (context.route.below != forecast.id) return to_response(not_found("Forecast", context.route.below));
  std::optional<json::object> body = parse_object(context.request.body);
  if (!body) return to_response(invalid_object(kItemNoun, {}));
  body->erase("id");
  json::array items = items_of(context, forecast);
  const std::size_t position = items.size();
  items.push_back(std::move(*body));
  return item_response(context, std::move(items), position);
}

net::Response change_forecast_item(const OperationContext& context) {
  json::array items = items_of(context, needed_forecast(context));
  const auto at = position_of(items, context.route.below);
  if (!at) return to_response(no_item(context));
  boost::system::error_code error;
  json::value body = json::parse(context.request.body, error);
  json::object& item = items[*at].get_object();
  if (context.request.method == "PUT") {
    if (error || !body.is_object()) return to_response(invalid_object(kItemNoun, {}));
    item = std::move(body.get_object());
  } else {
    if (error || !body.is_array()) return to_response({400, "InvalidObject", "expected array format", {}});
    if (const auto problem = apply_to_item(item, body.get_array())) return to_response(*problem);
  }
  item["id"] = context.route.below;
  return item_response(context, std::move(items), *at);
}

net::Response delete_forecast_item(const OperationContext& context) {
  json::array items = items_of(context, needed_forecast(context));
  const auto at = position_of(items, context.route.below);
  if (!at) return to_response(no_item(context));
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(*at));
  const ApiResult<const Row*> written = keep_items(context, std::move(items));
  return written ? no_content_response() : to_response(written.error());
}

net::Response copy_forecast_item(const OperationContext& context) {
  json::array items = items_of(context, needed_forecast(context));
  const auto at = position_of(items, context.route.below);
  if (!at) return to_response(no_item(context));
  json::object copy = items[*at].get_object();
  copy.erase("id");
  items.push_back(std::move(copy));
  const ApiResult<const Row*> written = keep_items(context, std::move(items));
  return written ? success_response() : to_response(written.error());
}

}  // namespace crosswalk::sandbox

#include <fmt/format.h>

#include "base/text.h"
#include "sandbox/forecasts.h"
#include "sandbox/money.h"
#include "sandbox/operations.h"
#include "sandbox/rules.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::size_t kNameMax = 100;

/// What an order or opportunity is called.
std::string name_of(const OperationContext& context) {
  for (const char* field : {"name", "description"}) {
    const int number = context.resource().field(field);
    const std::string_view text = number < 0 ? std::string_view() : trim(context.row->text(number));
    if (!text.empty()) return cut_text(text, kNameMax);
  }
  return fmt::format("{} {}", context.resource().spec.title, context.row->id);
}

/// What an opportunity or order becomes: the new object takes its name, company and contact, then what the request
/// says.
net::Response convert_to(const OperationContext& context, const char* collection, const char* name_field,
                         const json::object& otherwise = {}) {
  const std::optional<json::object> body = parse_object(context.request.body.empty() ? "{}" : context.request.body);
  if (!body) return to_response(invalid_object("conversion", {}));
  const json::object opportunity = context.wire.object(context.resource(), *context.row);
  json::object content{{name_field, name_of(context)}};
  for (const char* name : {"company", "contact", "site"}) {
    if (const json::value* value = opportunity.if_contains(name)) content[name] = *value;
  }
  for (const json::object* from : {&otherwise, &*body}) {
    for (const auto& [name, value] : *from) {
      if (!value.is_null()) content[name] = value;
    }
  }
  const Resource& target = Catalogue::instance().get(collection);
  const ApiResult<const Row*> written = post_row(context.tenant, target, 0, content, context.actor);
  return written ? row_response(context, context.route.operation->status, target, **written)
                 : to_response(written.error());
}

net::Response to_agreement(const OperationContext& context) {
  return convert_to(context, "finance/agreements", "name");
}

net::Response to_ticket(const OperationContext& context) { return convert_to(context, "service/tickets", "summary"); }

json::value first_of(const OperationContext& context, const char* collection) {
  json::value found = nullptr;
  std::as_const(context.tenant).table(collection).each([&](const Row& row) {
    found = json::object{{"id", row.id}};
    return false;
  });
  return found;
}

net::Response to_order(const OperationContext& context) {
  const json::object opportunity = context.wire.object(context.resource(), *context.row);
  const json::value* seller = opportunity.if_contains("primarySalesRep");
  return convert_to(context, "sales/orders", "description",
                    {{"salesRep", seller == nullptr ? json::value(nullptr) : *seller},
                     {"status", first_of(context, "sales/orders/statuses")}});
}

/// The first board for projects, else the first of all.
json::value project_board(const OperationContext& context) {
  const std::int64_t board = first_with(std::as_const(context.tenant).table("service/boards"), "projectFlag");
  return board == 0 ? first_of(context, "service/boards") : json::value(json::object{{"id", board}});
}

net::Response to_project(const OperationContext& context) {
  constexpr std::int64_t kMonth = 30 * 86'400;
  return convert_to(context, "project/projects", "name",
                    {{"board", project_board(context)},
                     {"billingMethod", "ActualRates"},
                     {"estimatedStart", time_text(context.actor.now)},
                     {"estimatedEnd", time_text(context.actor.now + kMonth)}});
}

/// What the order's products sell for and cost.
net::Response order_recap(const OperationContext& context) {
  const Table& products = std::as_const(context.tenant).table("procurement/products");
  const Resource& of_product = products.resource();
  std::int64_t billable = 0, cost = 0;
  products.each([&](const Row& row) {
    if (row.integer(of_product.field("salesOrder")) != context.row->id) return true;
    const std::int64_t quantity = row.integer(of_product.field("quantity"));
    billable += multiply(quantity, row.integer(of_product.field("price")));
    cost += multiply(quantity, row.integer(of_product.field("cost")));
    return true;
  });
  const std::int64_t margin = billable - cost;
  return objects_response(context,
                          {{{"id", context.row->id},
                            {"billableAmount", decimal_value(billable)},
                            {"cost", decimal_value(cost)},
                            {"margin", decimal_value(margin)},
                            {"percent", decimal_value(billable == 0 ? 0 : share_of(100 * kUnit, margin, billable))}}});
}

net::Response no_conversions(const OperationContext& context) { return objects_response(context, {}); }

/// The activities or opportunities that name a campaign.
net::Response of_campaign(const OperationContext& context) {
  const std::string& path = context.route.path->path;
  const bool activities = path.find("}/activities") != std::string::npos;
  const Table& table = std::as_const(context.tenant).table(activities ? "sales/activities" : "sales/opportunities");
  const int campaign = table.resource().field("campaign");
  std::vector<const Row*> rows;
  table.each([&](const Row& row) {
    if (row.integer(campaign) == context.row->id) rows.push_back(&row);
    return true;
  });
  return references_response(context, table.resource(), rows);
}

}  // namespace

std::span<const OperationRule> sales_operations() {
  static constexpr OperationRule kRules[] = {
      {"GET", "/marketing/campaigns/{id}/activities", of_campaign},
      {"GET", "/marketing/campaigns/{id}/activities/count", of_campaign},
      {"GET", "/marketing/campaigns/{id}/opportunities", of_campaign},
      {"GET", "/marketing/campaigns/{id}/opportunities/count", of_campaign},
      {"GET", "/sales/opportunities/default", default_object},
      {"GET", "/sales/opportunities/conversions/{id}", no_conversions},
      {"GET", "/sales/orders/conversions/{id}", no_conversions},
      {"POST", "/sales/opportunities/{parentId}/forecast", extend_forecast, nullptr, "E"},
      {"PUT", "/sales/opportunities/{parentId}/forecast", replace_forecast},
      {"PATCH", "/sales/opportunities/{parentId}/forecast", patch_forecast},
      {"DELETE", "/sales/opportunities/{parentId}/forecast", empty_forecast, nullptr, "E"},
      {"GET", "/sales/opportunities/{parentId}/forecast/{id}", show_forecast_item},
      {"POST", "/sales/opportunities/{parentId}/forecast/{id}", add_forecast_item, nullptr, "E"},
      {"PUT", "/sales/opportunities/{parentId}/forecast/{id}", change_forecast_item},
      {"PATCH", "/sales/opportunities/{parentId}/forecast/{id}", change_forecast_item},
      {"DELETE", "/sales/opportunities/{parentId}/forecast/{id}", delete_forecast_item, nullptr, "E"},
      {"POST", "/sales/opportunities/{parentId}/forecast/copy/{id}", copy_forecast_item, nullptr, "E"},
      {"POST", "/sales/orders/{id}/convertToAgreement", to_agreement, nullptr, "E"},
      {"POST", "/sales/orders/{id}/convertToProject", to_project, nullptr, "E"},
      {"POST", "/sales/orders/{id}/convertToServiceTicket", to_ticket, nullptr, "E"},
      {"GET", "/sales/orders/{id}/financialrecap", order_recap},
      {"POST", "/sales/opportunities/{id}/convertToAgreement", to_agreement, nullptr, "E"},
      {"POST", "/sales/opportunities/{id}/convertToProject", to_project, nullptr, "E"},
      {"POST", "/sales/opportunities/{id}/convertToSalesOrder", to_order, nullptr, "E"},
      {"POST", "/sales/opportunities/{id}/convertToServiceTicket", to_ticket, nullptr, "E"},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

#include "sandbox/operations.h"
#include "sandbox/rules.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

/// What an opportunity becomes: the new object takes its name, company and contact, then what the request says.
net::Response convert_to(const OperationContext& context, const char* collection, const char* name_field,
                         const json::object& otherwise = {}) {
  const std::optional<json::object> body = parse_object(context.request.body.empty() ? "{}" : context.request.body);
  if (!body) return to_response(invalid_object("conversion", {}));
  const json::object opportunity = context.wire.object(context.resource(), *context.row);
  json::object content{{name_field, opportunity.at("name")}};
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
  return written ? row_response(context, 201, target, **written) : to_response(written.error());
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

net::Response to_project(const OperationContext& context) {
  constexpr std::int64_t kMonth = 30 * 86'400;
  return convert_to(context, "project/projects", "name",
                    {{"board", first_of(context, "service/boards")},
                     {"billingMethod", "ActualRates"},
                     {"estimatedStart", time_text(context.actor.now)},
                     {"estimatedEnd", time_text(context.actor.now + kMonth)}});
}

net::Response no_conversions(const OperationContext& context) { return objects_response(context, {}); }

}  // namespace

std::span<const OperationRule> sales_operations() {
  static constexpr OperationRule kRules[] = {
      {"GET", "/sales/opportunities/default", default_object},
      {"GET", "/sales/opportunities/conversions/{id}", no_conversions},
      {"GET", "/sales/orders/conversions/{id}", no_conversions},
      {"POST", "/sales/opportunities/{id}/convertToAgreement", to_agreement, nullptr, "E"},
      {"POST", "/sales/opportunities/{id}/convertToProject", to_project, nullptr, "E"},
      {"POST", "/sales/opportunities/{id}/convertToSalesOrder", to_order, nullptr, "E"},
      {"POST", "/sales/opportunities/{id}/convertToServiceTicket", to_ticket, nullptr, "E"},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

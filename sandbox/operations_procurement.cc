#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "sandbox/copies.h"
#include "sandbox/operations_billing.h"
#include "sandbox/rules.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::size_t kIdentifierMax = 75;

/// A copy needs an identifier of its own.
net::Response copy_catalog_item(const OperationContext& context) {
  const Row original = *context.row;
  const std::string_view identifier = original.text(context.resource().field("identifier"));
  const std::string label = cut_text(fmt::format("Copy of {}", identifier), kIdentifierMax);
  const Row& copy = copy_row(context.tenant, context.resource(), original, original.parent, label, context.actor);
  return row_response(context, 200, context.resource(), copy);
}

/// By identifier, or by id.
const Row* item_named(const Table& catalog, std::string_view name) {
  if (const Row* row = catalog.find_by(catalog.resource().field("identifier"), name)) return row;
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  return error == std::errc() && end == name.data() + name.size() ? catalog.find(id) : nullptr;
}

net::Response quantity_on_hand(const OperationContext& context) {
  const Tenant& tenant = context.tenant;
  const Row* item = item_named(tenant.table(context.resource()), context.route.text);
  if (item == nullptr) {
    const std::string message = fmt::format("{} {} not found", context.resource().spec.title, context.route.text);
    return to_response(ApiError{404, "NotFound", message, {}});
  }
  const Table& inventory = tenant.table("procurement/catalog/inventory");
  std::int64_t on_hand = 0;
  for (const std::int64_t id : *inventory.lookup(inventory.resource().parent_field, std::to_string(item->id)))
    on_hand += inventory.find(id)->integer(inventory.resource().field("onHand"));
  return json_response(200, fmt::format("{{\"count\":{}}}", on_hand));
}

/// What a flag of the request takes a product away from, and the fields that say so.
struct Detached {
  const char* flag;
  const char* field;
};
constexpr Detached kDetached[] = {{"removeFromTicket", "ticket"},           {"removeFromInvoice", "invoice"},
                                  {"removeFromOpportunity", "opportunity"}, {"removeFromSalesOrder", "salesOrder"},
                                  {"removeFromProject", "project"},         {"removeFromProject", "phase"}};

net::Response detach_product(const OperationContext& context) {
  const std::optional<json::object> body = parse_object(context.request.body);
  if (!body) return to_response(invalid_object("productDetach", {}));
  Row changed = *context.row;
  const Resource& products = context.resource();
  for (const auto& [flag, field] : kDetached) {
    const json::value* asked = body->if_contains(flag);
    if (asked != nullptr && *asked == json::value(true)) changed.set(products.field(field), nullptr);
  }
  changed.last_updated = context.actor.now;
  changed.updated_by = context.actor.member;
  context.tenant.table(products).replace(std::move(changed));
  return no_content_response();
}

}  // namespace

std::span<const OperationRule> procurement_operations() {
  static constexpr OperationRule kRules[] = {
      {"POST", "/procurement/catalog/{id}/copy", copy_catalog_item},
      {"POST", "/procurement/catalog/{id}/pricing", catalog_pricing, nullptr, "I"},
      {"GET", "/procurement/catalog/{catalogItemIdentifier}/quantityOnHand", quantity_on_hand},
      {"POST", "/procurement/products/{id}/detach", detach_product, nullptr, "E"},
      {"POST", "/procurement/purchaseorders/{parentId}/lineitems/bulk", write_bulk},
      {"PUT", "/procurement/purchaseorders/{parentId}/lineitems/bulk", write_bulk},
      {"DELETE", "/procurement/purchaseorders/{parentId}/lineitems/bulk", delete_bulk},
      {"GET", "/procurement/rmaTags/default", default_object},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

#include "sandbox/workflow_fields.h"

namespace crosswalk::sandbox {
namespace json = boost::json;

net::Response add_workflow_field(const OperationContext& context) {
  std::optional<json::object> body = parse_object(context.request.body);
  if (!body) return to_response(invalid_object(context.resource().spec.noun, {}));
  const Resource& events = Catalogue::instance().get("system/workflows/events");
  if (std::as_const(context.tenant).table(events).find(context.route.parent) == nullptr)
    return to_response(not_found(events.spec.title, context.route.parent));
  (*body)["eventId"] = context.route.parent;
  const ApiResult<const Row*> added = post_row(context.tenant, context.resource(), 0, *body, context.actor);
  return added ? row_response(context, 201, context.resource(), **added) : to_response(added.error());
}

net::Response list_workflow_fields(const OperationContext& context) {
  const Resource& fields = context.resource();
  std::vector<json::object> shown;
  std::as_const(context.tenant).table(fields).each([&](const Row& row) {
    const bool asked = row.integer(fields.field("eventId")) == context.route.grandparent &&
                       row.integer(fields.field("actionId")) == context.route.parent;
    if (asked) shown.push_back(context.wire.object(fields, row));
    return true;
  });
  return objects_response(context, std::move(shown));
}

net::Response delete_workflow_fields(const OperationContext& context) {
  const Resource& fields = context.resource();
  std::vector<std::int64_t> ids;
  std::as_const(context.tenant).table(fields).each([&](const Row& row) {
    if (row.integer(fields.field("actionId")) == context.route.parent) ids.push_back(row.id);
    return true;
  });
  for (const std::int64_t id : ids) context.tenant.table(fields).erase(id);
  return no_content_response();
}

net::Response test_workflow_event(const OperationContext& context) {
  Row changed = *context.row;
  changed.set(context.resource().field("dateTestedUTC"), context.actor.now);
  changed.set(context.resource().field("testRecordsMatched"), 0);
  context.tenant.table(context.resource()).replace(std::move(changed));
  return objects_response(context, {});
}

}  // namespace crosswalk::sandbox

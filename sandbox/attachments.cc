#include "sandbox/attachments.h"

#include <algorithm>

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

const Resource& configurations() { return Catalogue::instance().get("company/configurations"); }

json::array attached_ids(const OperationContext& context) {
  const json::value* ids = context.row->get(context.resource().field("configuration"));
  return ids == nullptr ? json::array() : ids->get_array();
}

std::vector<const Row*> attached(const OperationContext& context) {
  std::vector<const Row*> rows;
  for (const json::value& id : attached_ids(context)) {
    const Row* row = std::as_const(context.tenant).table(configurations()).find(id.get_int64());
    if (row != nullptr) rows.push_back(row);
  }
  return rows;
}

void write_configuration(std::string& out, const OperationContext& context, const Row& row) {
  context.wire.write_reference(out, configurations(), row, std::vector<std::string>{"deviceIdentifier"});
}

void keep(const OperationContext& context, json::array ids) {
  Row changed = *context.row;
  changed.set(context.resource().field("configuration"),
              ids.empty() ? json::value(nullptr) : json::value(std::move(ids)));
  changed.last_updated = context.actor.now;
  changed.updated_by = context.actor.member;
  context.tenant.table(context.resource()).replace(std::move(changed));
}

}  // namespace

net::Response list_configurations(const OperationContext& context) {
  return references_response(context, configurations(), attached(context));
}

net::Response show_configuration(const OperationContext& context) {
  for (const Row* row : attached(context)) {
    if (row->id != context.route.below) continue;
    std::string out;
    write_configuration(out, context, *row);
    return json_response(200, std::move(out));
  }
  return to_response(not_found("Configuration", context.route.below));
}

net::Response attach_configuration(const OperationContext& context) {
  const std::optional<json::object> body = parse_object(context.request.body);
  std::string key, given;
  const std::int64_t id = body ? find_reference(context.tenant, configurations(), *body, 0, key, given) : 0;
  if (!body || key.empty()) {
    return to_response(invalid_object(
        "configuration", {{"MissingRequiredField", "id or deviceIdentifier is required.", "configuration", "id"}}));
  }
  if (id == 0) {
    return to_response(
        invalid_object("configuration", {{"NotFound", "Configuration " + given + " not found", "configuration", key}}));
  }
  json::array ids = attached_ids(context);
  if (std::find(ids.begin(), ids.end(), json::value(id)) == ids.end()) ids.emplace_back(id);
  keep(context, std::move(ids));
  std::string out;
  write_configuration(out, context, *context.tenant.table(configurations()).find(id));
  return json_response(201, std::move(out));
}

net::Response detach_configuration(const OperationContext& context) {
  json::array ids = attached_ids(context);
  const auto found = std::find(ids.begin(), ids.end(), json::value(context.route.below));
  if (found == ids.end()) return to_response(not_found("Configuration", context.route.below));
  ids.erase(found);
  keep(context, std::move(ids));
  return no_content_response();
}

}  // namespace crosswalk::sandbox

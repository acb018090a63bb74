#include "sandbox/communications.h"

#include <fmt/format.h>

#include <algorithm>

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

const Resource& contacts() { return Catalogue::instance().get("company/contacts"); }

const Row* contact_of(const OperationContext& context) {
  return std::as_const(context.tenant).table(contacts()).find(context.route.parent);
}

json::array items_of(const OperationContext& context) {
  const json::value* items = contact_of(context)->get(contacts().field("communicationItems"));
  return items == nullptr ? json::array() : items->get_array();
}

json::object shown(const OperationContext& context, const json::object& item) {
  json::object object = item;
  object["contactId"] = context.route.parent;
  if (json::value* type = object.if_contains("type")) {
    const Resource& types = Catalogue::instance().get("company/communicationTypes");
    const json::value* id = type->is_object() ? type->get_object().if_contains("id") : nullptr;
    const Row* row = id != nullptr && id->is_int64() ? context.tenant.table(types).find(id->get_int64()) : nullptr;
    if (row != nullptr) {
      std::string reference;
      context.wire.write_reference(reference, types, *row, std::vector<std::string>{"name"});
      *type = json::parse(reference);
    }
  }
  const Row& contact = *contact_of(context);
  std::string time;
  append_time(time, contact.last_updated);
  object["_info"] = json::object{{"lastUpdated", time}, {"updatedBy", contact.updated_by}};
  return object;
}

std::vector<json::object> all_shown(const OperationContext& context) {
  std::vector<json::object> objects;
  for (const json::value& item : items_of(context)) objects.push_back(shown(context, item.as_object()));
  return objects;
}

std::optional<std::size_t> position_of(const json::array& items, std::int64_t id) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const json::value& item) { return item.at("id") == id; });
  if (found == items.end()) return std::nullopt;
  return static_cast<std::size_t>(found - items.begin());
}

/// A PATCH of the contact itself, so that its rules (one default of a kind) hold here too.
ApiResult<const Row*> patch_contact(const OperationContext& context, json::object operation) {
  return patch_row(context.tenant, contacts(), *contact_of(context), {std::move(operation)}, context.actor);
}

/// What the collection's own rules make of a body: types, lengths, required fields.
ApiResult<json::object> checked(const OperationContext& context, Writer& writer) {
  writer.finish();
  if (!writer.errors.empty()) return tl::unexpected(invalid_object(writer.resource.spec.noun, writer.errors));
  json::object item = context.wire.object(writer.resource, writer.row);
  for (const char* name : {"id", "_info", "contactId"}) item.erase(name);
  if (item.contains("type")) {
    item["type"] = json::object{{"id", item["type"].at("id")}};
  }
  return item;
}

}  // namespace

bool complete_communication(const Tenant& tenant, json::object& item) {
  const Resource& types = Catalogue::instance().get("company/communicationTypes");
  json::value* reference = item.if_contains("type");
  if (reference == nullptr || !reference->is_object()) return true;
  std::string key, given;
  const std::int64_t id = find_reference(tenant, types, reference->get_object(), 0, key, given);
  const Row* type = tenant.table(types).find(id);
  if (type == nullptr) return key.empty();
  *reference = json::object{{"id", id}, {"name", reference_text(tenant, types, *type, "name")}};
  const char* kind = type->flag(types.field("emailFlag")) ? "Email"
                     : type->flag(types.field("faxFlag")) ? "Fax"
                                                          : "Phone";
  item["communicationType"] = kind;
  if (!item.contains("defaultFlag")) item["defaultFlag"] = false;
  const json::value* value = item.if_contains("value");
  const std::string_view text =
      value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
  const std::size_t at = text.find('@');
  if (at != std::string_view::npos && std::string_view(kind) == "Email") {
    item["domain"] = json::string(text.substr(at));
  } else {
    item.erase("domain");
  }
  return true;
}

net::Response list_communications(const OperationContext& context) {
  return objects_response(context, all_shown(context));
}

net::Response count_communications(const OperationContext& context) {
  return objects_count_response(context, all_shown(context));
}

net::Response read_communication(const OperationContext& context) {
  const json::array items = items_of(context);
  const auto at = position_of(items, context.route.id);
  if (!at) return to_response(not_found(context.resource().spec.title, context.route.id));
  return json_response(200, json_text(shown(context, items[*at].as_object())));
}

net::Response create_communication(const OperationContext& context) {
  const std::optional<json::object> body = parse_object(context.request.body);
  if (!body) return to_response(invalid_object(context.resource().spec.noun, {}));
  Row row;
  row.parent = context.route.parent;
  Writer writer(context.tenant, context.resource(), std::move(row), Writer::Mode::post, context.actor);
  writer.apply_body(*body);
  ApiResult<json::object> item = checked(context, writer);
  if (!item) return to_response(item.error());
  const auto patched =
      patch_contact(context, {{"op", "add"}, {"path", "communicationItems/-"}, {"value", std::move(*item)}});
  if (!patched) return to_response(patched.error());
  return json_response(201, json_text(shown(context, items_of(context).back().as_object())));
}

net::Response change_communication(const OperationContext& context) {
  const json::array items = items_of(context);
  const auto at = position_of(items, context.route.id);
  if (!at) return to_response(not_found(context.resource().spec.title, context.route.id));
  Row row;
  row.parent = context.route.parent;
  Writer writer(context.tenant, context.resource(), std::move(row), Writer::Mode::put, context.actor);
  if (context.request.method == "PUT") {
    const std::optional<json::object> body = parse_object(context.request.body);
    if (!body) return to_response(invalid_object(context.resource().spec.noun, {}));
    writer.apply_body(*body);
  } else {
    boost::system::error_code error;
    const json::value operations = json::parse(context.request.body, error);
    if (error || !operations.is_array()) return to_response({400, "InvalidObject", "expected array format", {}});
    writer.apply_body(items[*at].as_object());
    writer.apply_patch(operations.get_array());
  }
  ApiResult<json::object> item = checked(context, writer);
  if (!item) return to_response(item.error());
  (*item)["id"] = context.route.id;
  const auto patched = patch_contact(
      context, {{"op", "replace"}, {"path", fmt::format("communicationItems/{}", *at)}, {"value", std::move(*item)}});
  return patched ? read_communication(context) : to_response(patched.error());
}

net::Response delete_communication(const OperationContext& context) {
  const auto at = position_of(items_of(context), context.route.id);
  if (!at) return to_response(not_found(context.resource().spec.title, context.route.id));
  const auto patched = patch_contact(context, {{"op", "remove"}, {"path", fmt::format("communicationItems/{}", *at)}});
  return patched ? no_content_response() : to_response(patched.error());
}

}  // namespace crosswalk::sandbox

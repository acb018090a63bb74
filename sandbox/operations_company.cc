#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/communications.h"
#include "sandbox/copies.h"
#include "sandbox/documents.h"
#include "sandbox/rules.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

/// What happened to one object of a bulk request.
json::object bulk_entry(std::size_t index, int status, json::value data, const ApiError* error) {
  return {{"success", error == nullptr},
          {"originalIndex", index},
          {"statusCode", error == nullptr ? status : error->status},
          {"data", std::move(data)},
          {"error", error == nullptr ? json::value(nullptr) : json::parse(to_response(*error).body)}};
}

net::Response bulk_response(json::array payload) {
  return json_response(207, json_text(json::object{{"payload", std::move(payload)}}));
}

std::int64_t id_in(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  const json::value* id = value.is_object() ? value.get_object().if_contains("id") : nullptr;
  return id != nullptr && id->is_int64() ? id->get_int64() : 0;
}

/// A list, or {"ids": [...]}; nothing when it is neither.
std::optional<json::array> bulk_body(const OperationContext& context) {
  boost::system::error_code error;
  json::value body = json::parse(context.request.body, error);
  if (error) return std::nullopt;
  if (body.is_array()) return std::move(body.get_array());
  json::value* ids = body.is_object() ? body.get_object().if_contains("ids") : nullptr;
  if (ids == nullptr || !ids->is_array()) return std::nullopt;
  return std::move(ids->get_array());
}

/// The object with this id, of the parent that the path names.
const Row* bulk_row(const OperationContext& context, std::int64_t id) {
  const Row* row = std::as_const(context.tenant).table(context.resource()).find(id);
  return row != nullptr && row->parent == context.route.parent ? row : nullptr;
}

ApiResult<const Row*> write_one(const OperationContext& context, const json::value& element) {
  const Resource& resource = context.resource();
  if (!element.is_object()) return tl::unexpected(invalid_object(resource.spec.noun, {}));
  if (context.request.method == "POST") {
    return post_row(context.tenant, resource, context.route.parent, element.get_object(), context.actor);
  }
  const Row* row = bulk_row(context, id_in(element));
  if (row == nullptr) return tl::unexpected(not_found(resource.spec.title, id_in(element)));
  return put_row(context.tenant, resource, *row, element.get_object(), context.actor);
}

/// {"id", "name"}: which to copy, and what the copy is called.
net::Response copy_by_body(const OperationContext& context, const char* noun) {
  const std::optional<json::object> body = parse_object(context.request.body);
  std::vector<FieldError> errors;
  if (!body || id_in(*body) == 0) errors.push_back(missing_field(noun, "id"));
  const json::value* name = body ? body->if_contains("name") : nullptr;
  if (name == nullptr || !name->is_string() || name->get_string().empty())
    errors.push_back(missing_field(noun, "name"));
  constexpr std::size_t kNameMax = 50;
  if (errors.empty() && count_characters(std::string_view(name->get_string())) > kNameMax) {
    errors.push_back(too_long(noun, "name", kNameMax));
  }
  if (!errors.empty()) return to_response(invalid_object(noun, std::move(errors)));
  const Row* original = context.tenant.table(context.resource()).find(id_in(*body));
  if (original == nullptr) return to_response(not_found(context.resource().spec.title, id_in(*body)));
  const Row& copy =
      copy_row(context.tenant, context.resource(), *original, original->parent, name->get_string(), context.actor);
  return row_response(context, context.route.operation->status, context.resource(), copy);
}

net::Response copy_configuration_type(const OperationContext& context) {
  return copy_by_body(context, "configurationTypeCopy");
}

/// The only way to another type; the questions become those of the new one.
net::Response change_type(const OperationContext& context) {
  boost::system::error_code error;
  const json::value operations = json::parse(context.request.body, error);
  if (error || !operations.is_array()) return to_response({400, "InvalidObject", "expected array format", {}});
  const int type = context.resource().field("type");
  Writer writer(context.tenant, context.resource(), *context.row, Writer::Mode::patch, context.actor);
  writer.apply_patch(operations.get_array());
  if (!writer.errors.empty()) return to_response(invalid_object(writer.resource.spec.noun, writer.errors));
  if (!writer.touched(type) || writer.row.integer(type) == 0) {
    return to_response(invalid_object(writer.resource.spec.noun, {missing_field(writer.resource.spec.noun, "type")}));
  }
  Row changed = *context.row;
  changed.set(type, writer.row.integer(type));
  context.tenant.table(context.resource()).replace(std::move(changed));
  const ApiResult<const Row*> patched =
      patch_row(context.tenant, context.resource(), *context.tenant.table(context.resource()).find(context.route.id),
                {}, context.actor);
  return patched ? row_response(context, 200, context.resource(), **patched) : to_response(patched.error());
}

struct Moved {
  const char* choice;  ///< member of the request: "Discard" or "Merge"
  const char* collection;
  const char* field;  ///< that names the company; nullptr: its child
};
constexpr Moved kMoved[] = {{"notes", "company/companies/notes", nullptr},
                            {"sites", "company/companies/sites", nullptr},
                            {"contacts", "company/contacts", "company"},
                            {"activities", "sales/activities", "company"},
                            {"opportunities", "sales/opportunities", "company"},
                            {"services", "service/tickets", "company"},
                            {"projects", "project/projects", "company"},
                            {"", "company/configurations", "company"},
                            {"", "finance/agreements", "company"}};

void move_rows(Tenant& tenant, const Moved& moved, std::int64_t from, std::int64_t to, const Actor& actor) {
  const Resource& resource = Catalogue::instance().get(moved.collection);
  const int field = moved.field == nullptr ? resource.parent_field : resource.field(moved.field);
  std::vector<std::int64_t> ids;
  std::as_const(tenant).table(resource).each([&](const Row& row) {
    if (row.integer(field) == from) ids.push_back(row.id);
    return true;
  });
  for (const std::int64_t id : ids) {
    Row row = *tenant.table(resource).find(id);
    row.set(field, to);
    if (moved.field == nullptr) row.parent = to;
    row.last_updated = actor.now;
    row.updated_by = actor.member;
    tenant.table(resource).replace(std::move(row));
  }
}

/// What the request wants taken over from the company that goes.
void take_fields(const OperationContext& context, const json::object& body, std::int64_t to) {
  static constexpr std::pair<const char*, const char*> kFields[] = {{"name", "name"},
                                                                    {"identifier", "identifier"},
                                                                    {"status", "status"},
                                                                    {"phone", "phoneNumber"},
                                                                    {"fax", "faxNumber"},
                                                                    {"website", "website"},
                                                                    {"market", "market"},
                                                                    {"territory", "territory"},
                                                                    {"revenue", "annualRevenue"},
                                                                    {"taxCode", "taxCode"},
                                                                    {"accountNumber", "accountNumber"},
                                                                    {"billingTerms", "billingTerms"},
                                                                    {"primaryContact", "defaultContact"}};
  Table& companies = context.tenant.table(context.resource());
  Row changed = *companies.find(to);
  for (const auto& [choice, name] : kFields) {
    const json::value* said = body.if_contains(choice);
    const int field = context.resource().field(name);
    if (said == nullptr || *said != json::value("From") || field < 0) continue;
    const json::value* value = context.row->get(field);
    changed.set(field, value == nullptr ? json::value(nullptr) : *value);
  }
  changed.last_updated = context.actor.now;
  changed.updated_by = context.actor.member;
  companies.replace(std::move(changed));
}

net::Response merge_companies(const OperationContext& context) {
  const std::optional<json::object> body = parse_object(context.request.body);
  const json::value* named = body ? body->if_contains("toCompanyId") : nullptr;
  if (named == nullptr || !named->is_int64()) {
    return to_response(invalid_object("companyMerge", {missing_field("companyMerge", "toCompanyId")}));
  }
  const std::int64_t from = context.row->id, to = named->get_int64();
  if (to == from || context.tenant.table(context.resource()).find(to) == nullptr) {
    return to_response(not_found(context.resource().spec.title, to));
  }
  for (const Moved& moved : kMoved) {
    const json::value* choice = body->if_contains(moved.choice);
    if (choice != nullptr && *choice == json::value("Discard")) continue;
    move_rows(context.tenant, moved, from, to, context.actor);
  }
  take_fields(context, *body, to);
  // Seen in the wild: a merged company is flagged, and its lastUpdated stays, so that no reading of changes shows it.
  [[maybe_unused]] const bool marked = mark_deleted(context.tenant, context.resource(), from, context.actor, false);
  return success_response();
}

/// The row of a contact with this e-mail address; nullptr when there is none.
const Row* contact_with_address(const OperationContext& context, std::string_view address) {
  const Table& contacts = context.tenant.table("company/contacts");
  const int field = contacts.resource().field("communicationItems");
  const Row* found = nullptr;
  contacts.each([&](const Row& row) {
    const json::value* items = row.get(field);
    if (items == nullptr || !items->is_array()) return true;
    for (const json::value& item : items->get_array()) {
      const json::value* value = item.as_object().if_contains("value");
      if (value != nullptr && value->is_string() && equals_ignoring_case(value->get_string(), address)) found = &row;
    }
    return found == nullptr;
  });
  return found;
}

std::string text_in(const std::optional<json::object>& body, std::string_view name) {
  const json::value* value = body ? body->if_contains(name) : nullptr;
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

net::Response request_password(const OperationContext& context) {
  const std::string email = text_in(parse_object(context.request.body), "email");
  if (email.empty()) return to_response(invalid_object("request", {missing_field("request", "email")}));
  return no_content_response();
}

/// No contact has a password here.
net::Response validate_portal(const OperationContext& context) {
  const std::optional<json::object> body = parse_object(context.request.body);
  std::vector<FieldError> errors;
  for (const char* name : {"email", "password"}) {
    if (text_in(body, name).empty()) errors.push_back(missing_field("request", name));
  }
  if (!errors.empty()) return to_response(invalid_object("request", std::move(errors)));
  const Row* contact = contact_with_address(context, text_in(body, "email"));
  json::object answer{{"success", false}};
  if (contact != nullptr) answer["contactId"] = contact->id;
  return json_response(200, json_text(answer));
}

net::Response clear_picker(const OperationContext& context) {
  Table& items = context.tenant.table(context.resource());
  std::vector<std::int64_t> ids;
  items.each([&](const Row& row) {
    ids.push_back(row.id);
    return true;
  });
  for (const std::int64_t id : ids) items.erase(id);
  return no_content_response();
}

net::Response empty_list(const OperationContext& context) { return objects_response(context, {}); }

net::Response done(const OperationContext&) { return success_response(); }

/// A solution that has never run has no log.
net::Response no_log(const OperationContext& context) { return to_response(not_found("Log", context.row->id)); }

}  // namespace

net::Response write_bulk(const OperationContext& context) {
  const std::optional<json::array> body = bulk_body(context);
  if (!body) return to_response({400, "InvalidObject", "expected array format", {}});
  json::array payload;
  for (std::size_t i = 0; i < body->size(); ++i) {
    const ApiResult<const Row*> written = write_one(context, (*body)[i]);
    payload.push_back(written ? bulk_entry(i, context.request.method == "POST" ? 201 : 200,
                                           context.wire.object(context.resource(), **written), nullptr)
                              : bulk_entry(i, 0, nullptr, &written.error()));
  }
  return bulk_response(std::move(payload));
}

net::Response delete_bulk(const OperationContext& context) {
  const std::optional<json::array> body = bulk_body(context);
  if (!body) return to_response({400, "InvalidObject", "expected array format", {}});
  json::array payload;
  for (std::size_t i = 0; i < body->size(); ++i) {
    const std::int64_t id = id_in((*body)[i]);
    const std::optional<ApiError> error = bulk_row(context, id) == nullptr
                                              ? not_found(context.resource().spec.title, id)
                                              : delete_row(context.tenant, context.resource(), id, context.actor);
    payload.push_back(error ? bulk_entry(i, 0, nullptr, &*error)
                            : bulk_entry(i, 204, json::object{{"id", id}}, nullptr));
  }
  return bulk_response(std::move(payload));
}

net::Response no_tabs(const OperationContext&) { return json_response(200, "{}"); }

net::Response default_object(const OperationContext& context) {
  Writer writer(context.tenant, context.resource(), Row(), Writer::Mode::post, context.actor);
  const std::optional<json::object> body = parse_object(context.request.body);
  if (body) writer.apply_body(*body);
  writer.finish();  // what is missing is what the client is to fill in
  writer.row.date_entered = writer.row.last_updated = context.actor.now;
  writer.row.entered_by = writer.row.updated_by = context.actor.member;
  return row_response(context, 200, context.resource(), writer.row);
}

net::Response copy_board(const OperationContext& context) { return copy_by_body(context, "boardCopy"); }

net::Response copy_named(const OperationContext& context) {
  return copy_by_body(context, context.resource().spec.noun.c_str());
}

net::Response copy_item(const OperationContext& context) {
  const Row original = *context.row;
  const Row& copy = copy_row(context.tenant, context.resource(), original, original.parent, {}, context.actor);
  return row_response(context, context.route.operation->status, context.resource(), copy);
}

std::span<const OperationRule> company_operations() {
  static constexpr OperationRule kRules[] = {
      {"GET", "/company/companies/default", default_object},
      {"POST", "/company/companies/{id}/merge", merge_companies, nullptr, "E"},
      {"POST", "/company/configurations/bulk", write_bulk},
      {"PUT", "/company/configurations/bulk", write_bulk},
      {"DELETE", "/company/configurations/bulk", delete_bulk},
      {"POST", "/company/configurations/types/copy", copy_configuration_type},
      {"PATCH", "/company/configurations/{id}/changeType", change_type},
      {"POST", "/company/portalConfigurations/copy", copy_named},
      {"GET", "/company/contacts/default", default_object},
      {"POST", "/company/contacts/requestPassword", request_password, nullptr, "E"},
      {"POST", "/company/contacts/validatePortalCredentials", validate_portal, nullptr, "I"},
      {"GET", "/company/contacts/{id}/portalSecurity", empty_list},
      {"GET", "/company/contacts/{parentId}/communications", list_communications},
      {"GET", "/company/contacts/{parentId}/communications/count", count_communications},
      {"POST", "/company/contacts/{parentId}/communications", create_communication, nullptr, "E"},
      {"GET", "/company/contacts/{parentId}/communications/{id}", read_communication},
      {"PUT", "/company/contacts/{parentId}/communications/{id}", change_communication},
      {"PATCH", "/company/contacts/{parentId}/communications/{id}", change_communication},
      {"DELETE", "/company/contacts/{parentId}/communications/{id}", delete_communication, nullptr, "E"},
      {"POST", "/company/companyPickerItems/clear", clear_picker, nullptr, "D"},
      {"POST", "/company/management/{id}/executeManagedItSync", done, nullptr, "E"},
      {"GET", "/company/management/{id}/logs", empty_list},
      {"GET", "/company/management/{id}/log/download", no_log},
      {"GET", "/company/configurations/{id}/quickAccess/count", no_tabs},
      {"GET", "/company/contacts/{id}/image", download_photo},
      {"POST", "/company/companies/{parentId}/serviceTemplates/{id}/copy", copy_item},
      {"POST", "/company/companies/{parentId}/serviceTemplates/{id}/generate", generate_tickets, "Service Tickets",
       "AI"},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

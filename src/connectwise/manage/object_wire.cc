#include "connectwise/manage/object_wire.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <stdexcept>

#include "base/json.h"
#include "base/text.h"
#include "psa/object_fields.h"

namespace crosswalk::connectwise::manage {
namespace {

namespace json = boost::json;
using psa::ObjectKind;

struct WireName {
  std::string_view field, name;
};

// Fields whose form differs (type of a company, site_name, communication items, questions, custom fields) are not here.
constexpr std::array<WireName, 11> kCompany{{{"name", "name"},
                                             {"identifier", "identifier"},
                                             {"status", "status"},
                                             {"phone", "phoneNumber"},
                                             {"website", "website"},
                                             {"address_line1", "addressLine1"},
                                             {"address_line2", "addressLine2"},
                                             {"city", "city"},
                                             {"state", "state"},
                                             {"zip", "zip"},
                                             {"account_number", "accountNumber"}}};
constexpr std::array<WireName, 5> kContact{{{"first_name", "firstName"},
                                            {"last_name", "lastName"},
                                            {"title", "title"},
                                            {"company", "company"},
                                            {"inactive", "inactiveFlag"}}};
constexpr std::array<WireName, 22> kConfiguration{{{"name", "name"},
                                                   {"type", "type"},
                                                   {"status", "status"},
                                                   {"company", "company"},
                                                   {"site", "site"},
                                                   {"contact", "contact"},
                                                   {"device_identifier", "deviceIdentifier"},
                                                   {"serial_number", "serialNumber"},
                                                   {"model_number", "modelNumber"},
                                                   {"tag_number", "tagNumber"},
                                                   {"mac_address", "macAddress"},
                                                   {"ip_address", "ipAddress"},
                                                   {"os_type", "osType"},
                                                   {"os_info", "osInfo"},
                                                   {"last_login", "lastLoginName"},
                                                   {"manufacturer", "manufacturer"},
                                                   {"purchase_date", "purchaseDate"},
                                                   {"installation_date", "installationDate"},
                                                   {"warranty_date", "warrantyExpirationDate"},
                                                   {"management_link", "managementLink"},
                                                   {"vendor_notes", "vendorNotes"},
                                                   {"active", "activeFlag"}}};

std::span<const WireName> wire_names(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::company:
      return kCompany;
    case ObjectKind::contact:
      return kContact;
    case ObjectKind::configuration:
      return kConfiguration;
    case ObjectKind::ticket:
    case ObjectKind::agreement:
      break;
  }
  throw std::logic_error("no names on the wire for objects of this kind");
}

std::string_view wire_name(ObjectKind kind, std::string_view field) {
  for (const WireName& each : wire_names(kind))
    if (each.field == field) return each.name;
  return {};
}

bool is_communication(ObjectKind kind, std::string_view field) {
  const psa::ObjectField* known = psa::find_object_field(kind, field);
  return known && known->held_beneath;
}

std::int64_t to_number(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

tl::unexpected<Error> not_an_id(std::string_view field, std::string_view id) {
  return failure("psa.reference_missing", "\"" + single_line(cut_text(is_utf8(id) ? id : "?", 40)) +
                                              "\" cannot be the id of a " + std::string(field) +
                                              " in ConnectWise, where ids are whole numbers");
}

Result<json::value> encode_value(ObjectKind kind, std::string_view field, const psa::Value& value) {
  const psa::ObjectField* known = psa::find_object_field(kind, field);
  if (!known) return failure("psa.reference_missing", "\"" + std::string(field) + "\" is not a field of this object");
  switch (known->shape) {
    case psa::FieldShape::reference:
      if (!is_manage_id(value.id())) return not_an_id(field, value.id());
      return json::value(json::object{{"id", to_number(value.id())}});
    case psa::FieldShape::flag:
      return json::value(value.flag().value_or(false));
    case psa::FieldShape::date_time:
      return json::value(format_timestamp_seconds(value.date().value_or(Timestamp{})));
    case psa::FieldShape::text:
    case psa::FieldShape::decimal:
      break;
  }
  return json::value(psa::shown(value));
}

json::object communication_item(std::string_view field, const psa::Value& value, const psa::Reference& type) {
  json::object item{
      {"value", value.text()}, {"communicationType", field == "email" ? "Email" : "Phone"}, {"defaultFlag", true}};
  if (is_manage_id(type.id)) item["type"] = json::object{{"id", to_number(type.id)}};
  return item;
}

/// "question:12" and the like: the list that the value belongs to, and the entry. Nothing for other fields.
struct ListEntry {
  std::string_view list;
  json::object entry;
};
std::optional<ListEntry> list_entry(std::string_view field, const psa::Value& value) {
  if (field.starts_with(psa::kQuestionPrefix))
    return ListEntry{"questions",
                     {{"questionId", to_number(field.substr(psa::kQuestionPrefix.size()))}, {"answer", value.text()}}};
  if (field.starts_with(psa::kCustomFieldPrefix))
    return ListEntry{"customFields",
                     {{"id", to_number(field.substr(psa::kCustomFieldPrefix.size()))}, {"value", value.text()}}};
  return std::nullopt;
}

using Lists = std::map<std::string_view, json::array>;

Result<json::object> encode_body(const psa::CreateObject& create) {
  json::object body;
  Lists lists;
  for (const auto& [field, value] : create.values) {
    if (value.is_nothing()) continue;
    if (auto entry = list_entry(field, value)) {
      lists[entry->list].push_back(std::move(entry->entry));
    } else if (is_communication(create.kind, field)) {
      const auto type = create.communication_types.find(field);
      const psa::Reference none;
      lists["communicationItems"].push_back(
          communication_item(field, value, type == create.communication_types.end() ? none : type->second));
    } else if (create.kind == ObjectKind::company && field == "site_name") {
      body["site"] = json::object{{"name", value.text()}};
    } else {
      auto encoded = encode_value(create.kind, field, value);
      if (!encoded) return tl::unexpected(encoded.error());
      // A type of its own belongs to configurations only; companies and contacts have lists of them.
      if (field == "type" && create.kind != ObjectKind::configuration)
        lists["types"].push_back(std::move(*encoded));
      else
        body[wire_name(create.kind, field)] = std::move(*encoded);
    }
  }
  for (auto& [name, list] : lists) body[name] = std::move(list);
  return body;
}

WireRequest make_request(std::string_view method, std::string target, std::string body) {
  WireRequest request;
  request.method = method;
  request.target = std::move(target);
  request.body = std::move(body);
  return request;
}

WireRequest encode_communication(const psa::UpdateObject& update, std::string_view field, const psa::Value& value) {
  std::string target = "/company/contacts/" + update.object.value + "/communications";
  if (update.part.empty())
    return make_request("POST", std::move(target),
                        json::serialize(communication_item(field, value, update.communication_type)));
  target += "/" + update.part;
  if (value.is_nothing()) return make_request("DELETE", std::move(target), "");
  const json::array patch{json::object{{"op", "replace"}, {"path", "value"}, {"value", value.text()}}};
  return make_request("PATCH", std::move(target), json::serialize(patch));
}

std::string text_of(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  return value.is_null() ? std::string() : json::serialize(value);
}

void read_communications(psa::Object& object, const json::object& from) {
  const json::value* items = from.if_contains("communicationItems");
  if (!items || !items->is_array()) return;
  for (const json::value& each : items->get_array()) {
    if (!each.is_object()) continue;
    const json::object& item = each.get_object();
    const std::string kind = text_at(item, "communicationType");
    const std::string field = kind == "Email" ? "email" : kind == "Phone" ? "phone" : "";
    if (field.empty() || (object.values.contains(field) && !flag_member(item, "defaultFlag"))) continue;
    object.values[field] = text_at(item, "value");
    object.parts[field] = id_member(item);
  }
}

void read_list(psa::Object& object, const json::object& from, std::string_view list, std::string_view prefix,
               std::string_view id, std::string_view value) {
  const json::value* entries = from.if_contains(list);
  if (!entries || !entries->is_array()) return;
  for (const json::value& each : entries->get_array()) {
    if (!each.is_object()) continue;
    const std::string number = id_member(each.get_object(), id);
    const json::value* answer = each.get_object().if_contains(value);
    if (number.empty() || !answer || answer->is_null()) continue;
    object.values[std::string(prefix) + number] = text_of(*answer);
  }
}

psa::Value read_value(const psa::ObjectField& field, const json::object& from, std::string_view name) {
  if (field.shape == psa::FieldShape::reference) {
    const json::object* reference = object_member(from, name);
    return reference ? psa::Value(psa::Reference{id_member(*reference), name_of(*reference)}) : psa::Value();
  }
  if (field.shape == psa::FieldShape::flag)
    return from.contains(name) ? psa::Value::flag(flag_member(from, name)) : psa::Value();
  return psa::value_of_text(field, text_at(from, name));
}

void read_plain(psa::Object& object, ObjectKind kind, const json::object& from) {
  for (const WireName& each : wire_names(kind)) {
    psa::Value value = read_value(*psa::find_object_field(kind, each.field), from, each.name);
    if (!value.is_nothing()) object.values.emplace(each.field, std::move(value));
  }
}

void read_types(psa::Object& object, const json::object& from) {
  const json::value* types = from.if_contains("types");
  if (!types || !types->is_array()) return;
  for (const json::value& each : types->get_array())
    if (each.is_object()) object.types.push_back({id_member(each.get_object()), name_of(each.get_object())});
  if (!object.types.empty()) object.values[std::string(psa::field::type)] = object.types.front();
}

}  // namespace

std::string_view collection_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::company:
      return "/company/companies";
    case ObjectKind::contact:
      return "/company/contacts";
    case ObjectKind::configuration:
      return "/company/configurations";
    case ObjectKind::ticket:
    case ObjectKind::agreement:
      break;
  }
  throw std::logic_error("no collection for objects of this kind");
}

const std::string& object_fields(ObjectKind kind) {
  const auto list_of = [](ObjectKind each_kind, std::string_view more) {
    std::string list = "id";
    for (const WireName& each : wire_names(each_kind)) list += "," + std::string(each.name);
    return list + std::string(more) + ",customFields,_info";
  };
  static const std::string company = list_of(ObjectKind::company, ",deletedFlag,types,site");
  static const std::string contact = list_of(ObjectKind::contact, ",communicationItems,types");
  static const std::string configuration = list_of(ObjectKind::configuration, ",questions");
  switch (kind) {
    case ObjectKind::company:
      return company;
    case ObjectKind::contact:
      return contact;
    case ObjectKind::configuration:
      return configuration;
    case ObjectKind::ticket:
    case ObjectKind::agreement:
      break;
  }
  throw std::logic_error("no list of fields for objects of this kind");
}

std::optional<psa::Object> read_object(ObjectKind kind, const json::object& from, const PartnerId& partner) {
  psa::Object object;
  object.id = {std::string(kProviderName), partner, kind, id_member(from)};
  if (object.id.value.empty()) return std::nullopt;
  read_plain(object, kind, from);
  read_list(object, from, "questions", psa::kQuestionPrefix, "questionId", "answer");
  read_list(object, from, "customFields", psa::kCustomFieldPrefix, "id", "value");
  if (kind == ObjectKind::contact) read_communications(object, from);
  if (kind != ObjectKind::configuration) read_types(object, from);
  object.deleted = kind == ObjectKind::company && flag_member(from, "deletedFlag");
  if (const json::object* info = object_member(from, "_info")) {
    object.updated_at = parse_timestamp(text_at(*info, "lastUpdated"));
    object.updated_by = text_at(*info, "updatedBy");
  }
  return object;
}

Result<WireRequest> encode_create(const psa::CreateObject& create) {
  auto body = encode_body(create);
  if (!body) return tl::unexpected(body.error());
  return make_request("POST", std::string(collection_of(create.kind)), json::serialize(*body));
}

Result<WireRequest> encode_update(const psa::UpdateObject& update) {
  const ObjectKind kind = update.object.kind;
  if (!is_manage_id(update.object.value)) return not_an_id(psa::to_string(kind), update.object.value);
  for (const auto& [field, value] : update.values)
    if (is_communication(kind, field)) return encode_communication(update, field, value);
  json::array patch;
  Lists lists;
  for (const auto& [field, value] : update.values) {
    if (auto entry = list_entry(field, value)) {
      lists[entry->list].push_back(std::move(entry->entry));
      continue;
    }
    const std::string_view path = wire_name(kind, field);
    if (path.empty()) return failure("psa.reference_missing", "\"" + field + "\" can only be set on a new object");
    if (value.is_nothing()) {
      patch.push_back(json::object{{"op", "remove"}, {"path", path}});
      continue;
    }
    auto encoded = encode_value(kind, field, value);
    if (!encoded) return tl::unexpected(encoded.error());
    patch.push_back(json::object{{"op", "replace"}, {"path", path}, {"value", std::move(*encoded)}});
  }
  for (auto& [name, list] : lists)
    patch.push_back(json::object{{"op", "replace"}, {"path", name}, {"value", std::move(list)}});
  // Sites and contacts belong to a company: with those of the former one, nothing moves to another.
  if (update.values.contains("company"))
    for (const std::string_view path : {"site", "contact"})
      if (!update.values.contains(path) && (path == "site" || kind == ObjectKind::configuration))
        patch.push_back(json::object{{"op", "remove"}, {"path", path}});
  std::string target = std::string(collection_of(kind)) + "/" + update.object.value;
  if (kind == ObjectKind::configuration && update.values.contains("type")) target += "/changeType";
  return make_request("PATCH", std::move(target), json::serialize(patch));
}

BulkRequest encode_bulk(std::span<const psa::CreateObject> objects) {
  BulkRequest bulk;
  json::array list;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    auto body = encode_body(objects[i]);
    if (!body) {
      bulk.refused.emplace_back(i, std::move(body.error()));
      continue;
    }
    list.push_back(std::move(*body));
    bulk.places.push_back(i);
  }
  bulk.request = make_request("POST", "/company/configurations/bulk", json::serialize(list));
  return bulk;
}

}  // namespace crosswalk::connectwise::manage

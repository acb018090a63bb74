#include "engine/record_facts.h"

#include <boost/json/object.hpp>

#include "base/json.h"
#include "workflows/entity_fields.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

std::string name_at(const psa::Object& object, std::string_view field) {
  const psa::Value* value = object.find(field);
  return value ? std::string(value->name()) : std::string();
}

std::string id_at(const psa::Object& object, std::string_view field) {
  const psa::Value* value = object.find(field);
  return value ? std::string(value->id()) : std::string();
}

/// What its types are called, by commas.
std::string type_names(const psa::Object& object) {
  std::string names;
  for (const psa::Reference& each : object.types)
    if (!each.name.empty()) names += (names.empty() ? "" : ", ") + each.name;
  return names;
}

}  // namespace

matching::CompanyFacts company_facts(const psa::Object& company) {
  return {.id = company.id.value,
          .name = name_at(company, "name"),
          .identifier = name_at(company, "identifier"),
          .addresses = {name_at(company, "website")},
          .phones = {name_at(company, "phone")},
          .street = name_at(company, "address_line1"),
          .city = name_at(company, "city"),
          .state = name_at(company, "state"),
          .zip = name_at(company, "zip"),
          .status = name_at(company, "status"),
          .types = type_names(company)};
}

matching::ContactFacts contact_facts(const psa::Object& contact) {
  return {.id = contact.id.value,
          .company = id_at(contact, "company"),
          .first_name = name_at(contact, "first_name"),
          .last_name = name_at(contact, "last_name"),
          .email = name_at(contact, "email"),
          .phone = name_at(contact, "phone")};
}

matching::DeviceFacts device_facts(const psa::Object& configuration) {
  return {.id = configuration.id.value,
          .name = name_at(configuration, "name"),
          .company = id_at(configuration, "company"),
          .identifier = name_at(configuration, "device_identifier"),
          .serial = name_at(configuration, "serial_number"),
          .mac = name_at(configuration, "mac_address"),
          .model = name_at(configuration, "model_number"),
          .active = psa::shown(configuration.find("active")) != "false"};
}

matching::CompanyFacts company_facts(const model::Entity& customer) {
  const json::object& data = customer.attributes;
  matching::CompanyFacts facts;
  facts.name = text_at(data, "name");
  facts.addresses = {text_at(data, "website"), text_at(data, "email")};
  facts.phones = {text_at(data, "phone")};
  if (const json::value* address = data.if_contains("address"); address && address->is_object()) {
    const json::object& lines = address->get_object();
    facts.street = text_at(lines, "line1");
    facts.city = text_at(lines, "city");
    facts.state = text_at(lines, "state");
    facts.zip = text_at(lines, "zip");
  }
  return facts;
}

matching::ContactFacts contact_facts(const model::Entity& contact, const std::string& company) {
  const json::object& data = contact.attributes;
  return {.id = "",
          .company = company,
          .first_name = text_at(data, "first_name"),
          .last_name = text_at(data, "last_name"),
          .email = text_at(data, "email"),
          .phone = text_at(data, "phone")};
}

matching::DeviceFacts device_facts(const model::Entity& device, const std::string& company) {
  const json::object& data = device.attributes;
  return {.id = "",
          .name = text_at(data, "name"),
          .company = company,
          // As it is kept there: a longer key was cut.
          .identifier = std::string(
              workflows::fitted(psa::ObjectKind::configuration, "device_identifier", device.ref.key).text()),
          .serial = text_at(data, "serial"),
          .mac = text_at(data, "mac"),
          .model = std::string(
              workflows::fitted(psa::ObjectKind::configuration, "model_number", text_at(data, "model")).text())};
}

std::string no_customer(const mapping::ObjectDocument* document, std::string_view status_id,
                        std::span<const psa::Reference> types, const matching::CompanyFacts& company) {
  if (document && !document->counts(status_id, types))
    return "its type or status is none of those that count as customers";
  const bool says_types = document && !document->types.empty(), says_statuses = document && !document->statuses.empty();
  return matching::unlike_a_customer(says_statuses ? "" : company.status, says_types ? "" : company.types);
}

}  // namespace crosswalk::engine

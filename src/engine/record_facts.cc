#include "engine/record_facts.h"

#include <boost/json/object.hpp>

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

std::string text_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

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
          .identifier = device.ref.key,
          .serial = text_at(data, "serial"),
          .mac = text_at(data, "mac")};
}

}  // namespace crosswalk::engine

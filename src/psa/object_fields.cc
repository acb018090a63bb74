#include "psa/object_fields.h"

#include <array>

namespace crosswalk::psa {
namespace {

using enum FieldShape;

// In the order in which they are shown and sent: a board goes before the status that belongs to it.
constexpr std::array<ObjectField, 17> kTicket{{
    {.name = "summary", .label = "summary", .shape = text},
    {.name = "company", .label = "company", .shape = reference},
    {.name = "board", .label = "board", .shape = reference},
    {.name = "status", .label = "status", .shape = reference},
    {.name = "type", .label = "type", .shape = reference},
    {.name = "subtype", .label = "subtype", .shape = reference},
    {.name = "item", .label = "item", .shape = reference},
    {.name = "priority", .label = "priority", .shape = reference},
    {.name = "severity", .label = "severity", .shape = text},
    {.name = "impact", .label = "impact", .shape = text},
    {.name = "source", .label = "source", .shape = reference},
    {.name = "team", .label = "team", .shape = reference},
    {.name = "owner", .label = "owner", .shape = reference},
    {.name = "service_location", .label = "service_location", .shape = reference},
    {.name = "agreement", .label = "agreement", .shape = reference},
    {.name = "contact", .label = "contact", .shape = reference},
    {.name = "site", .label = "site", .shape = reference},
}};

constexpr std::array<ObjectField, 13> kCompany{{
    {.name = "name", .label = "Name", .shape = text, .characters_max = 156},
    {.name = "identifier", .label = "Company id", .shape = text, .characters_max = 156},
    {.name = "status", .label = "Status", .shape = reference},
    {.name = "type", .label = "Type", .shape = reference},
    {.name = "site_name", .label = "Site", .shape = text, .characters_max = 50, .set_once = true},
    {.name = "phone", .label = "Phone", .shape = text, .characters_max = 30},
    {.name = "website", .label = "Website", .shape = text, .characters_max = 255},
    {.name = "address_line1", .label = "Address", .shape = text, .characters_max = 50},
    {.name = "address_line2", .label = "Address, second line", .shape = text, .characters_max = 50},
    {.name = "city", .label = "City", .shape = text, .characters_max = 50},
    {.name = "state", .label = "State", .shape = text, .characters_max = 50},
    {.name = "zip", .label = "Postal code", .shape = text, .characters_max = 12},
    {.name = "account_number", .label = "Account number", .shape = text},
}};

constexpr std::array<ObjectField, 8> kContact{{
    {.name = "first_name", .label = "First name", .shape = text},
    {.name = "last_name", .label = "Last name", .shape = text},
    {.name = "title", .label = "Title", .shape = text},
    {.name = "company", .label = "Company", .shape = reference, .of_life = true},
    {.name = "type", .label = "Type", .shape = reference},
    {.name = "email", .label = "E-mail", .shape = text, .characters_max = 250, .alone = true, .held_beneath = true},
    {.name = "phone", .label = "Phone", .shape = text, .characters_max = 250, .alone = true, .held_beneath = true},
    {.name = "inactive", .label = "Inactive", .shape = flag, .of_life = true},
}};

constexpr std::array<ObjectField, 22> kConfiguration{{
    {.name = "name", .label = "Name", .shape = text, .characters_max = 100},
    {.name = "type", .label = "Type", .shape = reference, .alone = true},
    {.name = "status", .label = "Status", .shape = reference},
    {.name = "company", .label = "Company", .shape = reference, .of_life = true},
    {.name = "site", .label = "Site", .shape = reference},
    {.name = "contact", .label = "Contact", .shape = reference},
    {.name = "device_identifier", .label = "Device id", .shape = text, .characters_max = 100},
    {.name = "serial_number", .label = "Serial number", .shape = text, .characters_max = 250},
    {.name = "model_number", .label = "Model", .shape = text, .characters_max = 50},
    {.name = "tag_number", .label = "Tag", .shape = text, .characters_max = 50},
    {.name = "mac_address", .label = "MAC address", .shape = text, .characters_max = 25},
    {.name = "ip_address", .label = "IP address", .shape = text, .characters_max = 50},
    {.name = "os_type", .label = "Operating system", .shape = text, .characters_max = 250},
    {.name = "os_info", .label = "Operating system details", .shape = text, .characters_max = 250},
    {.name = "last_login", .label = "Last login", .shape = text, .characters_max = 100},
    {.name = "manufacturer", .label = "Manufacturer", .shape = reference},
    {.name = "purchase_date", .label = "Purchased", .shape = date_time},
    {.name = "installation_date", .label = "Installed", .shape = date_time},
    {.name = "warranty_date", .label = "Warranty ends", .shape = date_time},
    {.name = "management_link", .label = "Link to the product", .shape = text, .characters_max = 1000},
    {.name = "vendor_notes", .label = "Vendor notes", .shape = text},
    {.name = "active", .label = "Active", .shape = flag, .of_life = true},
}};

constexpr ObjectField kQuestion{.name = kQuestionPrefix, .label = "Question", .shape = text};
constexpr ObjectField kCustomField{.name = kCustomFieldPrefix, .label = "Custom field", .shape = text};

bool has_number(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  const std::string_view number = name.substr(prefix.size());
  return !number.empty() && number.size() <= 9 && number.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::span<const ObjectField> object_fields(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::company:
      return kCompany;
    case ObjectKind::contact:
      return kContact;
    case ObjectKind::configuration:
      return kConfiguration;
    case ObjectKind::ticket:
      return kTicket;
    case ObjectKind::agreement:
      break;
  }
  return {};
}

const ObjectField* find_object_field(ObjectKind kind, std::string_view name) {
  for (const ObjectField& each : object_fields(kind))
    if (each.name == name) return &each;
  if (kind == ObjectKind::configuration && has_number(name, kQuestionPrefix)) return &kQuestion;
  if (has_number(name, kCustomFieldPrefix)) return &kCustomField;
  return nullptr;
}

std::string label_of(ObjectKind kind, std::string_view name) {
  const ObjectField* field = find_object_field(kind, name);
  if (!field) return std::string(name);
  const std::size_t colon = name.find(':');
  std::string label(field->label);
  return colon == std::string_view::npos ? label : label.append(" ").append(name.substr(colon + 1));
}

Value value_of_text(const ObjectField& field, std::string_view text) {
  switch (field.shape) {
    case flag:
      return text == "true" || text == "false" ? Value::flag(text == "true") : Value();
    case date_time: {
      const auto at = parse_timestamp(text);
      return at ? Value::date(*at) : Value();
    }
    case decimal: {
      const auto number = Decimal::parse(text);
      return number ? Value::decimal(*number) : Value();
    }
    case FieldShape::text:
      return Value(std::string(text));
    case reference:
      break;
  }
  return {};
}

}  // namespace crosswalk::psa

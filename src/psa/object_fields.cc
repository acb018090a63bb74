#include "psa/object_fields.h"

#include <array>

namespace crosswalk::psa {
namespace {

using enum FieldShape;

constexpr std::array<ObjectField, 13> kCompany{{{"name", "Name", text, 156},
                                                {"identifier", "Company id", text, 156},
                                                {"status", "Status", reference, 0},
                                                {"type", "Type", reference, 0},
                                                {"site_name", "Site", text, 50},
                                                {"phone", "Phone", text, 30},
                                                {"website", "Website", text, 255},
                                                {"address_line1", "Address", text, 50},
                                                {"address_line2", "Address, second line", text, 50},
                                                {"city", "City", text, 50},
                                                {"state", "State", text, 50},
                                                {"zip", "Postal code", text, 12},
                                                {"account_number", "Account number", text, 0}}};

constexpr std::array<ObjectField, 8> kContact{{{"first_name", "First name", text, 0},
                                               {"last_name", "Last name", text, 0},
                                               {"title", "Title", text, 0},
                                               {"company", "Company", reference, 0},
                                               {"type", "Type", reference, 0},
                                               {"email", "E-mail", text, 250},
                                               {"phone", "Phone", text, 250},
                                               {"inactive", "Inactive", flag, 0}}};

constexpr std::array<ObjectField, 22> kConfiguration{{{"name", "Name", text, 100},
                                                      {"type", "Type", reference, 0},
                                                      {"status", "Status", reference, 0},
                                                      {"company", "Company", reference, 0},
                                                      {"site", "Site", reference, 0},
                                                      {"contact", "Contact", reference, 0},
                                                      {"device_identifier", "Device id", text, 100},
                                                      {"serial_number", "Serial number", text, 250},
                                                      {"model_number", "Model", text, 50},
                                                      {"tag_number", "Tag", text, 50},
                                                      {"mac_address", "MAC address", text, 25},
                                                      {"ip_address", "IP address", text, 50},
                                                      {"os_type", "Operating system", text, 250},
                                                      {"os_info", "Operating system details", text, 250},
                                                      {"last_login", "Last login", text, 100},
                                                      {"manufacturer", "Manufacturer", reference, 0},
                                                      {"purchase_date", "Purchased", date_time, 0},
                                                      {"installation_date", "Installed", date_time, 0},
                                                      {"warranty_date", "Warranty ends", date_time, 0},
                                                      {"management_link", "Link to the product", text, 1000},
                                                      {"vendor_notes", "Vendor notes", text, 0},
                                                      {"active", "Active", flag, 0}}};

constexpr ObjectField kQuestion{kQuestionPrefix, "Question", text, 0};
constexpr ObjectField kCustomField{kCustomFieldPrefix, "Custom field", text, 0};

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

}  // namespace crosswalk::psa

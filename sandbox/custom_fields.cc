#include "sandbox/custom_fields.h"

#include <algorithm>

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

/// The one screen whose id is published, and the collection that it shows. Fields of all others are everybody's.
constexpr std::string_view kContactScreen = "ct300";
constexpr std::string_view kContacts = "company/contacts";

bool belongs_to(const Resource& definitions, const Row& definition, const Resource& resource) {
  return definition.text(definitions.field("screenId")) != kContactScreen || resource.path == kContacts;
}

json::value value_entered(const json::value* entered, std::int64_t id) {
  if (entered == nullptr || !entered->is_array()) return nullptr;
  const json::array& list = entered->get_array();
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const json::value& each) { return each.at("id") == id; });
  const json::value* value = found == list.end() ? nullptr : found->as_object().if_contains("value");
  return value == nullptr ? json::value(nullptr) : *value;
}

}  // namespace

json::array shown_custom_fields(const Tenant& tenant, const Resource& resource, const json::value* entered) {
  const Resource& definitions = Catalogue::instance().get("system/userDefinedFields");
  const Table& table = tenant.table(definitions);
  if (table.size() == 0) return entered != nullptr && entered->is_array() ? entered->get_array() : json::array();
  json::array shown;
  table.each([&](const Row& definition) {
    if (!belongs_to(definitions, definition, resource)) return true;
    json::object field{{"id", definition.id},
                       {"caption", definition.text(definitions.field("caption"))},
                       {"type", definition.text(definitions.field("fieldTypeIdentifier"))}};
    const std::string_view entry = definition.text(definitions.field("entryTypeIdentifier"));
    if (!entry.empty()) field["entryMethod"] = entry;
    field["numberOfDecimals"] = definition.integer(definitions.field("numberDecimals"));
    field["value"] = value_entered(entered, definition.id);
    const std::string_view guid = definition.text(definitions.field("connectWiseID"));
    if (!guid.empty()) field["connectWiseId"] = guid;
    field["rowNum"] = definition.integer(definitions.field("sequenceNumber"));
    field["userDefinedFieldRecId"] = definition.id;
    shown.push_back(std::move(field));
    return true;
  });
  return shown;
}

}  // namespace crosswalk::sandbox

#include "sandbox/town_fields.h"

#include <stdexcept>
#include <string>

#include "sandbox/shapes.h"

namespace crosswalk::sandbox {
namespace json = boost::json;

json::array custom_fields(const Tenant& tenant, const std::vector<std::pair<std::int64_t, json::value>>& values) {
  const Table& definitions = tenant.table("system/userDefinedFields");
  json::array fields;
  for (const auto& [id, value] : values) {
    const auto field = shaped_custom_field(definitions.resource(), *definitions.find(id), value);
    if (!field) throw std::logic_error("scenario: custom field " + std::to_string(id));
    fields.push_back(*field);
  }
  return fields;
}

}  // namespace crosswalk::sandbox

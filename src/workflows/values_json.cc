#include "workflows/values_json.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/json.h"
#include "psa/object_fields.h"

namespace crosswalk::workflows {
namespace json = boost::json;

json::object to_json(const psa::Values& values) {
  json::object out;
  out.reserve(values.size());
  for (const auto& [field, value] : values) {
    if (const psa::Reference* reference = value.reference())
      out[field] = json::array{reference->id, reference->name};
    else
      out[field] = psa::shown(value);
  }
  return out;
}

psa::Value value_from_json(psa::ObjectKind kind, std::string_view field, const json::value& value) {
  if (value.is_array())
    return psa::Reference{std::string(value.at(0).as_string()), std::string(value.at(1).as_string())};
  const std::string_view text = value.as_string();
  const psa::ObjectField* known = psa::find_object_field(kind, field);
  return known ? psa::value_of_text(*known, text) : psa::Value(std::string(text));
}

psa::Values values_from_json(psa::ObjectKind kind, const json::value* values) {
  psa::Values read;
  if (!values) return read;
  const json::object& members = values->as_object();
  read.reserve(members.size());
  for (const auto& [field, value] : members)
    read.insert_or_assign(std::string(field), value_from_json(kind, field, value));
  return read;
}

std::string serialize_values(const psa::Values& values) { return json::serialize(to_json(values)); }

psa::Values parse_values(psa::ObjectKind kind, std::string_view text) {
  const json::value parsed = parse_own_json(text);
  return values_from_json(kind, &parsed);
}

}  // namespace crosswalk::workflows

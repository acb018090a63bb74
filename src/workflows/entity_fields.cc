#include "workflows/entity_fields.h"

#include "base/json.h"
#include "base/text.h"
#include "psa/object_fields.h"

namespace crosswalk::workflows {

psa::Value fitted(psa::ObjectKind kind, std::string_view field, const std::string& text) {
  const psa::ObjectField* known = psa::find_object_field(kind, field);
  if (known && known->shape == psa::FieldShape::date_time) {
    // ConnectWise keeps whole seconds, and refuses what is not a point in time.
    const auto at = parse_timestamp(text.size() == 10 ? text + "T00:00:00Z" : text);
    return at ? psa::Value::date(std::chrono::floor<std::chrono::seconds>(*at)) : psa::Value();
  }
  std::string value = single_line(text);
  if (known && known->characters_max > 0) value = cut_text(value, known->characters_max);
  return known ? psa::value_of_text(*known, value) : psa::Value(std::move(value));
}

mapping::ObjectFieldRule rule_of(const mapping::ObjectDocument& document, std::string_view field) {
  const auto rule = document.fields.find(field);
  if (rule != document.fields.end()) return rule->second;
  mapping::ObjectFieldRule none;
  none.ownership = mapping::Ownership::psa;
  return none;
}

std::vector<DesiredField> mapped_values(const mapping::ObjectDocument& document, const model::Entity& record) {
  std::vector<DesiredField> fields;
  for (const auto& [field, rule] : document.fields) {
    DesiredField wanted{field, rule.reference, rule.ownership, "mapping", rule.every};
    if (!rule.value.empty()) wanted.value = fitted(document.kind, field, mapping::render_field(rule, record));
    // What the product does not tell is not taken away from the PSA.
    if (wanted.value.is_nothing()) continue;
    fields.push_back(std::move(wanted));
  }
  return fields;
}

std::string text_of(const model::Entity& record, std::string_view name) { return text_at(record.attributes, name); }

}  // namespace crosswalk::workflows

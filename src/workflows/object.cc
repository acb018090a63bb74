#include "workflows/object.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/json.h"
#include "base/text.h"
#include "psa/object_fields.h"

namespace crosswalk::workflows {
namespace json = boost::json;
namespace {

json::object values_to_json(const psa::ObjectValues& values) {
  json::object out;
  for (const auto& [field, value] : values) {
    if (value.id.empty())
      out[field] = value.name;
    else
      out[field] = json::array{value.id, value.name};
  }
  return out;
}

psa::ObjectValues values_from_json(const json::object& object, std::string_view name) {
  psa::ObjectValues values;
  const json::value* member = object.if_contains(name);
  if (!member) return values;
  for (const auto& [field, value] : member->as_object()) {
    psa::Reference& reference = values[std::string(field)];
    if (value.is_array())
      reference = {std::string(value.at(0).as_string()), std::string(value.at(1).as_string())};
    else
      reference.name = std::string(value.as_string());
  }
  return values;
}

std::string text_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

Timestamp time_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value ? from_milliseconds(value->to_number<std::int64_t>()) : Timestamp{};
}

}  // namespace

std::string serialize_values(const psa::ObjectValues& values) {
  return json::serialize(json::object{{"values", values_to_json(values)}});
}

psa::ObjectValues parse_values(std::string_view text) {
  const json::value parsed = parse_own_json(text);
  return values_from_json(parsed.as_object(), "values");
}

const psa::Reference* ObjectLink::seen(std::string_view field) const {
  const auto found = observed.find(field);
  return found == observed.end() ? nullptr : &found->second;
}

std::string serialize(const ObjectLink& link) {
  json::object out{{"provider", link.object.provider},
                   {"id", link.object.value},
                   {"instance", link.instance},
                   {"how", link.how},
                   {"linked_at", to_milliseconds(link.linked_at)},
                   {"written", values_to_json(link.written)},
                   {"observed", values_to_json(link.observed)},
                   {"observed_at", to_milliseconds(link.observed_at)}};
  if (!link.kept.empty()) out["kept"] = values_to_json(link.kept);
  if (!link.overruled.empty()) {
    json::object counts;
    for (const auto& [field, count] : link.overruled) counts[field] = count;
    out["overruled"] = std::move(counts);
  }
  if (link.made_by_us) out["made_by_us"] = true;
  if (link.written_at != Timestamp{}) out["written_at"] = to_milliseconds(link.written_at);
  if (link.updated_at) out["updated_at"] = to_milliseconds(*link.updated_at);
  if (!link.updated_by.empty()) out["updated_by"] = link.updated_by;
  if (!link.gone.empty()) out["gone"] = link.gone;
  if (!link.state.empty()) out["state"] = link.state;
  if (link.left_at != Timestamp{}) out["left_at"] = to_milliseconds(link.left_at);
  if (!link.theirs.empty()) out["theirs"] = values_to_json(link.theirs);
  if (!link.successor.empty()) out["successor"] = link.successor;
  if (!link.named.empty()) out["named"] = link.named;
  return json::serialize(out);
}

Result<ObjectLink> parse_object_link(const PartnerId& partner, psa::ObjectKind kind, std::string_view text) try {
  const json::value parsed = parse_own_json(text);
  const json::object& object = parsed.as_object();
  ObjectLink link;
  link.object = {text_at(object, "provider"), partner, kind, text_at(object, "id")};
  link.instance = text_at(object, "instance");
  link.how = text_at(object, "how");
  const json::value* made = object.if_contains("made_by_us");
  link.made_by_us = made && made->as_bool();
  link.linked_at = time_at(object, "linked_at");
  link.written = values_from_json(object, "written");
  link.written_at = time_at(object, "written_at");
  link.kept = values_from_json(object, "kept");
  if (const json::value* counts = object.if_contains("overruled"))
    for (const auto& [field, count] : counts->as_object())
      link.overruled[std::string(field)] = static_cast<int>(count.to_number<std::int64_t>());
  link.observed = values_from_json(object, "observed");
  link.observed_at = time_at(object, "observed_at");
  if (object.contains("updated_at")) link.updated_at = time_at(object, "updated_at");
  link.updated_by = text_at(object, "updated_by");
  link.gone = text_at(object, "gone");
  link.state = text_at(object, "state");
  link.left_at = time_at(object, "left_at");
  link.theirs = values_from_json(object, "theirs");
  link.successor = text_at(object, "successor");
  link.named = text_at(object, "named");
  return link;
} catch (const std::exception& broken) {
  return failure("store.corrupt", std::string("A stored link cannot be read: ") + broken.what());
}

psa::Reference fitted(psa::ObjectKind kind, std::string_view field, const std::string& text) {
  const psa::ObjectField* known = psa::find_object_field(kind, field);
  if (known && known->shape == psa::FieldShape::date_time) {
    // ConnectWise keeps whole seconds, and refuses what is not a point in time.
    const auto at = parse_timestamp(text.size() == 10 ? text + "T00:00:00Z" : text);
    if (!at) return {};
    return {"", format_timestamp(std::chrono::floor<std::chrono::seconds>(*at))};
  }
  std::string value = single_line(text);
  if (known && known->characters_max > 0) value = cut_text(value, known->characters_max);
  return {"", std::move(value)};
}

mapping::ObjectFieldRule rule_of(const mapping::ObjectDocument& document, std::string_view field) {
  const auto rule = document.fields.find(field);
  if (rule != document.fields.end()) return rule->second;
  mapping::ObjectFieldRule none;
  none.ownership = mapping::Ownership::psa;
  return none;
}

std::vector<DesiredValue> mapped_values(const mapping::ObjectDocument& document, const model::Entity& record) {
  std::vector<DesiredValue> values;
  for (const auto& [field, rule] : document.fields) {
    DesiredValue value{field, rule.reference, rule.ownership, "mapping", rule.every};
    if (!rule.value.empty()) value.value = fitted(document.kind, field, mapping::render_field(rule, record));
    // What the product does not tell is not taken away from the PSA.
    if (value.value.id.empty() && value.value.name.empty()) continue;
    values.push_back(std::move(value));
  }
  return values;
}

std::string text_of(const model::Entity& record, std::string_view name) {
  const json::value* value = record.attributes.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace crosswalk::workflows

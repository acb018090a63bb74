#include "sandbox/shapes.h"

#include <algorithm>

#include "base/decimal.h"
#include "base/text.h"
#include "sandbox/values.h"
#include "sandbox/wire.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

using Shaped = tl::expected<json::value, ShapeProblem>;

Shaped wrong(const Field& field, ShapeProblem::Kind kind = ShapeProblem::Kind::wrong) {
  return tl::unexpected(ShapeProblem{field.name, kind, field.length_max});
}

Shaped shaped_text(const Field& field, const json::value& given) {
  if (given.is_structured()) return wrong(field);
  const std::string text = given.is_string() ? std::string(given.get_string()) : json_text(given);
  if (field.length_max > 0 && count_characters(text) > field.length_max)
    return wrong(field, ShapeProblem::Kind::too_long);
  return json::string(text);
}

Shaped shaped_reference(const Tenant& tenant, const Field& field, const json::value& given) {
  if (!given.is_object()) return wrong(field);
  json::object kept;
  if (field.target < 0) {
    for (const std::string& member : field.target_shape) {
      const json::value* value = given.get_object().if_contains(member);
      if (value != nullptr && value->is_primitive() && !value->is_null()) kept[member] = *value;
    }
    return kept;
  }
  const Resource& target = Catalogue::instance().at(field.target);
  std::string key, name;
  const std::int64_t id = find_reference(tenant, target, given.get_object(), 0, key, name);
  if (id == 0) return key.empty() ? Shaped(nullptr) : wrong(field, ShapeProblem::Kind::not_found);
  const Row& row = *tenant.table(target).find(id);
  kept["id"] = id;
  for (const std::string& member : field.target_shape) {
    const std::string text = reference_text(tenant, target, row, member);
    if (!text.empty()) kept[member] = text;
  }
  return kept;
}

Shaped shaped_value(const Tenant& tenant, const Field& field, const json::value& given, bool lenient) {
  if (lenient && is_empty_text_for_null(field, given)) return json::value(nullptr);
  switch (field.type) {
    case FieldType::integer: {
      const std::optional<std::int64_t> number = to_integer(given, lenient);
      return number && is_document_integer(*number) ? Shaped(*number) : wrong(field);
    }
    case FieldType::decimal: {
      if (given.is_number()) return given;
      const std::optional<std::int64_t> units = to_decimal_units(given, lenient);
      return units ? Shaped(json::parse(Decimal::from_units(*units).to_string())) : wrong(field);
    }
    case FieldType::boolean:
      return given.is_bool() ? Shaped(given) : wrong(field);
    case FieldType::reference:
      return shaped_reference(tenant, field, given);
    case FieldType::object: {
      const Schema* schema = Catalogue::instance().schema(field.object_schema);
      if (!given.is_object() || schema == nullptr) return wrong(field);
      auto inner = shaped(tenant, *schema, given.get_object(), lenient);
      if (!inner) return tl::unexpected(inner.error());
      return json::value(std::move(*inner));
    }
    case FieldType::enumeration: {
      if (!given.is_string()) return wrong(field);
      const auto known = std::find_if(field.enumeration.begin(), field.enumeration.end(), [&](const std::string& each) {
        return equals_ignoring_case(each, given.get_string());
      });
      return known == field.enumeration.end() ? wrong(field) : Shaped(json::string(*known));
    }
    case FieldType::string:
      return shaped_text(field, given);
    case FieldType::date:
      return to_seconds(given) ? Shaped(given) : wrong(field, ShapeProblem::Kind::date_format);
    case FieldType::any:
      return given;
    default:
      return given.is_array() ? Shaped(given) : wrong(field);
  }
}

bool is_option(const Resource& definitions, const Row& definition, const json::value& value) {
  const json::value* options = definition.get(definitions.field("options"));
  if (options == nullptr || !options->is_array() || options->get_array().empty()) return true;
  return std::any_of(options->get_array().begin(), options->get_array().end(), [&](const json::value& option) {
    const json::value* text = option.is_object() ? option.get_object().if_contains("optionValue") : nullptr;
    return text != nullptr && *text == value;
  });
}

bool fits(const Resource& definitions, const Row& definition, const json::value& value) {
  if (value.is_null()) return true;
  const std::string_view type = definition.text(definitions.field("fieldTypeIdentifier"));
  const std::string_view entry = definition.text(definitions.field("entryTypeIdentifier"));
  if ((entry == "List" || entry == "Option") && !is_option(definitions, definition, value)) return false;
  if (type == "Number" || type == "Currency" || type == "Percent") return value.is_number();
  if (type == "Checkbox") return value.is_bool();
  return value.is_string();
}

}  // namespace

tl::expected<json::object, ShapeProblem> shaped(const Tenant& tenant, const Schema& schema, const json::object& given,
                                                bool lenient) {
  json::object kept;
  if (const json::value* id = given.if_contains("id"); id != nullptr && schema.has_id && id->is_int64()) {
    kept["id"] = *id;
  }
  for (const auto& [name, value] : given) {
    const Field* field = schema.field(name);
    if (field == nullptr || value.is_null()) continue;
    Shaped one = shaped_value(tenant, *field, value, lenient);
    if (!one) return tl::unexpected(std::move(one.error()));
    if (!one->is_null()) kept[name] = std::move(*one);
  }
  return kept;
}

std::optional<json::object> shaped_custom_field(const Resource& definitions, const Row& definition,
                                                const json::value& value) {
  if (!fits(definitions, definition, value)) return std::nullopt;
  json::object kept{{"id", definition.id},
                    {"caption", definition.text(definitions.field("caption"))},
                    {"type", definition.text(definitions.field("fieldTypeIdentifier"))},
                    {"numberOfDecimals", definition.integer(definitions.field("numberDecimals"))},
                    {"value", value}};
  const std::string_view entry = definition.text(definitions.field("entryTypeIdentifier"));
  if (!entry.empty()) kept["entryMethod"] = entry;
  return kept;
}

}  // namespace crosswalk::sandbox

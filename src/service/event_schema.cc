#include "service/event_schema.h"

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <cmath>
#include <span>
#include <string>

#include "base/text.h"
#include "base/time.h"
#include "mapping/names.h"

namespace crosswalk::embedded {
extern const std::string_view schema_alert_raised, schema_alert_updated, schema_alert_resolved, schema_alert_snoozed,
    schema_customer_upserted, schema_contact_upserted, schema_device_upserted;
}

namespace crosswalk::service {
namespace {

namespace json = boost::json;

/// Longer names are not names.
constexpr std::size_t kNameCharactersMax = 100;
constexpr std::size_t kAttributesMax = 64;
constexpr std::size_t kAttributeCharactersMax = 2'000;
constexpr std::size_t kAddressCharactersMax = 500;

struct Field {
  enum class Kind { text, severity, url, timestamp, yes_no, state };
  std::string_view name;
  Kind kind = Kind::text;
  std::size_t characters_min = 0, characters_max = 0;
  bool required = false;
};

using Kind = Field::Kind;

constexpr Field required_key(std::string_view name) { return {name, Kind::text, 1, 200, true}; }

template <std::size_t More>
constexpr auto alert_fields(bool raised, const std::array<Field, More>& more) {
  std::array<Field, 16 + More> fields{{
      required_key("product"),
      required_key("customer"),
      required_key("subject"),
      required_key("condition"),
      {"severity", Kind::severity, 0, 0, raised},
      {"title", Kind::text, 1, 500, raised},
      {"description", Kind::text, 0, 16'000, false},
      {"url", Kind::url, 1, 2'000, false},
      {"customer_name", Kind::text, 0, 500, false},
      {"subject_name", Kind::text, 0, 500, false},
      {"subject_type", Kind::text, 0, 100, false},
      {"condition_name", Kind::text, 0, 500, false},
      {"device", Kind::text, 0, 200, false},
      {"contact_email", Kind::text, 0, 320, false},
      {"instance", Kind::text, 1, 200, false},
      {"alert_id", Kind::text, 1, 200, false},
  }};
  for (std::size_t i = 0; i < More; ++i) fields[16 + i] = more[i];
  return fields;
}

constexpr auto kRaised = alert_fields(
    true, std::array<Field, 2>{{{"still", Kind::yes_no, 0, 0, false}, {"again", Kind::yes_no, 0, 0, false}}});
constexpr auto kUpdated = alert_fields(false, std::array<Field, 1>{{{"acknowledged", Kind::yes_no, 0, 0, false}}});
constexpr auto kResolved = alert_fields(false, std::array<Field, 1>{{{"resolution", Kind::text, 0, 16'000, false}}});
constexpr std::array<Field, 8> kSnoozed{{required_key("product"),
                                         required_key("customer"),
                                         required_key("subject"),
                                         required_key("condition"),
                                         {"until", Kind::timestamp, 1, 64, false},
                                         {"reason", Kind::text, 0, 500, false},
                                         {"by", Kind::text, 0, 200, false},
                                         {"alert_id", Kind::text, 1, 200, false}}};
constexpr std::array<Field, 6> kCustomer{{required_key("customer"),
                                          {"name", Kind::text, 1, 500, true},
                                          {"company_id", Kind::text, 1, 64, false},
                                          {"website", Kind::text, 0, 2'000, false},
                                          {"phone", Kind::text, 0, 100, false},
                                          {"email", Kind::text, 0, 320, false}}};
constexpr std::array<Field, 9> kContact{{required_key("contact"),
                                         required_key("customer"),
                                         {"first_name", Kind::text, 0, 200, false},
                                         {"last_name", Kind::text, 0, 200, false},
                                         {"title", Kind::text, 0, 200, false},
                                         {"email", Kind::text, 0, 320, false},
                                         {"phone", Kind::text, 0, 100, false},
                                         {"state", Kind::state, 0, 0, false},
                                         {"opted_out", Kind::yes_no, 0, 0, false}}};
constexpr std::array<Field, 17> kDevice{{required_key("device"),
                                         required_key("customer"),
                                         {"name", Kind::text, 1, 500, true},
                                         {"class", Kind::text, 0, 500, false},
                                         {"serial", Kind::text, 0, 500, false},
                                         {"mac", Kind::text, 0, 500, false},
                                         {"ip", Kind::text, 0, 500, false},
                                         {"os", Kind::text, 0, 500, false},
                                         {"model", Kind::text, 0, 500, false},
                                         {"manufacturer", Kind::text, 0, 500, false},
                                         {"last_seen_at", Kind::timestamp, 1, 64, false},
                                         {"state", Kind::state, 0, 0, false},
                                         {"last_login", Kind::text, 0, 500, false},
                                         {"purchased_at", Kind::text, 0, 64, false},
                                         {"installed_at", Kind::text, 0, 64, false},
                                         {"warranty_until", Kind::text, 0, 64, false},
                                         {"url", Kind::url, 1, 2'000, false}}};
constexpr std::array<std::string_view, 6> kAddressLines{"line1", "line2", "city", "state", "zip", "country"};

std::span<const Field> fields_of(model::EventType type) {
  switch (type) {
    case model::EventType::alert_raised:
      return kRaised;
    case model::EventType::alert_updated:
      return kUpdated;
    case model::EventType::alert_resolved:
      return kResolved;
    case model::EventType::alert_snoozed:
      return kSnoozed;
    case model::EventType::customer_upserted:
      return kCustomer;
    case model::EventType::contact_upserted:
      return kContact;
    case model::EventType::device_upserted:
      return kDevice;
  }
  return {};
}

/// A name as a segment of a JSON pointer.
std::string pointer_to(std::string_view parent, std::string_view name) {
  std::string pointer{parent};
  pointer += '/';
  for (const char c : cut_text(name, kNameCharactersMax)) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
  return pointer;
}

RequestProblem bad(std::string pointer, std::string detail) {
  return {"event.schema", std::move(pointer), std::move(detail)};
}

/// Code points are counted only where the bytes do not settle it.
bool longer_than(std::string_view text, std::size_t characters_max) {
  return text.size() > characters_max && count_characters(text) > characters_max;
}

RequestProblem too_long(std::string pointer, std::size_t characters_max) {
  return {"event.string_too_long", std::move(pointer),
          "Longer than " + std::to_string(characters_max) + " characters; send the beginning, or a link to the whole."};
}

bool is_web_url(std::string_view text) {
  if (text.starts_with("https://"))
    text.remove_prefix(8);
  else if (text.starts_with("http://"))
    text.remove_prefix(7);
  else
    return false;
  return !text.empty() && text.find_first_of(" \t\n\v\f\r") == std::string_view::npos;
}

bool is_severity(std::string_view text) {
  return text == "critical" || text == "high" || text == "medium" || text == "low" || text == "info";
}

std::optional<RequestProblem> check_text(const Field& field, std::string_view text) {
  if (text.size() < field.characters_min) return bad(pointer_to("", field.name), "Must not be empty.");
  if (longer_than(text, field.characters_max)) return too_long(pointer_to("", field.name), field.characters_max);
  if (field.kind == Kind::url && !is_web_url(text))
    return bad(pointer_to("", field.name),
               "Must be an address that begins with https:// or http:// and holds no blanks.");
  if (field.kind == Kind::timestamp && !parse_timestamp(text))
    return bad(pointer_to("", field.name), "Must be an RFC 3339 time such as 2026-03-01T08:00:00Z.");
  return std::nullopt;
}

std::optional<RequestProblem> check_field(const Field& field, const json::object& data) {
  const json::value* value = data.if_contains(field.name);
  if (!value) {
    if (!field.required) return std::nullopt;
    return bad(pointer_to("", field.name), "\"" + std::string(field.name) + "\" is required here.");
  }
  if (field.kind == Kind::yes_no) {
    if (value->is_bool()) return std::nullopt;
    return bad(pointer_to("", field.name), "Must be true or false.");
  }
  if (!value->is_string())
    return bad(pointer_to("", field.name), "Must be a text; leave it out when there is nothing to say.");
  const std::string_view text = value->get_string();
  if (field.kind == Kind::severity) {
    if (is_severity(text)) return std::nullopt;
    return bad("/severity", "Must be one of critical, high, medium, low, info.");
  }
  if (field.kind == Kind::state) {
    if (text == "active" || text == "retired" || text == "replaced") return std::nullopt;
    return bad("/state", "Must be one of active, retired, replaced.");
  }
  return check_text(field, text);
}

std::optional<RequestProblem> check_names(const json::object& object, std::string_view parent) {
  for (const auto& member : object)
    if (longer_than(member.key(), kNameCharactersMax))
      return RequestProblem{"event.string_too_long", std::string(parent), "A name is longer than 100 characters."};
  return std::nullopt;
}

std::optional<RequestProblem> check_attributes(const json::object& data) {
  const json::value* value = data.if_contains("attributes");
  if (!value) return std::nullopt;
  if (!value->is_object()) return bad("/attributes", "Must be an object.");
  const json::object& attributes = value->get_object();
  if (attributes.size() > kAttributesMax) return bad("/attributes", "At most 64 attributes.");
  if (auto problem = check_names(attributes, "/attributes")) return problem;
  for (const auto& member : attributes) {
    const json::value& each = member.value();
    if (!each.is_string() && !each.is_number() && !each.is_bool())
      return bad(pointer_to("/attributes", member.key()), "Must be a text, a number, true or false.");
    if (each.is_string() && longer_than(each.get_string(), kAttributeCharactersMax))
      return too_long(pointer_to("/attributes", member.key()), kAttributeCharactersMax);
  }
  return std::nullopt;
}

/// Silence must be answered for: whoever is not called because of it wants to know whom to ask.
std::optional<RequestProblem> check_snooze(const json::object& data) {
  if (!data.contains("until")) return std::nullopt;
  for (const auto& [name, words] :
       {std::pair{"reason", "why the alert may be silent"}, std::pair{"by", "who says so"}}) {
    const json::value* value = data.if_contains(name);
    const std::string_view text = value ? std::string_view(value->get_string()) : std::string_view();
    if (text.find_first_not_of(" \t\n\v\f\r") != std::string_view::npos) continue;
    return bad(pointer_to("", name), "\"" + std::string(name) + "\" is required with \"until\": " + words + ".");
  }
  return std::nullopt;
}

std::optional<RequestProblem> check_address(const json::object& data) {
  const json::value* value = data.if_contains("address");
  if (!value) return std::nullopt;
  if (!value->is_object()) return bad("/address", "Must be an object.");
  if (auto problem = check_names(value->get_object(), "/address")) return problem;
  for (const std::string_view name : kAddressLines) {
    const json::value* line = value->get_object().if_contains(name);
    if (!line) continue;
    if (!line->is_string()) return bad(pointer_to("/address", name), "Must be a text.");
    if (longer_than(line->get_string(), kAddressCharactersMax))
      return too_long(pointer_to("/address", name), kAddressCharactersMax);
  }
  return std::nullopt;
}

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

/// What is legal JSON and still cannot be kept faithfully. The parser has bounded the depth.
std::optional<RequestProblem> check_storable(const json::value& value, const std::string& pointer) {
  if (value.is_string() && has_nul(value.get_string()))
    return bad(pointer, "Holds a NUL character (\\u0000); leave it out.");
  if (value.is_double() && !std::isfinite(value.get_double())) return bad(pointer, "The number is too large.");
  if (value.is_array()) {
    std::size_t index = 0;
    for (const json::value& each : value.get_array()) {
      if (each.is_structured() || each.is_string() || each.is_double())
        if (auto problem = check_storable(each, pointer_to(pointer, std::to_string(index)))) return problem;
      ++index;
    }
  } else if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      if (has_nul(member.key())) return bad(pointer, "A name holds a NUL character.");
      if (auto problem = check_storable(member.value(), pointer_to(pointer, member.key()))) return problem;
    }
  }
  return std::nullopt;
}

/// Only where something could be wrong is a pointer composed: flat texts and numbers are looked at in place.
std::optional<RequestProblem> check_all_storable(const json::object& data) {
  for (const auto& member : data) {
    if (has_nul(member.key())) return bad("", "A name holds a NUL character.");
    const json::value& value = member.value();
    const bool fine = value.is_string() ? !has_nul(value.get_string()) : !value.is_structured() && !value.is_double();
    if (fine) continue;
    if (auto problem = check_storable(value, pointer_to("", member.key()))) return problem;
  }
  return std::nullopt;
}

}  // namespace

std::optional<RequestProblem> check_event_data(model::EventType type, const json::object& data) {
  if (auto problem = check_names(data, "")) return problem;
  for (const Field& field : fields_of(type))
    if (auto problem = check_field(field, data)) return problem;
  if (type == model::EventType::alert_snoozed) {
    if (auto problem = check_snooze(data)) return problem;
  } else if (auto problem = check_attributes(data)) {
    return problem;
  }
  if (type == model::EventType::customer_upserted)
    if (auto problem = check_address(data)) return problem;
  return check_all_storable(data);
}

std::vector<std::string> unknown_members(model::EventType type, const json::object& data) {
  std::vector<std::string> unknown;
  const std::span<const Field> fields = fields_of(type);
  for (const auto& member : data) {
    const std::string_view name = member.key();
    const bool known = std::ranges::find(fields, name, &Field::name) != fields.end() ||
                       (name == "attributes" && type != model::EventType::alert_snoozed) ||
                       (name == "address" && type == model::EventType::customer_upserted);
    if (!known) unknown.push_back(cut_text(name, kNameCharactersMax));
    if (unknown.size() == kUnknownMembersMax) break;
  }
  return unknown;
}

std::string explain_unknown(model::EventType type, std::string_view name) {
  std::vector<std::string_view> names;
  for (const Field& field : fields_of(type)) names.push_back(field.name);
  std::string words = mapping::quoted(name) + " is no member of " + std::string(model::to_string(type));
  const std::string lower = to_lower(name);
  const auto same = std::ranges::find(names, lower);
  const auto meant = same != names.end() ? std::optional(*same) : mapping::nearest(lower, names);
  if (meant) return words + ": did you mean \"" + std::string(*meant) + "\"?";
  if (type == model::EventType::alert_snoozed) return words + ", and nothing reads it.";
  const bool is_alert = model::to_string(type).starts_with("alert.");
  return words + (is_alert ? ", and nothing reads it; what rules and templates shall see goes into \"attributes\"."
                           : "; it is read only where a mapping names it.");
}

std::optional<std::string_view> event_schema(std::string_view file_name) {
  if (file_name == "alert.raised.v1.json") return embedded::schema_alert_raised;
  if (file_name == "alert.updated.v1.json") return embedded::schema_alert_updated;
  if (file_name == "alert.resolved.v1.json") return embedded::schema_alert_resolved;
  if (file_name == "alert.snoozed.v1.json") return embedded::schema_alert_snoozed;
  if (file_name == "customer.upserted.v1.json") return embedded::schema_customer_upserted;
  if (file_name == "contact.upserted.v1.json") return embedded::schema_contact_upserted;
  if (file_name == "device.upserted.v1.json") return embedded::schema_device_upserted;
  return std::nullopt;
}

}  // namespace crosswalk::service

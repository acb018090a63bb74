#include "sandbox/wire.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <iterator>

#include "base/decimal.h"
#include "base/text.h"
#include "sandbox/conditions.h"
#include "sandbox/custom_fields.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

void append_integer(std::string& out, std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void append_two_digits(std::string& out, unsigned number) {
  out.push_back(static_cast<char>('0' + number / 10 % 10));
  out.push_back(static_cast<char>('0' + number % 10));
}

void append_name(std::string& out, std::string_view name) {
  out.append(out.back() == '{' ? "\"" : ",\"").append(name).append("\":");
}

/// In the fewest digits that say it, without an exponent: whoever reads hours need not know that JSON has those.
void append_double(std::string& out, double number) {
  char buffer[32];
  const auto end = std::to_chars(buffer, std::end(buffer), std::abs(number), std::chars_format::scientific);
  const std::string_view text(buffer, static_cast<std::size_t>(end.ptr - buffer));
  const std::size_t mark = text.find('e');
  std::string digits{text[0]};
  if (mark > 2) digits.append(text.substr(2, mark - 2));
  int exponent = 0;
  const std::size_t sign = text[mark + 1] == '+' ? 1 : 0;
  std::from_chars(text.data() + mark + 1 + sign, text.data() + text.size(), exponent);
  if (number < 0) out.push_back('-');
  if (exponent < 0) {
    out.append("0.").append(static_cast<std::size_t>(-exponent - 1), '0').append(digits);
    return;
  }
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) {
    out.append(digits).append(whole - digits.size(), '0');
  } else {
    out.append(digits, 0, whole).append(".").append(digits, whole);
  }
}

/// Members of a reference that are called otherwise in the object itself.
std::string_view field_behind(std::string_view member) { return member == "sort" ? "sortOrder" : member; }

/// What an /info path calls otherwise than the object itself.
std::string_view other_name(std::string_view field) {
  if (field == "closedFlag") return "closedStatus";
  if (field == "inactiveFlag") return "inactive";
  return field == "isVendor" ? "vendorFlag" : field;
}

/// What a value looks like as JSON.
json::kind kind_of(FieldType type) {
  switch (type) {
    case FieldType::integer:
    case FieldType::decimal:
      return json::kind::double_;
    case FieldType::boolean:
      return json::kind::bool_;
    case FieldType::reference:
    case FieldType::object:
      return json::kind::object;
    case FieldType::references:
    case FieldType::objects:
    case FieldType::custom_fields:
      return json::kind::array;
    case FieldType::any:
      return json::kind::null;
    case FieldType::string:
    case FieldType::date:
    case FieldType::enumeration:
      break;
  }
  return json::kind::string;
}

void project_path(const json::object& from, json::object& to, std::string_view path) {
  const std::size_t slash = path.find('/');
  const std::string_view head = path.substr(0, slash);
  for (const auto& [name, value] : from) {
    if (!equals_ignoring_case(name, head)) continue;
    if (slash == std::string_view::npos || !value.is_object()) {
      to[name] = value;
    } else {
      json::value& below = to[name];
      if (!below.is_object()) below.emplace_object();
      project_path(value.get_object(), below.get_object(), path.substr(slash + 1));
    }
    return;
  }
}

}  // namespace

void append_time(std::string& out, std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds at{std::chrono::seconds(seconds)};
  const sys_days day = floor<days>(at);
  const year_month_day date{day};
  const auto time = static_cast<unsigned>((at - day).count());
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  append_two_digits(out, year / 100);
  append_two_digits(out, year % 100);
  out.push_back('-');
  append_two_digits(out, static_cast<unsigned>(date.month()));
  out.push_back('-');
  append_two_digits(out, static_cast<unsigned>(date.day()));
  out.push_back('T');
  append_two_digits(out, time / 3600);
  out.push_back(':');
  append_two_digits(out, time / 60 % 60);
  out.push_back(':');
  append_two_digits(out, time % 60);
  out.push_back('Z');
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  std::size_t written = 0;
  // Most texts need no escape at all, so they go over in one piece.
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, written, i - written);
    written = i + 1;
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out.append("\\n");
    } else if (c == '\r') {
      out.append("\\r");
    } else if (c == '\t') {
      out.append("\\t");
    } else {
      out.append("\\u00");
      out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHex[c & 15]);
    }
  }
  out.append(text, written);
  out.push_back('"');
}

std::string row_guid(const Tenant& tenant, const Resource& resource, const Row& row) {
  // FNV-1a over what names the row, drawn out to 128 bits by the finalizer of SplitMix64.
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto take = [&](std::string_view bytes) {
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  };
  take(tenant.name());
  take(resource.path);
  take(std::to_string(row.id));
  const auto draw = [&hash] {
    std::uint64_t z = hash += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  };
  const std::uint64_t high = draw(), low = draw();
  return fmt::format("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", high >> 32, high >> 16 & 0xffff, high & 0xfff,
                     low >> 48 & 0xfff, low & 0xffffffffffff);
}

void append_json(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::double_:
      return append_double(out, value.get_double());
    case json::kind::string:
      return append_json_string(out, value.get_string());
    case json::kind::array:
      out.push_back('[');
      for (const json::value& element : value.get_array()) {
        if (out.back() != '[') out.push_back(',');
        append_json(out, element);
      }
      out.push_back(']');
      return;
    case json::kind::object:
      return append_json(out, value.get_object());
    default:
      out.append(json::serialize(value));
  }
}

void append_json(std::string& out, const json::object& object) {
  out.push_back('{');
  for (const auto& [name, member] : object) {
    if (out.back() != '{') out.push_back(',');
    append_json_string(out, name);
    out.push_back(':');
    append_json(out, member);
  }
  out.push_back('}');
}

std::string json_text(const json::object& object) {
  std::string out;
  append_json(out, object);
  return out;
}

std::string json_text(const json::value& value) {
  std::string out;
  append_json(out, value);
  return out;
}

std::string reference_text(const Tenant& tenant, const Resource& resource, const Row& row, std::string_view member) {
  if (const int field = resource.field(field_behind(member)); field >= 0) {
    const Field& described = resource.fields[static_cast<std::size_t>(field)];
    if (described.type != FieldType::reference) return std::string(row.text(field));
    if (described.target < 0) return {};
    const Row* target = tenant.table(described.target).find(row.integer(field));
    return target == nullptr ? std::string()
                             : reference_text(tenant, Catalogue::instance().at(described.target), *target, "name");
  }
  if (member != "name") return {};
  if (const int first = resource.field("firstName"); first >= 0) {
    return std::string(trim(std::string(row.text(first)) + " " + std::string(row.text(resource.field("lastName")))));
  }
  const int description = resource.field("description");
  return description < 0 ? std::string() : std::string(row.text(description));
}

int field_shown_as(const Resource& resource, const Field& shown) {
  for (const std::string_view name : {std::string_view(shown.name), other_name(shown.name)}) {
    const int index = resource.field(name);
    if (index < 0) continue;
    const Field& field = resource.fields[static_cast<std::size_t>(index)];
    if (!field.hidden && !field.post_only && kind_of(field.type) == kind_of(shown.type)) return index;
  }
  return -1;
}

std::string Wire::href(const Resource& resource, const Row& row) const {
  std::string out = prefix_;
  const Resource* parent = resource.parent < 0 ? nullptr : &Catalogue::instance().at(resource.parent);
  const Resource* grandparent =
      parent == nullptr || parent->parent < 0 ? nullptr : &Catalogue::instance().at(parent->parent);
  for (std::size_t i = 0; i < resource.segments.size(); ++i) {
    if (parent != nullptr && i == parent->segments.size()) {
      append_integer(out, row.parent);
      out.push_back('/');
    } else if (grandparent != nullptr && i == grandparent->segments.size()) {
      const Row* above = tenant_.table(*parent).find(row.parent);
      append_integer(out, above == nullptr ? 0 : above->parent);
      out.push_back('/');
    }
    out.append(resource.segments[i]).push_back('/');
  }
  append_integer(out, row.id);
  return out;
}

void Wire::write_reference(std::string& out, const Resource& target, const Row& row,
                           std::span<const std::string> shape) const {
  out.append("{\"id\":");
  append_integer(out, row.id);
  for (const std::string& member : shape) {
    if (member == "id") continue;
    const int field = target.field(field_behind(member));
    const FieldType type = field < 0 ? FieldType::string : target.fields[static_cast<std::size_t>(field)].type;
    if (type == FieldType::integer || type == FieldType::decimal || type == FieldType::boolean) {
      if (row.get(field) == nullptr) continue;
      append_name(out, member);
      Field shown = target.fields[static_cast<std::size_t>(field)];
      write_field(out, target, shown, row.get(field));
      continue;
    }
    const std::string text = reference_text(tenant_, target, row, member);
    if (text.empty()) continue;
    append_name(out, member);
    append_json_string(out, text);
  }
  out.append(",\"_info\":{");
  if (!target.spec.href.empty()) {
    append_name(out, target.spec.href);
    append_json_string(out, href(target, row));
  }
  out.append("}}");
}

void Wire::write_references(std::string& out, const Field& field, const json::array& ids) const {
  out.push_back('[');
  for (const json::value& id : ids) {
    if (field.target < 0 || !id.is_int64()) {
      if (out.back() != '[') out.push_back(',');
      append_json(out, id);
      continue;
    }
    const Row* target = tenant_.table(field.target).find(id.get_int64());
    if (target == nullptr) continue;
    if (out.back() != '[') out.push_back(',');
    write_reference(out, Catalogue::instance().at(field.target), *target, field.target_shape);
  }
  out.push_back(']');
}

/// An object within an object, its references as they are everywhere.
void Wire::write_nested(std::string& out, const Schema& schema, const json::object& object) const {
  out.push_back('{');
  for (const auto& [name, value] : object) {
    append_name(out, name);
    const Field* field = schema.field(name);
    const json::value* id = value.is_object() ? value.get_object().if_contains("id") : nullptr;
    const bool refers = field != nullptr && field->type == FieldType::reference && field->target >= 0 &&
                        id != nullptr && id->is_int64();
    const Row* target = refers ? tenant_.table(field->target).find(id->get_int64()) : nullptr;
    if (target != nullptr) {
      write_reference(out, Catalogue::instance().at(field->target), *target, field->target_shape);
    } else {
      append_json(out, value);
    }
  }
  out.push_back('}');
}

/// What a field shows that has no value.
void Wire::write_absent(std::string& out, const Resource& resource, const Row& row, int number) const {
  const Field& field = resource.fields[static_cast<std::size_t>(number)];
  if (number == resource.guid_field) {
    append_name(out, field.name);
    append_json_string(out, row_guid(tenant_, resource, row));
  } else if (field.type == FieldType::boolean) {
    append_name(out, field.name);
    out.append("false");
  } else if (field.type == FieldType::references) {
    append_name(out, field.name);
    out.append("[]");
  } else if (field.type == FieldType::custom_fields) {
    append_name(out, field.name);
    write_field(out, resource, field, nullptr);
  }
}

void Wire::write_field(std::string& out, const Resource& resource, const Field& field, const json::value* value) const {
  const Schema* nested = field.object_schema.empty() ? nullptr : Catalogue::instance().schema(field.object_schema);
  switch (field.type) {
    case FieldType::integer:
      append_integer(out, value->to_number<std::int64_t>());
      return;
    case FieldType::decimal:
      out.append(Decimal::from_units(value->to_number<std::int64_t>()).to_string());
      return;
    case FieldType::boolean:
      out.append(value->get_bool() ? "true" : "false");
      return;
    case FieldType::date:
      out.push_back('"');
      append_time(out, value->to_number<std::int64_t>());
      out.push_back('"');
      return;
    case FieldType::string:
    case FieldType::enumeration:
      append_json_string(out, value->get_string());
      return;
    case FieldType::references:
      write_references(out, field, value->get_array());
      return;
    case FieldType::reference:
      if (value->is_int64()) {
        const Row* target = tenant_.table(field.target).find(value->get_int64());
        write_reference(out, Catalogue::instance().at(field.target), *target, field.target_shape);
        return;
      }
      append_json(out, *value);
      return;
    case FieldType::custom_fields:
      append_json(out, json::value(shown_custom_fields(tenant_, resource, value)));
      return;
    case FieldType::object:
      if (nested != nullptr) return write_nested(out, *nested, value->get_object());
      append_json(out, *value);
      return;
    case FieldType::objects:
      out.push_back('[');
      for (const json::value& element : value->get_array()) {
        if (out.back() != '[') out.push_back(',');
        if (nested != nullptr && element.is_object()) {
          write_nested(out, *nested, element.get_object());
        } else {
          append_json(out, element);
        }
      }
      out.push_back(']');
      return;
    default:
      append_json(out, *value);
  }
}

void Wire::write_info(std::string& out, const Resource& resource, const Row& row) const {
  append_name(out, "_info");
  out.append("{\"lastUpdated\":\"");
  append_time(out, row.last_updated);
  out.append("\",\"updatedBy\":");
  append_json_string(out, row.updated_by);
  out.append(",\"dateEntered\":\"");
  append_time(out, row.date_entered);
  out.append("\",\"enteredBy\":");
  append_json_string(out, row.entered_by);
  if (!resource.links.empty()) {
    const std::string own = href(resource, row);
    for (const InfoLink& link : resource.links) {
      append_name(out, link.name);
      std::string target = link.own ? own : prefix_ + link.before + std::to_string(row.id);
      target += link.after;
      if (link.timed) append_time(target, row.last_updated);
      append_json_string(out, target);
    }
  }
  out.push_back('}');
}

void Wire::write(std::string& out, const Resource& resource, const Row& row) const {
  out.push_back('{');
  if (resource.has_id) {
    out.append("\"id\":");
    append_integer(out, row.id);
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < resource.fields.size(); ++i) {
    const Field& field = resource.fields[i];
    const json::value* value = nullptr;
    if (next < row.cells.size() && row.cells[next].field == i) value = &row.cells[next++].value;
    if (field.hidden || field.post_only) continue;
    if (value == nullptr) {
      write_absent(out, resource, row, static_cast<int>(i));
      continue;
    }
    // An object that has gone leaves no reference behind.
    if (field.type == FieldType::reference && value->is_int64() &&
        tenant_.table(field.target).find(value->get_int64()) == nullptr) {
      continue;
    }
    append_name(out, field.name);
    write_field(out, resource, field, value);
  }
  if (resource.has_info) write_info(out, resource, row);
  out.push_back('}');
}

std::string Wire::text(const Resource& resource, const Row& row) const {
  std::string out;
  write(out, resource, row);
  return out;
}

json::object Wire::object(const Resource& resource, const Row& row) const {
  return json::parse(text(resource, row)).as_object();
}

json::object Wire::object_as(const Resource& resource, const Row& row, std::string_view schema_name) const {
  const json::object whole = object(resource, row);
  const Schema* schema = Catalogue::instance().schema(schema_name);
  if (schema == nullptr) return whole;
  json::object shown;
  if (schema->has_id) shown["id"] = row.id;
  for (const Field& field : schema->fields) {
    const int source = field_shown_as(resource, field);
    const json::value* value =
        source < 0 ? nullptr : whole.if_contains(resource.fields[static_cast<std::size_t>(source)].name);
    if (value != nullptr) shown[field.name] = *value;
  }
  const json::value* info = whole.if_contains("_info");
  if (schema->has_info && info != nullptr) shown["_info"] = *info;
  return shown;
}

json::object project(const json::object& object, std::string_view fields) {
  json::object projected;
  while (!fields.empty()) {
    const std::size_t comma = fields.find(',');
    const std::string_view path = trim(fields.substr(0, comma));
    if (!path.empty()) project_path(object, projected, path);
    fields.remove_prefix(comma == std::string_view::npos ? fields.size() : comma + 1);
  }
  return projected;
}

}  // namespace crosswalk::sandbox

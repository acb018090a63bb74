#include "sandbox/schema.h"

#include <stdexcept>

#include "base/text.h"

namespace crosswalk::embedded {
extern const std::string_view sandbox_schemas;
}

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

void set_type(Field& field, const std::string& word) {
  const std::size_t colon = word.find(':');
  const std::string kind = word.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : word.substr(colon + 1);
  static const std::unordered_map<std::string, FieldType> kTypes = {
      {"int", FieldType::integer},     {"decimal", FieldType::decimal},
      {"string", FieldType::string},   {"bool", FieldType::boolean},
      {"date", FieldType::date},       {"ref", FieldType::reference},
      {"refs", FieldType::references}, {"enum", FieldType::enumeration},
      {"objects", FieldType::objects}, {"customfields", FieldType::custom_fields}};
  const auto type = kTypes.find(kind);
  field.type = type == kTypes.end() ? FieldType::any : type->second;
  if (field.type == FieldType::enumeration) field.enumeration = split(rest, '|');
  if (field.type == FieldType::reference || field.type == FieldType::references) field.reference_type = rest;
  if (field.type == FieldType::objects) field.object_schema = rest;
}

Field parse_field(std::string name, std::string_view description) {
  Field field;
  field.name = std::move(name);
  const std::vector<std::string> words = split(description, ' ');
  set_type(field, words.front());
  for (const std::string& word : words) {
    if (word == "required") field.required = true;
    if (word == "postonly") field.post_only = true;
    if (word.starts_with("max=")) field.length_max = std::stoul(word.substr(4));
  }
  return field;
}

int must_find(const Resource& resource, const char* field) {
  const int index = resource.field(field);
  if (index < 0) throw std::logic_error("resource table: " + resource.path + " has no field " + field);
  return index;
}

}  // namespace

int Resource::field(std::string_view name) const {
  const auto found = by_name.find(std::string(name));
  return found == by_name.end() ? -1 : found->second;
}

int Resource::field_ignoring_case(std::string_view name) const {
  const auto found = by_lower_name.find(to_lower(name));
  return found == by_lower_name.end() ? -1 : found->second;
}

bool Resource::allows(char verb) const { return std::string_view(spec.verbs).find(verb) != std::string_view::npos; }

const Catalogue& Catalogue::instance() {
  static const Catalogue catalogue;
  return catalogue;
}

Catalogue::Catalogue() {
  const json::value document = json::parse(embedded::sandbox_schemas);
  for (const auto& [name, members] : document.at("references").as_object()) {
    std::vector<std::string>& shape = shapes_[std::string(name)];
    for (const json::value& member : members.as_array()) shape.emplace_back(member.as_string());
  }
  resources_.reserve(resource_table().size());
  for (const ResourceSpec& spec : resource_table()) add(spec, document.at("schemas").as_object());
  connect();
}

void Catalogue::add(const ResourceSpec& spec, const json::object& schemas) {
  Resource resource;
  resource.spec = spec;
  resource.path = spec.path;
  resource.segments = split(spec.path, '/');
  resource.number = static_cast<int>(resources_.size());
  for (const auto& [name, description] : schemas.at(spec.schema).as_object()) {
    if (name == "id") continue;  // every object has one, it is not a field that can be set
    resource.fields.push_back(parse_field(std::string(name), description.as_string()));
  }
  for (const auto& [name, description] : spec.hidden) {
    resource.fields.push_back(parse_field(name, description));
    resource.fields.back().hidden = true;
  }
  for (std::size_t i = 0; i < resource.fields.size(); ++i) {
    resource.by_name.emplace(resource.fields[i].name, static_cast<int>(i));
    resource.by_lower_name.emplace(to_lower(resource.fields[i].name), static_cast<int>(i));
  }
  for (const char* name : spec.read_only) resource.fields[must_find(resource, name)].read_only = true;
  for (const char* name : spec.required) resource.fields[must_find(resource, name)].required = true;
  for (const char* name : spec.indexed) resource.indexed.push_back(must_find(resource, name));
  for (const auto& [name, text] : spec.defaults) {
    resource.defaults.emplace_back(must_find(resource, name), json::parse(text));
  }
  for (const char* name : {"name", "identifier", "summary", "description", "deviceIdentifier"}) {
    if (const int index = resource.field(name); index >= 0) resource.label_fields.push_back(index);
  }
  if (*spec.parent != '\0') {
    resource.parent = get(spec.parent).number;
    resources_[static_cast<std::size_t>(resource.parent)].children.push_back(resource.number);
    resource.parent_field = must_find(resource, spec.parent_field);
    resource.fields[resource.parent_field].required = false;
    resource.fields[resource.parent_field].read_only = true;
  }
  by_path_.emplace(to_lower(resource.path), resource.number);
  resources_.push_back(std::move(resource));
}

void Catalogue::connect() {
  std::unordered_map<std::string, int> targets;
  for (const Resource& resource : resources_) {
    if (*resource.spec.reference_type != '\0') targets.emplace(resource.spec.reference_type, resource.number);
  }
  // Time entries name locations and departments by types of their own.
  targets.emplace("OwnerLevelReference", get("system/locations").number);
  targets.emplace("BillingUnitReference", get("system/departments").number);
  for (Resource& resource : resources_) {
    for (Field& field : resource.fields) {
      if (const auto target = targets.find(field.reference_type); target != targets.end())
        field.target = target->second;
      if (const auto shape = shapes_.find(field.reference_type); shape != shapes_.end())
        field.target_shape = shape->second;
    }
  }
}

const Resource* Catalogue::find(std::string_view path) const {
  const auto found = by_path_.find(to_lower(path));
  return found == by_path_.end() ? nullptr : &resources_[static_cast<std::size_t>(found->second)];
}

const Resource& Catalogue::get(std::string_view path) const {
  const Resource* resource = find(path);
  if (resource == nullptr) throw std::logic_error("no such collection: " + std::string(path));
  return *resource;
}

}  // namespace crosswalk::sandbox

#include "sandbox/schema.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <unordered_set>

#include "base/text.h"
#include "sandbox/document.h"

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

void set_type(Field& field, std::string_view word) {
  const std::size_t colon = word.find(':');
  const std::string_view kind = word.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? "" : word.substr(colon + 1);
  static const std::unordered_map<std::string_view, FieldType> kTypes = {
      {"int", FieldType::integer},     {"decimal", FieldType::decimal},
      {"string", FieldType::string},   {"bool", FieldType::boolean},
      {"date", FieldType::date},       {"ref", FieldType::reference},
      {"refs", FieldType::references}, {"enum", FieldType::enumeration},
      {"objects", FieldType::objects}, {"customfields", FieldType::custom_fields},
      {"object", FieldType::object}};
  const auto type = kTypes.find(kind);
  field.type = type == kTypes.end() ? FieldType::any : type->second;
  if (field.type == FieldType::enumeration) field.enumeration = split(rest, '|');
  if (field.type == FieldType::reference || field.type == FieldType::references) field.reference_type = rest;
  if (field.type == FieldType::objects || field.type == FieldType::object) field.object_schema = rest;
  if (field.type == FieldType::any) field.object_schema = kind;
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

InfoLink parse_link(std::string_view text) {
  constexpr std::string_view kId = "{id}", kTime = "{time}";
  const std::size_t space = text.find(' ');
  InfoLink link;
  link.name = std::string(text.substr(0, space)) + "_href";
  if (space == std::string_view::npos) {
    link.after = "/" + std::string(text);
    return link;
  }
  std::string_view target = text.substr(space + 1);
  link.own = false;
  link.timed = target.ends_with(kTime);
  if (link.timed) target.remove_suffix(kTime.size());
  const std::size_t id = target.find(kId);
  if (id == std::string_view::npos) throw std::logic_error("resource table: a link without {id}: " + link.name);
  link.before = target.substr(0, id);
  link.after = target.substr(id + kId.size());
  return link;
}

int must_find(const Resource& resource, std::string_view field) {
  const int index = resource.field(field);
  if (index < 0) throw std::logic_error("resource table: " + resource.path + " has no field " + std::string(field));
  return index;
}

/// "CompanyNote" of "Company.CompanyNote".
std::string short_name(const std::string& schema) {
  const std::size_t dot = schema.rfind('.');
  return dot == std::string::npos ? schema : schema.substr(dot + 1);
}

std::string lower_first(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

/// "Company Note" of "companyNote".
std::string title_of(const std::string& noun) {
  std::string title;
  for (const char c : noun) {
    const bool upper = std::isupper(static_cast<unsigned char>(c)) != 0;
    if (upper && !title.empty() && std::islower(static_cast<unsigned char>(title.back())) != 0) title.push_back(' ');
    title.push_back(title.empty() ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c);
  }
  return title;
}

std::string href_of(const std::string& reference) {
  const std::string name = lower_first(reference.substr(0, reference.size() - std::string_view("Reference").size()));
  for (const std::string_view word : {"Type", "Status", "Team", "Source", "Priority"}) {
    if (name.ends_with(word)) return lower_first(std::string(word)) + "_href";
  }
  return name + "_href";
}

/// What setup tables have in common is that only administrators change them.
constexpr const char* kDefaultPermission = "Table Setup";

std::vector<ResourceSpec> whole_table() {
  std::vector<ResourceSpec> table;
  for (const auto part : {company_resources(), service_resources(), finance_resources(), procurement_resources(),
                          sales_resources(), time_resources(), system_resources()}) {
    table.insert(table.end(), part.begin(), part.end());
  }
  return table;
}

/// Collections that a POST adds to, in lower case.
std::unordered_set<std::string> filled_by_clients() {
  std::unordered_set<std::string> collections;
  for (const DocumentPath& path : Document::instance().paths()) {
    const Operation* adding = path.kind == PathKind::list ? path.operation("POST") : nullptr;
    if (adding != nullptr && adding->status != kNotSimulated) collections.insert(path.collection);
  }
  return collections;
}

/// The table's word first, then the document's.
void complete(ResourceSpec& spec, const Document::Collection& collection) {
  if (spec.schema.empty()) spec.schema = collection.schema;
  if (spec.noun.empty()) spec.noun = collection.noun.empty() ? lower_first(short_name(spec.schema)) : collection.noun;
  if (spec.title.empty()) spec.title = title_of(spec.noun);
  if (spec.parent.empty()) spec.parent = collection.parent;
  if (spec.parent_field.empty()) spec.parent_field = collection.parent_field;
}

}  // namespace

const Field* Schema::field(std::string_view sought) const {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& each) { return each.name == sought; });
  return found == fields.end() ? nullptr : &*found;
}

int Resource::field(std::string_view name) const {
  const auto found = by_name.find(std::string(name));
  return found == by_name.end() ? -1 : found->second;
}

int Resource::field_ignoring_case(std::string_view name) const {
  const auto found = by_lower_name.find(to_lower(name));
  return found == by_lower_name.end() ? -1 : found->second;
}

const Catalogue& Catalogue::instance() {
  static const Catalogue catalogue;
  return catalogue;
}

void Catalogue::read_schemas() {
  const json::value document = json::parse(embedded::sandbox_schemas);
  for (const auto& [name, members] : document.at("references").as_object()) {
    std::vector<std::string>& shape = shapes_[std::string(name)];
    for (const auto& [member, type] : members.as_object()) shape.emplace_back(member);
  }
  for (const auto& [name, members] : document.at("schemas").as_object()) {
    Schema& schema = schemas_[std::string(name)];
    schema.name = name;
    for (const auto& [field, description] : members.as_object()) {
      if (field == "id") {
        schema.has_id = true;
      } else if (field == "_info") {
        schema.has_info = true;
      } else {
        schema.fields.push_back(parse_field(std::string(field), description.as_string()));
      }
    }
  }
}

Catalogue::Catalogue() {
  read_schemas();
  std::vector<ResourceSpec> table = whole_table();
  std::vector<std::pair<std::size_t, ResourceSpec>> specs;  // and how deep in the tree
  for (const Document::Collection& collection : Document::instance().collections()) {
    ResourceSpec spec;
    spec.path = collection.path;
    const auto said = std::find_if(table.begin(), table.end(), [&](const ResourceSpec& each) {
      return equals_ignoring_case(each.path, collection.path);
    });
    if (said != table.end()) {
      spec = std::move(*said);
      table.erase(said);
    }
    complete(spec, collection);
    specs.emplace_back(std::count(spec.path.begin(), spec.path.end(), '/'), std::move(spec));
  }
  if (!table.empty()) throw std::logic_error("resource table: not in the document: " + table.front().path);
  // Parents before their children, which look them up.
  std::stable_sort(specs.begin(), specs.end(), [](const auto& left, const auto& right) {
    return std::pair(!left.second.parent.empty(), left.first) < std::pair(!right.second.parent.empty(), right.first);
  });
  resources_.reserve(specs.size());
  for (auto& [depth, spec] : specs) add(std::move(spec));
  connect();
}

void Catalogue::add(ResourceSpec spec) {
  const auto schema = schemas_.find(spec.schema);
  if (schema == schemas_.end()) throw std::logic_error("resource table: no schema " + spec.schema);
  Resource resource;
  resource.path = spec.path;
  resource.segments = split(spec.path, '/');
  resource.number = static_cast<int>(resources_.size());
  resource.fields = schema->second.fields;
  resource.has_id = schema->second.has_id;
  resource.has_info = schema->second.has_info;
  if (!spec.parent.empty() && spec.parent_field.empty()) {
    // The document shows the parent nowhere but in the path.
    spec.parent_field = "parentOf";
    spec.hidden.emplace_back("parentOf", "int");
  }
  for (const auto& [name, description] : spec.hidden) {
    resource.fields.push_back(parse_field(name, description));
    resource.fields.back().hidden = true;
  }
  for (std::size_t i = 0; i < resource.fields.size(); ++i) {
    resource.by_name.emplace(resource.fields[i].name, static_cast<int>(i));
    resource.by_lower_name.emplace(to_lower(resource.fields[i].name), static_cast<int>(i));
  }
  const auto field = [&](const std::string& name) -> Field& {
    return resource.fields[static_cast<std::size_t>(must_find(resource, name))];
  };
  for (const std::string& name : spec.read_only) field(name).read_only = true;
  for (const std::string& name : spec.required) field(name).required = true;
  for (const std::string& name : spec.optional) field(name).required = false;
  for (const std::string& name : spec.indexed) resource.indexed.push_back(must_find(resource, name));
  for (const auto& [name, text] : spec.defaults) {
    resource.defaults.emplace_back(must_find(resource, name), json::parse(text));
  }
  for (const char* name : {"name", "identifier", "summary", "description", "deviceIdentifier"}) {
    if (const int index = resource.field(name); index >= 0) resource.label_fields.push_back(index);
  }
  if (!spec.parent.empty()) {
    Resource& parent = resources_[static_cast<std::size_t>(get(spec.parent).number)];
    resource.parent = parent.number;
    parent.children.push_back(resource.number);
    resource.parent_field = must_find(resource, spec.parent_field);
    field(spec.parent_field).required = false;
    field(spec.parent_field).read_only = true;
    if (std::find(resource.indexed.begin(), resource.indexed.end(), resource.parent_field) == resource.indexed.end()) {
      resource.indexed.push_back(resource.parent_field);
    }
    if (spec.permission.empty()) spec.permission = parent.spec.permission;
  }
  if (spec.permission.empty()) spec.permission = kDefaultPermission;
  for (const std::string& link : spec.links) resource.links.push_back(parse_link(link));
  resource.guid_field = resource.field("mobileGuid");
  resource.spec = std::move(spec);
  by_path_.emplace(to_lower(resource.path), resource.number);
  resources_.push_back(std::move(resource));
}

void Catalogue::connect() {
  std::unordered_map<std::string, int> targets;
  for (Resource& resource : resources_) {
    for (const std::string& type : resource.spec.references) targets.emplace(type, resource.number);
  }
  const std::unordered_set<std::string> growing = filled_by_clients();
  for (Resource& resource : resources_) {
    const std::string type = short_name(resource.spec.schema) + "Reference";
    // What only a server fills may well be empty here: references to it are taken at their word.
    const bool served = growing.contains(to_lower(resource.path)) && shapes_.contains(type);
    const bool known = served && targets.emplace(type, resource.number).second;
    if (known) resource.spec.references.push_back(type);
    if (resource.spec.href.empty() && !resource.spec.references.empty()) {
      resource.spec.href = href_of(resource.spec.references.front());
    }
  }
  for (const DocumentPath& path : Document::instance().paths()) {
    const Operation* reading = path.operation("GET");
    if (reading == nullptr || path.kind == PathKind::count || path.segments.size() < 3) continue;
    const std::string& last = path.segments.back();
    const bool aside = last.starts_with('{') || last == "info" || last == "usages" || reading->status == kNotSimulated;
    if (!path.segments[path.segments.size() - 2].starts_with('{') || aside) continue;
    std::string owner;
    for (std::size_t i = 0; i + 2 < path.segments.size(); ++i) {
      if (!path.segments[i].starts_with('{')) owner.append(owner.empty() ? "" : "/").append(to_lower(path.segments[i]));
    }
    if (const auto found = by_path_.find(owner); found != by_path_.end()) {
      Resource& resource = resources_[static_cast<std::size_t>(found->second)];
      if (resource.spec.links.empty()) resource.links.push_back(parse_link(last));
    }
  }
  const auto connect_field = [&](Field& field) {
    if (const auto target = targets.find(field.reference_type); target != targets.end()) field.target = target->second;
    field.target_shape = reference_shape(field.reference_type);
  };
  for (Resource& resource : resources_) std::for_each(resource.fields.begin(), resource.fields.end(), connect_field);
  for (auto& [name, schema] : schemas_) std::for_each(schema.fields.begin(), schema.fields.end(), connect_field);
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

const Schema* Catalogue::schema(std::string_view name) const {
  const auto found = schemas_.find(std::string(name));
  return found == schemas_.end() ? nullptr : &found->second;
}

std::span<const std::string> Catalogue::reference_shape(std::string_view type) const {
  const auto found = shapes_.find(std::string(type));
  return found == shapes_.end() ? std::span<const std::string>() : std::span<const std::string>(found->second);
}

}  // namespace crosswalk::sandbox

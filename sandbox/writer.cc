#include "sandbox/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "sandbox/conditions.h"
#include "sandbox/shapes.h"
#include "sandbox/values.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

/// Lists longer than this are cut off at the door: nothing in ConnectWise's screens holds more.
constexpr std::size_t kElementsMax = 1'000;

/// In place of a field: the object itself is the parent of what it refers to.
constexpr int kOwnId = -2;

const json::value* member(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found != nullptr && !found->is_null() ? found : nullptr;
}

std::optional<std::size_t> to_index(std::string_view text) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(index) : std::nullopt;
}

/// What an object is found by besides its id.
constexpr const char* kNames[] = {"identifier", "name", "deviceIdentifier"};

bool is_naming_member(std::string_view name) {
  return name == "id" || std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

/// Every reference has an id, which its shape need not list.
bool contains(std::span<const std::string> shape, std::string_view name) {
  return name == "id" || std::find(shape.begin(), shape.end(), name) != shape.end();
}

}  // namespace

std::int64_t find_by_name(const Tenant& tenant, const Resource& target, std::string_view name, std::int64_t scope) {
  std::int64_t found = 0;
  tenant.table(target).each([&](const Row& row) {
    if (scope != 0 && row.parent != scope) return true;
    const bool same = equals_ignoring_case(reference_text(tenant, target, row, "name"), name) ||
                      std::any_of(target.label_fields.begin(), target.label_fields.end(),
                                  [&](int field) { return equals_ignoring_case(row.text(field), name); });
    if (same) found = row.id;
    return !same;
  });
  return found;
}

std::int64_t find_reference(const Tenant& tenant, const Resource& target, const json::object& reference,
                            std::int64_t scope, std::string& key, std::string& given) {
  const Table& table = tenant.table(target);
  if (const json::value* id = member(reference, "id"); id != nullptr && to_integer(*id, true).value_or(0) != 0) {
    key = "id";
    given = std::to_string(*to_integer(*id, true));
    const Row* row = table.find(*to_integer(*id, true));
    return row != nullptr && (scope == 0 || row->parent == scope) ? row->id : 0;
  }
  for (const char* name : kNames) {
    const json::value* value = member(reference, name);
    if (value == nullptr || !value->is_string() || value->get_string().empty()) continue;
    key = name;
    given = value->get_string();
    if (const int field = target.field(name); field >= 0 && scope == 0) {
      const Row* row = table.find_by(field, given);
      return row == nullptr ? 0 : row->id;
    }
    return find_by_name(tenant, target, given, scope);
  }
  return 0;
}

ApiResult<std::int64_t> parent_in(const Tenant& tenant, const Resource& resource, const json::object& body) {
  const Field& field = resource.fields[static_cast<std::size_t>(resource.parent_field)];
  const Resource& target = Catalogue::instance().at(resource.parent);
  const json::value* given = member(body, field.name);
  std::string key, text;
  std::int64_t id = 0;
  if (given != nullptr && given->is_object()) {
    id = find_reference(tenant, target, given->get_object(), 0, key, text);
  } else if (given != nullptr) {
    id = to_integer(*given, true).value_or(0);
    text = json_text(*given);
  }
  if (given == nullptr) {
    return tl::unexpected(invalid_object(resource.spec.noun, {missing_field(resource.spec.noun, field.name)}));
  }
  if (tenant.table(target).find(id) == nullptr) {
    return tl::unexpected(
        invalid_object(resource.spec.noun, {{"NotFound", fmt::format("{} {} not found", target.spec.title, text),
                                             resource.spec.noun, field.name + (key.empty() ? "" : "/" + key)}}));
  }
  return id;
}

bool Writer::touched(int field) const { return std::find(touched_.begin(), touched_.end(), field) != touched_.end(); }

void Writer::apply_body(const json::object& body) {
  if (mode == Mode::put) {
    std::erase_if(row.cells, [&](const Cell& cell) {
      const Field& field = resource.fields[cell.field];
      return !field.read_only && !field.hidden && field.type != FieldType::custom_fields;
    });
  }
  for (const auto& [name, value] : body) {
    if (const int field = resource.field_ignoring_case(name); field >= 0) assign(field, value);
  }
  assign_late_references();
}

void Writer::assign(int field, const json::value& value) {
  const Field& described = resource.fields[static_cast<std::size_t>(field)];
  if (described.read_only || described.hidden) return;
  if (described.post_only) {
    if (value.is_structured()) return fail_kind(described);
    if (mode == Mode::post && !value.is_null())
      post_only[described.name] = value.is_string() ? value : json::value(json_text(value));
    return;
  }
  touched_.push_back(field);
  // What is made together with its owner (a company's first site) does not exist yet.
  const bool owned = described.target >= 0 && Catalogue::instance().at(described.target).parent == resource.number;
  if (mode == Mode::post && owned && value.is_object()) {
    if (const json::value* name = member(value.get_object(), "name")) post_only[described.name] = *name;
    return;
  }
  if (value.is_null() || (lenient() && is_empty_text_for_null(described, value))) return row.set(field, nullptr);
  switch (described.type) {
    case FieldType::reference:
      if (described.target >= 0) {
        late_.push_back({field, value});
      } else {
        assign_unserved(field, described, value);
      }
      return;
    case FieldType::object:
      return assign_object(field, described, value);
    case FieldType::references:
    case FieldType::objects:
      return assign_list(field, described, value);
    case FieldType::custom_fields:
      return assign_custom_fields(field, value);
    case FieldType::any:
      return assign_any(field, described, value);
    case FieldType::string:
    case FieldType::enumeration:
      return assign_text(field, described, value);
    default:
      return assign_scalar(field, described, value);
  }
}

void Writer::fail_shape(const Field& described, const ShapeProblem& problem) {
  const std::string path = described.name + "/" + problem.member;
  switch (problem.kind) {
    case ShapeProblem::Kind::not_found:
      return fail({"NotFound", path + " not found", resource.spec.noun, path});
    case ShapeProblem::Kind::too_long:
      return fail(too_long(resource.spec.noun, path, problem.length_max));
    case ShapeProblem::Kind::date_format:
      return fail(unsupported_format(resource.spec.noun, path));
    case ShapeProblem::Kind::wrong:
      return fail({"InvalidField", fmt::format("The {} field is invalid.", path), resource.spec.noun, path});
  }
}

void Writer::assign_object(int field, const Field& described, const json::value& value) {
  const Schema* schema = Catalogue::instance().schema(described.object_schema);
  if (!value.is_object() || schema == nullptr) return fail_kind(described);
  auto kept = shaped(tenant, *schema, value.get_object(), lenient());
  if (!kept) return fail_shape(described, kept.error());
  row.set(field, std::move(*kept));
}

/// A reference to something that the sandbox does not serve is taken at its word.
void Writer::assign_unserved(int field, const Field& described, const json::value& value) {
  if (!value.is_object()) return fail_kind(described);
  json::object kept;
  for (const std::string& name : described.target_shape) {
    const json::value* given = member(value.get_object(), name);
    if (given != nullptr && given->is_primitive()) kept[name] = *given;
  }
  row.set(field, kept.empty() ? json::value(nullptr) : json::value(std::move(kept)));
}

void Writer::assign_any(int field, const Field& described, const json::value& value) {
  const bool numbers = described.object_schema == "ints", texts = described.object_schema == "strings";
  if (numbers || texts) {
    if (!value.is_array() || value.get_array().size() > kElementsMax) return fail_kind(described);
    for (const json::value& each : value.get_array()) {
      if (numbers ? !each.is_int64() : !each.is_string()) return fail_kind(described);
    }
  }
  row.set(field, value);
}

void Writer::fail_kind(const Field& described) {
  fail({"InvalidField", fmt::format("The {} field is invalid.", described.name), resource.spec.noun, described.name});
}

void Writer::assign_scalar(int field, const Field& described, const json::value& value) {
  const std::string noun = resource.spec.noun;
  if (described.type == FieldType::boolean) {
    if (value.is_bool()) return row.set(field, value);
    const std::string text = value.is_string() ? to_lower(std::string_view(value.get_string())) : "";
    if (text == "true" || text == "false") return row.set(field, text == "true");
    return refuse({500, "ConnectWiseApi", "String was not recognized as a valid Boolean.", {}});
  }
  if (described.type == FieldType::date) {
    if (const auto seconds = to_seconds(value)) return row.set(field, *seconds);
    return fail(unsupported_format(noun, described.name));
  }
  const bool decimal = described.type == FieldType::decimal;
  const auto number = decimal ? to_decimal_units(value, lenient()) : to_integer(value, lenient());
  if (number && (decimal || is_document_integer(*number))) return row.set(field, *number);
  fail({"InvalidField", fmt::format("The {} field is invalid.", described.name), noun, described.name});
}

void Writer::assign_text(int field, const Field& described, const json::value& value) {
  std::string text;
  if (value.is_string()) {
    text = value.get_string();
  } else if (value.is_number() || value.is_bool()) {
    text = json_text(value);
  } else {
    return fail(
        {"InvalidField", fmt::format("The {} field is invalid.", described.name), resource.spec.noun, described.name});
  }
  if (described.type == FieldType::enumeration) {
    const auto known = std::find_if(described.enumeration.begin(), described.enumeration.end(),
                                    [&](const std::string& each) { return equals_ignoring_case(each, text); });
    if (known != described.enumeration.end()) return row.set(field, json::string(*known));
    return fail({"InvalidField", "Enum value supplied was invalid", resource.spec.noun, described.name});
  }
  // Plain one-line fields cannot hold control characters; what has no limit is a text of many lines.
  if (described.length_max > 0) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\b' || c == '\f'; }, ' ');
    if (count_characters(text) > described.length_max) {
      return fail(too_long(resource.spec.noun, described.name, described.length_max));
    }
  }
  row.set(field, json::string(text));
}

void Writer::assign_list(int field, const Field& described, const json::value& value) {
  if (!value.is_array() || value.get_array().size() > kElementsMax) {
    return fail(
        {"InvalidField", fmt::format("The {} field is invalid.", described.name), resource.spec.noun, described.name});
  }
  json::array list;
  for (const json::value& element : value.get_array()) {
    if (element.is_null()) continue;
    if (!element.is_object()) return fail_kind(described);
    if (described.type == FieldType::references && described.target >= 0) {
      if (const auto id = resolve(described, element, 0)) list.emplace_back(*id);
    } else {
      const Schema* schema = Catalogue::instance().schema(described.object_schema);
      if (schema == nullptr) continue;
      auto kept = shaped(tenant, *schema, element.get_object(), lenient());
      if (!kept) return fail_shape(described, kept.error());
      if (schema->has_id && member(*kept, "id") == nullptr) (*kept)["id"] = tenant.next_element++;
      list.push_back(std::move(*kept));
    }
  }
  row.set(field, std::move(list));
}

void Writer::assign_custom_fields(int field, const json::value& value) {
  const Field& described = resource.fields[static_cast<std::size_t>(field)];
  if (!value.is_array() || value.get_array().size() > kElementsMax) return fail_kind(described);
  const json::value* before = row.get(field);
  json::array list = before != nullptr ? before->get_array() : json::array();
  // Only what is mentioned changes, although the whole list is what ConnectWise asks for.
  for (const json::value& sent : value.get_array()) {
    const json::value* id = sent.is_object() ? member(sent.get_object(), "id") : nullptr;
    if (id == nullptr) return fail_kind(described);
    if (list.size() >= kElementsMax) continue;
    const json::value* changed = sent.get_object().if_contains("value");
    const std::optional<json::object> entry = custom_field(*id, sent, changed == nullptr ? json::value() : *changed);
    if (!entry) return;
    const auto kept =
        std::find_if(list.begin(), list.end(), [&](const json::value& each) { return each.at("id") == *id; });
    if (kept == list.end()) {
      list.push_back(*entry);
    } else if (changed != nullptr) {
      kept->as_object()["value"] = *changed;
    }
  }
  row.set(field, std::move(list));
}

/// A tenant that has defined fields takes no others; where none are defined, anything goes.
std::optional<json::object> Writer::custom_field(const json::value& id, const json::value& sent,
                                                 const json::value& value) {
  const Resource& definitions = Catalogue::instance().get("system/userDefinedFields");
  const Table& table = std::as_const(tenant).table(definitions);
  if (table.size() == 0) {
    auto kept = shaped(tenant, *Catalogue::instance().schema("CustomFieldValue"), sent.get_object(), lenient());
    if (kept) return std::move(*kept);
    fail({"InvalidField", "The customFields field is invalid.", resource.spec.noun, "customFields"});
    return std::nullopt;
  }
  const Row* definition = id.is_int64() ? table.find(id.get_int64()) : nullptr;
  if (definition == nullptr) {
    fail({"NotFound", fmt::format("User Defined Field {} not found", json_text(id)), resource.spec.noun,
          "customFields"});
    return std::nullopt;
  }
  std::optional<json::object> kept = shaped_custom_field(definitions, *definition, value);
  if (!kept) {
    fail({"InvalidField", fmt::format("The {} field is invalid.", definition->text(definitions.field("caption"))),
          resource.spec.noun, "customFields"});
  }
  return kept;
}

int Writer::scope_field(const Field& described) const {
  if (described.target < 0) return -1;
  const int parent = Catalogue::instance().at(described.target).parent;
  if (parent < 0) return -1;
  if (parent == resource.number) return kOwnId;
  // billToSite belongs to billToCompany, site to company.
  if (described.name.ends_with("Site")) {
    const int paired = resource.field(described.name.substr(0, described.name.size() - 4) + "Company");
    if (paired >= 0) return paired;
  }
  for (std::size_t i = 0; i < resource.fields.size(); ++i) {
    if (resource.fields[i].target == parent && resource.fields[i].type == FieldType::reference)
      return static_cast<int>(i);
  }
  return -1;
}

std::int64_t Writer::scope_id(int scope) const { return scope == kOwnId ? row.id : scope < 0 ? 0 : row.integer(scope); }

std::optional<std::int64_t> Writer::resolve(const Field& described, const json::value& value, std::int64_t scope) {
  const Resource& target = Catalogue::instance().at(described.target);
  std::string key, given;
  if (value.is_object()) {
    const json::value* number = member(value.get_object(), "id");
    if (number != nullptr && !to_integer(*number, true) && *number != "") {
      fail({"InvalidField", fmt::format("The {}/id field is invalid.", described.name), resource.spec.noun,
            described.name + "/id"});
      return std::nullopt;
    }
    const std::int64_t id = find_reference(tenant, target, value.get_object(), scope, key, given);
    if (id != 0) return id;
    if (key.empty()) return 0;  // an empty reference is no reference
  } else {
    key = "id";
    given = json_text(value);
  }
  std::string message = fmt::format("{} {} not found", target.spec.title, given);
  if (scope != 0) message += fmt::format(" for {} {}", Catalogue::instance().at(target.parent).spec.title, scope);
  fail({"NotFound", std::move(message), resource.spec.noun, described.name + "/" + key});
  return std::nullopt;
}

void Writer::assign_late_references() {
  // First what stands alone (the board, the company), then what belongs to it (the status, the site): the order of the
  // body does not matter.
  std::stable_partition(late_.begin(), late_.end(), [&](const Late& late) {
    return Catalogue::instance().at(resource.fields[static_cast<std::size_t>(late.field)].target).parent < 0;
  });
  for (const Late& late : late_) {
    const Field& described = resource.fields[static_cast<std::size_t>(late.field)];
    const int scope = scope_field(described);
    const auto id = resolve(described, late.value, scope_id(scope));
    if (id) row.set(late.field, *id == 0 ? json::value(nullptr) : json::value(*id));
  }
  late_.clear();
}

void Writer::apply_patch(const json::array& operations) {
  for (const json::value& operation : operations) patch_one(operation);
  assign_late_references();
}

void Writer::patch_one(const json::value& operation) {
  const json::object* object = operation.if_object();
  const json::value* path_value = object == nullptr ? nullptr : object->if_contains("path");
  const json::value* op_value = object == nullptr ? nullptr : object->if_contains("op");
  if (path_value == nullptr || !path_value->is_string() || op_value == nullptr || !op_value->is_string()) {
    return fail({"InvalidField", "Each operation must have an op and a path.", resource.spec.noun, ""});
  }
  std::string_view path = path_value->get_string();
  const std::string op = to_lower(std::string_view(op_value->get_string()));
  if (path.starts_with('/')) path.remove_prefix(1);
  if (op != "add" && op != "replace" && op != "remove") {
    return fail({"InvalidField", fmt::format("op {} is not valid", op), resource.spec.noun, std::string(path)});
  }
  const std::vector<std::string_view> names = split_path(path);
  const int field = resource.field(names.front());
  const Field* described = field < 0 ? nullptr : &resource.fields[static_cast<std::size_t>(field)];
  if (described == nullptr || described->hidden || described->post_only) {
    if (path == "id") return;
    return fail({"InvalidField", fmt::format("path {} is not valid", path), resource.spec.noun, std::string(path)});
  }
  const json::value* value = object->if_contains("value");
  const bool removing = op == "remove";
  const json::value given = removing || value == nullptr ? json::value(nullptr) : *value;
  if (names.size() == 1) return assign(field, given);
  if (described->type == FieldType::objects) return patch_element(field, names, op, given);
  if (names.size() == 2 && patch_member(field, names[1], given)) return;
  fail({"InvalidField", fmt::format("path {} is not valid", path), resource.spec.noun, std::string(path)});
}

/// A path into a reference ("status/id") names the other object by that member alone; an object keeps its other
/// members.
bool Writer::patch_member(int field, std::string_view name, const json::value& value) {
  const Field& described = resource.fields[static_cast<std::size_t>(field)];
  if (described.type == FieldType::reference && described.target >= 0) {
    if (!is_naming_member(name) || !contains(described.target_shape, name)) return false;
    const bool overlooked = described.name == "company" && name == "identifier";
    if (overlooked && actor.switches->company_identifier_overlooked) return true;
    assign(field, value.is_null() ? value : json::value(json::object{{name, value}}));
    return true;
  }
  const Schema* schema = Catalogue::instance().schema(described.object_schema);
  const bool known = described.type == FieldType::reference ? contains(described.target_shape, name)
                                                            : schema != nullptr && schema->field(name) != nullptr;
  if (!known || (described.type != FieldType::reference && described.type != FieldType::object)) return false;
  const json::value* before = row.get(field);
  json::object whole = before != nullptr && before->is_object() ? before->get_object() : json::object();
  whole[name] = value;
  assign(field, whole);
  return true;
}

void Writer::patch_element(int field, const std::vector<std::string_view>& path, std::string_view op,
                           const json::value& value) {
  const json::value* before = row.get(field);
  json::array list = before != nullptr && before->is_array() ? before->get_array() : json::array();
  const std::optional<std::size_t> index = path[1] == "-" ? list.size() : to_index(path[1]);
  const bool inserting = op == "add" && path.size() == 2;
  const std::size_t end = inserting ? list.size() + 1 : list.size();
  if (!index || *index >= end || path.size() > 3 || list.size() >= kElementsMax) {
    return fail({"InvalidField", fmt::format("path {}/{} is not valid", path[0], path[1]), resource.spec.noun,
                 std::string(path[0])});
  }
  const Field& described = resource.fields[static_cast<std::size_t>(field)];
  const Schema* schema = Catalogue::instance().schema(described.object_schema);
  if (path.size() == 3 && (schema == nullptr || schema->field(path[2]) == nullptr)) {
    return fail({"InvalidField", fmt::format("path {}/{}/{} is not valid", path[0], path[1], path[2]),
                 resource.spec.noun, std::string(path[0])});
  }
  if (path.size() == 3) {
    if (list[*index].is_object()) list[*index].get_object()[path[2]] = value;
  } else if (op == "remove") {
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(*index));
  } else if (value.is_object()) {
    json::object element = value.get_object();
    if (member(element, "id") == nullptr) element["id"] = tenant.next_element++;
    if (inserting) {
      list.insert(list.begin() + static_cast<std::ptrdiff_t>(*index), std::move(element));
    } else {
      list[*index] = std::move(element);
    }
  }
  touched_.push_back(field);
  // What a client puts into an element is judged as a whole list would be.
  assign_list(field, described, std::move(list));
}

void Writer::check_required() {
  for (std::size_t i = 0; i < resource.fields.size(); ++i) {
    const Field& field = resource.fields[i];
    if (!field.required || field.read_only) continue;
    const json::value* value = row.get(static_cast<int>(i));
    const bool blank = value == nullptr || (value->is_string() && trim(std::string_view(value->get_string())).empty());
    const bool failed_otherwise = std::any_of(errors.begin(), errors.end(), [&](const FieldError& error) {
      return error.field == field.name || error.field.starts_with(field.name + "/");
    });
    // An old row may lack what only a POST demands; a change is judged by what it changes.
    const bool judged = mode != Mode::patch || touched(static_cast<int>(i));
    if (blank && judged && !failed_otherwise) fail(missing_field(resource.spec.noun, field.name));
  }
}

void Writer::check_scopes() {
  for (std::size_t i = 0; i < resource.fields.size(); ++i) {
    const Field& field = resource.fields[i];
    if (field.type != FieldType::reference || field.target < 0) continue;
    const int scope = scope_field(field);
    const std::int64_t id = row.integer(static_cast<int>(i));
    if (scope == -1 || id == 0 || scope_id(scope) == 0) continue;
    const Row* target = tenant.table(field.target).find(id);
    if (target == nullptr || target->parent == scope_id(scope)) continue;
    const Resource& resource_of = Catalogue::instance().at(field.target);
    fail({"NotFound",
          fmt::format("{} {} not found for {} {}", resource_of.spec.title, id,
                      Catalogue::instance().at(resource_of.parent).spec.title, scope_id(scope)),
          resource.spec.noun, field.name + "/id"});
  }
}

void Writer::finish() {
  // What a PUT leaves out goes to its default.
  if (mode != Mode::patch) {
    for (const auto& [field, value] : resource.defaults) {
      if (row.get(field) == nullptr && !touched(field)) row.set(field, value);
    }
  }
  if (resource.parent_field >= 0) row.set(resource.parent_field, row.parent);
  check_required();
  if (errors.empty() && !refusal)
    apply_rules(*this, mode == Mode::post ? nullptr : tenant.table(resource).find(row.id));
  if (errors.empty() && !refusal) check_scopes();
}

ApiResult<const Row*> Writer::commit() {
  if (refusal) return tl::unexpected(std::move(*refusal));
  if (!errors.empty()) return tl::unexpected(invalid_object(resource.spec.noun, std::move(errors)));
  row.last_updated = actor.now;
  row.updated_by = actor.member;
  const bool inserting = mode == Mode::post;
  if (inserting) {
    row.date_entered = actor.now;
    row.entered_by = actor.member;
  }
  Table& table = tenant.table(resource);
  const Row& written = inserting ? table.insert(std::move(row)) : table.replace(std::move(row));
  apply_consequences(*this, written, inserting);
  return table.find(written.id);
}

}  // namespace crosswalk::sandbox

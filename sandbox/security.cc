#include "sandbox/security.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/api.h"
#include "sandbox/callbacks.h"
#include "sandbox/tenant.h"
#include "sandbox/wire.h"
#include "sandbox/writer.h"

namespace crosswalk::embedded {
extern const std::string_view sandbox_roles;
}

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::string_view kRoles = "system/securityroles";
constexpr std::string_view kSettings = "system/securityRoles/settings";
constexpr std::string_view kMembers = "system/members";
constexpr std::string_view kApiMembers = "system/apiMembers";
constexpr std::int64_t kCorporate = 1;             ///< the structure level from which everything is seen
constexpr std::int64_t kTokenSeconds = 4 * 3'600;  ///< "about four hours"

/// A right's letter, and the field of a setting that holds its level.
constexpr std::pair<char, const char*> kLevelFields[] = {
    {'A', "addLevel"}, {'E', "editLevel"}, {'D', "deleteLevel"}, {'I', "inquireLevel"}};

const json::object& role_data() {
  static const json::value kData = json::parse(embedded::sandbox_roles);
  return kData.as_object();
}

Level level_of(std::string_view text) { return text == "All" ? Level::all : text == "My" ? Level::my : Level::none; }

/// The letter of a right that reaches "My".
char small(char right) { return static_cast<char>(right - 'A' + 'a'); }

/// "AEi" says All for Add and Edit, My for Inquire, None for Delete.
const char* level_in(std::string_view letters, char right) {
  if (letters.find(right) != std::string_view::npos) return "All";
  return letters.find(small(right)) != std::string_view::npos ? "My" : "None";
}

const Row* find_member(const Tenant& tenant, std::string_view path, std::string_view identifier) {
  const Table& members = tenant.table(path);
  return members.find_by(members.resource().field("identifier"), identifier);
}

std::int64_t id_in(const json::value* reference) {
  if (reference == nullptr) return 0;
  if (reference->is_int64()) return reference->get_int64();
  const json::value* id = reference->is_object() ? reference->get_object().if_contains("id") : nullptr;
  return id != nullptr && id->is_int64() ? id->get_int64() : 0;
}

void add_role(const Tenant& tenant, std::int64_t role, Access& access) {
  const Table& roles = tenant.table(kRoles);
  const Row* row = roles.find(role);
  if (row == nullptr) return;
  access.role = row->text(roles.resource().field("name"));
  access.role_active = !row->flag(roles.resource().field("inactiveFlag"));
  if (!access.role_active) return;
  access.everything = row->flag(roles.resource().field("adminFlag"));
  const Table& settings = tenant.table(kSettings);
  const Resource& of_setting = settings.resource();
  settings.each([&](const Row& setting) {
    if (setting.parent != role) return true;
    const auto level = [&](const char* field) { return level_of(setting.text(of_setting.field(field))); };
    access.rights[std::string(setting.text(of_setting.field("moduleFunctionName")))] = {
        level("addLevel"), level("editLevel"), level("deleteLevel"), level("inquireLevel")};
    return true;
  });
}

/// Who has keys stands among the API members, and that row counts.
std::pair<const Row*, const Resource*> row_that_counts(const Tenant& tenant, std::string_view identifier) {
  const Row* row = find_member(tenant, kApiMembers, identifier);
  const Table& table = tenant.table(row != nullptr ? kApiMembers : kMembers);
  return {row != nullptr ? row : find_member(tenant, kMembers, identifier), &table.resource()};
}

Access compile(const Tenant& tenant, std::string_view identifier) {
  Access access;
  access.member = identifier;
  const auto [row, resource] = row_that_counts(tenant, identifier);
  if (row == nullptr) return access;
  const Resource& members = *resource;
  if (row->flag(members.field("inactiveFlag"))) return access;
  access.member_id = row->id;
  add_role(tenant, row->integer(members.field("securityRole")), access);
  const std::int64_t structure = id_in(row->get(members.field("structureLevel")));
  if (structure != 0 && structure != kCorporate) access.location = row->integer(members.field("securityLocation"));
  return access;
}

std::uint64_t version_of(const Tenant& tenant) {
  const auto number = [](std::string_view path) { return Catalogue::instance().get(path).number; };
  static const int kTables[] = {number(kRoles), number(kSettings), number(kMembers), number(kApiMembers)};
  std::uint64_t version = 1;
  for (const int table : kTables) version += tenant.table(table).version();
  return version;
}

/// The location that an object belongs to; 0 when it belongs to none.
std::int64_t location_of(const Resource& resource, const Row& row) {
  for (const char* name : {"location", "territory", "defaultLocation", "locationId"}) {
    const int field = resource.field(name);
    const std::int64_t location = field < 0 ? 0 : id_in(row.get(field));
    if (location != 0) return location;
  }
  return 0;
}

std::int64_t find_role(const Tenant& tenant, std::string_view name) {
  const Table& roles = tenant.table(kRoles);
  const Row* role = roles.find_by(roles.resource().field("name"), name);
  return role == nullptr ? 0 : role->id;
}

Row new_row(std::int64_t id, std::int64_t parent, std::int64_t now) {
  Row row;
  row.id = id;
  row.parent = parent;
  row.date_entered = row.last_updated = now;
  row.entered_by = row.updated_by = ChangeLog::kPerson;
  return row;
}

/// One setting for each module function there is; `letters_of` says what it grants.
template <class LettersOf>
void add_settings(Tenant& tenant, std::int64_t role, std::int64_t now, LettersOf&& letters_of) {
  Table& settings = tenant.table(kSettings);
  const Resource& of_setting = settings.resource();
  std::int64_t order = 0;
  for (const auto& [module, functions] : role_data().at("functions").as_object()) {
    for (const json::value& function : functions.as_array()) {
      const std::string letters = letters_of(function.as_string());
      Row setting = new_row(0, role, now);
      setting.set(of_setting.parent_field, role);
      for (const auto& [right, field] : kLevelFields)
        setting.set(of_setting.field(field), json::string(level_in(letters, right)));
      setting.set(of_setting.field("moduleFunctionName"), function);
      setting.set(of_setting.field("moduleFunctionDescription"), function);
      setting.set(of_setting.field("moduleName"), json::string(std::string_view(module)));
      setting.set(of_setting.field("moduleDescription"), json::string(std::string_view(module)));
      setting.set(of_setting.field("sortOrder"), ++order);
      settings.insert(std::move(setting));
    }
  }
}

/// A role that grants nothing by name is the administrators'.
void seed_role(Tenant& tenant, std::string_view name, const json::object& grants, std::int64_t now) {
  Table& roles = tenant.table(kRoles);
  const Resource& of_role = roles.resource();
  Row role = new_row(0, 0, now);
  role.set(of_role.field("name"), json::string(name));
  role.set(of_role.field("adminFlag"), grants.empty());
  role.set(of_role.field("inactiveFlag"), false);
  add_settings(tenant, roles.insert(std::move(role)).id, now, [&](std::string_view function) -> std::string {
    const json::value* granted = grants.if_contains(function);
    if (grants.empty()) return "AEDI";
    return granted == nullptr ? "" : std::string(granted->as_string());
  });
}

/// The member in whose name the keys act stands among the members; it is an API member as well, with the same number.
void seed_api_member(Tenant& tenant, std::int64_t now) {
  const Row* member = find_member(tenant, kMembers, tenant.api_member);
  if (member == nullptr) return;
  const Resource& members = tenant.table(kMembers).resource();
  Table& api_members = tenant.table(kApiMembers);
  const Resource& of_api = api_members.resource();
  Row row = new_row(member->id, 0, now);
  for (const char* name : {"identifier", "defaultLocation", "defaultDepartment"}) {
    if (const json::value* value = member->get(members.field(name))) row.set(of_api.field(name), *value);
  }
  row.set(of_api.field("name"), "Integration");
  row.set(of_api.field("securityLocation"), member->integer(members.field("defaultLocation")));
  const int level = of_api.field("structureLevel");
  const bool served = of_api.fields[static_cast<std::size_t>(level)].target >= 0;
  row.set(level,
          served ? json::value(kCorporate) : json::value(json::object{{"id", kCorporate}, {"name", "Corporate"}}));
  row.set(of_api.field("inactiveFlag"), false);
  api_members.insert(std::move(row));
}

}  // namespace

Level Access::Rights::of(char right) const {
  switch (right) {
    case 'A':
      return add;
    case 'E':
      return edit;
    case 'D':
      return remove;
    default:
      return inquire;
  }
}

Level Access::level(std::string_view permission, char right) const {
  if (everything) return Level::all;
  const auto found = rights.find(permission);
  return found == rights.end() ? Level::none : found->second.of(right);
}

bool Access::sees_all_of(const Resource& resource) const {
  return location == 0 && level(resource.spec.permission, 'I') != Level::my;
}

bool Access::sees(const Resource& resource, const Row& row) const {
  const std::int64_t place = location == 0 ? 0 : location_of(resource, row);
  if (place != 0 && place != location) return false;
  return may_with(resource, row, 'I');
}

bool Access::may_with(const Resource& resource, const Row& row, char right) const {
  const Level reach = level(resource.spec.permission, right);
  if (reach != Level::my) return reach == Level::all;
  if (equals_ignoring_case(row.entered_by, member)) return true;
  const int members = Catalogue::instance().get(kMembers).number;
  return std::ranges::any_of(row.cells, [&](const Cell& cell) {
    const Field& field = resource.fields[cell.field];
    return field.type == FieldType::reference && field.target == members && cell.value == json::value(member_id);
  });
}

const Access& Security::access(const Tenant& tenant, std::string_view member) {
  const std::uint64_t version = version_of(tenant);
  if (version != version_) compiled_.clear();
  version_ = version;
  const auto found = compiled_.find(member);
  if (found != compiled_.end()) return found->second;
  return compiled_.emplace(std::string(member), compile(tenant, member)).first->second;
}

std::string role_named(std::string_view name) {
  for (const auto& [role, grants] : role_data().at("roles").as_object()) {
    if (equals_ignoring_case(std::string_view(role), name)) return std::string(role);
  }
  return {};
}

void seed_roles(Tenant& tenant, std::int64_t now) {
  for (const auto& [name, grants] : role_data().at("roles").as_object())
    seed_role(tenant, std::string_view(name), grants.as_object(), now);
}

void seed_member_roles(Tenant& tenant, std::string_view role, std::int64_t now) {
  seed_api_member(tenant, now);
  Table& members = tenant.table(kMembers);
  const int field = members.resource().field("securityRole");
  std::vector<std::int64_t> without;
  members.each([&](const Row& row) {
    if (row.integer(field) == 0) without.push_back(row.id);
    return true;
  });
  const std::int64_t role_id = find_role(tenant, role);
  for (const std::int64_t id : without) {
    Row changed = *members.find(id);
    changed.set(field, role_id);
    members.replace(std::move(changed));
  }
  assign_role(tenant, tenant.api_member, "Admin");
}

bool assign_role(Tenant& tenant, std::string_view member, std::string_view role) {
  const std::int64_t id = find_role(tenant, role);
  if (id == 0) return false;
  bool assigned = false;
  for (const std::string_view path : {kApiMembers, kMembers}) {
    const Row* row = find_member(tenant, path, member);
    if (row == nullptr) continue;
    Row changed = *row;
    changed.set(tenant.table(path).resource().field("securityRole"), id);
    tenant.table(path).replace(std::move(changed));
    assigned = true;
  }
  return assigned;
}

bool set_rights(Tenant& tenant, std::string_view role, std::string_view permission, std::string_view levels) {
  const std::int64_t role_id = find_role(tenant, role);
  Table& settings = tenant.table(kSettings);
  const Resource& of_setting = settings.resource();
  const Row* found = nullptr;
  settings.each([&](const Row& row) {
    const bool named = equals_ignoring_case(row.text(of_setting.field("moduleFunctionName")), permission);
    if (row.parent == role_id && named) found = &row;
    return found == nullptr;
  });
  if (found == nullptr) return false;
  Row changed = *found;
  for (const auto& [right, field] : kLevelFields)
    changed.set(of_setting.field(field), json::string(level_in(levels, right)));
  settings.replace(std::move(changed));
  return true;
}

std::int64_t role_of(const Tenant& tenant, std::string_view member) {
  const auto [row, members] = row_that_counts(tenant, member);
  return row == nullptr ? 0 : row->integer(members->field("securityRole"));
}

std::vector<std::pair<std::string, std::string>> granted_by(const Tenant& tenant, std::int64_t role) {
  const Table& settings = tenant.table(kSettings);
  const Resource& of_setting = settings.resource();
  std::vector<std::pair<std::string, std::string>> granted;
  settings.each([&](const Row& setting) {
    if (setting.parent != role) return true;
    std::string letters;
    for (const auto& [right, field] : kLevelFields) {
      const Level level = level_of(setting.text(of_setting.field(field)));
      if (level != Level::none) letters.push_back(level == Level::all ? right : small(right));
    }
    if (!letters.empty())
      granted.emplace_back(setting.text(of_setting.field("moduleFunctionName")), std::move(letters));
    return true;
  });
  return granted;
}

std::string_view right_word(char right) {
  switch (right) {
    case 'A':
      return "Add";
    case 'E':
      return "Edit";
    case 'D':
      return "Delete";
    default:
      return "Inquire";
  }
}

std::vector<json::object> own_security(const Tenant& tenant, const Wire& wire, std::string_view member) {
  const auto [row, members] = row_that_counts(tenant, member);
  std::vector<json::object> shown;
  if (row == nullptr) return shown;
  const std::int64_t role = row->integer(members->field("securityRole"));
  const Table& settings = tenant.table(kSettings);
  const json::object reference{{"id", row->id},
                               {"identifier", row->text(members->field("identifier"))},
                               {"name", reference_text(tenant, *members, *row, "name")}};
  settings.each([&](const Row& setting) {
    if (setting.parent != role) return true;
    json::object object = wire.object_as(settings.resource(), setting, "MySecurity");
    object["member"] = reference;
    shown.push_back(std::move(object));
    return true;
  });
  return shown;
}

void role_written(Writer& writer, const Row& row, bool inserted) {
  if (inserted) add_settings(writer.tenant, row.id, writer.actor.now, [](std::string_view) { return std::string(); });
}

void rule_integrator_login(Writer& writer, const Row*) {
  const int password = writer.resource.field("password");
  const json::value* sent = writer.row.get(password);
  if (sent == nullptr) return;
  writer.row.set(writer.resource.field("secret"), json::value(*sent));
  writer.row.set(password, nullptr);
}

bool is_integrator(const Tenant& tenant, std::string_view user_and_password) {
  const Table& logins = tenant.table("system/integratorlogins");
  const Resource& of_login = logins.resource();
  bool found = false;
  logins.each([&](const Row& row) {
    const std::string_view user = row.text(of_login.field("username")), secret = row.text(of_login.field("secret"));
    found = !row.flag(of_login.field("inactiveFlag")) && !secret.empty() &&
            fmt::format("{}:{}", user, secret) == user_and_password;
    return !found;
  });
  return found;
}

net::Response make_token(Tenant& tenant, std::string_view member, std::int64_t now) {
  const Row* row = find_member(tenant, kMembers, member);
  if (row == nullptr) row = find_member(tenant, kApiMembers, member);
  if (row == nullptr) {
    return to_response(ApiError{404, "NotFound", fmt::format("Member {} not found", member), {}});
  }
  const std::string seed = fmt::format("{} {} {} {}", tenant.name(), member, now, tenant.next_element++);
  const std::string public_key = guid_of("public " + seed), private_key = guid_of("private " + seed);
  const std::int64_t expires = now + kTokenSeconds;
  tenant.add_key(member, public_key, private_key, expires);
  std::string expiration;
  append_time(expiration, expires);
  return json_response(
      200, json_text(json::object{{"publicKey", public_key}, {"privateKey", private_key}, {"expiration", expiration}}));
}

}  // namespace crosswalk::sandbox

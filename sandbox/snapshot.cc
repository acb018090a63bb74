#include <fmt/format.h>

#include <istream>
#include <ostream>

#include "sandbox/tenant.h"
#include "sandbox/world.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::int64_t kSnapshotVersion = 1;

json::object save_row(const Resource& resource, const Row& row) {
  json::object cells;
  for (const Cell& cell : row.cells) cells[resource.fields[cell.field].name] = cell.value;
  return {{"id", row.id},
          {"parent", row.parent},
          {"dateEntered", row.date_entered},
          {"lastUpdated", row.last_updated},
          {"enteredBy", row.entered_by},
          {"updatedBy", row.updated_by},
          {"fields", std::move(cells)}};
}

Row load_row(const Resource& resource, const json::object& saved) {
  Row row;
  row.id = saved.at("id").as_int64();
  row.parent = saved.at("parent").as_int64();
  row.date_entered = saved.at("dateEntered").as_int64();
  row.last_updated = saved.at("lastUpdated").as_int64();
  row.entered_by = saved.at("enteredBy").as_string();
  row.updated_by = saved.at("updatedBy").as_string();
  for (const auto& [name, value] : saved.at("fields").as_object()) {
    // A field that this version no longer knows is left behind.
    if (const int field = resource.field(name); field >= 0) row.set(field, value);
  }
  return row;
}

/// Everything of a tenant but its tables.
json::object save_head(const Tenant& tenant) {
  const TenantOptions& options = tenant.options();
  return {{"login_company", options.login_company},
          {"public_key", options.public_key},
          {"private_key", options.private_key},
          {"role", options.role},
          {"company_name", tenant.company_name},
          {"scenario", tenant.scenario},
          {"codebase", tenant.codebase},
          {"is_cloud", tenant.is_cloud},
          {"server_time_zone", tenant.server_time_zone},
          {"cloud_region", tenant.cloud_region},
          {"writes", tenant.writes},
          {"next_element", tenant.next_element}};
}

json::object save_tenant(const Tenant& tenant) {
  json::object tables;
  for (const Resource& resource : Catalogue::instance().resources()) {
    if (tenant.table(resource).next_id() == 1) continue;  // nothing has ever been there
    json::array rows;
    tenant.table(resource).each([&](const Row& row) {
      rows.push_back(save_row(resource, row));
      return true;
    });
    tables[resource.path] = json::object{{"next_id", tenant.table(resource).next_id()}, {"rows", std::move(rows)}};
  }
  json::object saved = save_head(tenant);
  saved["tables"] = std::move(tables);
  return saved;
}

std::string text_at(const json::object& object, std::string_view name) {
  return std::string(object.at(name).as_string());
}

std::unique_ptr<Tenant> load_head(const json::object& saved) {
  auto tenant = std::make_unique<Tenant>(TenantOptions{text_at(saved, "login_company"), text_at(saved, "public_key"),
                                                       text_at(saved, "private_key"), text_at(saved, "role")});
  tenant->company_name = text_at(saved, "company_name");
  tenant->codebase = text_at(saved, "codebase");
  // Snapshots of former versions do not tell: their servers were all alike.
  if (saved.contains("scenario")) {
    tenant->scenario = text_at(saved, "scenario");
    tenant->is_cloud = saved.at("is_cloud").as_bool();
    tenant->server_time_zone = text_at(saved, "server_time_zone");
    tenant->cloud_region = text_at(saved, "cloud_region");
  }
  tenant->writes = saved.at("writes").as_int64();
  tenant->next_element = saved.at("next_element").as_int64();
  return tenant;
}

std::unique_ptr<Tenant> load_tenant(const json::object& saved) {
  std::unique_ptr<Tenant> tenant = load_head(saved);
  for (const auto& [path, table] : saved.at("tables").as_object()) {
    const Resource* resource = Catalogue::instance().find(path);
    if (resource == nullptr) continue;
    for (const json::value& row : table.at("rows").as_array())
      tenant->table(*resource).insert(load_row(*resource, row.as_object()));
    tenant->table(*resource).set_next_id(table.at("next_id").as_int64());
  }
  return tenant;
}

/// A snapshot may be of a time when roles were no objects yet.
void add_missing_roles(const std::vector<std::unique_ptr<Tenant>>& tenants) {
  for (const auto& tenant : tenants) {
    if (std::as_const(*tenant).table("system/securityroles").size() > 0) continue;
    seed_roles(*tenant, 0);
    seed_member_roles(*tenant, "Admin", 0);
    assign_role(*tenant, tenant->api_member, tenant->options().role);
  }
}

}  // namespace

json::object World::save() const {
  json::array tenants;
  for (const auto& tenant : tenants_) tenants.push_back(save_tenant(*tenant));
  return {{"version", kSnapshotVersion}, {"tenants", std::move(tenants)}};
}

Result<void> World::load(const json::object& snapshot) {
  // Everything is read before anything is replaced, so a broken snapshot leaves the world as it was.
  try {
    if (snapshot.at("version").as_int64() != kSnapshotVersion) {
      return failure("sandbox.snapshot_unreadable", "the snapshot is of another version");
    }
    std::vector<std::unique_ptr<Tenant>> tenants;
    for (const json::value& tenant : snapshot.at("tenants").as_array())
      tenants.push_back(load_tenant(tenant.as_object()));
    add_missing_roles(tenants);
    tenants_ = std::move(tenants);
  } catch (const std::exception& broken) {
    return failure("sandbox.snapshot_unreadable", fmt::format("the snapshot cannot be read: {}", broken.what()));
  }
  return {};
}

// One object a line, so that neither way a hundred thousand of them stand in memory twice: the version, then each
// tenant, behind it each of its tables, behind that its rows.
void World::save_to(std::ostream& out) const {
  out << json::serialize(json::object{{"version", kSnapshotVersion}}) << '\n';
  for (const auto& tenant : tenants_) {
    out << json::serialize(json::object{{"tenant", save_head(*tenant)}}) << '\n';
    for (const Resource& resource : Catalogue::instance().resources()) {
      const Table& table = tenant->table(resource);
      if (table.next_id() == 1) continue;  // nothing has ever been there
      out << json::serialize(json::object{{"table", resource.path}, {"next_id", table.next_id()}}) << '\n';
      table.each([&](const Row& row) {
        out << json::serialize(save_row(resource, row)) << '\n';
        return true;
      });
    }
  }
  out << json::serialize(json::object{{"end", true}}) << '\n';
}

Result<void> World::load_from(std::istream& in) {
  try {
    std::vector<std::unique_ptr<Tenant>> tenants;
    Table* table = nullptr;
    std::int64_t next_id = 0;
    std::string line;
    bool known_version = false, whole = false;
    while (std::getline(in, line)) {
      const json::object object = json::parse(line).as_object();
      if (const json::value* version = object.if_contains("version")) {
        known_version = version->as_int64() == kSnapshotVersion;
      } else if (!known_version) {
        return failure("sandbox.snapshot_unreadable", "the snapshot is of another version");
      } else if (object.contains("end")) {
        whole = true;
      } else if (const json::value* head = object.if_contains("tenant")) {
        tenants.push_back(load_head(head->as_object()));
        table = nullptr;
      } else if (const json::value* path = object.if_contains("table")) {
        const Resource* resource = Catalogue::instance().find(path->as_string());
        table = resource == nullptr ? nullptr : &tenants.at(tenants.size() - 1)->table(*resource);
        next_id = object.at("next_id").as_int64();
        if (table != nullptr) table->set_next_id(next_id);
      } else if (table != nullptr) {
        table->insert(load_row(table->resource(), object));
        table->set_next_id(next_id);
      }
    }
    if (!whole) return failure("sandbox.snapshot_unreadable", "the snapshot is cut off");
    add_missing_roles(tenants);
    tenants_ = std::move(tenants);
  } catch (const std::exception& broken) {
    return failure("sandbox.snapshot_unreadable", fmt::format("the snapshot cannot be read: {}", broken.what()));
  }
  return {};
}

}  // namespace crosswalk::sandbox

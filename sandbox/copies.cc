#include "sandbox/copies.h"

#include <map>

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

/// Collection and old id to new id.
using Renumbered = std::map<std::pair<int, std::int64_t>, std::int64_t>;

const Row& copy_tree(Tenant& tenant, const Resource& resource, const Row& row, std::int64_t parent, const Actor& actor,
                     Renumbered& renumbered) {
  const std::int64_t old_id = row.id;
  Row copy = row;
  copy.id = 0;
  copy.parent = parent;
  copy.date_entered = copy.last_updated = actor.now;
  copy.entered_by = copy.updated_by = actor.member;
  if (resource.parent_field >= 0) copy.set(resource.parent_field, parent);
  const std::int64_t id = tenant.table(resource).insert(std::move(copy)).id;
  renumbered[{resource.number, old_id}] = id;
  for (const int number : resource.children) {
    const Resource& child = Catalogue::instance().at(number);
    const std::vector<std::int64_t> ids = *tenant.table(child).lookup(child.parent_field, std::to_string(old_id));
    for (const std::int64_t each : ids) {
      const Row original = *tenant.table(child).find(each);
      copy_tree(tenant, child, original, id, actor, renumbered);
    }
  }
  return *tenant.table(resource).find(id);
}

void follow(Tenant& tenant, const Renumbered& renumbered) {
  for (const auto& [old, id] : renumbered) {
    const Resource& resource = Catalogue::instance().at(old.first);
    Row changed = *tenant.table(resource).find(id);
    for (Cell& cell : changed.cells) {
      const Field& field = resource.fields[cell.field];
      if (field.type != FieldType::reference || field.target < 0 || !cell.value.is_int64()) continue;
      const auto moved = renumbered.find({field.target, cell.value.get_int64()});
      if (moved != renumbered.end() && cell.field != resource.parent_field) cell.value = moved->second;
    }
    tenant.table(resource).replace(std::move(changed));
  }
}

}  // namespace

const Row& copy_row(Tenant& tenant, const Resource& resource, const Row& row, std::int64_t parent,
                    std::string_view label, const Actor& actor) {
  Renumbered renumbered;
  const std::int64_t id = copy_tree(tenant, resource, Row(row), parent, actor, renumbered).id;
  follow(tenant, renumbered);
  Table& table = tenant.table(resource);
  if (label.empty() || resource.label_fields.empty()) return *table.find(id);
  Row named = *table.find(id);
  named.set(resource.label_fields.front(), json::string(label));
  return table.replace(std::move(named));
}

}  // namespace crosswalk::sandbox

#include "sandbox/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/decimal.h"
#include "base/text.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

/// What statuses call being closed.
constexpr const char* kClosed[] = {"closedFlag", "closedStatus"};

/// By number of the collection.
std::vector<const CollectionRules*> all_rules() {
  const Catalogue& catalogue = Catalogue::instance();
  std::vector<const CollectionRules*> rules(catalogue.resources().size(), nullptr);
  for (const auto module :
       {company_rules(), service_rules(), finance_rules(), sales_rules(), time_rules(), system_rules()}) {
    for (const CollectionRules& each : module) {
      rules[static_cast<std::size_t>(catalogue.get(each.collection).number)] = &each;
    }
  }
  return rules;
}

const CollectionRules& rules_of(const Resource& resource) {
  static const std::vector<const CollectionRules*> rules = all_rules();
  static constexpr CollectionRules kNone{.collection = ""};
  const CollectionRules* found = rules[static_cast<std::size_t>(resource.number)];
  return found == nullptr ? kNone : *found;
}

/// The first open one: neither closed nor given up.
std::int64_t first_open(const Table& statuses) {
  const Resource& resource = statuses.resource();
  std::int64_t found = 0;
  statuses.each([&](const Row& row) {
    const bool closed = std::any_of(std::begin(kClosed), std::end(kClosed), [&](const char* name) {
      const int field = resource.field(name);
      return field >= 0 && row.flag(field);
    });
    if (!closed && !is_inactive(resource, row)) found = row.id;
    return found == 0;
  });
  return found;
}

/// Status and type of a new row, where their tables have a default: that one; else the first open status, which no row
/// is ever without. Those of a board depend on the board, which is for the rules of tickets.
void set_default_references(Writer& writer, bool is_new) {
  for (const char* name : {"status", "type"}) {
    const int field = writer.resource.field(name);
    const int target = field < 0 ? -1 : writer.resource.fields[static_cast<std::size_t>(field)].target;
    if (target < 0 || writer.resource.fields[static_cast<std::size_t>(field)].type != FieldType::reference) continue;
    const Table& table = std::as_const(writer.tenant).table(target);
    if (table.resource().parent >= 0 || table.resource().field("defaultFlag") < 0) continue;
    const std::int64_t id = first_with(table, "defaultFlag");
    if (std::string_view(name) == "status") {
      never_empty(writer, name, id_or_null(id != 0 ? id : first_open(table)));
    } else if (is_new) {
      set_default(writer, name, id_or_null(id));
    }
  }
}

}  // namespace

std::string time_text(std::int64_t seconds) {
  std::string out;
  append_time(out, seconds);
  return out;
}

json::value decimal_value(std::int64_t units) { return json::parse(Decimal::from_units(units).to_string()); }

std::int64_t first_with(const Table& table, const char* flag, std::int64_t parent) {
  std::int64_t found = 0;
  const int field = table.resource().field(flag);
  table.each([&](const Row& row) {
    if ((parent == 0 || row.parent == parent) && row.flag(field)) found = row.id;
    return found == 0;
  });
  return found;
}

bool is_inactive(const Resource& resource, const Row& row) {
  for (const char* name : {"inactiveFlag", "inactive"}) {
    if (const int field = resource.field(name); field >= 0 && row.flag(field)) return true;
  }
  return false;
}

void set_default(Writer& writer, const char* name, json::value value) {
  const int field = writer.resource.field(name);
  if (value.is_null() || writer.row.get(field) != nullptr || writer.touched(field)) return;
  writer.row.set(field, std::move(value));
}

void never_empty(Writer& writer, const char* name, json::value value) {
  const int field = writer.resource.field(name);
  if (writer.row.get(field) == nullptr) writer.row.set(field, std::move(value));
}

void follow(Writer& writer, const char* name, json::value value) {
  const int field = writer.resource.field(name);
  if (!writer.touched(field)) writer.row.set(field, std::move(value));
}

void refuse_end_before_begin(Writer& writer, const char* begin, const char* end) {
  if (!writer.actor.switches->contradictions_refused) return;
  const int first = writer.resource.field(begin), last = writer.resource.field(end);
  if (!writer.touched(first) && !writer.touched(last)) return;
  if (writer.row.get(first) == nullptr || writer.row.get(last) == nullptr) return;
  if (writer.row.integer(last) < writer.row.integer(first))
    writer.fail(
        {"InvalidField", fmt::format("{} cannot be less than {}.", end, begin), writer.resource.spec.noun, end});
}

json::value id_or_null(std::int64_t id) { return id == 0 ? json::value(nullptr) : json::value(id); }

std::int64_t actor_id(const Writer& writer) {
  const Table& members = writer.tenant.table("system/members");
  const Row* member = members.find_by(members.resource().field("identifier"), writer.actor.member);
  return member == nullptr ? 0 : member->id;
}

void apply_rules(Writer& writer, const Row* before) {
  set_default_references(writer, before == nullptr);
  if (const auto rule = rules_of(writer.resource).before_write) rule(writer, before);
}

void complete_planted(Writer& writer) {
  if (const auto rule = rules_of(writer.resource).complete_planted) rule(writer);
}

void apply_consequences(Writer& writer, const Row& row, bool inserted) {
  if (const auto rule = rules_of(writer.resource).after_write) rule(writer, row, inserted);
}

std::optional<ApiError> check_removal(Tenant& tenant, const Resource& resource, const Row& row, const Actor& actor) {
  const auto rule = rules_of(resource).before_removal;
  return rule == nullptr ? std::nullopt : rule(tenant, row, actor);
}

void apply_removal(Tenant& tenant, const Resource& resource, const Row& removed, const Actor& actor) {
  for (const int number : resource.children) {
    const Resource& child = Catalogue::instance().at(number);
    Table& children = tenant.table(child);
    const std::vector<std::int64_t> orphans = *children.lookup(child.parent_field, std::to_string(removed.id));
    for (const std::int64_t id : orphans) {
      const Row orphan = *children.find(id);
      children.erase(id);
      apply_removal(tenant, child, orphan, actor);
    }
  }
  if (const auto rule = rules_of(resource).after_removal) rule(tenant, removed, actor);
}

bool mark_deleted(Tenant& tenant, const Resource& resource, std::int64_t id, const Actor& actor, bool shows_as_update) {
  if (resource.path != "company/companies") return false;
  Table& companies = tenant.table(resource);
  const Row* company = companies.find(id);
  if (company == nullptr) return false;
  Row changed = *company;
  changed.set(resource.field("deletedFlag"), true);
  changed.set(resource.field("dateDeleted"), actor.now);
  changed.set(resource.field("deletedBy"), json::string(actor.member));
  if (shows_as_update) {
    changed.last_updated = actor.now;
    changed.updated_by = actor.member;
  }
  companies.replace(std::move(changed));
  return true;
}

}  // namespace crosswalk::sandbox

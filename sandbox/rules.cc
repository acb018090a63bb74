#include "sandbox/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
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

bool has_changed(const Writer& writer, const Row* before, int field) {
  const json::value* then = before == nullptr ? nullptr : before->get(field);
  const json::value* now = writer.row.get(field);
  if (then == nullptr || now == nullptr) return then != now;
  return *then != *now;
}

/// A beginning and its end, by the names that the document gives them. Of whole days the time of day does not count.
struct Span {
  const char* collection;
  const char* begin;
  const char* end;
  bool whole_days = false;
};
constexpr Span kSpans[] = {{"finance/agreementTypes/workroles", "effectiveDate", "endingDate", true},
                           {"finance/agreementTypes/worktypes", "effectiveDate", "endingDate", true},
                           {"finance/agreements", "startDate", "endDate", true},
                           {"finance/agreements", "startDate", "dateCancelled", true},
                           {"finance/agreements/additions", "effectiveDate", "cancelledDate", true},
                           {"finance/agreements/workroles", "effectiveDate", "endingDate", true},
                           {"finance/agreements/worktypes", "effectiveDate", "endingDate", true},
                           {"finance/taxCodes", "effectiveDate", "cancelDate", true},
                           {"marketing/campaigns", "startDate", "endDate", true},
                           {"procurement/pricingschedules/details", "startDate", "endDate", true},
                           {"project/projects", "actualStart", "actualEnd", true},
                           {"project/projects", "estimatedStart", "estimatedEnd", true},
                           {"project/projects", "scheduledStart", "scheduledEnd", true},
                           {"project/projects/teamMembers", "startDate", "endDate", true},
                           {"project/tickets", "scheduleStartDate", "scheduleEndDate"},
                           {"sales/activities", "dateStart", "dateEnd"},
                           {"sales/commissions", "dateStart", "dateEnd", true},
                           {"schedule/entries", "dateStart", "dateEnd"},
                           {"system/members/certifications", "dateReceived", "dateExpires", true},
                           {"system/members/delegations", "dateStart", "dateEnd"},
                           {"time/activitystopwatches", "startTime", "endTime"},
                           {"time/entries", "timeStart", "timeEnd"},
                           {"time/schedulestopwatches", "startTime", "endTime"},
                           {"time/ticketstopwatches", "startTime", "endTime"}};

/// Amounts that are never less than nothing, whatever they are of.
constexpr const char* kNeverNegative[] = {"quantity",    "lessIncluded", "unitPrice",   "unitCost",       "price",
                                          "cost",        "listPrice",    "actualHours", "hoursDeduct",    "hoursBilled",
                                          "budgetHours", "hours",        "hourlyRate",  "estimatedHours", "hourlyCost"};
/// Where an amount of such a name may correct another one.
constexpr std::string_view kCorrecting[] = {"finance/invoices/glEntries", "system/members/accruals",
                                            "time/accruals/details"};

/// What holds for the fields of one collection.
struct Limits {
  struct Between {
    int begin, end;
    bool whole_days;
  };
  std::vector<Between> spans;
  std::vector<int> amounts;  ///< that are never negative
  std::vector<int> project_boards;
};

int date_field(const Resource& resource, const char* name) {
  const int field = resource.field(name);
  if (field < 0 || resource.fields[static_cast<std::size_t>(field)].type != FieldType::date)
    throw std::logic_error(fmt::format("rules: {} has no date {}", resource.path, name));
  return field;
}

Limits limits_of(const Resource& resource) {
  Limits limits;
  for (std::size_t i = 0; i < resource.fields.size(); ++i) {
    if (resource.fields[i].reference_type == "ProjectBoardReference")
      limits.project_boards.push_back(static_cast<int>(i));
  }
  if (std::find(std::begin(kCorrecting), std::end(kCorrecting), resource.path) != std::end(kCorrecting)) return limits;
  for (const char* name : kNeverNegative) {
    const int field = resource.field(name);
    const FieldType type = field < 0 ? FieldType::any : resource.fields[static_cast<std::size_t>(field)].type;
    if (type == FieldType::decimal || type == FieldType::integer) limits.amounts.push_back(field);
  }
  return limits;
}

/// By number of the collection.
std::vector<Limits> all_limits() {
  const Catalogue& catalogue = Catalogue::instance();
  std::vector<Limits> limits;
  for (const Resource& resource : catalogue.resources()) limits.push_back(limits_of(resource));
  for (const Span& span : kSpans) {
    const Resource& resource = catalogue.get(span.collection);
    limits[static_cast<std::size_t>(resource.number)].spans.push_back(
        {date_field(resource, span.begin), date_field(resource, span.end), span.whole_days});
  }
  return limits;
}

void refuse_end_before_beginning(Writer& writer, const Row* before, const Limits::Between& span) {
  constexpr std::int64_t kDay = 86'400;
  if (writer.row.get(span.begin) == nullptr || writer.row.get(span.end) == nullptr) return;
  if (!has_changed(writer, before, span.begin) && !has_changed(writer, before, span.end)) return;
  const std::int64_t unit = span.whole_days ? kDay : 1;
  if (writer.row.integer(span.end) / unit >= writer.row.integer(span.begin) / unit) return;
  const auto name_of = [&](int field) { return writer.resource.fields[static_cast<std::size_t>(field)].name; };
  writer.fail({"InvalidField", fmt::format("{} cannot be less than {}.", name_of(span.end), name_of(span.begin)),
               writer.resource.spec.noun, name_of(span.end)});
}

/// What contradicts itself, or names a board of another kind. What was there before does not stand in the way of other
/// changes.
void refuse_beyond_limits(Writer& writer, const Row* before) {
  static const std::vector<Limits> all = all_limits();
  const Limits& limits = all[static_cast<std::size_t>(writer.resource.number)];
  for (const int field : limits.project_boards) refuse_board_of_other_kind(writer, before, field, true);
  if (!writer.actor.switches->contradictions_refused) return;
  for (const Limits::Between& span : limits.spans) refuse_end_before_beginning(writer, before, span);
  for (const int field : limits.amounts) {
    if (writer.row.integer(field) >= 0 || !has_changed(writer, before, field)) continue;
    const std::string& name = writer.resource.fields[static_cast<std::size_t>(field)].name;
    writer.fail({"InvalidField", fmt::format("{} cannot be negative.", name), writer.resource.spec.noun, name});
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

void refuse_board_of_other_kind(Writer& writer, const Row* before, int field, bool for_projects) {
  const std::int64_t id = writer.row.integer(field);
  if (id == 0 || !writer.touched(field) || (before != nullptr && before->integer(field) == id)) return;
  const Table& boards = std::as_const(writer.tenant).table("service/boards");
  const Row* board = boards.find(id);
  if (board == nullptr || board->flag(boards.resource().field("projectFlag")) == for_projects) return;
  if (for_projects && first_with(boards, "projectFlag") == 0) return;
  writer.fail({"NotFound", fmt::format("{} {} not found", boards.resource().spec.title, id), writer.resource.spec.noun,
               writer.resource.fields[static_cast<std::size_t>(field)].name + "/id"});
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
  refuse_beyond_limits(writer, before);
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

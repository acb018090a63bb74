#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/rules.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::int64_t kUnitsPerHour = 10'000, kSecondsPerHour = 3'600;

/// What time can be charged to, by the name in chargeToType.
struct ChargedTo {
  const char* type;
  const char* collection;
  const char* title;
};
constexpr ChargedTo kChargedTo[] = {{"ServiceTicket", "service/tickets", "Ticket"},
                                    {"ProjectTicket", "project/tickets", "Ticket"},
                                    {"Company", "company/companies", "Company"},
                                    {"Activity", "sales/activities", "Activity"},
                                    {"ChargeCode", "time/chargeCodes", "Charge Code"}};

const ChargedTo* charged_to(std::string_view type) {
  const auto found = std::find_if(std::begin(kChargedTo), std::end(kChargedTo),
                                  [&](const ChargedTo& each) { return each.type == type; });
  return found == std::end(kChargedTo) ? nullptr : found;
}

/// Time is charged to something that is there, and to its company.
void find_charged(Writer& writer) {
  const Resource& entries = writer.resource;
  const std::int64_t id = writer.row.integer(entries.field("chargeToId"));
  const ChargedTo* what = charged_to(writer.row.text(entries.field("chargeToType")));
  if (what == nullptr || id == 0) return;
  const Table& table = std::as_const(writer.tenant).table(what->collection);
  const Row* row = table.find(id);
  if (row == nullptr) {
    return writer.fail({"NotFound", fmt::format("{} {} not found", what->title, id), "timeEntry", "chargeToId"});
  }
  const std::string_view type = what->type;
  writer.row.set(entries.field("ticket"), type == "ServiceTicket" ? json::value(id) : json::value(nullptr));
  const int company = table.resource().field("company");
  if (type == "Company") writer.row.set(entries.field("company"), id);
  if (company >= 0) writer.row.set(entries.field("company"), id_or_null(row->integer(company)));
}

/// Hours follow the times, unless a client says them itself.
void count_hours(Writer& writer, const Row* before) {
  const Resource& entries = writer.resource;
  const int hours = entries.field("actualHours");
  const std::int64_t start = writer.row.integer(entries.field("timeStart")),
                     end = writer.row.integer(entries.field("timeEnd"));
  const bool said = writer.touched(hours) && writer.row.get(hours) != nullptr;
  bool moved = before == nullptr;
  for (const char* name : {"timeStart", "timeEnd", "hoursDeduct"}) moved = moved || writer.touched(entries.field(name));
  if (said || !moved || end <= start) return;
  const std::int64_t worked = (end - start) * kUnitsPerHour / kSecondsPerHour;
  writer.row.set(hours, worked - writer.row.integer(entries.field("hoursDeduct")));
}

void rule_time_entry(Writer& writer, const Row* before) {
  const Resource& entries = writer.resource;
  find_charged(writer);
  count_hours(writer, before);
  if (before != nullptr) {
    writer.left = before->integer(entries.field("chargeToId"));
    return;
  }
  writer.row.set(entries.field("enteredBy"), json::string(writer.actor.member));
  writer.row.set(entries.field("dateEntered"), writer.actor.now);
  set_default(writer, "member", id_or_null(actor_id(writer)));
}

/// Adds up what has been entered on a ticket, of whichever kind it is.
void sum_hours(Tenant& tenant, std::int64_t ticket_id) {
  const Table& entries = std::as_const(tenant).table("time/entries");
  const Resource& of_entry = entries.resource();
  for (const ChargedTo& what : kChargedTo) {
    const std::string_view type = what.type;
    if (!type.ends_with("Ticket")) continue;
    Table& tickets = tenant.table(what.collection);
    const Row* ticket = tickets.find(ticket_id);
    if (ticket == nullptr) continue;
    std::int64_t hours = 0;
    for (const std::int64_t id : *entries.lookup(of_entry.field("chargeToId"), std::to_string(ticket_id))) {
      const Row* entry = entries.find(id);
      if (entry->text(of_entry.field("chargeToType")) == type) hours += entry->integer(of_entry.field("actualHours"));
    }
    const int field = tickets.resource().field("actualHours");
    if (ticket->integer(field) == hours) continue;
    Row changed = *ticket;
    changed.set(field, hours == 0 ? json::value(nullptr) : json::value(hours));
    tickets.replace(std::move(changed));
  }
}

void after_time_entry(Writer& writer, const Row& row, bool) {
  const std::int64_t now = row.integer(writer.resource.field("chargeToId"));
  sum_hours(writer.tenant, now);
  if (writer.left != 0 && writer.left != now) sum_hours(writer.tenant, writer.left);
}

void after_time_entry_removal(Tenant& tenant, const Row& removed, const Actor&) {
  sum_hours(tenant, removed.integer(tenant.table("time/entries").resource().field("chargeToId")));
}

/// An entry is named after its ticket, and knows how long it lasts.
void rule_schedule_entry(Writer& writer, const Row* before) {
  const Resource& entries = writer.resource;
  if (before != nullptr) writer.left = before->integer(entries.field("objectId"));
  const Table& tickets = writer.tenant.table("service/tickets");
  const Row* ticket = scheduled_ticket(writer.tenant, writer.row);
  if (ticket != nullptr && writer.row.get(entries.field("name")) == nullptr)
    writer.row.set(entries.field("name"), json::string(ticket->text(tickets.resource().field("summary"))));
  const std::int64_t start = writer.row.integer(entries.field("dateStart")),
                     end = writer.row.integer(entries.field("dateEnd"));
  if (start > 0 && end > start) writer.row.set(entries.field("hours"), (end - start) * kUnitsPerHour / kSecondsPerHour);
}

/// A ticket lists the members that are scheduled on it: "jsmith, kchen".
void list_resources(Tenant& tenant, std::int64_t ticket_id) {
  Table& tickets = tenant.table("service/tickets");
  const Row* ticket = tickets.find(ticket_id);
  if (ticket == nullptr) return;
  const Table& entries = tenant.table("schedule/entries");
  const Table& members = tenant.table("system/members");
  std::string list;
  for (const std::int64_t id : *entries.lookup(entries.resource().field("objectId"), std::to_string(ticket_id))) {
    const Row* entry = entries.find(id);
    const Row* member = members.find(entry->integer(entries.resource().field("member")));
    if (member == nullptr || scheduled_ticket(tenant, *entry) == nullptr) continue;
    const std::string_view identifier = member->text(members.resource().field("identifier"));
    if (list.find(identifier) != std::string::npos) continue;
    list.append(list.empty() ? "" : ", ").append(identifier);
  }
  Row changed = *ticket;
  changed.set(tickets.resource().field("resources"), list.empty() ? json::value(nullptr) : json::value(list));
  tickets.replace(std::move(changed));
}

void after_schedule_entry(Writer& writer, const Row& row, bool) {
  const std::int64_t now = row.integer(writer.resource.field("objectId"));
  list_resources(writer.tenant, now);
  if (writer.left != 0 && writer.left != now) list_resources(writer.tenant, writer.left);
}

void after_schedule_entry_removal(Tenant& tenant, const Row& removed, const Actor&) {
  list_resources(tenant, removed.integer(tenant.table("schedule/entries").resource().field("objectId")));
}

}  // namespace

const Row* scheduled_ticket(const Tenant& tenant, const Row& entry) {
  const Resource& entries = Catalogue::instance().get("schedule/entries");
  const Table& types = tenant.table("schedule/types");
  const Row* type = types.find(entry.integer(entries.field("type")));
  if (type == nullptr || type->text(types.resource().field("identifier")) != "S") return nullptr;
  return tenant.table("service/tickets").find(entry.integer(entries.field("objectId")));
}

std::span<const CollectionRules> time_rules() {
  static constexpr CollectionRules kRules[] = {
      {.collection = "time/entries",
       .before_write = rule_time_entry,
       .after_write = after_time_entry,
       .after_removal = after_time_entry_removal},
      {.collection = "schedule/entries",
       .before_write = rule_schedule_entry,
       .after_write = after_schedule_entry,
       .after_removal = after_schedule_entry_removal},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

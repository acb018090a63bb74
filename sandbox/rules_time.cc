#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/rules.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

void rule_time_entry(Writer& writer, const Row* before) {
  Tenant& tenant = writer.tenant;
  const Resource& entries = writer.resource;
  const std::int64_t charged_to = writer.row.integer(entries.field("chargeToId"));
  const std::string_view type = writer.row.text(entries.field("chargeToType"));
  if (type == "ServiceTicket") {
    const Resource& tickets = Catalogue::instance().get("service/tickets");
    const Row* ticket = tenant.table(tickets).find(charged_to);
    if (ticket == nullptr) {
      return writer.fail({"NotFound", fmt::format("Ticket {} not found", charged_to), "timeEntry", "chargeToId"});
    }
    writer.row.set(entries.field("ticket"), charged_to);
    writer.row.set(entries.field("company"), id_or_null(ticket->integer(tickets.field("company"))));
  }
  const std::int64_t start = writer.row.integer(entries.field("timeStart")),
                     end = writer.row.integer(entries.field("timeEnd"));
  constexpr std::int64_t kUnitsPerHour = 10'000, kSecondsPerHour = 3'600;
  if (writer.row.get(entries.field("actualHours")) == nullptr && end > start) {
    const std::int64_t worked = (end - start) * kUnitsPerHour / kSecondsPerHour;
    writer.row.set(entries.field("actualHours"), worked - writer.row.integer(entries.field("hoursDeduct")));
  }
  if (before != nullptr) return;
  writer.row.set(entries.field("enteredBy"), json::string(writer.actor.member));
  writer.row.set(entries.field("dateEntered"), writer.actor.now);
  set_default(writer, "member", id_or_null(actor_id(writer)));
}

/// Adds up what has been entered on a ticket.
void sum_hours(Tenant& tenant, std::int64_t ticket_id) {
  Table& tickets = tenant.table("service/tickets");
  const Row* ticket = tickets.find(ticket_id);
  if (ticket == nullptr) return;
  const Table& entries = tenant.table("time/entries");
  const Resource& of_entry = entries.resource();
  std::int64_t hours = 0;
  for (const std::int64_t id : *entries.lookup(of_entry.field("chargeToId"), std::to_string(ticket_id))) {
    const Row* entry = entries.find(id);
    if (entry->text(of_entry.field("chargeToType")) == "ServiceTicket")
      hours += entry->integer(of_entry.field("actualHours"));
  }
  Row changed = *ticket;
  changed.set(tickets.resource().field("actualHours"), hours == 0 ? json::value(nullptr) : json::value(hours));
  tickets.replace(std::move(changed));
}

void after_time_entry(Writer& writer, const Row& row, bool) {
  sum_hours(writer.tenant, row.integer(writer.resource.field("chargeToId")));
}

void after_time_entry_removal(Tenant& tenant, const Row& removed, const Actor&) {
  sum_hours(tenant, removed.integer(tenant.table("time/entries").resource().field("chargeToId")));
}

/// An entry is named after its ticket, and knows how long it lasts.
void rule_schedule_entry(Writer& writer, const Row*) {
  const Resource& entries = writer.resource;
  const Table& tickets = writer.tenant.table("service/tickets");
  const Row* ticket = scheduled_ticket(writer.tenant, writer.row);
  if (ticket != nullptr && writer.row.get(entries.field("name")) == nullptr)
    writer.row.set(entries.field("name"), json::string(ticket->text(tickets.resource().field("summary"))));
  const std::int64_t start = writer.row.integer(entries.field("dateStart")),
                     end = writer.row.integer(entries.field("dateEnd"));
  constexpr std::int64_t kUnitsPerHour = 10'000, kSecondsPerHour = 3'600;
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
  list_resources(writer.tenant, row.integer(writer.resource.field("objectId")));
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

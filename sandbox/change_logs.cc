#include "sandbox/change_logs.h"

#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

/// Who reads the logs deletes them; where nobody does, the oldest are forgotten beyond this.
constexpr std::size_t kEntriesMax = 1'000;

/// A member of an entry, and the ticket's field that it shows.
struct Shown {
  const char* name;
  const char* field;
  const char* part = nullptr;  ///< of what is referred to; nullptr: the value itself, of a reference its id
};
constexpr Shown kShown[] = {{"boardId", "board"},
                            {"boardName", "board", "name"},
                            {"companyIdentifier", "company"},
                            {"companyName", "company", "name"},
                            {"contactId", "contact"},
                            {"contactName", "contactName"},
                            {"impact", "impact"},
                            {"ownerIdentifier", "owner"},
                            {"priorityId", "priority"},
                            {"priorityLevel", "priority", "level"},
                            {"priorityName", "priority", "name"},
                            {"prioritySort", "priority", "sortOrder"},
                            {"resourceList", "resources"},
                            {"severity", "severity"},
                            {"slaName", "sla", "name"},
                            {"slaStatus", "slaStatus"},
                            {"status", "status", "name"},
                            {"summary", "summary"},
                            {"teamName", "team", "name"},
                            {"recordType", "recordType"},
                            {"ticketOwner", "owner", "identifier"},
                            {"closedFlag", "closedFlag"},
                            {"customerUpdatedFlag", "customerUpdatedFlag"},
                            {"parentTicketId", "parentTicketId"},
                            {"mergedParentTicketId", "mergedParentTicket"}};

/// The same by number, so that a busy board does not look names up.
struct Column {
  int target, field;
  int part;  ///< -1: the value itself, of a reference its id
};

std::vector<Column> columns(const Resource& logs, const Resource& tickets) {
  std::vector<Column> found;
  for (const Shown& shown : kShown) {
    Column column{logs.field(shown.name), tickets.field(shown.field), -1};
    const Field& field = tickets.fields[static_cast<std::size_t>(column.field)];
    if (shown.part != nullptr) column.part = Catalogue::instance().at(field.target).field(shown.part);
    found.push_back(column);
  }
  return found;
}

json::value value_of(const Tenant& tenant, const Resource& tickets, const Row& ticket, const Column& column) {
  const json::value* value = ticket.get(column.field);
  if (value == nullptr || column.part < 0) return value == nullptr ? json::value(nullptr) : *value;
  const int target = tickets.fields[static_cast<std::size_t>(column.field)].target;
  const Row* row = value->is_int64() ? tenant.table(target).find(value->get_int64()) : nullptr;
  const json::value* part = row == nullptr ? nullptr : row->get(column.part);
  return part == nullptr ? json::value(nullptr) : *part;
}

}  // namespace

void log_ticket_change(Tenant& tenant, const Row& ticket, std::string_view action, const Actor& actor) {
  static const Resource& logs = Catalogue::instance().get("service/tickets/changelogs");
  static const Resource& tickets = Catalogue::instance().get("service/tickets");
  static const std::vector<Column> kColumns = columns(logs, tickets);
  static const int partner = logs.field("partnerId"), product = logs.field("productInstanceId"),
                   done = logs.field("action"), number = logs.field("ticketNumber");
  Row entry;
  entry.cells.reserve(kColumns.size() + 4);
  entry.set(partner, json::string(tenant.partner_id));
  entry.set(product, json::string(tenant.product_instance_id));
  entry.set(done, json::string(action));
  entry.set(number, ticket.id);
  for (const Column& column : kColumns) entry.set(column.target, value_of(tenant, tickets, ticket, column));
  entry.date_entered = entry.last_updated = actor.now;
  entry.entered_by = entry.updated_by = actor.member;
  Table& table = tenant.table(logs);
  table.insert(std::move(entry));
  if (table.size() <= kEntriesMax) return;
  std::int64_t oldest = 0;
  table.each([&](const Row& row) {
    oldest = row.id;
    return false;
  });
  table.erase(oldest);
}

}  // namespace crosswalk::sandbox

#include <algorithm>

#include "sandbox/attachments.h"
#include "sandbox/operations.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

/// The ids in a member that must be a list of them; nothing when it is not.
std::optional<std::vector<std::int64_t>> ids_in(const json::object& body, std::string_view name) {
  const json::value* list = body.if_contains(name);
  if (list == nullptr || !list->is_array() || list->get_array().empty()) return std::nullopt;
  std::vector<std::int64_t> ids;
  for (const json::value& id : list->get_array()) {
    if (!id.is_int64()) return std::nullopt;
    ids.push_back(id.get_int64());
  }
  return ids;
}

/// Marks a ticket; its own rules do not apply to what only the server sets.
void set_and_touch(Tenant& tenant, std::int64_t ticket, const char* field, json::value value, const Actor& actor) {
  Table& tickets = tenant.table("service/tickets");
  Row changed = *tickets.find(ticket);
  changed.set(tickets.resource().field(field), std::move(value));
  changed.last_updated = actor.now;
  changed.updated_by = actor.member;
  tickets.replace(std::move(changed));
}

net::Response attach_children(const OperationContext& context) {
  const std::optional<json::object> body = parse_object(context.request.body);
  const auto children = body ? ids_in(*body, "childTicketIds") : std::nullopt;
  if (!children) return to_response(invalid_object("ticketBundle", {missing_field("ticketBundle", "childTicketIds")}));
  const Table& tickets = context.tenant.table("service/tickets");
  const std::int64_t parent = context.row->id;
  for (const std::int64_t child : *children) {
    if (tickets.find(child) == nullptr || child == parent) return to_response(not_found("Ticket", child));
  }
  for (const std::int64_t child : *children) {
    set_and_touch(context.tenant, child, "parentTicketId", parent, context.actor);
  }
  set_and_touch(context.tenant, parent, "hasChildTicket", true, context.actor);
  return success_response();
}

net::Response merge(const OperationContext& context) {
  const std::optional<json::object> body = parse_object(context.request.body);
  const auto children = body ? ids_in(*body, "mergeTicketIds") : std::nullopt;
  const json::value* status = body ? body->if_contains("status") : nullptr;
  std::vector<FieldError> errors;
  if (!children) errors.push_back(missing_field("ticketMerge", "mergeTicketIds"));
  if (status == nullptr || !status->is_object()) errors.push_back(missing_field("ticketMerge", "status"));
  if (!errors.empty()) return to_response(invalid_object("ticketMerge", std::move(errors)));
  const Table& tickets = context.tenant.table("service/tickets");
  const std::int64_t parent = context.row->id;
  for (const std::int64_t child : *children) {
    if (tickets.find(child) == nullptr || child == parent) return to_response(not_found("Ticket", child));
  }
  std::string key, given;
  const std::int64_t wanted = find_reference(context.tenant, Catalogue::instance().get("service/boards/statuses"),
                                             status->get_object(), 0, key, given);
  for (const std::int64_t child : *children) {
    const ApiResult<const Row*> merged = merge_rows(context.tenant, parent, child, wanted, context.actor);
    if (!merged) return to_response(merged.error());
  }
  return success_response();
}

/// What is called a note in a note, in a time entry...
json::object note_of(const OperationContext& context, const json::object& from, bool timed) {
  json::object note{{"id", from.at("id")}, {"noteType", timed ? "TimeEntryNote" : "TicketNote"}};
  std::string reference;
  context.wire.write_reference(reference, context.resource(), *context.row, std::vector<std::string>{"summary"});
  note["ticket"] = json::parse(reference);
  const auto copy = [&](std::string_view source, std::string_view target) {
    if (const json::value* value = from.if_contains(source)) note[target] = *value;
  };
  copy(timed ? "notes" : "text", "text");
  note["isMarkdownFlag"] = false;
  copy(timed ? "addToDetailDescriptionFlag" : "detailDescriptionFlag", "detailDescriptionFlag");
  copy(timed ? "addToInternalAnalysisFlag" : "internalAnalysisFlag", "internalAnalysisFlag");
  copy(timed ? "addToResolutionFlag" : "resolutionFlag", "resolutionFlag");
  for (const char* name : {"timeStart", "timeEnd", "issueFlag", "member", "contact", "_info"}) copy(name, name);
  for (const char* name : {"bundledFlag", "mergedFlag", "createdByParentFlag"}) note[name] = false;
  if (const json::value* author = from.if_contains(timed ? "enteredBy" : "createdBy")) note["originalAuthor"] = *author;
  return note;
}

std::vector<const Row*> time_entries_of(const OperationContext& context, std::string_view charged) {
  const Table& entries = context.tenant.table("time/entries");
  const Resource& of_entry = entries.resource();
  std::vector<const Row*> rows;
  for (const std::int64_t id : *entries.lookup(of_entry.field("chargeToId"), std::to_string(context.row->id))) {
    const Row* entry = entries.find(id);
    if (entry->text(of_entry.field("chargeToType")) == charged) rows.push_back(entry);
  }
  return rows;
}

net::Response all_notes(const OperationContext& context) {
  const bool of_project = context.resource().path == "project/tickets";
  const Table& notes = context.tenant.table(of_project ? "project/tickets/notes" : "service/tickets/notes");
  const Resource& of_note = notes.resource();
  const Resource& of_entry = Catalogue::instance().get("time/entries");
  std::vector<json::object> shown;
  for (const std::int64_t id : *notes.lookup(of_note.parent_field, std::to_string(context.row->id))) {
    shown.push_back(note_of(context, context.wire.object(of_note, *notes.find(id)), false));
  }
  for (const Row* entry : time_entries_of(context, of_project ? "ProjectTicket" : "ServiceTicket")) {
    if (entry->text(of_entry.field("notes")).empty()) continue;
    shown.push_back(note_of(context, context.wire.object(of_entry, *entry), true));
  }
  return objects_response(context, std::move(shown));
}

net::Response time_entries(const OperationContext& context) {
  const bool of_project = context.resource().path == "project/tickets";
  const std::vector<const Row*> rows = time_entries_of(context, of_project ? "ProjectTicket" : "ServiceTicket");
  if (context.route.path->path.ends_with("/count")) return count_response(rows.size());
  const Resource& of_entry = Catalogue::instance().get("time/entries");
  return page_response(context, rows.size(), [&](std::string& out, std::size_t i) {
    context.wire.write_reference(out, of_entry, *rows[i], {});
  });
}

}  // namespace

std::int64_t first_closed_status(const Tenant& tenant, std::int64_t board) {
  const Table& statuses = tenant.table("service/boards/statuses");
  const int closed = statuses.resource().field("closedStatus"), inactive = statuses.resource().field("inactive");
  std::int64_t found = 0;
  statuses.each([&](const Row& row) {
    if (row.parent == board && row.flag(closed) && !row.flag(inactive)) found = row.id;
    return found == 0;
  });
  return found;
}

ApiResult<const Row*> merge_rows(Tenant& tenant, std::int64_t parent, std::int64_t child, std::int64_t status,
                                 const Actor& actor) {
  const Table& tickets = tenant.table("service/tickets");
  const Row* row = tickets.find(child);
  if (row == nullptr) return tl::unexpected(not_found("Ticket", child));
  const std::int64_t board = row->integer(tickets.resource().field("board"));
  const Row* wanted = tenant.table("service/boards/statuses").find(status);
  const std::int64_t closing =
      wanted != nullptr && wanted->parent == board ? status : first_closed_status(tenant, board);
  Writer writer(tenant, tickets.resource(), *row, Writer::Mode::patch, actor);
  writer.apply_patch({json::object{{"op", "replace"}, {"path", "status"}, {"value", json::object{{"id", closing}}}}});
  writer.row.set(tickets.resource().field("mergedParentTicket"), parent);
  writer.finish();
  ApiResult<const Row*> merged = writer.commit();
  if (merged) set_and_touch(tenant, parent, "hasMergedChildTicketFlag", true, actor);
  return merged;
}

std::span<const OperationRule> service_operations() {
  static constexpr OperationRule kRules[] = {
      {"POST", "/service/tickets/{parentId}/attachChildren", attach_children, nullptr, "EI"},
      {"POST", "/service/tickets/{parentId}/merge", merge, "Merge Tickets", "E"},
      {"GET", "/service/tickets/{parentId}/allNotes", all_notes},
      {"GET", "/service/tickets/{parentId}/timeentries", time_entries},
      {"GET", "/service/tickets/{parentId}/timeentries/count", time_entries},
      {"GET", "/service/tickets/{parentId}/configurations", list_configurations},
      {"GET", "/service/tickets/{parentId}/configurations/count", count_configurations},
      {"GET", "/service/tickets/{parentId}/configurations/{id}", show_configuration},
      {"POST", "/service/tickets/{parentId}/configurations", attach_configuration, nullptr, "EI"},
      {"DELETE", "/service/tickets/{parentId}/configurations/{id}", detach_configuration},
      {"GET", "/project/tickets/{parentId}/allNotes", all_notes},
      {"GET", "/project/tickets/{parentId}/timeentries", time_entries},
      {"GET", "/project/tickets/{parentId}/timeentries/count", time_entries},
      {"GET", "/project/tickets/{parentId}/configurations", list_configurations},
      {"GET", "/project/tickets/{parentId}/configurations/count", count_configurations},
      {"GET", "/project/tickets/{parentId}/configurations/{id}", show_configuration},
      {"POST", "/project/tickets/{parentId}/configurations", attach_configuration, nullptr, "EI"},
      {"DELETE", "/project/tickets/{parentId}/configurations/{id}", detach_configuration},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

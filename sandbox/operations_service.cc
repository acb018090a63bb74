#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "sandbox/attachments.h"
#include "sandbox/change_logs.h"
#include "sandbox/documents_made.h"
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
  log_ticket_change(tenant, tickets.replace(std::move(changed)), "updated", actor);
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
  // Notes of project tickets have fewer members.
  const Schema& schema = *Catalogue::instance().schema(context.route.operation->answer_schema.substr(1));
  json::object shown;
  for (const auto& [name, value] : note) {
    if (name == "id" || name == "_info" || schema.field(name) != nullptr) shown[name] = value;
  }
  return shown;
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
  return references_response(context, Catalogue::instance().get("time/entries"), rows);
}

/// Rows of another collection that name a ticket; a row is of ours when `type_field` says so.
struct Linked {
  const char* tail;
  const char* collection;
  const char* id_field;
  const char* type_field;
  const char* type;
};
constexpr Linked kLinked[] = {{"activities", "sales/activities", "ticket", nullptr, nullptr},
                              {"documents", "system/documents", "recordId", "recordType", "Ticket"},
                              {"products", "procurement/products", "ticket", nullptr, nullptr},
                              {"scheduleentries", "schedule/entries", "objectId", nullptr, nullptr}};

net::Response linked(const OperationContext& context) {
  const std::string& path = context.route.path->path;
  const Linked* what = std::find_if(std::begin(kLinked), std::end(kLinked), [&](const Linked& each) {
    return path.find(std::string("}/") + each.tail) != std::string::npos;
  });
  const Table& table = std::as_const(context.tenant).table(what->collection);
  const Resource& resource = table.resource();
  const int id_field = resource.field(what->id_field);
  const int type_field = what->type_field == nullptr ? -1 : resource.field(what->type_field);
  std::vector<const Row*> rows;
  table.each([&](const Row& row) {
    const bool of_type = type_field < 0 || row.text(type_field) == what->type;
    if (of_type && row.integer(id_field) == context.row->id) rows.push_back(&row);
    return true;
  });
  return references_response(context, resource, rows);
}

/// A new ticket of the same content: what belongs to the life of the old one stays behind.
net::Response copy_ticket(const OperationContext& context) {
  static constexpr const char* kLeftBehind[] = {
      "closedDate",     "closedBy",           "closedFlag",   "actualHours",     "parentTicketId",
      "hasChildTicket", "mergedParentTicket", "dateResolved", "status",          "hasMergedChildTicketFlag",
      "externalXRef",   "resolvedBy",         "respondedBy",  "dateResponded",   "resplanBy",
      "dateResplan",    "slaStatus",          "isInSla",      "escalationLevel", "mobileGuid"};
  Row copy = *context.row;
  copy.id = 0;
  for (const char* name : kLeftBehind) {
    if (const int field = context.resource().field(name); field >= 0) copy.set(field, nullptr);
  }
  Writer writer(context.tenant, context.resource(), std::move(copy), Writer::Mode::post, context.actor);
  writer.finish();
  const ApiResult<const Row*> written = writer.commit();
  return written ? row_response(context, 200, context.resource(), **written) : to_response(written.error());
}

/// A service ticket becomes one of a project and the other way round: the same content in the other collection.
net::Response convert_ticket(const OperationContext& context) {
  const bool to_project = context.resource().path == "service/tickets";
  const std::optional<json::object> body = parse_object(context.request.body);
  if (!body) return to_response(invalid_object("convertItem", {}));
  std::vector<FieldError> errors;
  for (const char* name : {"phase", "wbsCode"}) {
    if (to_project && body->if_contains(name) == nullptr) errors.push_back(missing_field("convertToProject", name));
  }
  if (!to_project && body->if_contains("recordType") == nullptr) {
    errors.push_back(missing_field("convertItem", "recordType"));
  }
  if (!errors.empty()) return to_response(invalid_object("convertItem", std::move(errors)));
  const Resource& target = Catalogue::instance().get(to_project ? "project/tickets" : "service/tickets");
  json::object content = context.wire.object(context.resource(), *context.row);
  for (const char* name : {"id", "_info", "board", "status", "type", "subType", "item", "team", "customFields"}) {
    content.erase(name);
  }
  content["recordType"] = to_project ? "ProjectTicket" : "ServiceTicket";
  for (const char* name : {"project", "phase", "wbsCode"}) {
    if (const json::value* value = body->if_contains(name)) content[name] = *value;
  }
  const std::int64_t id = context.row->id;
  const ApiResult<const Row*> written = post_row(context.tenant, target, 0, content, context.actor);
  if (!written) return to_response(written.error());
  if (auto error = delete_row(context.tenant, context.resource(), id, context.actor)) return to_response(*error);
  return success_response();
}

net::Response active_boards(const OperationContext& context) {
  const Resource& boards = Catalogue::instance().get("service/boards");
  std::vector<json::object> objects;
  std::as_const(context.tenant).table(boards).each([&](const Row& row) {
    if (!row.flag(boards.field("inactiveFlag"))) objects.push_back(context.wire.object_as(boards, row, "BoardInfo"));
    return true;
  });
  return objects_response(context, std::move(objects));
}

/// The tickets as they are: the sandbox runs no clocks of service levels.
net::Response calculate_sla(const OperationContext& context) {
  return rows_response(context, Catalogue::instance().get("service/tickets"));
}

net::Response forget_change_logs(const OperationContext& context) {
  context.tenant.table(context.resource()).clear();
  return no_content_response();
}

/// There is one set of settings, made when it is first asked for.
net::Response knowledge_base_settings(const OperationContext& context) {
  const Resource& settings = Catalogue::instance().get("service/knowledgebasesettings");
  Table& table = context.tenant.table(settings);
  if (table.size() == 0) {
    Row row;
    row.date_entered = row.last_updated = context.actor.now;
    row.entered_by = row.updated_by = context.actor.member;
    table.insert(std::move(row));
  }
  const Row* only = nullptr;
  table.each([&](const Row& row) {
    only = &row;
    return false;
  });
  if (context.request.method == "GET") return row_response(context, 200, settings, *only);
  const std::optional<json::object> body = parse_object(context.request.body);
  if (!body) return to_response(invalid_object(settings.spec.noun, {}));
  const ApiResult<const Row*> changed = put_row(context.tenant, settings, *only, *body, context.actor);
  return changed ? row_response(context, 201, settings, **changed) : to_response(changed.error());
}

net::Response one(const OperationContext&) { return count_response(1); }

/// The board's statuses that close and are in use, by id.
std::vector<std::int64_t> closed_statuses(const Tenant& tenant, std::int64_t board) {
  const Table& statuses = tenant.table("service/boards/statuses");
  const int closed = statuses.resource().field("closedStatus"), inactive = statuses.resource().field("inactive");
  std::vector<std::int64_t> ids;
  statuses.each([&](const Row& row) {
    if (row.parent == board && row.flag(closed) && !row.flag(inactive)) ids.push_back(row.id);
    return true;
  });
  return ids;
}

/// How much the name of a status says besides that it closes. ">Closed" and "99 Geschlossen" say nothing, "Completed"
/// says another thing, and each further word says more: "Auto-Resolved", "Closed - No Email".
int said_besides_closed(std::string_view name) {
  static constexpr std::string_view kClosed[] = {"clos", "geschlossen", "ferm", "cerrad"};
  const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0; };
  std::vector<std::string> words;
  bool within = false;
  for (const char c : to_lower(name)) {
    if (is_letter(c) && !within) words.emplace_back();
    within = is_letter(c);
    if (within) words.back().push_back(c);
  }
  const bool plain = !words.empty() && std::any_of(std::begin(kClosed), std::end(kClosed), [&](std::string_view word) {
    return words.front().starts_with(word);
  });
  return 2 * static_cast<int>(words.size()) + (plain ? 0 : 1);
}

}  // namespace

net::Response generate_tickets(const OperationContext& context) {
  static constexpr std::pair<const char*, const char*> kTaken[] = {{"summary", "summary"},
                                                                   {"problem", "initialDescription"},
                                                                   {"internalAnalysis", "initialInternalAnalysis"},
                                                                   {"board", "board"},
                                                                   {"status", "status"},
                                                                   {"type", "type"},
                                                                   {"subtype", "subType"},
                                                                   {"item", "item"},
                                                                   {"team", "team"},
                                                                   {"source", "source"},
                                                                   {"priority", "priority"},
                                                                   {"serviceLocation", "serviceLocation"},
                                                                   {"company", "company"},
                                                                   {"contact", "contact"},
                                                                   {"site", "site"},
                                                                   {"agreement", "agreement"},
                                                                   {"location", "location"},
                                                                   {"department", "department"},
                                                                   {"severity", "severity"},
                                                                   {"impact", "impact"}};
  const json::object described = context.wire.object(context.resource(), *context.row);
  json::object ticket;
  for (const auto& [from, to] : kTaken) {
    if (const json::value* value = described.if_contains(from)) ticket[to] = *value;
  }
  const json::value* name = described.if_contains("name");
  if (!ticket.contains("summary") && name != nullptr) ticket["summary"] = *name;
  const Resource& tickets = Catalogue::instance().get("service/tickets");
  const ApiResult<const Row*> written = post_row(context.tenant, tickets, 0, ticket, context.actor);
  if (!written) return to_response(written.error());
  return json_response(200, R"({"serviceCount":1,"scheduleCount":0})");
}

std::vector<std::int64_t> closing_statuses(const Tenant& tenant, std::int64_t board) {
  std::vector<std::int64_t> closing = closed_statuses(tenant, board);
  const Table& statuses = tenant.table("service/boards/statuses");
  const int name = statuses.resource().field("name");
  std::stable_sort(closing.begin(), closing.end(), [&](std::int64_t one, std::int64_t other) {
    return said_besides_closed(statuses.find(one)->text(name)) < said_besides_closed(statuses.find(other)->text(name));
  });
  return closing;
}

ApiResult<const Row*> merge_rows(Tenant& tenant, std::int64_t parent, std::int64_t child, std::int64_t status,
                                 const Actor& actor) {
  const Table& tickets = tenant.table("service/tickets");
  const Row* row = tickets.find(child);
  if (row == nullptr) return tl::unexpected(not_found("Ticket", child));
  const std::int64_t board = row->integer(tickets.resource().field("board"));
  const Row* wanted = tenant.table("service/boards/statuses").find(status);
  const std::vector<std::int64_t> closed = closed_statuses(tenant, board);
  const std::int64_t first = closed.empty() ? 0 : closed.front();
  const std::int64_t closing = wanted != nullptr && wanted->parent == board ? status : first;
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
      {"POST", "/service/boards/copy", copy_board},
      {"GET", "/service/info/boards/active", active_boards, nullptr, "I"},
      {"GET", "/project/boards/{parentId}/teams/{id}/info/count", one},
      {"GET", "/service/priorities/{id}/image", priority_image},
      {"POST", "/service/templates/{id}/generate", generate_tickets, "Service Tickets", "AI"},
      {"POST", "/service/surveys/{id}/copy", copy_item},
      {"POST", "/service/surveys/{parentId}/questions/{id}/copy", copy_item},
      {"GET", "/service/knowledgebasesettings", knowledge_base_settings, "Table Setup"},
      {"POST", "/service/knowledgebasesettings", knowledge_base_settings, "Table Setup"},
      {"GET", "/service/tickets/calculateSla", calculate_sla},
      {"DELETE", "/service/tickets/changelogs", forget_change_logs},
      {"POST", "/service/tickets/{id}/copy", copy_ticket, nullptr, "AI"},
      {"POST", "/service/tickets/{parentId}/convert", convert_ticket, nullptr, "EI"},
      {"POST", "/project/tickets/{parentId}/convert", convert_ticket, nullptr, "EI"},
      {"GET", "/service/tickets/{parentId}/activities", linked},
      {"GET", "/service/tickets/{parentId}/activities/count", linked},
      {"GET", "/service/tickets/{parentId}/documents", linked},
      {"GET", "/service/tickets/{parentId}/documents/count", linked},
      {"GET", "/service/tickets/{parentId}/products", linked},
      {"GET", "/service/tickets/{parentId}/products/count", linked},
      {"GET", "/service/tickets/{parentId}/scheduleentries", linked},
      {"GET", "/service/tickets/{parentId}/scheduleentries/count", linked},
      {"GET", "/project/tickets/{parentId}/activities", linked},
      {"GET", "/project/tickets/{parentId}/activities/count", linked},
      {"GET", "/project/tickets/{parentId}/documents", linked},
      {"GET", "/project/tickets/{parentId}/documents/count", linked},
      {"GET", "/project/tickets/{parentId}/products", linked},
      {"GET", "/project/tickets/{parentId}/products/count", linked},
      {"GET", "/project/tickets/{parentId}/scheduleentries", linked},
      {"GET", "/project/tickets/{parentId}/scheduleentries/count", linked},
      {"POST", "/service/tickets/{parentId}/attachChildren", attach_children, nullptr, "EI"},
      {"POST", "/service/tickets/{parentId}/merge", merge, "Merge Tickets", "E"},
      {"GET", "/service/tickets/{parentId}/allNotes", all_notes},
      {"GET", "/service/tickets/{parentId}/timeentries", time_entries},
      {"GET", "/service/tickets/{parentId}/timeentries/count", time_entries},
      {"GET", "/service/tickets/{parentId}/configurations", list_configurations},
      {"GET", "/service/tickets/{parentId}/configurations/count", list_configurations},
      {"GET", "/service/tickets/{parentId}/configurations/{id}", show_configuration},
      {"POST", "/service/tickets/{parentId}/configurations", attach_configuration, nullptr, "EI"},
      {"DELETE", "/service/tickets/{parentId}/configurations/{id}", detach_configuration},
      {"GET", "/project/tickets/{parentId}/allNotes", all_notes},
      {"GET", "/project/tickets/{parentId}/timeentries", time_entries},
      {"GET", "/project/tickets/{parentId}/timeentries/count", time_entries},
      {"GET", "/project/tickets/{parentId}/configurations", list_configurations},
      {"GET", "/project/tickets/{parentId}/configurations/count", list_configurations},
      {"GET", "/project/tickets/{parentId}/configurations/{id}", show_configuration},
      {"POST", "/project/tickets/{parentId}/configurations", attach_configuration, nullptr, "EI"},
      {"DELETE", "/project/tickets/{parentId}/configurations/{id}", detach_configuration},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

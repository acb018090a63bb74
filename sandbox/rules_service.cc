#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/change_logs.h"
#include "sandbox/rules.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

void refuse_inactive(Writer& writer, const Row* before) {
  if (!writer.actor.switches->inactive_refused) return;
  const int board = writer.resource.field("board");
  for (const char* name : {"board", "status", "type", "subType", "item", "owner"}) {
    const int field = writer.resource.field(name);
    const std::int64_t id = writer.row.integer(field);
    if (id == 0 || !writer.touched(field) || (before != nullptr && before->integer(field) == id)) continue;
    const Resource& target = Catalogue::instance().at(writer.resource.fields[static_cast<std::size_t>(field)].target);
    const Row* row = writer.tenant.table(target).find(id);
    if (row == nullptr || !is_inactive(target, *row)) continue;
    std::string message = fmt::format("{} {} not found", target.spec.title, id);
    if (target.parent >= 0) message += fmt::format(" for Service Board {}", writer.row.integer(board));
    writer.fail({"NotFound", std::move(message), "ticket", std::string(name) + "/id"});
  }
}

std::int64_t default_board(const Table& boards) {
  std::int64_t found = 0;
  boards.each([&](const Row& row) {
    if (!is_inactive(boards.resource(), row) && !row.flag(boards.resource().field("projectFlag"))) found = row.id;
    return found == 0;
  });
  return found;
}

json::value text_or_null(std::string_view text) { return text.empty() ? json::value(nullptr) : json::string(text); }

/// A ticket keeps a copy of its company's site and address.
void copy_from_company(Writer& writer) {
  const Resource& companies = Catalogue::instance().get("company/companies");
  const Row* company = writer.tenant.table(companies).find(writer.row.integer(writer.resource.field("company")));
  follow(writer, "site", id_or_null(company == nullptr ? 0 : company->integer(companies.field("site"))));
  for (const auto& [ticket_field, company_field] : {std::pair("addressLine1", "addressLine1"),
                                                    {"addressLine2", "addressLine2"},
                                                    {"city", "city"},
                                                    {"stateIdentifier", "state"},
                                                    {"zip", "zip"}}) {
    follow(writer, ticket_field, text_or_null(company == nullptr ? "" : company->text(companies.field(company_field))));
  }
}

/// The value of the default entry of a kind ("Email", "Phone"), else of the first; what is not there is null.
json::value communication_of(const Row& contact, const Resource& contacts, const char* kind, const char* member) {
  const json::value* items = contact.get(contacts.field("communicationItems"));
  if (items == nullptr || !items->is_array()) return nullptr;
  const json::object* found = nullptr;
  for (const json::value& item : items->get_array()) {
    const json::object& each = item.as_object();
    const json::value* type = each.if_contains("communicationType");
    const json::value* is_default = each.if_contains("defaultFlag");
    if (type == nullptr || *type != kind) continue;
    if (found == nullptr) found = &each;
    if (is_default == nullptr || *is_default != true) continue;
    found = &each;
    break;
  }
  const json::value* value = found == nullptr ? nullptr : found->if_contains(member);
  return value != nullptr && value->is_string() ? *value : json::value(nullptr);
}

/// And of its contact's name, e-mail address and phone.
void copy_from_contact(Writer& writer) {
  const Resource& contacts = Catalogue::instance().get("company/contacts");
  const Row* contact = writer.tenant.table(contacts).find(writer.row.integer(writer.resource.field("contact")));
  const auto copied = [&](const char* kind, const char* member) {
    return contact == nullptr ? json::value(nullptr) : communication_of(*contact, contacts, kind, member);
  };
  follow(writer, "contactName",
         text_or_null(contact == nullptr ? "" : reference_text(writer.tenant, contacts, *contact, "name")));
  follow(writer, "contactEmailAddress", copied("Email", "value"));
  follow(writer, "contactPhoneNumber", copied("Phone", "value"));
  follow(writer, "contactPhoneExtension", copied("Phone", "extension"));
}

std::int64_t default_of_board(const Writer& writer, const char* collection, std::int64_t board) {
  return first_with(writer.tenant.table(collection), "defaultFlag", board);
}

void default_ticket(Writer& writer) {
  Tenant& tenant = writer.tenant;
  const Resource& tickets = writer.resource;
  never_empty(writer, "board", id_or_null(default_board(tenant.table("service/boards"))));
  const std::int64_t board_id = writer.row.integer(tickets.field("board"));
  set_default(writer, "type", id_or_null(default_of_board(writer, "service/boards/types", board_id)));
  set_default(writer, "team", id_or_null(default_of_board(writer, "service/boards/teams", board_id)));
  set_default(writer, "source", id_or_null(first_with(tenant.table("service/sources"), "defaultFlag")));
  set_default(writer, "serviceLocation", id_or_null(first_with(tenant.table("service/locations"), "defaultFlag")));
  set_default(writer, "sla", id_or_null(first_with(tenant.table("service/SLAs"), "defaultFlag")));
  const Resource& boards = Catalogue::instance().get("service/boards");
  if (const Row* board = tenant.table(boards).find(board_id)) {
    for (const char* name : {"location", "department"})
      set_default(writer, name, id_or_null(board->integer(boards.field(name))));
  }
}

/// What is the old board's alone does not come along: the new one's default takes its place, or nothing.
void move_to_board(Writer& writer) {
  const std::int64_t board = writer.row.integer(writer.resource.field("board"));
  follow(writer, "type", id_or_null(default_of_board(writer, "service/boards/types", board)));
  follow(writer, "team", id_or_null(default_of_board(writer, "service/boards/teams", board)));
  follow(writer, "subType", nullptr);
  follow(writer, "item", nullptr);
}

/// No ticket is without these, whatever was sent.
void keep_status_and_priority(Writer& writer) {
  const std::int64_t board = writer.row.integer(writer.resource.field("board"));
  const Table& statuses = writer.tenant.table("service/boards/statuses");
  if (board != 0) never_empty(writer, "status", id_or_null(default_status(statuses, board)));
  never_empty(writer, "priority", id_or_null(first_with(writer.tenant.table("service/priorities"), "defaultFlag")));
}

/// Defaults of a new ticket, and what follows from a change of board, company or contact.
void complete_ticket(Writer& writer, const Row* before) {
  const Resource& tickets = writer.resource;
  const auto changed = [&](const char* name) {
    const int field = tickets.field(name);
    return before == nullptr || before->integer(field) != writer.row.integer(field);
  };
  if (before == nullptr || writer.mode == Writer::Mode::put) {
    default_ticket(writer);
  } else if (writer.row.get(tickets.field("board")) == nullptr) {
    return writer.fail(missing_field("ticket", "board"));
  } else if (changed("board")) {
    move_to_board(writer);
  }
  keep_status_and_priority(writer);
  if (changed("company")) {
    // The contact was the old company's.
    if (before != nullptr) follow(writer, "contact", nullptr);
    copy_from_company(writer);
  }
  if (changed("contact")) copy_from_contact(writer);
}

void rule_ticket(Writer& writer, const Row* before) {
  const Resource& tickets = writer.resource;
  refuse_board_of_other_kind(writer, before, tickets.field("board"), false);
  complete_ticket(writer, before);
  refuse_inactive(writer, before);
  const Resource& sites = Catalogue::instance().get("company/companies/sites");
  const Row* site_row = writer.tenant.table(sites).find(writer.row.integer(tickets.field("site")));
  if (site_row != nullptr) writer.row.set(tickets.field("siteName"), json::string(site_row->text(sites.field("name"))));
  derive_closed(writer);
}

/// A project ticket lies in a phase, and takes project, company and board from there.
void default_project_ticket(Writer& writer) {
  Tenant& tenant = writer.tenant;
  const Resource& tickets = writer.resource;
  const Table& phases = std::as_const(tenant).table("project/projects/phases");
  const Row* phase = phases.find(writer.row.integer(tickets.field("phase")));
  if (phase != nullptr) {
    set_default(writer, "project", id_or_null(phase->parent));
    set_default(writer, "board", id_or_null(phase->integer(phases.resource().field("board"))));
  }
  const Table& projects = std::as_const(tenant).table("project/projects");
  if (const Row* project = projects.find(writer.row.integer(tickets.field("project")))) {
    const auto take = [&](const char* name) {
      set_default(writer, name, id_or_null(project->integer(projects.resource().field(name))));
    };
    take("board");
    take("company");
    // Of another company's project, neither site nor contact would be its own.
    if (project->integer(projects.resource().field("company")) == writer.row.integer(tickets.field("company"))) {
      take("site");
      take("contact");
    }
  }
  const std::int64_t board = writer.row.integer(tickets.field("board"));
  if (board != 0) {
    set_default(writer, "type", id_or_null(first_with(tenant.table("service/boards/types"), "defaultFlag", board)));
  }
}

void rule_project_ticket(Writer& writer, const Row* before) {
  const bool whole = before == nullptr || writer.mode == Writer::Mode::put;
  if (whole) default_project_ticket(writer);
  const int board = writer.resource.field("board");
  refuse_board_of_other_kind(writer, before, board, true);
  if (!whole && before->get(board) != nullptr && writer.row.get(board) == nullptr)
    return writer.fail(missing_field(writer.resource.spec.noun, "board"));
  keep_status_and_priority(writer);
}

void rule_note(Writer& writer, const Row* before) {
  const Resource& notes = writer.resource;
  if (trim(writer.row.text(notes.field("text"))).empty()) writer.fail(missing_field("serviceNote", "text"));
  bool shown = false;
  for (const char* name : {"detailDescriptionFlag", "internalAnalysisFlag", "resolutionFlag"}) {
    shown = shown || writer.row.flag(notes.field(name));
  }
  if (!shown) writer.fail({"", "Please choose where to display the notes in order to save this record.", "", ""});
  if (before != nullptr) return;
  writer.row.set(notes.field("dateCreated"), json::string(time_text(writer.actor.now)));
  writer.row.set(notes.field("createdBy"), json::string(writer.actor.member));
  if (writer.row.get(notes.field("contact")) == nullptr) {
    set_default(writer, "member", id_or_null(actor_id(writer)));
  }
}

void touch_ticket(Writer& writer, std::int64_t ticket_id) {
  Table& tickets = writer.tenant.table("service/tickets");
  const Row* ticket = tickets.find(ticket_id);
  if (ticket == nullptr) return;
  Row changed = *ticket;
  changed.last_updated = writer.actor.now;
  changed.updated_by = writer.actor.member;
  tickets.replace(std::move(changed));
}

/// The three texts of a new ticket become its first notes.
void add_initial_notes(const Writer& writer, const Row& ticket) {
  Table& notes = writer.tenant.table("service/tickets/notes");
  for (const auto& [name, flag] : {std::pair("initialDescription", "detailDescriptionFlag"),
                                   {"initialInternalAnalysis", "internalAnalysisFlag"},
                                   {"initialResolution", "resolutionFlag"}}) {
    const json::value* text = writer.post_only.if_contains(name);
    if (text == nullptr || trim(std::string_view(text->as_string())).empty()) continue;
    Row note;
    note.parent = ticket.id;
    Writer writing(writer.tenant, notes.resource(), std::move(note), Writer::Mode::post, writer.actor);
    writing.apply_body({{"text", *text}, {flag, true}});
    writing.row.set(notes.resource().field("issueFlag"), std::string_view(name) == "initialDescription");
    writing.finish();
    [[maybe_unused]] const auto added = writing.commit();
  }
}

void after_ticket(Writer& writer, const Row& row, bool inserted) {
  log_ticket_change(writer.tenant, row, inserted ? "added" : "updated", writer.actor);
  if (inserted) add_initial_notes(writer, row);
}

void after_ticket_removal(Tenant& tenant, const Row& removed, const Actor& actor) {
  log_ticket_change(tenant, removed, "deleted", actor);
}

void after_note(Writer& writer, const Row& row, bool) {
  if (writer.actor.switches->notes_touch_ticket) touch_ticket(writer, row.parent);
}

}  // namespace

std::int64_t default_status(const Table& statuses, std::int64_t board) {
  if (const std::int64_t status = first_with(statuses, "defaultFlag", board); status != 0) return status;
  std::int64_t found = 0;
  const int closed = statuses.resource().field("closedStatus");
  statuses.each([&](const Row& row) {
    if (row.parent == board && !row.flag(closed) && !is_inactive(statuses.resource(), row)) found = row.id;
    return found == 0;
  });
  return found;
}

void derive_closed(Writer& writer) {
  const Resource& tickets = writer.resource;
  const Resource& statuses = Catalogue::instance().get("service/boards/statuses");
  const Row* status = writer.tenant.table(statuses).find(writer.row.integer(tickets.field("status")));
  const bool closed = status != nullptr && status->flag(statuses.field("closedStatus"));
  const bool was_closed = writer.row.flag(tickets.field("closedFlag"));
  if (closed == was_closed) return;
  if (closed && !writer.actor.permitted_everything &&
      !writer.tenant.access(writer.actor.member).may("Close Service Tickets", 'E')) {
    return writer.refuse(not_permitted());
  }
  writer.row.set(tickets.field("closedFlag"), closed ? json::value(true) : json::value(nullptr));
  const json::value at = closed ? json::value(json::string(time_text(writer.actor.now))) : json::value(nullptr);
  writer.row.set(tickets.field("closedDate"), at);
  writer.row.set(tickets.field("dateResolved"), at);
  writer.row.set(tickets.field("closedBy"),
                 closed ? json::value(json::string(writer.actor.member)) : json::value(nullptr));
}

std::span<const CollectionRules> service_rules() {
  static constexpr CollectionRules kRules[] = {
      {.collection = "service/tickets",
       .before_write = rule_ticket,
       .after_write = after_ticket,
       .after_removal = after_ticket_removal},
      {.collection = "project/tickets", .before_write = rule_project_ticket},
      {.collection = "service/tickets/notes", .before_write = rule_note, .after_write = after_note},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

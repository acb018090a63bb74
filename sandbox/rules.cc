#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/wire.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

std::string time_text(std::int64_t seconds) {
  std::string out;
  append_time(out, seconds);
  return out;
}

/// The first row (by id) that has `flag` set, of `parent`'s unless that is 0; 0 when there is none.
std::int64_t first_with(const Table& table, const char* flag, std::int64_t parent = 0) {
  std::int64_t found = 0;
  const int field = table.resource().field(flag);
  table.each([&](const Row& row) {
    if ((parent == 0 || row.parent == parent) && row.flag(field)) found = row.id;
    return found == 0;
  });
  return found;
}

/// What a row says of itself: boards and types have inactiveFlag, statuses have inactive.
bool is_inactive(const Resource& resource, const Row& row) {
  for (const char* name : {"inactiveFlag", "inactive"}) {
    if (const int field = resource.field(name); field >= 0 && row.flag(field)) return true;
  }
  return false;
}

/// Gives a field that is empty a value, unless the client has emptied it on purpose.
void set_default(Writer& writer, const char* name, json::value value) {
  const int field = writer.resource.field(name);
  if (value.is_null() || writer.row.get(field) != nullptr || writer.touched(field)) return;
  writer.row.set(field, std::move(value));
}

json::value id_or_null(std::int64_t id) { return id == 0 ? json::value(nullptr) : json::value(id); }

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

void default_from_company(Writer& writer) {
  const Row* company =
      writer.tenant.table("company/companies").find(writer.row.integer(writer.resource.field("company")));
  if (company == nullptr) return;
  const Resource& companies = Catalogue::instance().get("company/companies");
  set_default(writer, "site", id_or_null(company->integer(companies.field("site"))));
  for (const auto& [ticket_field, company_field] :
       {std::pair("addressLine1", "addressLine1"), {"city", "city"}, {"stateIdentifier", "state"}, {"zip", "zip"}}) {
    const std::string_view text = company->text(companies.field(company_field));
    if (!text.empty()) set_default(writer, ticket_field, json::string(text));
  }
}

void default_from_contact(Writer& writer) {
  const Resource& contacts = Catalogue::instance().get("company/contacts");
  const Row* contact = writer.tenant.table(contacts).find(writer.row.integer(writer.resource.field("contact")));
  if (contact == nullptr) return;
  set_default(writer, "contactName", json::string(reference_text(writer.tenant, contacts, *contact, "name")));
  const json::value* items = contact->get(contacts.field("communicationItems"));
  if (items == nullptr || !items->is_array()) return;
  for (const json::value& item : items->get_array()) {
    const json::value* type = item.as_object().if_contains("communicationType");
    const json::value* value = item.as_object().if_contains("value");
    if (type == nullptr || value == nullptr || !type->is_string() || !value->is_string()) continue;
    if (type->get_string() == "Email") set_default(writer, "contactEmailAddress", *value);
    if (type->get_string() == "Phone") set_default(writer, "contactPhoneNumber", *value);
  }
}

void default_ticket(Writer& writer) {
  Tenant& tenant = writer.tenant;
  const Resource& tickets = writer.resource;
  set_default(writer, "board", id_or_null(default_board(tenant.table("service/boards"))));
  const std::int64_t board_id = writer.row.integer(tickets.field("board"));
  set_default(writer, "status", id_or_null(default_status(tenant.table("service/boards/statuses"), board_id)));
  set_default(writer, "type", id_or_null(first_with(tenant.table("service/boards/types"), "defaultFlag", board_id)));
  set_default(writer, "team", id_or_null(first_with(tenant.table("service/boards/teams"), "defaultFlag", board_id)));
  set_default(writer, "priority", id_or_null(first_with(tenant.table("service/priorities"), "defaultFlag")));
  set_default(writer, "source", id_or_null(first_with(tenant.table("service/sources"), "defaultFlag")));
  set_default(writer, "serviceLocation", id_or_null(first_with(tenant.table("service/locations"), "defaultFlag")));
  set_default(writer, "sla", id_or_null(first_with(tenant.table("service/SLAs"), "defaultFlag")));
  const Resource& boards = Catalogue::instance().get("service/boards");
  if (const Row* board = tenant.table(boards).find(board_id)) {
    for (const char* name : {"location", "department"})
      set_default(writer, name, id_or_null(board->integer(boards.field(name))));
  }
  default_from_company(writer);
  default_from_contact(writer);
}

void rule_ticket(Writer& writer, const Row* before) {
  const Resource& tickets = writer.resource;
  const int company = tickets.field("company"), site = tickets.field("site"), contact = tickets.field("contact");
  if (before == nullptr) {
    default_ticket(writer);
  } else if (before->integer(company) != writer.row.integer(company)) {
    // Site and contact were the old company's.
    if (!writer.touched(site)) writer.row.set(site, nullptr);
    if (!writer.touched(contact)) writer.row.set(contact, nullptr);
    default_from_company(writer);
  }
  refuse_inactive(writer, before);
  const Resource& sites = Catalogue::instance().get("company/companies/sites");
  const Row* site_row = writer.tenant.table(sites).find(writer.row.integer(site));
  if (site_row != nullptr) writer.row.set(tickets.field("siteName"), json::string(site_row->text(sites.field("name"))));
  derive_closed(writer);
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
    const Table& members = writer.tenant.table("system/members");
    const Row* member = members.find_by(members.resource().field("identifier"), writer.actor.member);
    if (member != nullptr) set_default(writer, "member", member->id);
  }
}

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
  const Table& members = tenant.table("system/members");
  const Row* member = members.find_by(members.resource().field("identifier"), writer.actor.member);
  if (member != nullptr) set_default(writer, "member", member->id);
}

void rule_company(Writer& writer, const Row* before) {
  const Resource& companies = writer.resource;
  if (before == nullptr) {
    set_default(writer, "status",
                id_or_null(first_with(writer.tenant.table("company/companies/statuses"), "defaultFlag")));
    if (writer.actor.switches->company_site_required && writer.post_only.if_contains("site") == nullptr) {
      writer.fail({"", "Company Site name is required.", "", ""});
    }
    return;
  }
  if (writer.touched(companies.field("types"))) {
    writer.fail({"", "typeIds can only be used when creating a new company.", "", ""});
  }
}

bool is_default(const json::value& item) {
  const json::value* flag = item.is_object() ? item.get_object().if_contains("defaultFlag") : nullptr;
  return flag != nullptr && flag->is_bool() && flag->get_bool();
}

/// The newest default of a kind (e-mail, phone) is the only one.
void rule_contact(Writer& writer, const Row* before) {
  const int field = writer.resource.field("communicationItems");
  const json::value* kept = writer.row.get(field);
  const json::value* old = before == nullptr ? nullptr : before->get(field);
  if (kept == nullptr || old == nullptr || !kept->is_array() || !old->is_array()) return;
  json::array items = kept->get_array();
  const auto member = [](const json::value& item, std::string_view name) {
    const json::value* value = item.is_object() ? item.get_object().if_contains(name) : nullptr;
    return value == nullptr ? json::value(nullptr) : *value;
  };
  for (const json::value& item : kept->get_array()) {
    const auto same = [&](const json::value& each) { return member(each, "id") == member(item, "id"); };
    const auto was = std::find_if(old->get_array().begin(), old->get_array().end(), same);
    if (!is_default(item) || (was != old->get_array().end() && is_default(*was))) continue;
    for (json::value& other : items) {
      if (same(other) || member(other, "communicationType") != member(item, "communicationType")) continue;
      if (is_default(other)) other.get_object()["defaultFlag"] = false;
    }
  }
  writer.row.set(field, std::move(items));
}

void rule_configuration(Writer& writer, const Row* before) {
  const Resource& configurations = writer.resource;
  if (before == nullptr) {
    set_default(writer, "status",
                id_or_null(first_with(writer.tenant.table("company/configurations/statuses"), "defaultFlag")));
  } else {
    // Only the operation changeType moves a configuration to another type.
    const int type = configurations.field("type");
    writer.row.set(type, id_or_null(before->integer(type)));
  }
}

void rule_agreement(Writer& writer, const Row*) {
  const Resource& agreements = writer.resource;
  const std::int64_t end = writer.row.integer(agreements.field("endDate"));
  const char* status = writer.row.flag(agreements.field("cancelledFlag")) ? "Cancelled"
                       : end != 0 && end < writer.actor.now && !writer.row.flag(agreements.field("noEndingDateFlag"))
                           ? "Expired"
                       : writer.row.integer(agreements.field("startDate")) > writer.actor.now ? "Inactive"
                                                                                              : "Active";
  writer.row.set(agreements.field("agreementStatus"), status);
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

/// A company is made with its first site.
void add_first_site(const Writer& writer, const Row& company) {
  const Resource& companies = Catalogue::instance().get("company/companies");
  Table& sites = writer.tenant.table("company/companies/sites");
  const json::value* name = writer.post_only.if_contains("site");
  Row site;
  site.parent = company.id;
  Writer writing(writer.tenant, sites.resource(), std::move(site), Writer::Mode::post, writer.actor);
  writing.apply_body({{"name", name == nullptr ? json::value("Main") : *name}, {"primaryAddressFlag", true}});
  writing.finish();
  const ApiResult<const Row*> added = writing.commit();
  if (!added) return;
  Row changed = company;
  changed.set(companies.field("site"), (*added)->id);
  writer.tenant.table(companies).replace(std::move(changed));
}

using Rule = void (*)(Writer&, const Row* before);

const std::unordered_map<std::string_view, Rule>& rules() {
  static const std::unordered_map<std::string_view, Rule> kRules = {
      {"service/tickets", rule_ticket},      {"service/tickets/notes", rule_note},
      {"company/contacts", rule_contact},    {"time/entries", rule_time_entry},
      {"company/companies", rule_company},   {"company/configurations", rule_configuration},
      {"finance/agreements", rule_agreement}};
  return kRules;
}

}  // namespace

void derive_closed(Writer& writer) {
  const Resource& tickets = writer.resource;
  const Resource& statuses = Catalogue::instance().get("service/boards/statuses");
  const Row* status = writer.tenant.table(statuses).find(writer.row.integer(tickets.field("status")));
  const bool closed = status != nullptr && status->flag(statuses.field("closedStatus"));
  const bool was_closed = writer.row.flag(tickets.field("closedFlag"));
  if (closed == was_closed) return;
  if (closed && !writer.actor.permitted_everything && !writer.tenant.role().may("Close Service Tickets", 'E')) {
    return writer.refuse(not_permitted());
  }
  writer.row.set(tickets.field("closedFlag"), closed ? json::value(true) : json::value(nullptr));
  const json::value at = closed ? json::value(json::string(time_text(writer.actor.now))) : json::value(nullptr);
  writer.row.set(tickets.field("closedDate"), at);
  writer.row.set(tickets.field("dateResolved"), at);
  writer.row.set(tickets.field("closedBy"),
                 closed ? json::value(json::string(writer.actor.member)) : json::value(nullptr));
}

void apply_rules(Writer& writer, const Row* before) {
  const auto found = rules().find(writer.resource.path);
  if (found != rules().end()) found->second(writer, before);
}

void apply_consequences(Writer& writer, const Row& row, bool inserted) {
  const std::string& path = writer.resource.path;
  if (path == "service/tickets" && inserted) {
    add_initial_notes(writer, row);
  } else if (path == "service/tickets/notes" && writer.actor.switches->notes_touch_ticket) {
    touch_ticket(writer, row.parent);
  } else if (path == "time/entries") {
    sum_hours(writer.tenant, row.integer(writer.resource.field("chargeToId")));
  } else if (path == "company/companies" && inserted) {
    add_first_site(writer, row);
  }
}

void apply_removal(Tenant& tenant, const Resource& resource, const Row& removed) {
  for (const int child : resource.children) {
    Table& children = tenant.table(Catalogue::instance().at(child));
    std::vector<std::int64_t> orphans;
    children.each([&](const Row& row) {
      if (row.parent == removed.id) orphans.push_back(row.id);
      return true;
    });
    for (const std::int64_t id : orphans) children.erase(id);
  }
  if (resource.path == "time/entries") sum_hours(tenant, removed.integer(resource.field("chargeToId")));
}

bool mark_deleted(Tenant& tenant, const Resource& resource, std::int64_t id, const Actor& actor) {
  if (resource.path != "company/companies") return false;
  Table& companies = tenant.table(resource);
  const Row* company = companies.find(id);
  if (company == nullptr) return false;
  Row changed = *company;
  changed.set(resource.field("deletedFlag"), true);
  changed.set(resource.field("dateDeleted"), actor.now);
  changed.set(resource.field("deletedBy"), json::string(actor.member));
  changed.last_updated = actor.now;
  changed.updated_by = actor.member;
  companies.replace(std::move(changed));
  return true;
}

}  // namespace crosswalk::sandbox

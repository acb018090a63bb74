#include <algorithm>
#include <utility>

#include "base/decimal.h"
#include "base/text.h"
#include "sandbox/api.h"
#include "sandbox/world.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

json::object operation(std::string_view path, json::value value) {
  return {{"op", "replace"}, {"path", path}, {"value", std::move(value)}};
}

json::object named(std::string_view key, std::string_view value) { return {{key, value}}; }

/// Links of what is looked at from inside.
std::string inspection_prefix(const WorldOptions& options, const Tenant& tenant) {
  return options.base_url + "/" + tenant.codebase + "apis/3.0/";
}

/// A request that a member makes at the screen; `none` is its query.
ApiRequest screen_request(std::string_view method, std::string_view path, std::string_view body,
                          const net::Query& none) {
  ApiRequest request;
  request.method = method;
  request.path = net::parse_target(path).segments;
  request.query = &none;
  request.body = body;
  return request;
}

}  // namespace

std::vector<std::string> World::tenants() const {
  std::vector<std::string> names;
  for (const auto& tenant : tenants_) names.push_back(tenant->name());
  return names;
}

std::vector<json::object> World::list(std::string_view tenant_name, std::string_view collection) const {
  std::vector<json::object> objects;
  const Tenant* tenant = tenant_named(tenant_name);
  const Resource* resource = Catalogue::instance().find(collection);
  if (tenant == nullptr || resource == nullptr) return objects;
  const Wire wire(*tenant, inspection_prefix(options_, *tenant));
  tenant->table(*resource).each([&](const Row& row) {
    objects.push_back(wire.object(*resource, row));
    return true;
  });
  return objects;
}

std::optional<json::object> World::find(std::string_view tenant_name, std::string_view collection,
                                        std::int64_t id) const {
  const Tenant* tenant = tenant_named(tenant_name);
  const Resource* resource = Catalogue::instance().find(collection);
  if (tenant == nullptr || resource == nullptr) return std::nullopt;
  const Row* row = tenant->table(*resource).find(id);
  if (row == nullptr) return std::nullopt;
  return Wire(*tenant, inspection_prefix(options_, *tenant)).object(*resource, *row);
}

std::vector<json::object> World::tickets(std::string_view tenant) const { return list(tenant, "service/tickets"); }

std::vector<json::object> World::notes(std::string_view tenant_name, std::int64_t ticket) const {
  std::vector<json::object> objects;
  const Tenant* tenant = tenant_named(tenant_name);
  if (tenant == nullptr) return objects;
  const Table& notes = tenant->table("service/tickets/notes");
  const Wire wire(*tenant, inspection_prefix(options_, *tenant));
  for (const std::int64_t id : *notes.lookup(notes.resource().parent_field, std::to_string(ticket))) {
    objects.push_back(wire.object(notes.resource(), *notes.find(id)));
  }
  return objects;
}

std::int64_t World::id_of(std::string_view tenant_name, std::string_view collection, std::string_view name,
                          std::int64_t parent) const {
  const Tenant* tenant = tenant_named(tenant_name);
  const Resource* resource = Catalogue::instance().find(collection);
  return tenant == nullptr || resource == nullptr ? 0 : find_by_name(*tenant, *resource, name, parent);
}

std::int64_t World::writes(std::string_view tenant_name) const {
  const Tenant* tenant = tenant_named(tenant_name);
  return tenant == nullptr ? 0 : tenant->writes;
}

net::Response World::act(std::string_view tenant_name, std::string_view member, std::string_view method,
                         std::string_view path, std::string_view body) {
  Tenant* tenant = tenant_named(tenant_name);
  if (tenant == nullptr) return to_response(endpoint_missing());
  const net::Query none;
  const ApiRequest request = screen_request(method, path, body, none);
  const std::string name(member);
  Api api = api_for(*tenant, name);
  return in_the_name_of(*tenant, name, [&] { return api.handle(request); });
}

Api World::api_for(Tenant& tenant, const std::string& member) const {
  return {tenant, {member, false, seconds(), &options_.switches, false}, inspection_prefix(options_, tenant)};
}

std::string World::why_not(std::string_view tenant_name, std::string_view member, std::string_view method,
                           std::string_view path) {
  Tenant* tenant = tenant_named(tenant_name);
  if (tenant == nullptr) return {};
  const net::Query none;
  return api_for(*tenant, std::string(member)).why_not(screen_request(method, path, {}, none));
}

net::Response World::give_role(std::string_view tenant_name, std::string_view member, std::string_view role) {
  Tenant* tenant = tenant_named(tenant_name);
  if (tenant == nullptr) return to_response(endpoint_missing());
  const Actor actor{ChangeLog::kPerson, true, seconds(), &options_.switches};
  // Who has keys stands in both, and both shall say the same.
  for (const char* collection : {"system/apiMembers", "system/members"}) {
    const Resource& resource = Catalogue::instance().get(collection);
    const Row* row = std::as_const(*tenant).table(resource).find_by(resource.field("identifier"), member);
    if (row == nullptr) continue;
    const auto changed = patch_row(*tenant, resource, *row, {operation("securityRole", named("name", role))}, actor);
    if (!changed) return to_response(changed.error());
  }
  return json_response(200, "null");
}

bool World::patch_ticket(std::string_view tenant_name, std::int64_t id, json::array operations,
                         std::string_view member) {
  Tenant* tenant = tenant_named(tenant_name);
  if (tenant == nullptr) return false;
  const Resource& tickets = Catalogue::instance().get("service/tickets");
  const Row* ticket = tenant->table(tickets).find(id);
  if (ticket == nullptr) return false;
  const Actor actor{std::string(member), true, seconds(), &options_.switches};
  return patch_row(*tenant, tickets, *ticket, operations, actor).has_value();
}

bool World::set_owner(std::string_view tenant, std::int64_t ticket, std::string_view member) {
  return patch_ticket(tenant, ticket, {operation("owner", named("identifier", member))}, member);
}

bool World::set_field(std::string_view tenant, std::int64_t ticket, std::string_view field, const json::value& value,
                      std::string_view member) {
  return patch_ticket(tenant, ticket, {operation(field, value)}, member);
}

bool World::move_status(std::string_view tenant, std::int64_t ticket, std::string_view status,
                        std::string_view member) {
  return patch_ticket(tenant, ticket, {operation("status", named("name", status))}, member);
}

bool World::close_ticket(std::string_view tenant_name, std::int64_t id, std::string_view member) {
  const Tenant* tenant = tenant_named(tenant_name);
  if (tenant == nullptr) return false;
  const Table& tickets = tenant->table("service/tickets");
  const Row* ticket = tickets.find(id);
  if (ticket == nullptr) return false;
  const auto closing = closing_statuses(*tenant, ticket->integer(tickets.resource().field("board")));
  if (closing.empty()) return false;
  return patch_ticket(tenant_name, id, {operation("status", json::object{{"id", closing.front()}})}, member);
}

std::int64_t World::add_note(std::string_view tenant_name, std::int64_t ticket, std::string_view text, NotePlace place,
                             std::string_view member) {
  Tenant* tenant = tenant_named(tenant_name);
  if (tenant == nullptr || tenant->table("service/tickets").find(ticket) == nullptr) return 0;
  const char* flag = place == NotePlace::discussion ? "detailDescriptionFlag"
                     : place == NotePlace::internal ? "internalAnalysisFlag"
                                                    : "resolutionFlag";
  const Actor actor{std::string(member), true, seconds(), &options_.switches};
  const auto added = post_row(*tenant, Catalogue::instance().get("service/tickets/notes"), ticket,
                              {{"text", text}, {flag, true}}, actor);
  return added ? (*added)->id : 0;
}

std::int64_t World::enter_time(std::string_view tenant_name, std::int64_t ticket, std::string_view hours,
                               std::string_view notes, std::string_view member) {
  Tenant* tenant = tenant_named(tenant_name);
  const std::optional<Decimal> amount = Decimal::parse(hours);
  if (tenant == nullptr || !amount) return 0;
  const Actor actor{std::string(member), true, seconds(), &options_.switches};
  Writer writer(*tenant, Catalogue::instance().get("time/entries"), Row(), Writer::Mode::post, actor);
  writer.apply_body({{"chargeToId", ticket},
                     {"chargeToType", "ServiceTicket"},
                     {"notes", notes},
                     {"addToDetailDescriptionFlag", true}});
  writer.row.set(writer.resource.field("timeStart"), seconds());
  writer.row.set(writer.resource.field("actualHours"), amount->units());
  writer.finish();
  const auto added = writer.commit();
  return added ? (*added)->id : 0;
}

std::int64_t World::schedule(std::string_view tenant_name, std::int64_t ticket, std::string_view member,
                             std::string_view by) {
  Tenant* tenant = tenant_named(tenant_name);
  if (tenant == nullptr) return 0;
  const Resource& entries = Catalogue::instance().get("schedule/entries");
  const std::int64_t type = find_by_name(*tenant, Catalogue::instance().get("schedule/types"), "Service", 0);
  const Actor actor{std::string(by), true, seconds(), &options_.switches};
  const auto added = post_row(
      *tenant, entries, 0,
      {{"objectId", ticket}, {"type", json::object{{"id", type}}}, {"member", named("identifier", member)}}, actor);
  return added ? (*added)->id : 0;
}

std::int64_t World::finish_task(std::string_view tenant_name, std::int64_t ticket, std::string_view notes,
                                std::string_view member) {
  Tenant* tenant = tenant_named(tenant_name);
  if (tenant == nullptr || tenant->table("service/tickets").find(ticket) == nullptr) return 0;
  const Actor actor{std::string(member), true, seconds(), &options_.switches};
  const auto added = post_row(*tenant, Catalogue::instance().get("service/tickets/tasks"), ticket,
                              {{"notes", notes}, {"closedFlag", true}}, actor);
  return added ? (*added)->id : 0;
}

int World::bill_time(std::string_view tenant_name, std::int64_t ticket) {
  Tenant* tenant = tenant_named(tenant_name);
  if (tenant == nullptr) return 0;
  Table& entries = tenant->table("time/entries");
  const Resource& resource = entries.resource();
  const std::vector<std::int64_t> ids = *entries.lookup(resource.field("chargeToId"), std::to_string(ticket));
  for (const std::int64_t id : ids) {
    Row changed = *entries.find(id);
    changed.set(resource.field("status"), json::string("Billed"));
    entries.replace(std::move(changed));
  }
  return static_cast<int>(ids.size());
}

bool World::delete_ticket(std::string_view tenant, std::int64_t ticket) {
  return erase(tenant, "service/tickets", ticket);
}

bool World::merge_ticket(std::string_view tenant_name, std::int64_t parent, std::int64_t child,
                         std::string_view member) {
  Tenant* tenant = tenant_named(tenant_name);
  if (tenant == nullptr || parent == child || tenant->table("service/tickets").find(parent) == nullptr) return false;
  const Actor actor{std::string(member), true, seconds(), &options_.switches};
  return merge_rows(*tenant, parent, child, 0, actor).has_value();
}

bool World::rename(std::string_view tenant_name, std::string_view collection, std::int64_t id, std::string_view name) {
  Tenant* tenant = tenant_named(tenant_name);
  const Resource* resource = Catalogue::instance().find(collection);
  const Row* row = tenant == nullptr || resource == nullptr ? nullptr : tenant->table(*resource).find(id);
  if (row == nullptr || resource->label_fields.empty()) return false;
  Row changed = *row;
  changed.set(resource->label_fields.front(), json::string(name));
  changed.last_updated = seconds();
  tenant->table(*resource).replace(std::move(changed));
  return true;
}

bool World::set_inactive(std::string_view tenant_name, std::string_view collection, std::int64_t id, bool inactive) {
  Tenant* tenant = tenant_named(tenant_name);
  const Resource* resource = Catalogue::instance().find(collection);
  const Row* row = tenant == nullptr || resource == nullptr ? nullptr : tenant->table(*resource).find(id);
  if (row == nullptr) return false;
  for (const char* name : {"inactiveFlag", "inactive"}) {
    const int field = resource->field(name);
    if (field < 0) continue;
    Row changed = *row;
    changed.set(field, inactive);
    changed.last_updated = seconds();
    tenant->table(*resource).replace(std::move(changed));
    return true;
  }
  return false;
}

bool World::erase(std::string_view tenant_name, std::string_view collection, std::int64_t id) {
  Tenant* tenant = tenant_named(tenant_name);
  const Resource* resource = Catalogue::instance().find(collection);
  const Row* row = tenant == nullptr || resource == nullptr ? nullptr : tenant->table(*resource).find(id);
  if (row == nullptr) return false;
  const Row removed = *row;
  tenant->table(*resource).erase(id);
  apply_removal(*tenant, *resource, removed, {ChangeLog::kPerson, true, seconds(), &options_.switches, false});
  return true;
}

bool World::set_role(std::string_view tenant_name, std::string_view role) {
  Tenant* tenant = tenant_named(tenant_name);
  return tenant != nullptr && tenant->set_role(role);
}

bool World::set_rights(std::string_view tenant_name, std::string_view role, std::string_view function,
                       std::string_view rights) {
  Tenant* tenant = tenant_named(tenant_name);
  return tenant != nullptr && crosswalk::sandbox::set_rights(*tenant, role, function, rights);
}

bool World::add_keys(std::string_view tenant_name, std::string_view member, std::string_view public_key,
                     std::string_view private_key) {
  Tenant* tenant = tenant_named(tenant_name);
  if (tenant == nullptr || find_by_name(*tenant, Catalogue::instance().get("system/members"), member, 0) == 0)
    return false;
  tenant->add_key(member, public_key, private_key, 0);
  return true;
}

std::optional<MemberHash> World::sign_in(std::string_view tenant_name, std::string_view member) {
  Tenant* tenant = tenant_named(tenant_name);
  return tenant == nullptr ? std::nullopt : crosswalk::sandbox::sign_in(*tenant, member, seconds());
}

bool World::set_keys(std::string_view tenant_name, std::string_view public_key, std::string_view private_key) {
  Tenant* tenant = tenant_named(tenant_name);
  if (tenant == nullptr) return false;
  tenant->set_keys(public_key, private_key);
  return true;
}

bool World::set_codebase(std::string_view tenant_name, std::string_view codebase) {
  Tenant* tenant = tenant_named(tenant_name);
  if (tenant == nullptr || codebase.empty()) return false;
  tenant->codebase = std::string(codebase) + (codebase.ends_with('/') ? "" : "/");
  return true;
}

}  // namespace crosswalk::sandbox

#include "sandbox/control.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <variant>

#include "base/text.h"
#include "sandbox/api.h"
#include "sandbox/conditions.h"
#include "sandbox/deliveries.h"
#include "sandbox/hosted.h"
#include "sandbox/query.h"
#include "sandbox/security.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::size_t kListedDefault = 100;  ///< what a screen shows
constexpr std::string_view kPrefix = "/sandbox/";

net::Response shown(const json::value& value) { return json_response(200, json::serialize(value)); }
net::Response refused(int status, std::string_view message) {
  return json_response(status, json::serialize(json::object{{"message", message}}));
}

std::string text_in(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_in(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

std::string parameter(const net::Query& query, std::string_view name, std::string otherwise = {}) {
  const std::string* value = query.find(name);
  return value == nullptr ? std::move(otherwise) : *value;
}

std::int64_t number_parameter(const net::Query& query, std::string_view name, std::int64_t otherwise) {
  const std::string text = parameter(query, name);
  std::int64_t number = otherwise;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : otherwise;
}

net::Response state(const World& world) {
  json::array tenants;
  for (const std::string& name : world.tenants()) {
    tenants.push_back(json::object{{"login_company", name}, {"writes", world.writes(name)}});
  }
  return shown(json::object{{"now", format_timestamp(world.now())},
                            {"calls", world.calls().empty() ? 0 : world.calls().back().number},
                            {"tenants", std::move(tenants)}});
}

net::Response calls(const World& world, const net::Query& query) {
  const std::int64_t after = number_parameter(query, "after", 0);
  const auto limit =
      static_cast<std::size_t>(std::max<std::int64_t>(0, number_parameter(query, "limit", kListedDefault)));
  const std::string tenant = parameter(query, "tenant");
  json::array list;
  for (auto call = world.calls().rbegin(); call != world.calls().rend() && list.size() < limit && call->number > after;
       ++call) {
    if (!tenant.empty() && call->tenant != tenant) continue;
    list.push_back(json::object{{"number", call->number},
                                {"at", format_timestamp(call->at)},
                                {"tenant", call->tenant},
                                {"method", call->method},
                                {"target", call->target},
                                {"status", call->status},
                                {"handled", call->handled}});
  }
  return shown(std::move(list));
}

/// What a screen asks for: which rows of a collection, and which part of them.
struct Selection {
  const Tenant* tenant = nullptr;
  const Resource* resource = nullptr;
  std::vector<const Row*> rows;  ///< of this part
  std::size_t total = 0;
};

bool mentions(const Resource& resource, const Row& row, std::string_view sought) {
  if (std::to_string(row.id) == sought) return true;
  for (const int field : resource.label_fields) {
    if (contains_ignoring_case(row.text(field), sought)) return true;
  }
  for (const char* name : {"lastName", "deviceIdentifier", "serialNumber", "externalXRef", "url"}) {
    const int field = resource.field(name);
    if (field >= 0 && contains_ignoring_case(row.text(field), sought)) return true;
  }
  return false;
}

/// Newest first; only what is shown is rendered, since there may be a hundred thousand.
std::variant<Selection, net::Response> select(const World& world, const net::Query& query,
                                              std::string_view collection) {
  Selection selection;
  selection.tenant = world.tenant(parameter(query, "tenant", "sandbox"));
  selection.resource = Catalogue::instance().find(collection);
  if (selection.tenant == nullptr || selection.resource == nullptr) return selection;
  const std::string conditions = parameter(query, "conditions"), search = parameter(query, "search");
  ApiResult<Query> compiled = Query::compile(*selection.resource, {conditions, {}, {}, {}});
  if (!compiled) return refused(400, compiled.error().message);
  std::vector<const Row*> rows = compiled->run(*selection.tenant, number_parameter(query, "parent", 0));
  if (!search.empty())
    std::erase_if(rows, [&](const Row* row) { return !mentions(*selection.resource, *row, search); });
  std::reverse(rows.begin(), rows.end());
  selection.total = rows.size();
  const auto amount = [&](std::string_view name, std::int64_t otherwise, std::int64_t least) {
    return static_cast<std::size_t>(std::max(least, number_parameter(query, name, otherwise)));
  };
  const std::size_t limit = amount("limit", kListedDefault, 0);
  const std::size_t before = std::min(rows.size(), (amount("page", 1, 1) - 1) * limit);
  const auto first = rows.begin() + static_cast<std::ptrdiff_t>(before);
  selection.rows.assign(first, first + static_cast<std::ptrdiff_t>(std::min(limit, rows.size() - before)));
  return selection;
}

/// Links of what is looked at from inside need no real host.
Wire inside_wire(const Tenant& tenant) { return Wire(tenant, "http://localhost/" + tenant.codebase + "apis/3.0/"); }

net::Response list(const World& world, const net::Query& query) {
  auto selected = select(world, query, parameter(query, "collection", "service/tickets"));
  if (auto* refusal = std::get_if<net::Response>(&selected)) return std::move(*refusal);
  const Selection& selection = std::get<Selection>(selected);
  std::string body = "{\"total\":" + std::to_string(selection.total) + ",\"objects\":[";
  for (const Row* row : selection.rows) {
    if (!body.ends_with('[')) body.push_back(',');
    inside_wire(*selection.tenant).write(body, *selection.resource, *row);
  }
  return json_response(200, body + "]}");
}

/// Tickets in the few words that a list of them needs.
net::Response ticket_list(const World& world, const net::Query& query) {
  auto selected = select(world, query, "service/tickets");
  if (auto* refusal = std::get_if<net::Response>(&selected)) return std::move(*refusal);
  const Selection& selection = std::get<Selection>(selected);
  json::array rows;
  for (const Row* row : selection.rows) {
    const json::object ticket = inside_wire(*selection.tenant).object(*selection.resource, *row);
    const auto name_of = [&](std::string_view field, std::string_view member) {
      const json::value* reference = ticket.if_contains(field);
      const json::value* name = reference == nullptr ? nullptr : reference->as_object().if_contains(member);
      return name == nullptr ? json::value("") : *name;
    };
    const Table& notes = selection.tenant->table("service/tickets/notes");
    rows.push_back(
        json::object{{"id", row->id},
                     {"summary", ticket.at("summary")},
                     {"board", name_of("board", "name")},
                     {"status", name_of("status", "name")},
                     {"priority", name_of("priority", "name")},
                     {"company", name_of("company", "name")},
                     {"owner", name_of("owner", "identifier")},
                     {"closed", ticket.at("closedFlag")},
                     {"updated", ticket.at("_info").at("lastUpdated")},
                     {"notes", notes.lookup(notes.resource().parent_field, std::to_string(row->id))->size()}});
  }
  return shown(json::object{{"total", selection.total}, {"tickets", std::move(rows)}});
}

std::string_view readable(const std::string& body) { return is_utf8(body) ? std::string_view(body) : "(not text)"; }

/// One call with what was sent and answered, as far as it was kept.
net::Response call(const World& world, std::int64_t number) {
  for (const Call& each : world.calls()) {
    if (each.number != number) continue;
    return shown(json::object{{"number", each.number},
                              {"at", format_timestamp(each.at)},
                              {"tenant", each.tenant},
                              {"method", each.method},
                              {"target", each.target},
                              {"status", each.status},
                              {"handled", each.handled},
                              {"request", readable(each.request_body)},
                              {"request_bytes", each.request_bytes},
                              {"answer", readable(each.answer_body)},
                              {"answer_bytes", each.answer_bytes}});
  }
  return refused(404, "that call is no longer kept");
}

net::Response notes(const World& world, const net::Query& query) {
  json::array list;
  for (json::object& note : world.notes(parameter(query, "tenant", "sandbox"), number_parameter(query, "ticket", 0))) {
    list.push_back(std::move(note));
  }
  return shown(std::move(list));
}

net::Response faults(World& world, const net::Request& request) {
  if (request.method == "POST") {
    std::optional<json::object> body = parse_object(request.body);
    if (!body) return refused(400, "the body must be a JSON object");
    const json::value* seed = body->if_contains("seed");
    const std::optional<std::int64_t> reseeded =
        seed != nullptr && seed->is_int64() ? std::optional(seed->get_int64()) : std::nullopt;
    if (reseeded) body->erase("seed");
    Result<FaultSettings> settings = apply_json(world.faults().settings, *body);
    if (!settings) return refused(400, settings.error().message);
    world.faults().settings = std::move(*settings);
    if (reseeded) world.faults().reseed(static_cast<std::uint64_t>(*reseeded));
  } else if (request.method == "DELETE") {
    world.faults().settings = {};
    world.faults().forget_requests();
  }
  return shown(to_json(world.faults().settings));
}

/// Everything about one ticket.
net::Response whole_ticket(const World& world, const net::Query& query) {
  const Tenant* tenant = world.tenant(parameter(query, "tenant", "sandbox"));
  const std::int64_t id = number_parameter(query, "ticket", 0);
  const Row* ticket = tenant == nullptr ? nullptr : tenant->table("service/tickets").find(id);
  if (ticket == nullptr) return refused(404, "there is no such ticket");
  const Wire wire = inside_wire(*tenant);
  const auto rendered = [&](std::string_view collection, const std::vector<std::int64_t>& ids) {
    const Table& table = tenant->table(collection);
    json::array objects;
    for (const std::int64_t each : ids) {
      if (const Row* row = table.find(each)) objects.push_back(wire.object(table.resource(), *row));
    }
    return objects;
  };
  const Resource& tickets = tenant->table("service/tickets").resource();
  const Table& notes = tenant->table("service/tickets/notes");
  const Table& entries = tenant->table("time/entries");
  const Resource& of_entry = entries.resource();
  std::vector<std::int64_t> devices;
  if (const json::value* ids = ticket->get(tickets.field("configuration"))) {
    for (const json::value& each : ids->as_array()) devices.push_back(each.as_int64());
  }
  std::vector<std::int64_t> timed = *entries.lookup(of_entry.field("chargeToId"), std::to_string(id));
  std::erase_if(timed, [&](std::int64_t each) {
    return entries.find(each)->text(of_entry.field("chargeToType")) != "ServiceTicket";
  });
  return shown(json::object{
      {"ticket", wire.object(tickets, *ticket)},
      {"notes", rendered("service/tickets/notes", *notes.lookup(notes.resource().parent_field, std::to_string(id)))},
      {"time", rendered("time/entries", timed)},
      {"configurations", rendered("company/configurations", devices)}});
}

World::NotePlace note_place(std::string_view name) {
  if (name == "internal") return World::NotePlace::internal;
  return name == "resolution" ? World::NotePlace::resolution : World::NotePlace::discussion;
}

net::Response technician(World& world, const json::object& body) {
  const std::string tenant = body.contains("tenant") ? text_in(body, "tenant") : "sandbox";
  const std::string member = body.contains("member") ? text_in(body, "member") : "jsmith";
  const std::int64_t ticket = number_in(body, "ticket");
  using Action = std::function<bool()>;
  const std::unordered_map<std::string, Action> actions = {
      {"assign", [&] { return world.set_owner(tenant, ticket, member); }},
      {"move", [&] { return world.move_status(tenant, ticket, text_in(body, "status"), member); }},
      {"close", [&] { return world.close_ticket(tenant, ticket, member); }},
      {"note",
       [&] {
         return world.add_note(tenant, ticket, text_in(body, "text"), note_place(text_in(body, "place")), member) != 0;
       }},
      {"time",
       [&] { return world.enter_time(tenant, ticket, text_in(body, "hours"), text_in(body, "text"), member) != 0; }},
      {"set",
       [&] {
         const json::value* value = body.if_contains("value");
         return world.set_field(tenant, ticket, text_in(body, "field"),
                                value == nullptr ? json::value(nullptr) : *value, member);
       }},
      {"merge", [&] { return world.merge_ticket(tenant, number_in(body, "parent"), ticket, member); }},
      {"delete", [&] { return world.delete_ticket(tenant, ticket); }},
  };
  const auto action = actions.find(text_in(body, "action"));
  if (action == actions.end())
    return refused(400, "action must be assign, move, close, note, time, set, merge or delete");
  if (!action->second()) return refused(409, "the sandbox refused that: no such ticket, member or status");
  const auto after = world.find(tenant, "service/tickets", ticket);
  return shown(after ? json::value(*after) : json::value(nullptr));
}

net::Response reference(World& world, const json::object& body) {
  const std::string tenant = body.contains("tenant") ? text_in(body, "tenant") : "sandbox";
  const std::string collection = text_in(body, "collection"), action = text_in(body, "action");
  const std::int64_t id = number_in(body, "id");
  bool done = false;
  if (action == "rename") {
    done = world.rename(tenant, collection, id, text_in(body, "name"));
  } else if (action == "deactivate" || action == "activate") {
    done = world.set_inactive(tenant, collection, id, action == "deactivate");
  } else if (action == "delete") {
    done = world.erase(tenant, collection, id);
  } else {
    return refused(400, "action must be rename, activate, deactivate or delete");
  }
  return done ? shown(json::object{{"done", true}}) : refused(409, "there is no such object");
}

/// Creates a tenant that does not exist, changes one that does.
net::Response tenant(World& world, const json::object& body) {
  const std::string name = text_in(body, "login_company");
  if (name.empty()) return refused(400, "login_company is required");
  const std::vector<std::string> names = world.tenants();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    TenantOptions options;
    options.login_company = name;
    options.public_key = text_in(body, "public_key");
    options.private_key = text_in(body, "private_key");
    if (body.contains("role")) options.role = text_in(body, "role");
    return world.add_tenant(options) ? shown(json::object{{"done", true}}) : refused(400, "there is no such role");
  }
  if (body.contains("role") && !world.set_role(name, text_in(body, "role")))
    return refused(400, "there is no such role");
  if (body.contains("codebase") && !world.set_codebase(name, text_in(body, "codebase")))
    return refused(400, "codebase must not be empty");
  if (body.contains("public_key")) world.set_keys(name, text_in(body, "public_key"), text_in(body, "private_key"));
  return shown(json::object{{"done", true}});
}

net::Response robot(World& world, const net::Request& request) {
  if (request.method == "POST") {
    const std::optional<json::object> body = parse_object(request.body);
    if (!body) return refused(400, "the body must be a JSON object");
    Result<RobotSettings> settings = apply_robot_json(world.robot().settings(), *body);
    if (!settings) return refused(400, settings.error().message);
    world.robot().set(std::move(*settings));
  } else if (request.method == "DELETE") {
    world.robot().set({});
  }
  return shown(to_json(world.robot()));
}

}  // namespace

bool is_control(std::string_view target) { return target.starts_with(kPrefix); }

net::Response control(World& world, const net::Request& request) {
  const net::Target target = net::parse_target(request.target);
  const std::string_view what = std::string_view(target.path).substr(std::min(kPrefix.size(), target.path.size()));
  if (what == "faults") return faults(world, request);
  if (what == "robot") return robot(world, request);
  if (what == "callbacks") return control_callbacks(world, request);
  if (what == "rights" && request.method == "POST") return control_rights(world, request);
  if (what == "hosted" && request.method == "POST") return control_hosted(world, request);
  if (request.method == "GET") {
    if (what == "state") return state(world);
    if (what == "calls" && target.query.find("number") != nullptr)
      return call(world, number_parameter(target.query, "number", 0));
    if (what == "calls") return calls(world, target.query);
    if (what == "list") return list(world, target.query);
    if (what == "tickets") return ticket_list(world, target.query);
    if (what == "ticket") return whole_ticket(world, target.query);
    if (what == "notes") return notes(world, target.query);
  }
  if (request.method == "DELETE" && what == "calls") {
    world.forget_calls();
    return shown(json::object{{"done", true}});
  }
  if (request.method == "POST" && what == "reset") {
    world.reset();
    return shown(json::object{{"done", true}});
  }
  if (request.method == "POST" && (what == "technician" || what == "reference" || what == "tenants")) {
    const std::optional<json::object> body = parse_object(request.body);
    if (!body) return refused(400, "the body must be a JSON object");
    if (what == "technician") return technician(world, *body);
    return what == "reference" ? reference(world, *body) : tenant(world, *body);
  }
  return refused(404, "the control API has no such operation");
}

}  // namespace crosswalk::sandbox

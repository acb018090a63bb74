#include "sandbox/control.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "sandbox/api.h"

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

/// The newest objects of a collection, newest first.
net::Response list(const World& world, const net::Query& query) {
  std::vector<json::object> objects =
      world.list(parameter(query, "tenant", "sandbox"), parameter(query, "collection", "service/tickets"));
  const auto limit =
      static_cast<std::size_t>(std::max<std::int64_t>(0, number_parameter(query, "limit", kListedDefault)));
  json::array shown_objects;
  for (auto object = objects.rbegin(); object != objects.rend() && shown_objects.size() < limit; ++object) {
    shown_objects.push_back(std::move(*object));
  }
  return shown(json::object{{"total", objects.size()}, {"objects", std::move(shown_objects)}});
}

/// Tickets in the few words that a list of them needs.
net::Response ticket_list(const World& world, const net::Query& query) {
  const std::string tenant = parameter(query, "tenant", "sandbox");
  const auto limit =
      static_cast<std::size_t>(std::max<std::int64_t>(0, number_parameter(query, "limit", kListedDefault)));
  std::vector<json::object> tickets = world.tickets(tenant);
  const auto name_of = [](const json::object& ticket, std::string_view field) {
    const json::value* reference = ticket.if_contains(field);
    return reference == nullptr ? json::value("") : reference->at("name");
  };
  json::array rows;
  for (auto ticket = tickets.rbegin(); ticket != tickets.rend() && rows.size() < limit; ++ticket) {
    const std::int64_t id = ticket->at("id").as_int64();
    rows.push_back(json::object{{"id", id},
                                {"summary", ticket->at("summary")},
                                {"board", name_of(*ticket, "board")},
                                {"status", name_of(*ticket, "status")},
                                {"priority", name_of(*ticket, "priority")},
                                {"company", name_of(*ticket, "company")},
                                {"closed", ticket->at("closedFlag")},
                                {"updated", ticket->at("_info").at("lastUpdated")},
                                {"notes", world.notes(tenant, id).size()}});
  }
  return shown(json::object{{"total", tickets.size()}, {"tickets", std::move(rows)}});
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
    const std::optional<json::object> body = parse_object(request.body);
    if (!body) return refused(400, "the body must be a JSON object");
    Result<FaultSettings> settings = apply_json(world.faults().settings, *body);
    if (!settings) return refused(400, settings.error().message);
    world.faults().settings = std::move(*settings);
  } else if (request.method == "DELETE") {
    world.faults().settings = {};
    world.faults().forget_requests();
  }
  return shown(to_json(world.faults().settings));
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

}  // namespace

bool is_control(std::string_view target) { return target.starts_with(kPrefix); }

net::Response control(World& world, const net::Request& request) {
  const net::Target target = net::parse_target(request.target);
  const std::string_view what = std::string_view(target.path).substr(std::min(kPrefix.size(), target.path.size()));
  if (what == "faults") return faults(world, request);
  if (request.method == "GET") {
    if (what == "state") return state(world);
    if (what == "calls") return calls(world, target.query);
    if (what == "list") return list(world, target.query);
    if (what == "tickets") return ticket_list(world, target.query);
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

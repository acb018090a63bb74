#include "sandbox/control.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <variant>

#include "base/text.h"
#include "sandbox/api.h"
#include "sandbox/conditions.h"
#include "sandbox/control_people.h"
#include "sandbox/deliveries.h"
#include "sandbox/hosted.h"
#include "sandbox/msps.h"
#include "sandbox/query.h"
#include "sandbox/rules.h"
#include "sandbox/scenario.h"
#include "sandbox/security.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::int64_t kListedDefault = 100;  ///< what a screen shows
constexpr std::int64_t kListedMax = 1'000'000;
constexpr std::string_view kPrefix = "/sandbox/";
constexpr std::string_view kTickets = "service/tickets";

net::Response state(World& world, ControlInput&) {
  json::array tenants;
  for (const std::string& name : world.tenants()) {
    tenants.push_back(json::object{{"login_company", name}, {"writes", world.writes(name)}});
  }
  return shown(json::object{{"now", format_timestamp(world.now())},
                            {"calls", world.calls().empty() ? 0 : world.calls().back().number},
                            {"tenants", std::move(tenants)}});
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
  return refused(404, fmt::format("there is no call {}, or it is no longer kept", number));
}

net::Response calls(World& world, ControlInput& input) {
  const std::int64_t number = input.number("number", 0, 1), after = input.number("after", 0, 0);
  const auto limit = static_cast<std::size_t>(input.number("limit", kListedDefault, 0, kListedMax));
  const Tenant* tenant = input.has("tenant") ? input.tenant(world) : nullptr;
  if (input.refusal()) return *input.refusal();
  if (number != 0) return call(world, number);
  json::array list;
  for (auto call = world.calls().rbegin(); call != world.calls().rend() && list.size() < limit && call->number > after;
       ++call) {
    if (tenant != nullptr && call->tenant != tenant->name()) continue;
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

net::Response forget_calls(World& world, ControlInput&) {
  world.forget_calls();
  return done();
}

/// What a screen asks for: which rows of a collection, and which part of them.
struct Selection {
  const Tenant* tenant = nullptr;
  const Resource* resource = nullptr;
  std::vector<const Row*> rows;  ///< of this part
  std::size_t total = 0;
};

bool mentions(const Tenant& tenant, const Resource& resource, const Row& row, std::string_view sought) {
  if (std::to_string(row.id) == sought) return true;
  for (const int field : resource.label_fields) {
    if (contains_ignoring_case(row.text(field), sought)) return true;
  }
  for (const char* name : {"lastName", "deviceIdentifier", "serialNumber", "externalXRef", "url"}) {
    const int field = resource.field(name);
    if (field >= 0 && contains_ignoring_case(row.text(field), sought)) return true;
  }
  // An invoice has a number and no name: people look for whose it is.
  const int whose = resource.field("company");
  const Table& companies = tenant.table("company/companies");
  const Row* company = whose < 0 ? nullptr : companies.find(row.integer(whose));
  return company != nullptr &&
         contains_ignoring_case(reference_text(tenant, companies.resource(), *company, "name"), sought);
}

/// Whose children are asked for; 0: everybody's.
std::int64_t parent_asked(ControlInput& input, const Tenant* tenant, const Resource* resource) {
  const std::int64_t parent = input.number("parent", 0, 0);
  if (parent == 0 || tenant == nullptr || resource == nullptr) return parent;
  if (resource->parent < 0) {
    input.refuse(400, fmt::format("{} belongs to nothing, and takes no parent", resource->path));
  } else {
    const Resource& above = Catalogue::instance().at(resource->parent);
    input.row(tenant, above.path, parent, above.spec.title);
  }
  return parent;
}

/// Newest first; only what is shown is rendered, since there may be a hundred thousand.
std::variant<Selection, net::Response> select(const World& world, ControlInput& input, const Resource* resource) {
  Selection selection;
  selection.tenant = input.tenant(world);
  selection.resource = resource;
  const std::string conditions = input.text("conditions"), search = input.text("search");
  const std::int64_t parent = parent_asked(input, selection.tenant, resource);
  const auto limit = static_cast<std::size_t>(input.number("limit", kListedDefault, 0, kListedMax));
  const auto page = static_cast<std::size_t>(input.number("page", 1, 1, kListedMax));
  if (input.refusal()) return *input.refusal();
  ApiResult<Query> compiled = Query::compile(*resource, {conditions, {}, {}, {}});
  if (!compiled) return refused(400, compiled.error().message);
  std::vector<const Row*> rows = compiled->run(*selection.tenant, parent);
  if (!search.empty())
    std::erase_if(rows, [&](const Row* row) { return !mentions(*selection.tenant, *resource, *row, search); });
  std::reverse(rows.begin(), rows.end());
  selection.total = rows.size();
  const std::size_t before = std::min(rows.size(), (page - 1) * limit);
  const auto first = rows.begin() + static_cast<std::ptrdiff_t>(before);
  selection.rows.assign(first, first + static_cast<std::ptrdiff_t>(std::min(limit, rows.size() - before)));
  return selection;
}

net::Response list(World& world, ControlInput& input) {
  auto selected = select(world, input, input.collection(kTickets));
  if (auto* refusal = std::get_if<net::Response>(&selected)) return std::move(*refusal);
  const Selection& selection = std::get<Selection>(selected);
  const Wire wire = input.wire(*selection.tenant);
  std::string body = "{\"total\":" + std::to_string(selection.total) + ",\"objects\":[";
  for (const Row* row : selection.rows) {
    if (!body.ends_with('[')) body.push_back(',');
    wire.write(body, *selection.resource, *row);
  }
  return json_response(200, body + "]}");
}

/// Tickets in the few words that a list of them needs.
net::Response ticket_list(World& world, ControlInput& input) {
  auto selected = select(world, input, &Catalogue::instance().get(kTickets));
  if (auto* refusal = std::get_if<net::Response>(&selected)) return std::move(*refusal);
  const Selection& selection = std::get<Selection>(selected);
  const Wire wire = input.wire(*selection.tenant);
  json::array rows;
  for (const Row* row : selection.rows) {
    const json::object ticket = wire.object(*selection.resource, *row);
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

/// The paths by which `list` finds things.
net::Response collections(World&, ControlInput&) {
  std::vector<std::string> paths;
  for (const Resource& each : Catalogue::instance().resources()) paths.push_back(each.path);
  std::sort(paths.begin(), paths.end());
  return shown(json::value_from(paths));
}

json::array rendered(const Wire& wire, const Table& table, const std::vector<std::int64_t>& ids) {
  json::array objects;
  for (const std::int64_t each : ids) {
    if (const Row* row = table.find(each)) objects.push_back(wire.object(table.resource(), *row));
  }
  return objects;
}

json::array notes_of(const Wire& wire, const Tenant& tenant, std::int64_t ticket) {
  const Table& notes = tenant.table("service/tickets/notes");
  return rendered(wire, notes, *notes.lookup(notes.resource().parent_field, std::to_string(ticket)));
}

net::Response notes(World& world, ControlInput& input) {
  const Tenant* tenant = input.tenant(world);
  const Row* ticket = input.row(tenant, kTickets, input.id("ticket"), "ticket");
  if (input.refusal()) return *input.refusal();
  return shown(notes_of(input.wire(*tenant), *tenant, ticket->id));
}

/// What each role grants, and which members have it.
net::Response roles(World& world, ControlInput& input) {
  const Tenant* tenant = input.tenant(world);
  if (input.refusal()) return *input.refusal();
  std::map<std::int64_t, json::array> holders;
  const Table& members = tenant->table("system/members");
  members.each([&](const Row& row) {
    const std::string_view identifier = row.text(members.resource().field("identifier"));
    holders[role_of(*tenant, identifier)].emplace_back(identifier);
    return true;
  });
  const Table& table = tenant->table("system/securityroles");
  const Resource& of_role = table.resource();
  json::array list;
  table.each([&](const Row& row) {
    json::object rights;
    for (const auto& [function, letters] : granted_by(*tenant, row.id)) rights[function] = letters;
    list.push_back(json::object{{"id", row.id},
                                {"name", row.text(of_role.field("name"))},
                                {"admin", row.flag(of_role.field("adminFlag"))},
                                {"inactive", row.flag(of_role.field("inactiveFlag"))},
                                {"rights", std::move(rights)},
                                {"members", std::move(holders[row.id])}});
    return true;
  });
  return shown(list);
}

net::Response show_faults(World& world, ControlInput&) { return shown(to_json(world.faults().settings)); }

/// Settings for a company that is not there would never be noticed.
void check_tenants(const World& world, const FaultSettings& settings, ControlInput& input) {
  const auto check = [&](const std::string& name) {
    if (!name.empty() && world.tenant(name) == nullptr)
      input.refuse(404, fmt::format("there is no tenant {}", quoted(name)));
  };
  for (const auto& [name, own] : settings.tenants) check(name);
  for (const Fault& fault : settings.faults) check(fault.tenant);
}

net::Response change_faults(World& world, ControlInput& input) {
  json::object change = input.members();
  const json::value* sent = change.if_contains("seed");
  const bool reseeds = sent != nullptr && sent->is_int64();
  const std::int64_t seed = reseeds ? sent->get_int64() : 0;
  if (reseeds) change.erase("seed");
  Result<FaultSettings> settings = apply_json(world.faults().settings, change);
  if (!settings) return refused(400, settings.error().message);
  check_tenants(world, *settings, input);
  if (input.refusal()) return *input.refusal();
  world.faults().settings = std::move(*settings);
  if (reseeds) world.faults().reseed(static_cast<std::uint64_t>(seed));
  return show_faults(world, input);
}

net::Response clear_faults(World& world, ControlInput& input) {
  world.faults().settings = {};
  world.faults().forget_requests();
  return show_faults(world, input);
}

/// Of a collection in which tickets are named by a number, the rows of this one.
std::vector<std::int64_t> rows_for(const Table& table, const char* field, std::int64_t ticket) {
  return *table.lookup(table.resource().field(field), std::to_string(ticket));
}

/// Everything about one ticket.
net::Response whole_ticket(World& world, ControlInput& input) {
  const Tenant* tenant = input.tenant(world);
  const std::int64_t id = input.id("ticket");
  const Row* ticket = input.row(tenant, kTickets, id, "ticket");
  if (input.refusal()) return *input.refusal();
  const Wire wire = input.wire(*tenant);
  const Resource& tickets = Catalogue::instance().get(kTickets);
  const Table& entries = tenant->table("time/entries");
  const Table& schedule = tenant->table("schedule/entries");
  std::vector<std::int64_t> devices;
  if (const json::value* ids = ticket->get(tickets.field("configuration"))) {
    for (const json::value& each : ids->as_array()) devices.push_back(each.as_int64());
  }
  std::vector<std::int64_t> timed = rows_for(entries, "chargeToId", id);
  const int charged = entries.resource().field("chargeToType");
  std::erase_if(timed, [&](std::int64_t each) { return entries.find(each)->text(charged) != "ServiceTicket"; });
  std::vector<std::int64_t> scheduled = rows_for(schedule, "objectId", id);
  std::erase_if(scheduled,
                [&](std::int64_t each) { return scheduled_ticket(*tenant, *schedule.find(each)) == nullptr; });
  const Table& statuses = tenant->table("service/boards/statuses");
  json::array closing;
  for (const std::int64_t each : closing_statuses(*tenant, ticket->integer(tickets.field("board"))))
    closing.push_back(
        json::object{{"id", each}, {"name", statuses.find(each)->text(statuses.resource().field("name"))}});
  return shown(json::object{{"ticket", wire.object(tickets, *ticket)},
                            {"notes", notes_of(wire, *tenant, id)},
                            {"time", rendered(wire, entries, timed)},
                            {"schedule", rendered(wire, schedule, scheduled)},
                            {"configurations", rendered(wire, tenant->table("company/configurations"), devices)},
                            {"closing", std::move(closing)}});
}

/// Creates a tenant that does not exist, changes one that does.
net::Response tenant(World& world, ControlInput& input) {
  const std::string name = input.required_text("login_company"), role = input.text("role");
  const std::string public_key = input.text("public_key"), private_key = input.text("private_key");
  const std::string codebase = input.text("codebase"), scenario = input.text("scenario");
  if (public_key.empty() != private_key.empty()) input.refuse(400, "public_key and private_key go together");
  if (input.has("codebase") && codebase.empty()) input.refuse(400, "codebase must not be empty");
  if (input.has("scenario") && !is_scenario(scenario))
    input.refuse(400, fmt::format("there is no scenario {}", quoted(scenario)));
  if (input.has("scenario") && world.tenant(name) != nullptr)
    input.refuse(409, fmt::format("{} is there already: a scenario is what a tenant begins with", quoted(name)));
  if (input.refusal()) return *input.refusal();
  if (world.tenant(name) == nullptr) {
    TenantOptions options;
    options.login_company = name;
    options.public_key = public_key;
    options.private_key = private_key;
    options.scenario = scenario;
    if (input.has("role")) options.role = role;
    if (!world.add_tenant(options)) return refused(400, fmt::format("there is no role {}", quoted(role)));
  } else if (input.has("role") && !world.set_role(name, role)) {
    return refused(400, fmt::format("there is no role {}", quoted(role)));
  }
  if (!codebase.empty()) world.set_codebase(name, codebase);
  if (!public_key.empty()) world.set_keys(name, public_key, private_key);
  return done();
}

net::Response show_robot(World& world, ControlInput&) { return shown(to_json(world.robot())); }

net::Response change_robot(World& world, ControlInput& input) {
  Result<RobotSettings> settings = apply_robot_json(world.robot().settings(), input.members());
  if (!settings) return refused(400, settings.error().message);
  if (!settings->tenant.empty() && world.tenant(settings->tenant) == nullptr)
    return refused(404, fmt::format("there is no tenant {}", quoted(settings->tenant)));
  world.robot().set(std::move(*settings));
  return show_robot(world, input);
}

net::Response rest_robot(World& world, ControlInput& input) {
  world.robot().set({});
  return show_robot(world, input);
}

net::Response show_callbacks(World& world, ControlInput&) { return control_callbacks(world, nullptr); }
net::Response change_callbacks(World& world, ControlInput& input) { return control_callbacks(world, &input.members()); }

/// What an administrator of this MSP would choose.
net::Response labels(World& world, ControlInput& input) {
  const Tenant* tenant = input.tenant(world);
  if (input.refusal()) return *input.refusal();
  const json::object* msp = msp_of(tenant->scenario);
  if (msp == nullptr) {
    return refused(404, fmt::format("{} has no labels: only tenants of the scenarios msp:{} do", quoted(tenant->name()),
                                    fmt::join(msp_names(), ", msp:")));
  }
  json::object answer{{"tenant", tenant->name()}, {"scenario", tenant->scenario}, {"about", msp->at("about")}};
  for (const auto& [topic, answers] : msp->at("labels").as_object()) answer[topic] = answers;
  return shown(answer);
}

net::Response show_switches(World& world, ControlInput&) { return shown(to_json(world.switches())); }

net::Response explain_switches(World&, ControlInput&) {
  json::object meanings;
  for (const SwitchLine& line : switch_lines()) meanings[line.name] = line.meaning;
  return shown(meanings);
}

net::Response change_switches(World& world, ControlInput& input) {
  const Switches changed = changed_switches(world.switches(), input);
  if (input.refusal()) return *input.refusal();
  world.switches() = changed;
  return show_switches(world, input);
}

net::Response restore_switches(World& world, ControlInput& input) {
  world.switches() = world.first_switches();
  return show_switches(world, input);
}

net::Response reset(World& world, ControlInput&) {
  world.reset();
  return done();
}

/// One line of the control API.
struct ControlOperation {
  std::string_view method, name;
  net::Response (*answer)(World& world, ControlInput& input);
  /// Parameters of the query, of a POST members of the body; nothing: the function judges them itself.
  std::optional<std::vector<std::string_view>> takes;
};

const std::vector<ControlOperation>& operations() {
  using Names = std::vector<std::string_view>;
  static const std::vector<ControlOperation> kOperations = {
      {"GET", "state", state, Names{}},
      {"GET", "collections", collections, Names{}},
      {"GET", "list", list, Names{"collection", "tenant", "limit", "page", "search", "conditions", "parent"}},
      {"GET", "tickets", ticket_list, Names{"tenant", "limit", "page", "search", "conditions"}},
      {"GET", "ticket", whole_ticket, Names{"tenant", "ticket"}},
      {"GET", "notes", notes, Names{"tenant", "ticket"}},
      {"GET", "labels", labels, Names{"tenant"}},
      {"GET", "calls", calls, Names{"number", "after", "limit", "tenant"}},
      {"DELETE", "calls", forget_calls, Names{}},
      {"GET", "faults", show_faults, Names{}},
      {"POST", "faults", change_faults, std::nullopt},
      {"DELETE", "faults", clear_faults, Names{}},
      {"GET", "robot", show_robot, Names{}},
      {"POST", "robot", change_robot, std::nullopt},
      {"DELETE", "robot", rest_robot, Names{}},
      {"GET", "callbacks", show_callbacks, Names{}},
      {"POST", "callbacks", change_callbacks, std::nullopt},
      {"GET", "switches", show_switches, Names{}},
      {"GET", "switches/meanings", explain_switches, Names{}},
      {"POST", "switches", change_switches, std::nullopt},
      {"DELETE", "switches", restore_switches, Names{}},
      {"POST", "technician", control_technician, std::nullopt},
      {"POST", "reference", control_reference, std::nullopt},
      {"GET", "roles", roles, Names{"tenant"}},
      {"POST", "role", control_role, Names{"tenant", "member", "role"}},
      {"POST", "rights", control_rights, Names{"tenant", "role", "function", "rights"}},
      {"POST", "hosted", control_hosted, Names{"tenant", "setup", "record", "member"}},
      {"POST", "tenants", tenant, Names{"login_company", "role", "codebase", "public_key", "private_key", "scenario"}},
      {"POST", "reset", reset, Names{}},
  };
  return kOperations;
}

/// There is no such operation, or not by this method.
net::Response no_operation(std::string_view method, std::string_view name) {
  std::string methods;
  for (const ControlOperation& each : operations()) {
    if (each.name == name) methods.append(methods.empty() ? "" : ", ").append(each.method);
  }
  if (methods.empty()) return refused(404, "the control API has no such operation; sandbox/README.md lists them");
  return refused(405, fmt::format("{}{} takes {}, not {}", kPrefix, name, methods, method));
}

}  // namespace

bool is_control(std::string_view target) { return target.starts_with(kPrefix); }

net::Response control(World& world, const net::Request& request, bool secure) {
  const net::Target target = net::parse_target(request.target);
  const std::string_view name = std::string_view(target.path).substr(std::min(kPrefix.size(), target.path.size()));
  const std::vector<ControlOperation>& all = operations();
  const auto operation = std::find_if(all.begin(), all.end(), [&](const ControlOperation& each) {
    return each.method == request.method && each.name == name;
  });
  if (operation == all.end()) return no_operation(request.method, name);
  ControlInput input =
      request.method == "POST" ? ControlInput::of_body(request.body) : ControlInput::of_query(target.query);
  input.came_to(world.origin_of(request, secure));
  if (operation->takes) input.take_only(*operation->takes);
  return input.refusal() ? *input.refusal() : operation->answer(world, input);
}

}  // namespace crosswalk::sandbox

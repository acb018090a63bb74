#include "sandbox/control_people.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/api.h"
#include "sandbox/rules.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::string_view kTickets = "service/tickets";
constexpr std::string_view kAdditions = "finance/agreements/additions";
constexpr std::string_view kStatuses = "service/boards/statuses";
constexpr std::string_view kRoles = "system/securityroles";

/// ConnectWise's own words: those of the error, and those of what is wrong with each field.
std::string reason_of(const json::value& answer) {
  const json::object& error = answer.as_object();
  std::string reason(error.at("message").as_string());
  const json::value* errors = error.if_contains("errors");
  if (errors == nullptr || !errors->is_array()) return reason;
  std::string_view separator = ": ";
  for (const json::value& each : errors->get_array()) {
    reason.append(separator).append(each.at("message").as_string());
    separator = "; ";
  }
  return reason;
}

/// What ConnectWise has refused, and why. It never says which right is lacking: `lacking` does, where that is the
/// reason.
net::Response refused_by_connectwise(const net::Response& answer, const std::string& lacking = {}) {
  const json::value body = json::parse(answer.body);
  std::string message = fmt::format("ConnectWise refuses that ({}): {}", answer.status, reason_of(body));
  if (!lacking.empty()) message.append(message.ends_with('.') ? " " : ". ").append(lacking);
  return json_response(
      409, json::serialize(json::object{{"message", message},
                                        {"refusal", json::object{{"status", answer.status}, {"body", body}}}}));
}

/// One request to the API in a member's name; what has refused it, if anything has.
std::optional<net::Response> attempt(World& world, const Tenant& tenant, std::string_view member,
                                     std::string_view method, std::string_view path, const json::value& body) {
  const net::Response answer = world.act(tenant.name(), member, method, path, json::serialize(body));
  if (answer.status < 300) return std::nullopt;
  constexpr int kForbidden = 403, kNotFound = 404;  // what may not be seen is not found
  const bool by_right = answer.status == kForbidden || answer.status == kNotFound;
  return refused_by_connectwise(answer, by_right ? world.why_not(tenant.name(), member, method, path) : std::string());
}

/// A member of the MSP at work, in one request to the control API.
class Technician {
 public:
  Technician(World& world, ControlInput& input)
      : world_(world), input_(input), tenant_(input.tenant(world)), member_(input.member(tenant_)) {}

  /// To null: to nobody.
  net::Response assign() {
    const json::value* owner = input_.members().if_contains("owner");
    if (owner != nullptr && owner->is_null()) return patch({{"owner", nullptr}});
    return patch({{"owner", input_.has("owner") ? input_.reference("owner", "identifier") : myself()}});
  }

  net::Response move() { return patch({{"status", input_.reference("status")}}); }

  net::Response prioritize() { return patch({{"priority", input_.reference("priority")}}); }

  net::Response set() {
    const json::value* value = input_.members().if_contains("value");
    return patch({{input_.required_text("field"), value == nullptr ? json::value(nullptr) : *value}});
  }

  /// What belongs to the old board gives way to what a new ticket of the other would have.
  net::Response board() {
    const json::object reference = input_.reference("board");
    std::string key, given;
    const Resource& boards = Catalogue::instance().get("service/boards");
    const std::int64_t id = input_.refusal() ? 0 : find_reference(*tenant_, boards, reference, 0, key, given);
    const auto default_of = [&](const char* path) {
      return id == 0 ? json::value(nullptr) : reference_to(first_with(tenant_->table(path), "defaultFlag", id));
    };
    json::object fields{{"board", reference},
                        {"type", default_of("service/boards/types")},
                        {"subType", nullptr},
                        {"item", nullptr},
                        {"team", default_of("service/boards/teams")}};
    const std::int64_t status = id == 0 ? 0 : default_status(tenant_->table(kStatuses), id);
    if (status != 0) fields["status"] = reference_to(status);
    if (input_.has("status")) fields["status"] = input_.reference("status");
    return patch(fields);
  }

  net::Response close() {
    const Row* row = ticket();
    if (input_.refusal()) return *input_.refusal();
    const std::vector<std::int64_t> closing = closing_statuses(*tenant_, board_of(*row));
    if (closing.empty()) {
      return refused(409, fmt::format("the board {} has no status in use that closes a ticket",
                                      label_of("service/boards", board_of(*row))));
    }
    if (!input_.has("status")) return patch({{"status", reference_to(closing.front())}});
    const json::object reference = input_.reference("status");
    if (input_.refusal()) return *input_.refusal();
    std::string key, given;
    const Resource& statuses = Catalogue::instance().get(kStatuses);
    const std::int64_t id = find_reference(*tenant_, statuses, reference, board_of(*row), key, given);
    if (id != 0 && std::find(closing.begin(), closing.end(), id) == closing.end()) {
      std::string names;
      for (const std::int64_t each : closing) names.append(names.empty() ? "" : ", ").append(label_of(kStatuses, each));
      return refused(400, "status must be one that closes: " + names);
    }
    return patch({{"status", reference}});
  }

  net::Response note() {
    static constexpr std::pair<std::string_view, const char*> kPlaces[] = {{"discussion", "detailDescriptionFlag"},
                                                                           {"internal", "internalAnalysisFlag"},
                                                                           {"resolution", "resolutionFlag"}};
    const std::string place = input_.text("place", "discussion");
    const auto* flag =
        std::find_if(std::begin(kPlaces), std::end(kPlaces), [&](const auto& each) { return each.first == place; });
    if (flag == std::end(kPlaces)) {
      input_.refuse(400, "place must be discussion, internal or resolution");
      return *input_.refusal();
    }
    return on_ticket("POST", "/notes", json::object{{"text", input_.text("text")}, {flag->second, true}});
  }

  net::Response book_time() {
    if (!input_.has("hours")) input_.refuse(400, "hours is required");
    const Decimal booked = hours();
    const Row* row = ticket();
    if (input_.refusal()) return *input_.refusal();
    return act("POST", "time/entries",
               json::object{{"chargeToId", row->id},
                            {"chargeToType", "ServiceTicket"},
                            {"member", myself()},
                            {"timeStart", format_timestamp_seconds(world_.now())},
                            {"actualHours", decimal_value(booked.units())},
                            {"notes", input_.text("text")},
                            {"addToDetailDescriptionFlag", true}});
  }

  net::Response schedule() {
    const json::object resource = input_.has("resource") ? input_.reference("resource", "identifier") : myself();
    const Timestamp start = input_.time("start").value_or(world_.now());
    constexpr std::int64_t kSecondsPerHour = 3'600, kUnitsPerHour = 10'000;
    const std::chrono::seconds length(hours().units() * kSecondsPerHour / kUnitsPerHour);
    const Row* row = ticket();
    if (input_.refusal()) return *input_.refusal();
    return act("POST", "schedule/entries",
               json::object{{"objectId", row->id},
                            {"type", json::object{{"identifier", "S"}}},
                            {"member", resource},
                            {"dateStart", format_timestamp_seconds(start)},
                            {"dateEnd", format_timestamp_seconds(start + length)}});
  }

  net::Response merge() {
    const Row* row = ticket();
    const Row* parent = input_.row(tenant_, kTickets, input_.id("parent"), "ticket");
    if (input_.refusal()) return *input_.refusal();
    const std::vector<std::int64_t> closing = closing_statuses(*tenant_, board_of(*row));
    return act("POST", fmt::format("{}/{}/merge", kTickets, parent->id),
               json::object{{"mergeTicketIds", json::array{row->id}},
                            {"status", reference_to(closing.empty() ? 0 : closing.front())}});
  }

  net::Response remove() { return on_ticket("DELETE", "", {}); }

  net::Response edit_addition() {
    json::object fields;
    if (const auto quantity = input_.amount("quantity")) fields["quantity"] = decimal_value(quantity->units());
    if (const auto price = input_.amount("price")) fields["unitPrice"] = decimal_value(price->units());
    if (fields.empty()) input_.refuse(400, "quantity or price is required");
    return patch_addition(fields);
  }

  net::Response cancel_addition() {
    const std::string date = input_.text("date", format_timestamp(world_.now()).substr(0, 10));
    const std::optional<Timestamp> at = parse_timestamp(date + "T00:00:00Z");
    if (!at) input_.refuse(400, "date must be a day like 2026-12-01");
    return patch_addition({{"cancelledDate", format_timestamp_seconds(at.value_or(Timestamp{}))}});
  }

 private:
  [[nodiscard]] json::object myself() const { return {{"identifier", member_}}; }

  static json::value reference_to(std::int64_t id) {
    return id == 0 ? json::value(nullptr) : json::value(json::object{{"id", id}});
  }

  const Row* ticket() { return input_.row(tenant_, kTickets, input_.id("ticket"), "ticket"); }

  static std::int64_t board_of(const Row& ticket) {
    return ticket.integer(Catalogue::instance().get(kTickets).field("board"));
  }

  [[nodiscard]] std::string label_of(std::string_view collection, std::int64_t id) const {
    const Table& table = tenant_->table(collection);
    const Row* row = table.find(id);
    return row == nullptr ? std::to_string(id) : reference_text(*tenant_, table.resource(), *row, "name");
  }

  /// Above none, and no more than there are in a day.
  Decimal hours() {
    constexpr std::int64_t kHour = 10'000, kDay = 24 * kHour;
    const Decimal given = input_.amount("hours").value_or(Decimal::from_units(kHour));
    if (given.units() <= 0 || given.units() > kDay) input_.refuse(400, "hours must be above 0 and at most 24");
    return given;
  }

  net::Response patch(const json::object& fields) { return on_ticket("PATCH", "", operations(fields)); }

  static json::array operations(const json::object& fields) {
    json::array list;
    for (const auto& [path, value] : fields)
      list.push_back(json::object{{"op", "replace"}, {"path", path}, {"value", value}});
    return list;
  }

  net::Response patch_addition(const json::object& fields) {
    const Row* addition = input_.row(tenant_, kAdditions, input_.id("addition"), "addition");
    if (input_.refusal()) return *input_.refusal();
    const Resource& additions = Catalogue::instance().get(kAdditions);
    const std::int64_t id = addition->id;
    const std::string path = Wire(*tenant_, "").href(additions, *addition);
    if (auto refusal = attempt(world_, *tenant_, member_, "PATCH", path, operations(fields))) return *refusal;
    return object_as_it_is(kAdditions, id);
  }

  net::Response on_ticket(std::string_view method, std::string_view below, const json::value& body) {
    const Row* row = ticket();
    if (input_.refusal()) return *input_.refusal();
    return act(method, fmt::format("{}/{}{}", kTickets, row->id, below), body);
  }

  /// Answers the ticket as it is then; null when it is no more.
  net::Response act(std::string_view method, std::string_view path, const json::value& body) {
    const std::int64_t id = input_.id("ticket");
    if (auto refusal = attempt(world_, *tenant_, member_, method, path, body)) return *refusal;
    return object_as_it_is(kTickets, id);
  }

  [[nodiscard]] net::Response object_as_it_is(std::string_view collection, std::int64_t id) const {
    const Table& table = tenant_->table(collection);
    const Row* row = table.find(id);
    return shown(row == nullptr ? json::value(nullptr)
                                : json::value(input_.wire(*tenant_).object(table.resource(), *row)));
  }

  World& world_;
  ControlInput& input_;
  const Tenant* tenant_;
  std::string member_;
};

/// What a technician does, and what it takes beside the tenant, the member and the action.
struct Verb {
  std::string_view name;
  net::Response (Technician::*act)();
  std::vector<std::string_view> takes;
};

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> kVerbs = {
      {"assign", &Technician::assign, {"ticket", "owner"}},
      {"schedule", &Technician::schedule, {"ticket", "resource", "start", "hours"}},
      {"note", &Technician::note, {"ticket", "text", "place"}},
      {"time", &Technician::book_time, {"ticket", "hours", "text"}},
      {"move", &Technician::move, {"ticket", "status"}},
      {"board", &Technician::board, {"ticket", "board", "status"}},
      {"priority", &Technician::prioritize, {"ticket", "priority"}},
      {"close", &Technician::close, {"ticket", "status"}},
      {"set", &Technician::set, {"ticket", "field", "value"}},
      {"merge", &Technician::merge, {"ticket", "parent"}},
      {"delete", &Technician::remove, {"ticket"}},
      {"edit_addition", &Technician::edit_addition, {"addition", "quantity", "price"}},
      {"cancel_addition", &Technician::cancel_addition, {"addition", "date"}},
  };
  return kVerbs;
}

/// "assign, schedule, ... or delete"
template <class List>
std::string choices(const List& list) {
  std::string names;
  for (std::size_t i = 0; i < list.size(); ++i)
    names.append(i == 0 ? "" : i + 1 == list.size() ? " or " : ", ").append(list[i].name);
  return names;
}

template <class List>
const typename List::value_type* choose(const List& list, ControlInput& input) {
  const std::string name = input.text("action");
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& each) { return each.name == name; });
  if (found == list.end()) input.refuse(400, "action must be " + choices(list));
  return found == list.end() ? nullptr : &*found;
}

/// Takes what the action takes, and what all of them do.
void take_only(ControlInput& input, std::vector<std::string_view> names) {
  names.insert(names.end(), {"tenant", "member", "action"});
  input.take_only(names);
}

/// A change of the reference data: the fields of which the first that a collection has is written, and what with.
struct Change {
  std::string_view name;
  std::vector<std::string_view> takes;
  bool inactive = false;
};

const std::vector<Change>& changes() {
  static const std::vector<Change> kChanges = {{"rename", {"collection", "id", "name"}},
                                               {"activate", {"collection", "id"}, false},
                                               {"deactivate", {"collection", "id"}, true},
                                               {"delete", {"collection", "id"}}};
  return kChanges;
}

/// The field that says whether an object is in use: boards and types have inactiveFlag, statuses have inactive.
std::string_view inactive_field(const Resource& resource) {
  for (const char* name : {"inactiveFlag", "inactive"}) {
    if (resource.field(name) >= 0) return name;
  }
  return {};
}

/// The PATCH that makes the change; refuses what the collection has no field for.
json::array patch_of(const Change& change, const Resource& resource, ControlInput& input) {
  std::string_view field;
  json::value value;
  if (change.name == "rename") {
    if (!resource.label_fields.empty())
      field = resource.fields[static_cast<std::size_t>(resource.label_fields.front())].name;
    value = json::string(input.required_text("name"));
  } else {
    field = inactive_field(resource);
    value = change.inactive;
  }
  if (field.empty()) input.refuse(400, fmt::format("what is in {} cannot be {}d", resource.path, change.name));
  return {json::object{{"op", "replace"}, {"path", field}, {"value", std::move(value)}}};
}

/// What the letters of a role's right must be: each of AEDI once, large or small.
bool are_rights(std::string_view letters) {
  std::string seen;
  for (const char c : to_lower(letters)) {
    if (std::string_view("aedi").find(c) == std::string_view::npos || seen.find(c) != std::string::npos) return false;
    seen.push_back(c);
  }
  return true;
}

/// What "role" names.
const Row* role_in(ControlInput& input, const Tenant& tenant) {
  const std::string name = input.required_text("role");
  const Table& roles = tenant.table(kRoles);
  const Row* role = roles.find_by(roles.resource().field("name"), name);
  if (role == nullptr) {
    input.refuse(
        404, fmt::format("there is no role {}; /sandbox/list?collection=system/securityroles has them", quoted(name)));
  }
  return role;
}

}  // namespace

net::Response control_technician(World& world, ControlInput& input) {
  const Verb* verb = choose(verbs(), input);
  if (verb != nullptr) take_only(input, verb->takes);
  if (input.refusal()) return *input.refusal();
  Technician technician(world, input);
  return input.refusal() ? *input.refusal() : (technician.*verb->act)();
}

net::Response control_reference(World& world, ControlInput& input) {
  const Change* change = choose(changes(), input);
  if (change != nullptr) take_only(input, change->takes);
  if (input.refusal()) return *input.refusal();
  const Tenant* tenant = input.tenant(world);
  const std::string member = input.member(tenant);
  const Resource* resource = input.collection();
  if (input.refusal()) return *input.refusal();
  const Row* row = input.row(tenant, resource->path, input.id("id"), resource->spec.title);
  const bool deleting = change->name == "delete";
  const json::array patch = deleting ? json::array() : patch_of(*change, *resource, input);
  if (input.refusal()) return *input.refusal();
  const auto refusal =
      attempt(world, *tenant, member, deleting ? "DELETE" : "PATCH", Wire(*tenant, "").href(*resource, *row), patch);
  return refusal ? *refusal : done();
}

net::Response control_role(World& world, ControlInput& input) {
  const Tenant* tenant = input.tenant(world);
  const std::string member = input.required_text("member");
  input.member_row(tenant, member);
  const Row* role = tenant == nullptr ? nullptr : role_in(input, *tenant);
  if (input.refusal()) return *input.refusal();
  const std::string_view name = role->text(tenant->table(kRoles).resource().field("name"));
  const net::Response answer = world.give_role(tenant->name(), member, name);
  return answer.status < 300 ? done() : refused_by_connectwise(answer);
}

net::Response control_rights(World& world, ControlInput& input) {
  const Tenant* tenant = input.tenant(world);
  const Row* role = tenant == nullptr ? nullptr : role_in(input, *tenant);
  const std::string function = input.required_text("function"), rights = input.text("rights");
  if (!input.has("rights")) input.refuse(400, "rights is required; an empty text takes all of them away");
  if (role != nullptr && role->flag(tenant->table(kRoles).resource().field("adminFlag"))) {
    input.refuse(409,
                 fmt::format("the role {} may do everything, whatever its settings say", quoted(input.text("role"))));
  }
  if (!are_rights(rights)) input.refuse(400, "rights are letters of AEDI, each once: large for All, small for My");
  if (input.refusal()) return *input.refusal();
  if (world.set_rights(tenant->name(), input.text("role"), function, rights)) return done();
  return refused(404, fmt::format("there is no module function {}; "
                                  "/sandbox/list?collection=system/securityRoles/settings&parent={} has them",
                                  quoted(function), role->id));
}

}  // namespace crosswalk::sandbox

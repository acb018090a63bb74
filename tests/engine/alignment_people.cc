// What people do in ConnectWise, and decide in the mapping.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "alignment_shop.h"
#include "sandbox/tenant.h"

namespace crosswalk::simulation {
namespace json = boost::json;
namespace {

/// A shop from which too much is taken away has nothing left to prove.
constexpr int kRemovalsMax = 4, kMergesMax = 2;

std::string text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : "";
}

}  // namespace

int Shop::call(std::string_view method, const std::string& target, const json::value& body, json::value* answer) {
  net::Request request;
  request.method = method;
  request.target = "http://sandbox.test/v4_6_release/apis/3.0" + target;
  request.headers.set("Authorization", "Basic " + sandbox::base64_encode(login_ + "+tech:tech-private"));
  request.headers.set("clientId", "00000000-0000-0000-0000-000000000001");
  request.headers.set("Content-Type", "application/json");
  if (!body.is_null()) request.body = json::serialize(body);
  const net::Response response = simulation_.world().handle(request);
  if (method != "GET") note(fmt::format("PERSON {} {} {} -> {}", method, target, request.body, response.status));
  if (answer && response.status < 300) *answer = json::parse(response.body);
  return response.status;
}

void Shop::people() {
  const int what = pick(0, 99);
  if (what < 60)
    edit_object();
  else if (what < 64)
    remove_object();
  else if (what < 66)
    merge_company();
  else if (what < 95)
    work_ticket();
  else
    rename_reference_data();
}

ObjectKey Shop::any_object() {
  std::vector<ObjectKey> ours;
  for (const auto& [object, things] : ever_linked_)
    if (exists(object)) ours.push_back(object);
  if (!ours.empty() && chance(0.85)) return ours[static_cast<std::size_t>(pick(0, static_cast<int>(ours.size()) - 1))];
  const char* collections[] = {kCompanies, kContacts, kConfigurations};
  const char* collection = collections[pick(0, 2)];
  const auto all = simulation_.world().list(login_, collection);
  const auto& one = all[static_cast<std::size_t>(pick(0, static_cast<int>(all.size()) - 1))];
  return {collection, std::to_string(one.at("id").as_int64())};
}

void Shop::edit_object() {
  const ObjectKey object = any_object();
  edit(object);
  // Somebody who is at it changes more than one thing, and some change back what we write.
  if (chance(0.2)) edit(object);
}

void Shop::edit(const ObjectKey& object) {
  ++edits_;
  const auto& [collection, id] = object;
  std::string field;
  json::value value(fmt::format("hand {}", edits_));
  const int what = pick(0, 6);
  if (collection == kConfigurations) {
    const char* fields[] = {"name", "serialNumber", "macAddress", "osType", "activeFlag", "status", "company"};
    field = fields[what];
    if (field == "activeFlag") value = chance(0.5);
    if (field == "status") value = json::object{{"id", pick(1, 3)}};
  } else if (collection == kContacts) {
    if (what > 4) return edit_address(id);
    const char* fields[] = {"title", "firstName", "inactiveFlag", "company", "title"};
    field = fields[what];
    if (field == "inactiveFlag") value = chance(0.5);
  } else {
    const char* fields[] = {"name", "phoneNumber", "website", "name", "phoneNumber", "website", "website"};
    field = fields[what];
  }
  if (field == "company") value = json::object{{"id", pick(252, 265)}};
  const int status = call("PATCH", fmt::format("/{}/{}", collection, id),
                          json::array{json::object{{"op", "replace"}, {"path", field}, {"value", value}}});
  if (status < 300) ++deeds_[{object, field}];
}

void Shop::edit_address(const std::string& contact) {
  const auto found = simulation_.world().find(login_, kContacts, std::stoll(contact));
  const json::value* items = found ? found->if_contains("communicationItems") : nullptr;
  if (!items || !items->is_array() || items->get_array().empty()) return;
  const json::array& list = items->get_array();
  const json::object& item = list[static_cast<std::size_t>(pick(0, static_cast<int>(list.size()) - 1))].as_object();
  const std::string target = fmt::format("/company/contacts/{}/communications/{}", contact, item.at("id").as_int64());
  const bool mail = text(item, "communicationType") == "Email";
  const std::string value = mail ? fmt::format("hand{}@people.example", edits_) : fmt::format("555 444 {:04}", edits_);
  const int status =
      chance(0.15)
          ? call("DELETE", target, nullptr)
          : call("PATCH", target, json::array{json::object{{"op", "replace"}, {"path", "value"}, {"value", value}}});
  if (status < 300) ++deeds_[{{kContacts, contact}, "communications"}];
}

void Shop::remove_object() {
  const ObjectKey object = any_object();
  if (removals_ >= kRemovalsMax || object.second == company_of("acme")) return;
  ++removals_;
  const bool quietly = chance(0.5);
  if (quietly) note(fmt::format("PERSON erases {} {}", object.first, object.second));
  if (!quietly || !simulation_.world().erase(login_, object.first, std::stoll(object.second)))
    (void)call("DELETE", fmt::format("/{}/{}", object.first, object.second), nullptr);
}

void Shop::merge_company() {
  const ObjectKey from = any_object();
  if (merges_ >= kMergesMax || from.first != kCompanies || from.second == company_of("acme")) return;
  const std::string into = std::to_string(pick(252, 265));
  if (into == from.second) return;
  const int status =
      call("POST", "/company/companies/" + from.second + "/merge", json::object{{"toCompanyId", std::stoll(into)}});
  if (status >= 300) return;
  ++merges_;
  merged_into_[from.second] = into;
}

void Shop::work_ticket() {
  const auto ours = simulation_.our_tickets(login_);
  if (ours.empty()) return;
  const json::object& ticket = ours[static_cast<std::size_t>(pick(0, static_cast<int>(ours.size()) - 1))];
  const auto id = ticket.at("id").as_int64();
  for (const auto& [number, alert] : alerts_)
    if (text(ticket, "summary").find(alert.subject) != std::string::npos) touched_.insert(alert.subject);
  sandbox::World& world = simulation_.world();
  const int what = pick(0, 5);
  note(fmt::format("PERSON works on ticket {} ({})", id, what));
  if (what == 0) world.set_owner(login_, id, "mlopez");
  if (what == 1) world.close_ticket(login_, id);
  if (what == 2) world.add_note(login_, id, "Looking into it.");
  if (what == 3) world.move_status(login_, id, "In Progress");
  if (what == 4) world.enter_time(login_, id, "0.5", "Checked the device.");
  if (what == 5 && chance(0.3)) world.delete_ticket(login_, id);
}

void Shop::rename_reference_data() {
  ++edits_;
  const char* collections[] = {"service/boards", "service/boards/statuses", "company/configurations/statuses",
                               "company/configurations/types"};
  const char* collection = collections[pick(0, 3)];
  const auto all = simulation_.world().list(login_, collection);
  const auto& one = all[static_cast<std::size_t>(pick(0, static_cast<int>(all.size()) - 1))];
  // Boards and statuses are chosen by name in other places of the world; ids are what counts.
  if (text(one, "name") == "In Progress") return;
  const std::string name = fmt::format("{} {}", text(one, one.contains("name") ? "name" : "description"), edits_);
  note(fmt::format("PERSON renames {} {}", collection, name));
  simulation_.world().rename(login_, collection, one.at("id").as_int64(), name.substr(0, 40));
}

void Shop::decide() {
  std::vector<ThingKey> waiting;
  for (const auto& [key, thing] : things_) {
    const std::string code = parked_code(key);
    if (code == "object.proposed" || code == "object.unlinked" || code == "object.gone") waiting.push_back(key);
  }
  if (waiting.empty()) return;
  const ThingKey key = waiting[static_cast<std::size_t>(pick(0, static_cast<int>(waiting.size()) - 1))];
  const std::string workflow = workflow_for(key.first);
  const std::int64_t warehouse = simulation_.world().id_of(login_, kCompanies, "NovaRetail2");
  json::object decision{{"create", true}};
  const auto link = link_of(key);
  if (link && merged_into_.contains(link->object.value))
    decision = json::object{{"object", json::object{{"id", merged_into_.at(link->object.value)}}}};
  else if (key.second == "nova" && !link && warehouse != 0)
    decision = json::object{{"object", json::object{{"id", std::to_string(warehouse)}}}};
  else if (key.first == "customer" && key.second != "zz")
    return;
  json::value& decisions = documents_.at(workflow)["decisions"];
  if (!decisions.is_object()) decisions.emplace_object();
  // The mapping refuses what is said of two.
  for (const auto& each : decisions.get_object())
    if (each.value() == json::value(decision) && decision.contains("object")) return;
  decisions.as_object()[key.second] = decision;
  note(fmt::format("DECIDED {} {}: {}", key.first, key.second, json::serialize(decision)));
  publish(workflow);
}

bool Shop::exists(const ObjectKey& object) {
  const auto found = simulation_.world().find(login_, object.first, std::stoll(object.second));
  const json::value* deleted = found ? found->if_contains("deletedFlag") : nullptr;
  return found && !(deleted && deleted->is_bool() && deleted->get_bool());
}

}  // namespace crosswalk::simulation

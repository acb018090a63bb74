// What happens to one partner: its product, its people, its mappings. What must be true of it is in
// alignment_verdict.cc.
#include "alignment_shop.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <iostream>

#include "engine/wakes.h"
#include "sandbox/tenant.h"

namespace crosswalk::simulation {
namespace json = boost::json;
namespace {

constexpr int kDevices = 9, kContactsTold = 5, kAlerts = 5;

struct KnownCustomer {
  const char *key, *name, *identifier;
};
/// acme is mapped for alerts; nova has a look-alike; zz is unknown in ConnectWise.
constexpr std::array<KnownCustomer, 6> kCustomers{{{"acme", "Acme Dental Group", "AcmeDental"},
                                                   {"harbor", "Harbor Family Clinic", "HarborClinic"},
                                                   {"granite", "Granite Builders", "GraniteBuild"},
                                                   {"nova", "Nova Retail", "NovaRetail"},
                                                   {"zz", "Zzyzx Holdings, Inc.", ""},
                                                   {"juniper", "Juniper Foods", "JuniperFoods"}}};

struct WireField {
  const char *field, *wire;
};
constexpr std::array<WireField, 10> kDeviceFields{{{"name", "name"},
                                                   {"serial_number", "serialNumber"},
                                                   {"mac_address", "macAddress"},
                                                   {"ip_address", "ipAddress"},
                                                   {"os_type", "osType"},
                                                   {"management_link", "managementLink"},
                                                   {"device_identifier", "deviceIdentifier"},
                                                   {"company", "company"},
                                                   {"active", "activeFlag"},
                                                   {"status", "status"}}};

std::string text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : "";
}

const char* event_type(const std::string& kind) {
  return kind == "customer" ? "customer.upserted" : kind == "contact" ? "contact.upserted" : "device.upserted";
}

}  // namespace

Shop::Shop(Simulation& simulation, std::mt19937_64& random, std::string partner, std::string login)
    : simulation_(simulation), random_(random), partner_(std::move(partner)), login_(std::move(login)) {}

void Shop::note(const std::string& text) { story_.push_back(fmt::format("{} {}", format_timestamp(now()), text)); }

std::string Shop::authorization() const {
  return "Basic " + sandbox::base64_encode(fmt::format("{0}+{0}-public:{0}-private", login_));
}

// What is published.

std::string Shop::owner_of_field(double product, double create) {
  const double draw = std::uniform_real_distribution<double>(0, 1)(random_);
  return draw < product ? "product" : draw < product + create ? "create" : "psa";
}

json::object Shop::reference_to(std::string_view collection, std::string_view name, std::string_view label) {
  for (const json::object& each : simulation_.world().list(login_, collection))
    if (text(each, label) == name) return {{"id", std::to_string(each.at("id").as_int64())}, {"name", name}};
  throw std::runtime_error("the sandbox has no " + std::string(name));
}

void Shop::choose_owners() {
  json::object devices, contacts, customers;
  for (const WireField& each : kDeviceFields) {
    const std::string field = each.field;
    std::string owner = owner_of_field(0.75, 0.15);
    if (field == "device_identifier") owner = "create";
    // What ConnectWise makes no configuration without.
    if (field == "company" || field == "name") owner = owner_of_field(0.8, 0.2);
    wire_owners_[kConfigurations][each.wire] = owner;
    devices[field] = json::object{{"owner", owner}};
    if (field == "ip_address") devices[field].as_object()["every"] = "1d";
  }
  const auto own = [&](json::object& fields, const char* collection, const char* field, const char* wire,
                       std::string owner) {
    wire_owners_[collection][wire] = owner;
    fields[field] = json::object{{"owner", std::move(owner)}};
  };
  own(contacts, kContacts, "first_name", "firstName", "create");
  own(contacts, kContacts, "last_name", "lastName", "create");
  own(contacts, kContacts, "title", "title", owner_of_field(0.5, 0.3));
  own(contacts, kContacts, "company", "company", owner_of_field(0.8, 0.2));
  own(contacts, kContacts, "inactive", "inactiveFlag", owner_of_field(0.8, 0));
  address_owners_["email"] = owner_of_field(0.8, 0.2);
  address_owners_["phone"] = owner_of_field(0.5, 0.3);
  for (const auto& [field, owner] : address_owners_) contacts[field] = json::object{{"owner", owner}};
  own(customers, kCompanies, "name", "name", owner_of_field(0.3, 0.7));
  own(customers, kCompanies, "identifier", "identifier", "create");
  own(customers, kCompanies, "phone", "phoneNumber", owner_of_field(0.5, 0.3));
  own(customers, kCompanies, "website", "website", owner_of_field(0.4, 0.4));
  documents_["device_to_configuration"]["fields"] = std::move(devices);
  documents_["contact_to_contact"]["fields"] = std::move(contacts);
  documents_["customer_to_company"]["fields"] = std::move(customers);
}

void Shop::open() {
  simulation_.add_partner(partner_, login_);
  simulation_.world().add_keys(login_, "jsmith", "tech", "tech-private");
  for (const char* workflow : {"device_to_configuration", "contact_to_contact", "customer_to_company"})
    documents_[workflow] = json::object{{"workflow", workflow}, {"mode", "live"}};
  choose_owners();
  json::object& devices = documents_["device_to_configuration"];
  devices["default_type"] = reference_to("company/configurations/types", "Managed Workstation");
  const json::object active = reference_to("company/configurations/statuses", "Active", "description");
  const json::object retired = reference_to("company/configurations/statuses", "Retired", "description");
  stale_days_ = 2;
  inactive_days_ = pick(4, 8);
  retired_days_ = inactive_days_ + pick(2, 8);
  devices["lifecycle"] = json::object{
      {"stale_after", fmt::format("{}d", stale_days_)},
      {"inactive_after", fmt::format("{}d", inactive_days_)},
      {"retired_after", fmt::format("{}d", retired_days_)},
      {"statuses",
       json::object{{"active", active}, {"inactive", retired}, {"retired", retired}, {"replaced", retired}}}};
  guarded_ = chance(0.4);
  if (!guarded_)
    for (auto& [workflow, document] : documents_)
      document["mass_change_guard"] = json::object{{"percent", 0}, {"devices", 0}};
  for (auto& [workflow, document] : documents_) document["adopted"] = "overwrite";
  documents_["contact_to_contact"]["communication_types"] =
      json::object{{"email", json::object{{"id", "1"}}}, {"phone", json::object{{"id", "2"}}}};
  if (chance(0.5)) documents_["customer_to_company"]["direction"] = "create";
  choose_import();
  attaches_ = chance(0.6);
  const char* policies[] = {"never", "within", "always"};
  const char* policy = policies[pick(0, 2)];
  simulation_.publish(partner_, sample_mapping(simulation_, [&](json::object& document) {
                        json::object& defaults = document["defaults"].as_object();
                        defaults["reopen"] = json::object{{"policy", policy}, {"window", "1h"}};
                        defaults["storm"] = json::object{{"alerts", 100}};
                        defaults["attach_configuration"] = attaches_;
                      }));
  for (const auto& [workflow, document] : documents_) publish(workflow);
  note(json::serialize(documents_["device_to_configuration"]));
  note(json::serialize(documents_["contact_to_contact"]));
  note(json::serialize(documents_["customer_to_company"]));
}

void Shop::publish(const std::string& workflow) {
  simulation_.publish(partner_, json::serialize(documents_.at(workflow)));
}

// The product.

void Shop::act() {
  const int what = pick(0, 99);
  if (what < 5)
    happen("customer");
  else if (what < 15)
    happen("contact");
  else if (what < 42)
    happen("device");
  else if (what < 54)
    happen_alert();
  else if (what < 62)
    deliver(pick(1, 4));
  else if (what < 64 && imports_)
    take_over();
  else if (what < 94)
    people();
  else
    decide();
}

json::object Shop::first_data(const std::string& kind, int number) {
  const KnownCustomer& customer = kCustomers[static_cast<std::size_t>(number) % kCustomers.size()];
  if (kind == "customer")
    return {{"customer", customer.key}, {"name", customer.name}, {"phone", fmt::format("555 030 7{:03}", number)}};
  if (kind == "contact") {
    json::object data{{"contact", fmt::format("c{}", number)},
                      {"customer", customer.key},
                      {"first_name", "Ada"},
                      {"last_name", fmt::format("Stone{}", number)},
                      {"email", fmt::format("c{}@people.example", number)},
                      {"phone", fmt::format("+1 555 010 77{:02}", number)},
                      {"title", "Clerk"}};
    // The first is known in ConnectWise already.
    if (number == 0) {
      if (const auto known = simulation_.world().find(login_, kContacts, 2520)) {
        data["first_name"] = text(*known, "firstName");
        data["last_name"] = text(*known, "lastName");
        data["email"] = known->at("communicationItems").at(0).at("value");
      }
    }
    return data;
  }
  json::object data{{"device", fmt::format("d{}", number)},
                    {"customer", customer.key},
                    {"name", fmt::format("PC-d{}", number)},
                    {"class", "workstation"},
                    {"serial", fmt::format("SN-d{}-77", number)},
                    {"mac", fmt::format("02:00:5E:10:00:0{}", number)},
                    {"ip", fmt::format("10.9.0.{}", number)},
                    {"os", "Windows 11"},
                    {"url", fmt::format("https://edr.example/devices/d{}", number)}};
  if (number == 0)
    if (const auto known = simulation_.world().find(login_, kConfigurations, 2520)) {
      data["serial"] = text(*known, "serialNumber");
      data["name"] = text(*known, "name");
    }
  return data;
}

void Shop::happen(const std::string& kind) {
  const int count = kind == "customer"  ? static_cast<int>(kCustomers.size())
                    : kind == "contact" ? kContactsTold
                                        : kDevices;
  const int number = pick(0, count - 1);
  json::object data = first_data(kind, number);
  const std::string key = text(data, kind);
  auto [found, is_new] = things_.try_emplace({kind, key});
  Thing& thing = found->second;
  if (is_new) {
    thing.kind = kind;
    thing.key = key;
    thing.data = std::move(data);
    // Somebody has written it down by hand before the product knew it.
    if (kind == "device" && number == 1 && !company_of(text(thing.data, "customer")).empty())
      call("POST", "/company/configurations",
           json::object{{"name", text(thing.data, "name") + ".acme.example"},
                        {"type", json::object{{"id", 22}}},
                        {"company", json::object{{"id", std::stoll(company_of(text(thing.data, "customer")))}}},
                        {"serialNumber", thing.data.at("serial")}});
  } else if (chance(0.8)) {
    change(thing);
  }
  thing.changed_at = std::max(now(), thing.changed_at + Duration{1});
  if (kind == "device") thing.data["last_seen_at"] = format_timestamp(thing.changed_at);
  report(thing);
  if (is_new && chance(0.25)) {
    // It changes while we may not know yet whether it was made.
    deliver_rest();
    simulation_.run_for(Duration{pick(1, 3'000)});
    change(thing);
    thing.changed_at = std::max(now(), thing.changed_at + Duration{1});
    report(thing);
  }
  if (chance(0.7)) deliver(1);
}

void Shop::change(Thing& thing) {
  const int mark = ++events_;
  const auto set = [&](const char* member, const std::string& value) {
    if (text(thing.data, member) == value) return;
    thing.data[member] = value;
    ++thing.changes[member];
  };
  const std::string customer = kCustomers[static_cast<std::size_t>(pick(0, 5))].key;
  const int what = pick(0, 9);
  if (thing.kind == "customer") {
    const std::string name = text(thing.data, "name");
    if (what < 4)
      set("phone", fmt::format("555 020 {:04}", mark));
    else if (what < 7)
      set("website", fmt::format("https://w{}.example", mark));
    else
      set("name", name.ends_with(" LLC") ? name.substr(0, name.size() - 4) : name + " LLC");
    return;
  }
  if (what == 0) return set("customer", customer);
  if (what == 1) return set("state", text(thing.data, "state") == "retired" ? "active" : "retired");
  if (thing.kind == "contact") {
    if (what < 5) return set("email", fmt::format("{}-{}@people.example", thing.key, mark));
    if (what < 7) return set("phone", fmt::format("+1 555 011 {:04}", mark));
    return set("title", fmt::format("Title {}", mark));
  }
  if (what == 2) return set("state", text(thing.data, "state") == "replaced" ? "active" : "replaced");
  if (what == 3) return set("serial", fmt::format("SN-{}-{}", thing.key, mark));
  if (what < 6) return set("ip", fmt::format("10.9.{}.{}", mark / 250, mark % 250));
  if (what < 8) return set("os", fmt::format("Windows 11 build {}", mark));
  set("name", fmt::format("PC-{}-{}", thing.key, mark));
}

void Shop::report(const Thing& thing) {
  ++things_.at({thing.kind, thing.key}).reports;
  pending_.push_back({event_type(thing.kind), fmt::format("e{}", ++events_), thing.changed_at, thing.data});
}

void Shop::happen_alert() {
  std::vector<const Thing*> devices;
  for (const auto& [key, thing] : things_)
    if (thing.kind == "device") devices.push_back(&thing);
  if (devices.empty()) return;
  const int number = pick(0, kAlerts - 1);
  AlertTruth& alert = alerts_[number];
  if (alert.subject.empty()) {
    const Thing& device = *devices[static_cast<std::size_t>(pick(0, static_cast<int>(devices.size()) - 1))];
    alert = {text(device.data, "customer"), device.key, fmt::format("desk-{}", number),
             number % 2 ? "malware" : "ransomware"};
  }
  const Timestamp at = std::max(now(), alert.changed_at + Duration{1});
  const char* severities[] = {"medium", "high", "critical"};
  json::object data = alert_data(alert.customer, alert.subject, alert.condition, severities[pick(0, 2)]);
  data["device"] = alert.device;
  const bool resolves = alert.open && chance(0.7);
  alert.open = !resolves;
  alert.changed_at = at;
  pending_.push_back(
      {resolves ? "alert.resolved" : "alert.raised", fmt::format("e{}", ++events_), at, std::move(data)});
  if (chance(0.7)) deliver(1);
}

void Shop::send(const Pending& event) {
  note(fmt::format("event {} {} {}", event.id, event.type, json::serialize(event.data)));
  if (event.type.starts_with("alert")) alert_events_.push_back(event);
  simulation_.send(partner_, event.type, event.at, event.data, partner_ + event.id);
}

void Shop::deliver(int count) {
  for (int i = 0; i < count && !pending_.empty(); ++i) {
    const auto index = static_cast<std::size_t>(chance(0.8) ? 0 : pick(0, static_cast<int>(pending_.size()) - 1));
    const Pending event = pending_[index];
    if (chance(0.85)) pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(index));
    send(event);
  }
}

void Shop::deliver_rest() {
  for (const Pending& event : std::exchange(pending_, {})) send(event);
}

void Shop::report_all() {
  for (auto& [key, thing] : things_) {
    thing.changed_at = std::max(now(), thing.changed_at + Duration{1});
    report(thing);
  }
  deliver_rest();
  // Of alerts a repeat is news, so that theirs are told again as what they are: the same events.
  for (const Pending& event : std::vector(alert_events_)) send(event);
}

// What the store says.

std::optional<workflows::Link> Shop::link_of(const ThingKey& thing) {
  const std::array<store::RecordKey, 1> keys{store::RecordKey{partner_, thing.first, thing.second}};
  const auto rows = simulation_.store().links(keys);
  if (!rows || rows->empty()) return std::nullopt;
  const auto kind = psa::parse_object_kind(rows->front().object_kind).value_or(psa::ObjectKind::company);
  auto link = workflows::parse_link(PartnerId(partner_), kind, rows->front().state);
  if (!link) throw std::runtime_error(link.error().message);
  return *link;
}

std::string Shop::parked_code(const ThingKey& thing) {
  const std::array<store::RecordKey, 1> keys{store::RecordKey{partner_, thing.first, thing.second}};
  const auto rows = simulation_.store().records(keys);
  return rows && (*rows)[0] ? (*rows)[0]->parked.code : "";
}

std::string Shop::company_of(const std::string& customer) {
  if (customer == "acme") return simulation_.id_of(kCompanies, "AcmeDental");
  const auto link = link_of({"customer", customer});
  return link && link->gone.empty() ? link->object.value : "";
}

void Shop::watch() {
  hear_offers();
  for (const auto& [key, thing] : things_) {
    const auto link = link_of(key);
    if (!link) continue;
    const char* collection = key.first == "customer"  ? kCompanies
                             : key.first == "contact" ? kContacts
                                                      : kConfigurations;
    const ObjectKey object{collection, link->object.value};
    ever_linked_[object].insert(key);
    if (link->gone.empty())
      gone_since_.erase(object);
    else if (gone_since_.try_emplace(object, now()).second)
      note(fmt::format("known to be gone: {} {}", object.first, object.second));
  }
}

bool Shop::release_quarantined() {
  bool any = false;
  store::Store::RecordQuery query;
  query.partner = partner_;
  query.parked_only = true;
  query.count_max = 1'000;
  const auto rows = simulation_.store().list_records(query);
  for (const store::RecordRow& row : *rows) {
    const std::string& code = row.parked.code;
    if (code != "psa.outcome_unknown" && code != "engine.attempts_exhausted") continue;
    note(fmt::format("released: {} {} {}", row.ref.kind, row.ref.key, row.parked.code));
    any = true;
  }
  if (!any) return false;
  store::Transaction transaction;
  transaction.wakes.push_back(engine::wake_parked(partner_, now()));
  const store::Transaction* one = &transaction;
  if (!simulation_.store().commit(std::span(&one, 1))) throw std::runtime_error("the store failed");
  simulation_.engine().wake();
  return true;
}

void Shop::take_call(const net::Request& request, const net::Response& response, bool heard) {
  const std::string_view marker = "/apis/3.0/";
  const std::size_t at = request.target.find(marker);
  if (request.method == "GET" || at == std::string::npos || request.target.ends_with("/search")) return;
  const std::string path = request.target.substr(at + marker.size());
  const std::size_t second = path.find('/', path.find('/') + 1);
  Written write{now(), request.method, {path.substr(0, second), ""}, {}, response.status < 300, heard};
  const std::string rest = second == std::string::npos ? "" : path.substr(second + 1);
  const bool bulk = rest == "bulk";
  if (!bulk) write.object.second = rest.substr(0, rest.find('/'));
  const bool address = rest.find("/communications") != std::string::npos;
  if (address) write.fields.emplace_back("communications");
  if (request.method == "PATCH" && !address) {
    const json::value operations = json::parse(request.body);
    for (const json::value& each : operations.as_array()) write.fields.emplace_back(each.at("path").as_string());
  }
  note(fmt::format("CALL {} {} {} -> {}{}", request.method, path, request.body, response.status,
                   heard ? "" : " (not heard)"));
  if (write.done && write.object.second.empty() && write.object.first.starts_with("company/")) {
    const auto take = [&](const json::object& made) {
      const std::string identity = write.object.first == kConfigurations ? text(made, "deviceIdentifier")
                                   : write.object.first == kContacts     ? text(made, "lastName")
                                                                         : text(made, "identifier");
      made_[{write.object.first, std::to_string(made.at("id").as_int64())}] = identity;
    };
    const json::object answer = json::parse(response.body).as_object();
    if (!bulk) take(answer);
    if (bulk)
      for (const json::value& each : answer.at("payload").as_array())
        if (each.at("success").as_bool()) take(each.at("data").as_object());
  }
  written_.push_back(std::move(write));
}

}  // namespace crosswalk::simulation

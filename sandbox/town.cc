#include "sandbox/town.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <numeric>
#include <stdexcept>
#include <unordered_set>

#include "base/text.h"
#include "sandbox/details.h"
#include "sandbox/devices.h"
#include "sandbox/money_seed.h"
#include "sandbox/planting.h"
#include "sandbox/rules.h"
#include "sandbox/shapes.h"
#include "sandbox/small_town.h"
#include "sandbox/time_sheets.h"
#include "sandbox/town_sales.h"
#include "sandbox/town_words.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::int64_t kFirstCompany = 250;
constexpr std::int64_t kFirstTicket = 10'000;
constexpr std::int64_t kHistory = 120 * kDay;  ///< how far back tickets go
constexpr int kWeeksOfMeetings = 16;
constexpr std::size_t kIdentifierMax = 25;
constexpr std::int64_t kManagedServices = 1;
constexpr std::int64_t kWorkstation = 22, kServer = 25, kMac = 33;  ///< types of devices
constexpr std::int64_t kInUse = 1;                                  ///< a status of them
constexpr std::int64_t kClientTier = 1, kSeats = 2, kDiscount = 3, kRootCause = 4, kDiskEncryption = 5;  ///< own fields

/// Which oddity a company has; every one comes up in a mid-sized town already.
enum class Oddity { none, misspelt, other_city, limited, doing_business_as, shouted };

Oddity oddity_of(std::size_t number) {
  if (number < 20) return Oddity::none;
  switch (number % 40) {
    case 7:
      return Oddity::misspelt;
    case 15:
      return Oddity::other_city;
    case 23:
      return Oddity::limited;
    case 31:
      return Oddity::doing_business_as;
    case 39:
      return Oddity::shouted;
    default:
      return Oddity::none;
  }
}

std::string misspelt(std::string name, Dice& dice) {
  const std::size_t at = 2 + dice.below(std::max<std::size_t>(1, name.size() / 2));
  if (at + 1 >= name.size()) return name + "e";
  if (dice.chance(50) && name[at] != name[at + 1] && name[at] != ' ' && name[at + 1] != ' ')
    std::swap(name[at], name[at + 1]);
  else
    name.erase(at, 1);
  return name;
}

std::string without_suffix(std::string name) {
  for (const std::string_view suffix : {", Inc.", " Inc.", ", LLC", " LLC", " Ltd", " Limited", " Co.", ", P.A."}) {
    if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
  }
  return name;
}

/// Values of fields that town.json defines, by their ids.
json::array custom_fields(const Tenant& tenant, const std::vector<std::pair<std::int64_t, json::value>>& values) {
  const Table& definitions = tenant.table("system/userDefinedFields");
  json::array fields;
  for (const auto& [id, value] : values) {
    const auto field = shaped_custom_field(definitions.resource(), *definitions.find(id), value);
    if (!field) throw std::logic_error("scenario: custom field " + std::to_string(id));
    fields.push_back(*field);
  }
  return fields;
}

class Town {
 public:
  Town(Tenant& tenant, const TownSize& size, std::uint64_t seed, const Actor& actor)
      : tenant_(tenant), size_(size), actor_(actor), dice_(seed), serials_(seed) {}

  void build() {
    imagine_customers();
    for (Customer& each : customers_) plant_company(each);
    plant_devices();
    plant_agreements();
    bill();
    describe_customers();
    plant(tenant_, "time/chargeCodes",
          {{"id", 1}, {"name", "Meeting"}, {"company", reference(kFirstCompany + 1)}, {"billTime", "DoNotBill"}},
          at(actor_, customers_[1].since));
    enter_meetings(tenant_, kWeeksOfMeetings, actor_);
    plant_tickets();
    fill_time_sheets(tenant_, actor_);
    plant_town_sales(tenant_, customers_, size_.opportunities, dice_, actor_);
  }

 private:
  void imagine_customers();
  void name_customer(Customer& customer, std::size_t number, const std::string& fresh);
  std::string identifier_for(const std::string& name, std::size_t city);
  void plant_company(Customer& customer);
  void plant_contact(const Customer& customer, std::int64_t id);
  json::array communications(const Customer& customer, std::int64_t id, const std::string& first);
  void plant_devices();
  void plant_device(Customer& customer, std::int64_t id, std::int64_t number);
  void plant_agreements();
  void plant_agreement(Customer& customer, std::int64_t id, bool first);
  void bill();
  void describe_customers();
  void plant_tickets();
  void plant_ticket(std::int64_t id, std::int64_t opened, std::int64_t board);
  void name_device(std::int64_t ticket, const Customer& customer, std::int64_t type);
  void work_on(std::int64_t ticket, const Customer& customer, const json::array& words, std::int64_t opened);
  void note(std::int64_t ticket, std::string_view text, const char* place, const Actor& then);
  std::int64_t enter_time(std::int64_t ticket, const Customer& customer, std::string_view notes, std::int64_t start,
                          const std::string& member);
  void schedule(std::int64_t ticket, const std::string& member, std::int64_t start, bool done, const Actor& then);
  const Customer& drawn_customer();
  std::int64_t status_for(std::int64_t board, bool closed);
  std::string phone() { return fmt::format("555{:07}", dice_.raw() % 10'000'000); }

  Tenant& tenant_;
  const TownSize size_;
  const Actor& actor_;
  Dice dice_;
  std::vector<Customer> customers_;
  std::vector<std::size_t> weights_;  ///< cumulative, of customers_
  std::unordered_set<std::string> identifiers_;
  SerialNumbers serials_;
};

void Town::imagine_customers() {
  const json::array& firsts = town_words().at("first").as_array();
  const json::array& trades = town_words().at("trade").as_array();
  std::vector<std::size_t> names(firsts.size() * trades.size());
  std::iota(names.begin(), names.end(), 0);
  for (std::size_t i = names.size() - 1; i > 0; --i) std::swap(names[i], names[dice_.below(i + 1)]);
  customers_.resize(size_.companies);
  std::size_t sum = 0;
  for (std::size_t i = 0; i < customers_.size(); ++i) {
    Customer& each = customers_[i];
    each.id = kFirstCompany + static_cast<std::int64_t>(i);
    each.city = dice_.below(town_words().at("cities").as_array().size());
    const std::size_t drawn = names[i % names.size()];
    const std::string fresh = std::string(firsts[drawn / trades.size()].as_string()) + " " +
                              std::string(trades[drawn % trades.size()].as_string()) + dice_.text("suffix");
    name_customer(each, i, fresh);
    each.since = (actor_.now / kDay - 200 - dice_.some(3'000)) * kDay;
    // Few are big, most are small.
    each.weight = i < 2 ? 1 : 1 + 40 / (1 + dice_.below(40)) + dice_.below(3);
    weights_.push_back(sum += each.weight);
  }
}

void Town::name_customer(Customer& customer, std::size_t number, const std::string& fresh) {
  if (number == 0) {
    customer.name = "Catchall (unknown customers)";
    customer.identifier = "Catchall";
    customer.type = 1;
    return;
  }
  if (number == 1) {
    customer.name = "Northwind Managed Services";
    customer.identifier = "NorthwindMSP";
    return;
  }
  customer.name = fresh;
  const Customer& other = customers_[number < 20 ? number : number - 5];
  switch (oddity_of(number)) {
    case Oddity::none:
      break;
    case Oddity::misspelt:
      customer.name = misspelt(other.name, dice_);
      customer.city = other.city;
      break;
    case Oddity::other_city:
      customer.name = other.name;
      customer.city = (other.city + 1) % town_words().at("cities").as_array().size();
      break;
    case Oddity::limited:
      customer.name = without_suffix(other.name) + (other.name.ends_with(" Ltd") ? " Limited" : " Ltd");
      customer.city = other.city;
      break;
    case Oddity::doing_business_as:
      customer.name = without_suffix(fresh) + " LLC d/b/a " + without_suffix(other.name) + " of " +
                      std::string(town_words().at("cities").at(customer.city).at(0).as_string());
      break;
    case Oddity::shouted:
      customer.name = other.name;
      std::transform(customer.name.begin(), customer.name.end(), customer.name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      customer.city = other.city;
      break;
  }
  customer.identifier = identifier_for(customer.name, customer.city);
  if (number % 17 == 5) customer.status = 2;
  if (number % 59 == 3) customer.status = 3;
  if (number % 41 == 12) customer.status = 11;
  customer.deleted = number % 97 == 11;
  if (number % 13 == 6) customer.type = 2;
  if (number % 67 == 9) customer.type = 3;
  if (number % 9 == 4) customer.type = 11;
  if (customer.status == 11) customer.type = 12;
}

std::string Town::identifier_for(const std::string& name, std::size_t city) {
  std::string identifier;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 && identifier.size() < kIdentifierMax) identifier.push_back(c);
  }
  if (identifiers_.insert(to_lower(identifier)).second) return identifier;
  std::string with_city = identifier.substr(0, kIdentifierMax - 4) + "-" +
                          std::string(town_words().at("cities").at(city).at(1).as_string());
  if (identifiers_.insert(to_lower(with_city)).second) return with_city;
  for (int n = 2;; ++n) {
    std::string numbered = identifier.substr(0, kIdentifierMax - 5) + std::to_string(n);
    if (identifiers_.insert(to_lower(numbered)).second) return numbered;
  }
}

void Town::plant_company(Customer& customer) {
  const json::array& city = town_words().at("cities").at(customer.city).as_array();
  const bool big = customer.weight > 12;
  for (std::int64_t n = 0; n < (big ? 2 : 1); ++n) {
    json::object site{{"id", customer.id * 10 + n},
                      {"parent", customer.id},
                      {"name", n == 0 ? "Main" : "Warehouse"},
                      {"city", city[0]},
                      {"zip", city[2]},
                      {"primaryAddressFlag", n == 0}};
    plant(tenant_, "company/companies/sites", site, at(actor_, customer.since + 9 * kHour + n * 90 * kDay));
  }
  json::object company{{"id", customer.id},
                       {"identifier", customer.identifier},
                       {"name", customer.name},
                       {"status", reference(customer.status)},
                       {"addressLine1", fmt::format("{} {}", 1 + dice_.below(9900), dice_.text("streets"))},
                       {"city", city[0]},
                       {"state", city[1]},
                       {"zip", city[2]},
                       {"phoneNumber", phone()},
                       {"website", fmt::format("www.{}.example", to_lower(customer.identifier))},
                       {"dateAcquired", time_text(customer.since)},
                       {"types", json::array{reference(customer.type)}}};
  plant(tenant_, "company/companies", company, actor_);
  customer.contacts = customer.id == kFirstCompany
                          ? 0
                          : 1 + static_cast<std::int64_t>(dice_.below(std::min<std::size_t>(customer.weight, 8)));
  for (std::int64_t n = 0; n < customer.contacts; ++n) plant_contact(customer, customer.id * 10 + n);
  Table& companies = tenant_.table("company/companies");
  Row row = *companies.find(customer.id);
  row.set(companies.resource().field("site"), customer.id * 10);
  if (customer.contacts > 0) row.set(companies.resource().field("defaultContact"), customer.id * 10);
  if (customer.deleted) {
    row.set(companies.resource().field("deletedFlag"), true);
    row.set(companies.resource().field("dateDeleted"), actor_.now - 30 * kDay);
    row.set(companies.resource().field("deletedBy"), "jsmith");
  }
  row.date_entered = customer.since + 9 * kHour;
  row.last_updated = row.date_entered + dice_.some(100) * kDay;
  row.last_updated = std::min(row.last_updated, actor_.now);
  companies.replace(std::move(row));
}

json::array Town::communications(const Customer& customer, std::int64_t id, const std::string& first) {
  const auto item = [](std::int64_t type, const char* name, std::string value, bool is_default, const char* kind) {
    return json::object{{"type", json::object{{"id", type}, {"name", name}}},
                        {"value", std::move(value)},
                        {"defaultFlag", is_default},
                        {"communicationType", kind}};
  };
  const std::string domain = to_lower(customer.identifier) + ".example";
  json::array items;
  if (!dice_.chance(4))
    items.push_back(item(1, "Email", fmt::format("{}{}@{}", to_lower(first), id % 100, domain), true, "Email"));
  if (dice_.chance(12))
    items.push_back(item(1, "Email", fmt::format("{}.{}@mail.example", to_lower(first), id), false, "Email"));
  if (dice_.chance(75)) items.push_back(item(2, "Direct", phone(), true, "Phone"));
  if (dice_.chance(40))
    items.push_back(
        item(4, "Cell", phone(), items.empty() || items.back().at("communicationType") != "Phone", "Phone"));
  return items;
}

void Town::plant_contact(const Customer& customer, std::int64_t id) {
  const std::string first(small_town_word("first_names", dice_.raw())),
      last(small_town_word("last_names", dice_.raw()));
  std::string address;
  for (const char c : first) {
    if (static_cast<unsigned char>(c) < 0x80) address.push_back(c);
  }
  json::object contact{{"id", id},
                       {"firstName", first},
                       {"company", reference(customer.id)},
                       {"site", reference(customer.id * 10)},
                       {"defaultFlag", id % 10 == 0},
                       {"inactiveFlag", id % 10 != 0 && dice_.chance(10)}};
  // Shared mailboxes and front desks have a first name only.
  if (!dice_.chance(5)) contact["lastName"] = last;
  if (json::array items = communications(customer, id, address); !items.empty())
    contact["communicationItems"] = std::move(items);
  plant(tenant_, "company/contacts", contact, at(actor_, customer.since + 10 * kHour + dice_.some(900) * kDay));
}

/// Devices are handed out by the customers' weights, exactly as many as there should be.
void Town::plant_devices() {
  const auto total = static_cast<std::int64_t>(size_.configurations);
  const auto heaviest = static_cast<std::int64_t>(weights_.back());
  std::int64_t next = 1;
  for (std::size_t i = 1; i < customers_.size(); ++i) {
    const auto weight = [&](std::size_t at) { return static_cast<std::int64_t>(weights_[at]); };
    const std::int64_t before = (weight(i - 1) - weight(0)) * total / (heaviest - weight(0));
    const std::int64_t until = (weight(i) - weight(0)) * total / (heaviest - weight(0));
    customers_[i].first_device = next;
    customers_[i].devices = until - before;
    for (std::int64_t n = 1; n <= until - before; ++n) plant_device(customers_[i], next++, n);
  }
}

/// Which of the list of kinds a device is, by how common they are.
const json::array& drawn_kind(Dice& dice) {
  const json::array& kinds = town_words().at("devices").as_array();
  std::int64_t lot = dice.some(100);
  std::size_t kind = 0;
  while (kind + 1 < kinds.size() && (lot -= kinds[kind].at(2).as_int64()) >= 0) ++kind;
  return kinds[kind].as_array();
}

/// In use, retired, decommissioned, in stock or lost.
std::int64_t device_status(const Customer& customer, std::uint64_t bits) {
  const bool left = customer.status == 2 || customer.status == 11;
  if (left || bits % 11 == 3) return bits % 5 == 0 ? 12 : 2;
  return bits % 61 == 7 ? 3 : bits % 499 == 9 ? 11 : kInUse;
}

// Straight into the table: there are a hundred thousand.
void Town::plant_device(Customer& customer, std::int64_t id, std::int64_t number) {
  static const Resource& resource = Catalogue::instance().get("company/configurations");
  constexpr std::size_t kFieldsMax = 20;
  const json::array& kind = drawn_kind(dice_);
  const std::int64_t type = kind[0].as_int64();
  const std::string_view prefix = kind[1].as_string();
  const bool windows_default = prefix.ends_with('-');
  const std::string name =
      windows_default ? fmt::format("{}{:07X}", prefix, static_cast<std::uint32_t>(dice_.raw()) & 0xFFFFFFF)
                      : fmt::format("{}-{}{:03}", std::string_view(customer.identifier).substr(0, 6), prefix, number);
  const std::uint64_t bits = dice_.raw();
  const std::int64_t status = device_status(customer, bits);
  const bool on_desk = type == kWorkstation || type == kMac;
  const DeviceLife life = device_life(prefix, status == kInUse || status == 3, dice_.raw(), actor_.now);
  const DeviceModel model = device_model(prefix, dice_.raw(), life.purchased);
  Row row;
  row.id = id;
  row.date_entered = life.installed + 11 * kHour;
  row.last_updated =
      row.date_entered + static_cast<std::int64_t>(bits % 1'000) * (actor_.now - row.date_entered) / 1'000;
  row.entered_by = row.updated_by = "zAdmin";
  row.cells.reserve(kFieldsMax);
  const auto set = [&](const char* field, json::value value) { row.set(resource.field(field), std::move(value)); };
  set("name", json::string(name));
  set("type", type);
  set("status", status);
  set("company", customer.id);
  set("site", customer.id * 10);
  if (customer.contacts > 0 && on_desk && bits % 10 < 7)
    set("contact", customer.id * 10 + static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(customer.contacts)));
  if (bits % 40 != 0) set("deviceIdentifier", json::string(fmt::format("dev-{}", id)));
  // "To be filled by O.E.M." is what a good many mainboards answer.
  set("serialNumber",
      json::string(bits % 53 == 0 ? "To be filled by O.E.M." : serials_.next(prefix, model, life.purchased)));
  set("manufacturer", model.manufacturer);
  set("modelNumber", json::string(model.name));
  set("purchaseDate", life.purchased);
  set("installationDate", life.installed);
  set("warrantyExpirationDate", life.warranty_ends);
  set("macAddress", json::string(fmt::format("00:1B:{:02X}:{:02X}:{:02X}:{:02X}", bits & 255, bits >> 8 & 255,
                                             bits >> 16 & 255, bits >> 24 & 255)));
  set("ipAddress", json::string(fmt::format("10.{}.{}.{}", customer.id % 250, number / 250, number % 250 + 1)));
  if (!model.system.empty()) set("osType", json::string(model.system));
  set("billFlag", status == kInUse);
  set("activeFlag", status == kInUse);
  if (on_desk && id % 40 == 1) set("customFields", custom_fields(tenant_, {{kDiskEncryption, bits % 3 != 0}}));
  tenant_.table(resource).insert(std::move(row));
  if (status != kInUse) return;
  customer.workstations += on_desk;
  customer.servers += type == kServer;
}

void Town::plant_agreements() {
  std::int64_t id = 1;
  const auto all = static_cast<std::int64_t>(size_.agreements);
  // Managed customers that are still there, the first of them with the most agreements.
  for (std::size_t i = 2; id <= all; i = i + 1 == customers_.size() ? 2 : i + 1) {
    Customer& customer = customers_[i];
    if (!customer.managed()) continue;
    const std::size_t several = 1 + (i % 3 == 0 ? 1 + dice_.below(3) : 0);
    for (std::size_t n = 0; n < several && id <= all; ++n, ++id) plant_agreement(customer, id, n == 0);
  }
}

void Town::plant_agreement(Customer& customer, std::int64_t id, bool first) {
  const json::array& kinds = town_words().at("agreements").as_array();
  const json::array& kind = kinds[first ? 0 : 1 + dice_.below(kinds.size() - 1)].as_array();
  const std::int64_t start = customer.since + dice_.some((actor_.now - customer.since) / kDay - 100) * kDay;
  const bool cancelled = !first && id % 9 == 0, expired = !cancelled && id % 14 == 5;
  json::object agreement{
      {"id", id},
      {"name", fmt::format("{} - {}", std::string_view(kind[1].as_string()), customer.name).substr(0, 100)},
      {"type", reference(kind[0].as_int64())},
      {"company", reference(customer.id)},
      {"contact", reference(customer.id * 10)},
      {"startDate", time_text(start)},
      {"noEndingDateFlag", !expired},
      {"cancelledFlag", cancelled},
      {"billAmount", 250 + 25 * dice_.some(80)},
      {"billTime", "NoDefault"}};
  if (cancelled) agreement["dateCancelled"] = time_text((actor_.now / kDay - 40) * kDay);
  if (expired) agreement["endDate"] = time_text((actor_.now / kDay - 20) * kDay);
  plant(tenant_, "finance/agreements", agreement, at(actor_, start + 9 * kHour));
  settle(tenant_, "finance/agreements", id, "agreementStatus",
         cancelled ? "Cancelled"
         : expired ? "Expired"
                   : "Active");
  if (first && !expired && kind[0] == kManagedServices) customer.agreement = id;
}

void Town::bill() {
  const auto estate_of = [this](std::int64_t company) {
    const Customer& customer = customers_[static_cast<std::size_t>(company - kFirstCompany)];
    return Estate{customer.workstations, customer.servers, customer.contacts};
  };
  bill_agreements(tenant_, size_.months_invoiced, estate_of, actor_);
}

/// What the MSP notes of those who pay by the month, in fields of its own.
void Town::describe_customers() {
  static constexpr const char* kTiers[] = {"Gold", "Silver", "Bronze"};
  for (const Customer& customer : customers_) {
    if (customer.agreement == 0) continue;
    const double discount = 0.25 * static_cast<double>(dice_.below(30));
    const json::array fields = custom_fields(tenant_, {{kClientTier, kTiers[dice_.below(std::size(kTiers))]},
                                                       {kSeats, customer.workstations},
                                                       {kDiscount, discount}});
    settle(tenant_, "company/companies", customer.id, "customFields", fields);
  }
}

const Customer& Town::drawn_customer() {
  if (dice_.chance(2)) return customers_[0];
  for (;;) {
    const auto found = std::upper_bound(weights_.begin(), weights_.end(), dice_.below(weights_.back()));
    const Customer& customer = customers_[static_cast<std::size_t>(found - weights_.begin())];
    if (!customer.deleted && customer.id != kFirstCompany) return customer;
  }
}

void Town::plant_tickets() {
  static constexpr std::int64_t kBoards[] = {1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 20, 21, 22};
  tenant_.table("service/tickets").set_next_id(kFirstTicket);
  const auto count = static_cast<std::int64_t>(size_.tickets);
  for (std::int64_t n = 0; n < count; ++n) {
    const std::int64_t step = kHistory / count;
    const std::int64_t opened =
        actor_.now - kHistory + n * step + static_cast<std::int64_t>(dice_.below(static_cast<std::size_t>(step) + 1));
    plant_ticket(kFirstTicket + n, opened, kBoards[dice_.below(std::size(kBoards))]);
  }
}

void Town::plant_ticket(std::int64_t id, std::int64_t opened, std::int64_t board) {
  const Customer& customer = drawn_customer();
  const json::array& words = dice_.of(town_words().at("summaries").at(std::to_string(board))).as_array();
  const std::string summary(words[0].as_string());
  const bool alert = board != 1 && board != 20;
  json::object body{
      {"summary", summary},
      {"board", reference(board)},
      {"company", reference(customer.id)},
      {"priority", reference(dice_.chance(5)    ? 1
                             : dice_.chance(20) ? 2
                             : dice_.chance(75) ? 3
                                                : 4)},
      {"source", reference(alert ? (dice_.chance(90) ? 4 : 11) : 1 + dice_.some(3))},
      {"initialDescription", fmt::format("{}{}.", alert ? "Raised by monitoring: " : "Reported: ", summary)}};
  if (customer.agreement != 0) body["agreement"] = reference(customer.agreement);
  if (customer.contacts > 0 && !alert) body["contact"] = reference(customer.id * 10);
  if (customer.contacts == 0) body["contactName"] = "Unknown caller";
  write(tenant_, "service/tickets", 0, body, at(actor_, opened, alert ? "APIuser" : "tbaker"));
  if (words[1] != 0 && (alert || dice_.chance(50))) name_device(id, customer, words[1].as_int64());
  work_on(id, customer, words, opened);
}

/// One of the customer's devices of the type that such tickets are about, if it has one that is soon found.
void Town::name_device(std::int64_t ticket, const Customer& customer, std::int64_t type) {
  constexpr int kTries = 12;
  const Table& devices = std::as_const(tenant_).table("company/configurations");
  const int of_type = devices.resource().field("type");
  for (int tries = 0; tries < kTries && customer.devices > 0; ++tries) {
    const std::int64_t device = customer.first_device + dice_.some(customer.devices);
    if (devices.find(device)->integer(of_type) != type) continue;
    return settle(tenant_, "service/tickets", ticket, "configuration", json::array{device});
  }
}

/// A status of the board that is (or is not) one of the end: never an inactive one, nor the one that new tickets have.
std::int64_t Town::status_for(std::int64_t board, bool closed) {
  const Table& statuses = std::as_const(tenant_).table("service/boards/statuses");
  const Resource& resource = statuses.resource();
  std::vector<std::int64_t> fitting;
  for (const std::int64_t id : *statuses.lookup(resource.field("board"), std::to_string(board))) {
    const Row& row = *statuses.find(id);
    if (row.flag(resource.field("closedStatus")) == closed && !row.flag(resource.field("inactive")) &&
        !row.flag(resource.field("defaultFlag")))
      fitting.push_back(id);
  }
  return fitting[dice_.below(fitting.size())];
}

void Town::note(std::int64_t ticket, std::string_view text, const char* place, const Actor& then) {
  write(tenant_, "service/tickets/notes", ticket, {{"text", text}, {place, true}}, then);
}

/// Says when it was over.
std::int64_t Town::enter_time(std::int64_t ticket, const Customer& customer, std::string_view notes, std::int64_t start,
                              const std::string& member) {
  const std::int64_t end = start + (1 + dice_.some(8)) * kHour / 4;
  json::object entry{{"chargeToId", ticket},
                     {"chargeToType", "ServiceTicket"},
                     {"timeStart", time_text(start)},
                     {"timeEnd", time_text(end)},
                     {"member", by_identifier(member)},
                     {"workType", reference(dice_.chance(85) ? 1 : 2)},
                     {"workRole", reference(member == "apatel" ? 2 : 1)},
                     {"notes", notes},
                     {"addToDetailDescriptionFlag", true}};
  if (customer.agreement != 0) entry["agreement"] = reference(customer.agreement);
  write(tenant_, "time/entries", 0, entry, at(actor_, end, member));
  return end;
}

/// The ticket in a member's calendar.
void Town::schedule(std::int64_t ticket, const std::string& member, std::int64_t start, bool done, const Actor& then) {
  constexpr std::int64_t kServiceEntry = 4, kFirm = 2;
  write(tenant_, "schedule/entries", 0,
        {{"objectId", ticket},
         {"type", reference(kServiceEntry)},
         {"status", reference(kFirm)},
         {"member", by_identifier(member)},
         {"dateStart", time_text(start)},
         {"dateEnd", time_text(start + kHour)},
         {"doneFlag", done}},
        then);
}

void Town::work_on(std::int64_t ticket, const Customer& customer, const json::array& words, std::int64_t opened) {
  constexpr const char* kTickets = "service/tickets";
  const std::int64_t age = actor_.now - opened;
  const bool closed = age > 20 * kDay ? !dice_.chance(6) : age > 2 * kDay ? dice_.chance(70) : dice_.chance(25);
  if (!closed && (dice_.chance(5) || (age < kDay && dice_.chance(60)))) return;  // nobody has looked at it yet
  const std::string member = dice_.text("members");
  std::int64_t now = opened + kMinute * (5 + dice_.some(120));
  const auto then = [&] { return at(actor_, now, member); };
  // What closed by itself has been nobody's.
  if (!closed || !dice_.chance(5)) change(tenant_, kTickets, ticket, "owner", by_identifier(member), then());
  if (dice_.chance(closed ? 20 : 60))
    schedule(ticket, member, closed ? now : actor_.now + (dice_.some(72) - 24) * kHour, closed, then());
  const json::array& notes = words[2].as_array();
  const std::size_t written = dice_.below(notes.size() + 1);
  for (std::size_t n = 0; n < written; ++n) {
    now += kMinute * (20 + dice_.some(400));
    note(ticket, notes[n].as_string(), dice_.chance(35) ? "internalAnalysisFlag" : "detailDescriptionFlag", then());
  }
  const std::string_view outcome = dice_.of(words[3]).as_string();
  const std::string_view done = closed ? outcome : std::string_view(notes.back().as_string());
  // Only what is over by now has been booked.
  if (customer.id != kFirstCompany && dice_.chance(60) && now + 2 * kHour < actor_.now)
    now = enter_time(ticket, customer, done, now, member);
  now += kMinute * dice_.some(closed ? 2'000 : 300);
  if (closed && dice_.chance(55)) note(ticket, outcome, "resolutionFlag", then());
  const Table& tickets = std::as_const(tenant_).table(kTickets);
  const std::int64_t board = tickets.find(ticket)->integer(tickets.resource().field("board"));
  if (closed && ticket % 12 == 0)
    settle(tenant_, kTickets, ticket, "customFields",
           custom_fields(tenant_, {{kRootCause, dice_.chance(50) ? "Software" : "User"}}));
  change(tenant_, kTickets, ticket, "status", reference(status_for(board, closed)), then());
}

}  // namespace

void build_town(Tenant& tenant, const TownSize& size, std::uint64_t seed, const Actor& actor) {
  Town(tenant, size, seed, actor).build();
}

const json::object& town_reference_data() { return town_words().at("reference").as_object(); }

}  // namespace crosswalk::sandbox

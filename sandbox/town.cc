#include "sandbox/town.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <numeric>
#include <random>
#include <stdexcept>
#include <unordered_set>

#include "base/text.h"
#include "sandbox/api.h"
#include "sandbox/scenario.h"
#include "sandbox/wire.h"

namespace crosswalk::embedded {
extern const std::string_view sandbox_town;
}

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::int64_t kFirstCompany = 250;
constexpr std::int64_t kFirstTicket = 10'000;
constexpr std::int64_t kDay = 86'400, kHour = 3'600, kMinute = 60;
constexpr std::int64_t kHistory = 120 * kDay;  ///< how far back tickets go
constexpr std::size_t kIdentifierMax = 25;

const json::object& words() {
  static const json::object document = json::parse(embedded::sandbox_town).as_object();
  return document;
}

json::object reference(std::int64_t id) { return {{"id", id}}; }

std::string time_text(std::int64_t seconds) {
  std::string text;
  append_time(text, seconds);
  return text;
}

/// Draws that mean the same with every standard library.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool chance(unsigned percent) { return below(100) < percent; }
  const json::value& pick(std::string_view list) {
    const json::array& values = words().at(list).as_array();
    return values[below(values.size())];
  }
  std::string text(std::string_view list) { return std::string(pick(list).as_string()); }
  std::uint64_t raw() { return random_(); }

 private:
  std::mt19937_64 random_;
};

struct Customer {
  std::int64_t id = 0;
  std::string name, identifier;
  std::size_t city = 0;
  std::int64_t status = 1, type = 4;
  bool deleted = false;
  std::size_t weight = 1;  ///< how big it is
  std::int64_t contacts = 0;
  std::int64_t first_device = 0, devices = 0;
};

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

class Town {
 public:
  Town(Tenant& tenant, const TownSize& size, std::uint64_t seed, const Actor& actor)
      : tenant_(tenant), size_(size), actor_(actor), dice_(seed) {}

  void build() {
    imagine_customers();
    for (Customer& each : customers_) plant_company(each);
    plant_devices();
    plant_agreements();
    plant_tickets();
  }

 private:
  void imagine_customers();
  void name_customer(Customer& customer, std::size_t number, const std::string& fresh);
  std::string identifier_for(const std::string& name, std::size_t city);
  void plant_company(Customer& customer);
  void plant_contact(const Customer& customer, std::int64_t id);
  json::array communications(const Customer& customer, std::int64_t id, const std::string& first);
  void plant_devices();
  void plant_device(const Customer& customer, std::int64_t id, std::int64_t number);
  void plant_agreements();
  void plant_tickets();
  void plant_ticket(std::int64_t id, std::int64_t opened, std::int64_t board);
  void work_on(std::int64_t ticket, const Customer& customer, std::int64_t board, std::int64_t opened);
  const Customer& drawn_customer();
  std::int64_t status_for(std::int64_t board, bool closed);
  Actor at(std::int64_t seconds, std::string member) const {
    Actor then = actor_;
    then.now = std::min(seconds, actor_.now);
    then.member = std::move(member);
    return then;
  }
  std::string phone() { return fmt::format("555{:07}", dice_.raw() % 10'000'000); }

  Tenant& tenant_;
  const TownSize size_;
  const Actor& actor_;
  Dice dice_;
  std::vector<Customer> customers_;
  std::vector<std::size_t> weights_;  ///< cumulative, of customers_
  std::unordered_set<std::string> identifiers_;
};

void Town::imagine_customers() {
  const json::array& firsts = words().at("first").as_array();
  const json::array& trades = words().at("trade").as_array();
  std::vector<std::size_t> names(firsts.size() * trades.size());
  std::iota(names.begin(), names.end(), 0);
  for (std::size_t i = names.size() - 1; i > 0; --i) std::swap(names[i], names[dice_.below(i + 1)]);
  customers_.resize(size_.companies);
  std::size_t sum = 0;
  for (std::size_t i = 0; i < customers_.size(); ++i) {
    Customer& each = customers_[i];
    each.id = kFirstCompany + static_cast<std::int64_t>(i);
    each.city = dice_.below(words().at("cities").as_array().size());
    const std::size_t drawn = names[i % names.size()];
    const std::string fresh = std::string(firsts[drawn / trades.size()].as_string()) + " " +
                              std::string(trades[drawn % trades.size()].as_string()) + dice_.text("suffix");
    name_customer(each, i, fresh);
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
      customer.city = (other.city + 1) % words().at("cities").as_array().size();
      break;
    case Oddity::limited:
      customer.name = without_suffix(other.name) + (other.name.ends_with(" Ltd") ? " Limited" : " Ltd");
      customer.city = other.city;
      break;
    case Oddity::doing_business_as:
      customer.name = without_suffix(fresh) + " LLC d/b/a " + without_suffix(other.name) + " of " +
                      std::string(words().at("cities").at(customer.city).at(0).as_string());
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
  std::string with_city =
      identifier.substr(0, kIdentifierMax - 4) + "-" + std::string(words().at("cities").at(city).at(1).as_string());
  if (identifiers_.insert(to_lower(with_city)).second) return with_city;
  for (int n = 2;; ++n) {
    std::string numbered = identifier.substr(0, kIdentifierMax - 5) + std::to_string(n);
    if (identifiers_.insert(to_lower(numbered)).second) return numbered;
  }
}

void Town::plant_company(Customer& customer) {
  const json::array& city = words().at("cities").at(customer.city).as_array();
  const bool big = customer.weight > 12;
  for (std::int64_t n = 0; n < (big ? 2 : 1); ++n) {
    json::object site{{"id", customer.id * 10 + n},
                      {"parent", customer.id},
                      {"name", n == 0 ? "Main" : "Warehouse"},
                      {"city", city[0]},
                      {"zip", city[2]},
                      {"primaryAddressFlag", n == 0}};
    plant(tenant_, "company/companies/sites", site, actor_);
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
  row.date_entered = actor_.now - static_cast<std::int64_t>(dice_.below(2'000)) * kDay;
  row.last_updated = row.date_entered + static_cast<std::int64_t>(dice_.below(10)) * kDay;
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
  const std::string first(scenario_word("first_names", dice_.raw())), last(scenario_word("last_names", dice_.raw()));
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
  plant(tenant_, "company/contacts", contact, actor_);
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

// Straight into the table: there are a hundred thousand.
void Town::plant_device(const Customer& customer, std::int64_t id, std::int64_t number) {
  static const Resource& resource = Catalogue::instance().get("company/configurations");
  const json::array& kinds = words().at("devices").as_array();
  auto lot = static_cast<std::int64_t>(dice_.below(100));
  std::size_t kind = 0;
  while (kind + 1 < kinds.size() && (lot -= kinds[kind].at(3).as_int64()) >= 0) ++kind;
  const std::string_view prefix = kinds[kind].at(1).as_string(), system = kinds[kind].at(2).as_string();
  const bool windows_default = prefix.ends_with('-');
  const std::string name =
      windows_default ? fmt::format("{}{:07X}", prefix, static_cast<std::uint32_t>(dice_.raw()) & 0xFFFFFFF)
                      : fmt::format("{}-{}{:03}", std::string_view(customer.identifier).substr(0, 6), prefix, number);
  const std::uint64_t bits = dice_.raw();
  const bool left = customer.status == 2 || customer.status == 11;
  const std::int64_t status = left || bits % 11 == 3 ? (bits % 5 == 0 ? 12 : 2)
                              : bits % 61 == 7       ? 3
                              : bits % 499 == 9      ? 11
                                                     : 1;
  Row row;
  row.id = id;
  row.date_entered = row.last_updated = actor_.now - static_cast<std::int64_t>(bits % 1'500) * kDay;
  row.entered_by = row.updated_by = "zAdmin";
  const auto set = [&](const char* field, json::value value) { row.set(resource.field(field), std::move(value)); };
  set("name", json::string(name));
  set("type", kinds[kind].at(0).as_int64());
  set("status", status);
  set("company", customer.id);
  set("site", customer.id * 10);
  if (customer.contacts > 0 && kind < 4 && bits % 10 < 7)
    set("contact", customer.id * 10 + static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(customer.contacts)));
  if (bits % 40 != 0) set("deviceIdentifier", json::string(fmt::format("dev-{}", id)));
  // "To be filled by O.E.M." is what a good many mainboards answer.
  set("serialNumber", json::string(bits % 53 == 0 ? "To be filled by O.E.M."
                                                  : fmt::format("SN{:08X}", static_cast<std::uint32_t>(bits))));
  set("modelNumber", json::string(dice_.text("models")));
  set("macAddress", json::string(fmt::format("00:1B:{:02X}:{:02X}:{:02X}:{:02X}", bits & 255, bits >> 8 & 255,
                                             bits >> 16 & 255, bits >> 24 & 255)));
  set("ipAddress", json::string(fmt::format("10.{}.{}.{}", customer.id % 250, number / 250, number % 250 + 1)));
  if (!system.empty()) set("osType", json::string(system));
  set("billFlag", status == 1);
  set("activeFlag", status == 1);
  tenant_.table(resource).insert(std::move(row));
}

void Town::plant_agreements() {
  const json::array& kinds = words().at("agreements").as_array();
  Table& agreements = tenant_.table("finance/agreements");
  const int status = agreements.resource().field("agreementStatus");
  std::int64_t id = 1;
  // Managed customers that are still there, the first of them with the most agreements.
  for (std::size_t i = 2; id <= static_cast<std::int64_t>(size_.agreements);
       i = i + 1 == customers_.size() ? 2 : i + 1) {
    const Customer& customer = customers_[i];
    if (customer.type != 4 || customer.status != 1 || customer.deleted || customer.contacts == 0) continue;
    const std::size_t several = 1 + (i % 3 == 0 ? 1 + dice_.below(3) : 0);
    for (std::size_t n = 0; n < several && id <= static_cast<std::int64_t>(size_.agreements); ++n, ++id) {
      const json::array& kind = kinds[n == 0 ? 0 : 1 + dice_.below(kinds.size() - 1)].as_array();
      const std::int64_t start = actor_.now - static_cast<std::int64_t>(100 + dice_.below(900)) * kDay;
      const bool cancelled = n > 0 && id % 9 == 0, expired = !cancelled && id % 14 == 5;
      json::object agreement{
          {"id", id},
          {"name", fmt::format("{} - {}", std::string_view(kind[1].as_string()), customer.name).substr(0, 100)},
          {"type", reference(kind[0].as_int64())},
          {"company", reference(customer.id)},
          {"contact", reference(customer.id * 10)},
          {"startDate", time_text(start / kDay * kDay)},
          {"noEndingDateFlag", !expired},
          {"cancelledFlag", cancelled},
          {"billAmount", 250 + 25 * static_cast<std::int64_t>(dice_.below(80))},
          {"billTime", "NoDefault"}};
      if (expired) agreement["endDate"] = time_text((actor_.now - 20 * kDay) / kDay * kDay);
      plant(tenant_, "finance/agreements", agreement, actor_);
      Row row = *agreements.find(id);
      row.set(status, cancelled ? "Cancelled" : expired ? "Expired" : "Active");
      agreements.replace(std::move(row));
    }
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
  const json::array& summaries = words().at("summaries").at(std::to_string(board)).as_array();
  const std::string summary(summaries[dice_.below(summaries.size())].as_string());
  const bool alert = board != 1 && board != 20;
  json::object body{
      {"summary", summary},
      {"board", reference(board)},
      {"company", reference(customer.id)},
      {"priority", reference(dice_.chance(5)    ? 1
                             : dice_.chance(20) ? 2
                             : dice_.chance(75) ? 3
                                                : 4)},
      {"source", reference(alert ? (dice_.chance(90) ? 4 : 11) : 1 + static_cast<std::int64_t>(dice_.below(3)))},
      {"initialDescription", fmt::format("{}{}.", alert ? "Raised by monitoring: " : "Reported: ", summary)}};
  if (customer.contacts > 0 && !alert) body["contact"] = reference(customer.id * 10);
  if (customer.contacts == 0) body["contactName"] = "Unknown caller";
  const auto added = post_row(tenant_, Catalogue::instance().get("service/tickets"), 0, body,
                              at(opened, alert ? "APIuser" : "tbaker"));
  if (!added) throw std::logic_error("scenario: ticket " + std::to_string(id) + ": " + added.error().message);
  if (customer.devices > 0 && (alert || dice_.chance(30))) {
    Table& tickets = tenant_.table("service/tickets");
    Row row = **added;
    const auto device = static_cast<std::int64_t>(dice_.below(static_cast<std::size_t>(customer.devices)));
    row.set(tickets.resource().field("configuration"), json::array{customer.first_device + device});
    tickets.replace(std::move(row));
  }
  work_on(id, customer, board, opened);
}

/// A status of the board that is (or is not) one of the end, never an inactive one.
std::int64_t Town::status_for(std::int64_t board, bool closed) {
  const Table& statuses = tenant_.table("service/boards/statuses");
  const Resource& resource = statuses.resource();
  std::vector<std::int64_t> fitting;
  for (const std::int64_t id : *statuses.lookup(resource.field("board"), std::to_string(board))) {
    const Row& row = *statuses.find(id);
    if (row.flag(resource.field("closedStatus")) == closed && !row.flag(resource.field("inactive")))
      fitting.push_back(id);
  }
  return fitting[dice_.below(fitting.size())];
}

void Town::work_on(std::int64_t ticket, const Customer& customer, std::int64_t board, std::int64_t opened) {
  const Resource& tickets = Catalogue::instance().get("service/tickets");
  const Resource& notes = Catalogue::instance().get("service/tickets/notes");
  const std::int64_t age = actor_.now - opened;
  const bool closed = age > 20 * kDay ? !dice_.chance(6) : age > 2 * kDay ? dice_.chance(70) : dice_.chance(25);
  if (!closed && age < kDay && dice_.chance(60)) return;  // nobody has looked at it yet
  const std::string member = dice_.text("members");
  std::int64_t now = opened + kMinute * static_cast<std::int64_t>(5 + dice_.below(120));
  const auto patch = [&](std::string_view path, json::object value) {
    const Row* row = tenant_.table(tickets).find(ticket);
    const json::array operations{json::object{{"op", "replace"}, {"path", path}, {"value", std::move(value)}}};
    const auto done = patch_row(tenant_, tickets, *row, operations, at(now, member));
    if (!done) throw std::logic_error("scenario: work on a ticket: " + done.error().message);
  };
  const auto write = [&](const Resource& resource, std::int64_t parent, const json::object& body) {
    const auto done = post_row(tenant_, resource, parent, body, at(now, member));
    if (!done) throw std::logic_error("scenario: " + resource.path + ": " + done.error().message);
  };
  if (!dice_.chance(5)) patch("owner", {{"identifier", member}});
  for (std::size_t n = dice_.below(3); n > 0; --n) {
    now += kMinute * static_cast<std::int64_t>(20 + dice_.below(400));
    write(notes, ticket,
          {{"text", dice_.text("notes")}, {dice_.chance(35) ? "internalAnalysisFlag" : "detailDescriptionFlag", true}});
  }
  if (customer.id != kFirstCompany && dice_.chance(60)) {
    const std::int64_t quarters = 1 + static_cast<std::int64_t>(dice_.below(8));
    write(Catalogue::instance().get("time/entries"), 0,
          {{"chargeToId", ticket},
           {"chargeToType", "ServiceTicket"},
           {"timeStart", time_text(std::min(now, actor_.now))},
           {"timeEnd", time_text(std::min(now, actor_.now) + quarters * kHour / 4)},
           {"actualHours", static_cast<double>(quarters) / 4},
           {"member", json::object{{"identifier", member}}},
           {"notes", dice_.text("notes")},
           {"addToDetailDescriptionFlag", true}});
    now += quarters * kHour / 4;
  }
  now += kMinute * static_cast<std::int64_t>(dice_.below(closed ? 2'000 : 300));
  if (closed && dice_.chance(55)) write(notes, ticket, {{"text", dice_.text("resolutions")}, {"resolutionFlag", true}});
  patch("status", reference(status_for(board, closed)));
}

}  // namespace

void build_town(Tenant& tenant, const TownSize& size, std::uint64_t seed, const Actor& actor) {
  Town(tenant, size, seed, actor).build();
}

const json::object& town_reference_data() { return words().at("reference").as_object(); }

}  // namespace crosswalk::sandbox

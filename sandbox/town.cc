#include "sandbox/town.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <numeric>
#include <set>
#include <unordered_set>

#include "base/text.h"
#include "sandbox/details.h"
#include "sandbox/devices.h"
#include "sandbox/money.h"
#include "sandbox/money_seed.h"
#include "sandbox/planting.h"
#include "sandbox/rules.h"
#include "sandbox/time_sheets.h"
#include "sandbox/town_sales.h"
#include "sandbox/town_tickets.h"
#include "sandbox/town_words.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::int64_t kFirstCompany = 250, kOwnCompany = 251;
constexpr int kWeeksOfMeetings = 16;
constexpr std::int64_t kDaysOfTickets = 130;  ///< the people and agreements of tickets were there before
constexpr std::size_t kIdentifierMax = 25;
constexpr std::int64_t kManagedServices = 1;
constexpr std::int64_t kWorkstation = 22, kServer = 25, kMac = 33;                       ///< types of devices
constexpr std::int64_t kInUse = 1;                                                       ///< a status of them
constexpr std::int64_t kClientTier = 1, kSeats = 2, kDiscount = 3, kDiskEncryption = 5;  ///< own fields

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

/// A letter is missing within a word, or two have changed places.
std::string misspelt(std::string name, Dice& dice) {
  const auto small = [&](std::size_t at) { return name[at] >= 'a' && name[at] <= 'z'; };
  std::size_t at = 1 + dice.below(std::max<std::size_t>(1, name.size() / 2));
  while (at + 1 < name.size() && (!small(at) || !small(at + 1) || name[at] == name[at + 1])) ++at;
  if (at + 1 >= name.size()) return name + "e";
  if (dice.chance(50))
    std::swap(name[at], name[at + 1]);
  else
    name.erase(at, 1);
  return name;
}

/// Without its legal form.
std::string without_suffix(std::string name) {
  for (const std::string_view suffix :
       {", Inc.", " Inc.", ", LLC", " LLC", " Ltd", " Limited", " Co.", ", P.A.", " PLLC"}) {
    if (equals_ignoring_case(std::string_view(name).substr(name.size() - std::min(name.size(), suffix.size())), suffix))
      name.resize(name.size() - suffix.size());
  }
  return name;
}

/// What people make of a name: its words without the legal form, as many as fit.
std::string short_name(const std::string& name, std::size_t limit) {
  const std::string plain = without_suffix(name.substr(0, name.find(" d/b/a ")));
  const bool shouted = std::ranges::none_of(plain, [](unsigned char c) { return std::islower(c) != 0; });
  std::string made;
  for (std::size_t at = 0; at < plain.size();) {
    const std::size_t end = std::min(plain.find(' ', at), plain.size());
    std::string word = plain.substr(at, end - at);
    std::erase_if(word, [](unsigned char c) { return std::isalnum(c) == 0; });
    if (shouted && word.size() > 1) word = word.front() + to_lower(word.substr(1));
    if (made.size() + word.size() > limit) break;
    made += word;
    at = end + 1;
  }
  return made;
}

/// How customers are called before anything goes wrong with it: "Alpine Dental, P.A.".
struct Trade {
  std::string_view name;
  const json::array* suffixes;  ///< that go with it
};

std::vector<Trade> trades() {
  std::vector<Trade> all;
  for (const json::value& group : town_words().at("trades").as_array()) {
    for (const json::value& name : group.at("names").as_array())
      all.push_back({name.as_string(), &group.at("suffixes").as_array()});
  }
  return all;
}

/// A kind of agreement, and when those of its name have begun.
struct Agreement {
  std::int64_t type = 0;
  std::string_view name;
  std::int64_t begins = 0, ends = std::numeric_limits<std::int64_t>::max();
};

Agreement agreement_of(const json::array& said) {
  Agreement kind{.type = said[0].as_int64(), .name = said[1].as_string()};
  if (said.size() < 3) return kind;
  const std::chrono::year year(static_cast<int>(said[2].as_int64()));
  kind.begins = seconds_of(year / 1 / 1);
  kind.ends = seconds_of((year + std::chrono::years(1)) / 1 / 1);
  return kind;
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
          {{"id", 1}, {"name", "Meeting"}, {"company", reference(kOwnCompany)}, {"billTime", "DoNotBill"}},
          at(actor_, customers_[1].since));
    enter_meetings(tenant_, kWeeksOfMeetings, actor_);
    plant_town_tickets(tenant_, customers_, size_.tickets, dice_, actor_);
    fill_time_sheets(tenant_, actor_);
    plant_town_sales(tenant_, customers_, size_.opportunities, dice_, actor_);
  }

 private:
  void imagine_customers();
  void name_customer(Customer& customer, std::size_t number, std::string_view first, const Trade& trade);
  void classify(Customer& customer, std::size_t number);
  std::string identifier_for(const std::string& name, std::size_t city);
  void plant_company(Customer& customer);
  void plant_contact(const Customer& customer, std::int64_t id, std::set<std::string>& mails);
  json::array communications(const Customer& customer, const std::string& mail);
  void plant_devices();
  void plant_device(Customer& customer, std::int64_t id, std::int64_t number);
  void plant_agreements();
  void plant_agreement(Customer& customer, std::int64_t id, bool first);
  void bill();
  void describe_customers();
  Agreement drawn_agreement(const Customer& customer);
  /// In the customer's city.
  std::string phone(const Customer& customer) {
    const std::string_view area = town_words().at("cities").at(customer.city).at(3).as_string();
    return phone_number(fmt::format("{}555####", area), dice_.raw());
  }

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
  const std::vector<Trade> all = trades();
  std::vector<std::size_t> names(firsts.size() * all.size());
  std::iota(names.begin(), names.end(), 0);
  for (std::size_t i = names.size() - 1; i > 0; --i) std::swap(names[i], names[dice_.below(i + 1)]);
  customers_.resize(size_.companies);
  std::size_t sum = 0;
  for (std::size_t i = 0; i < customers_.size(); ++i) {
    Customer& each = customers_[i];
    each.id = kFirstCompany + static_cast<std::int64_t>(i);
    each.city = dice_.below(town_words().at("cities").as_array().size());
    const std::size_t drawn = names[i % names.size()];
    name_customer(each, i, firsts[drawn / all.size()].as_string(), all[drawn % all.size()]);
    classify(each, i);
    each.since = (actor_.now / kDay - 200 - dice_.some(3'000)) * kDay;
    // Few are big, most are small.
    each.weight = i < 2 ? 1 : 1 + 40 / (1 + dice_.below(40)) + dice_.below(3);
    weights_.push_back(sum += each.weight);
  }
}

void Town::name_customer(Customer& customer, std::size_t number, std::string_view first, const Trade& trade) {
  const json::array& cities = town_words().at("cities").as_array();
  if (number == 0) {
    customer.name = "Catchall (unknown customers)";
    customer.identifier = "Catchall";
    return;
  }
  if (number == 1) {
    customer.name = "Northwind Managed Services";
    customer.identifier = "NorthwindMSP";
    customer.city = 0;
    return;
  }
  customer.name = fmt::format("{} {}{}", first, trade.name,
                              std::string_view((*trade.suffixes)[dice_.below(trade.suffixes->size())].as_string()));
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
      customer.city = (other.city + 1) % cities.size();
      break;
    case Oddity::limited:
      customer.name = without_suffix(other.name) + (other.name.ends_with(" Ltd") ? " Limited" : " Ltd");
      customer.city = other.city;
      break;
    case Oddity::doing_business_as:
      customer.name = fmt::format("{} Holdings LLC d/b/a {} of {}", first, without_suffix(other.name),
                                  std::string_view(cities[customer.city].at(0).as_string()));
      break;
    case Oddity::shouted:
      customer.name = other.name;
      std::transform(customer.name.begin(), customer.name.end(), customer.name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      customer.city = other.city;
      break;
  }
  customer.identifier = identifier_for(customer.name, customer.city);
}

/// Most pay by the month, and are still there.
void Town::classify(Customer& customer, std::size_t number) {
  constexpr std::int64_t kClient = 1, kProspect = 2, kVendor = 3, kOwner = 5, kBreakFix = 11, kFormer = 12;
  if (number < 2) {
    customer.type = number == 0 ? kClient : kOwner;
    return;
  }
  if (number % 17 == 5) customer.status = 2;
  if (number % 59 == 3) customer.status = 3;
  if (number % 41 == 12) customer.status = 11;
  customer.deleted = number % 97 == 11;
  if (number % 13 == 6) customer.type = kProspect;
  if (number % 67 == 9) customer.type = kVendor;
  if (number % 9 == 4) customer.type = kBreakFix;
  if (customer.status == 11) customer.type = kFormer;
}

/// Where a name is there already, the state tells the two apart, then a number.
std::string Town::identifier_for(const std::string& name, std::size_t city) {
  const std::string identifier = short_name(name, kIdentifierMax);
  if (identifiers_.insert(to_lower(identifier)).second) return identifier;
  const std::string_view state = town_words().at("cities").at(city).at(1).as_string();
  const std::string with_state = fmt::format("{}-{}", short_name(name, kIdentifierMax - 3), state);
  if (identifiers_.insert(to_lower(with_state)).second) return with_state;
  for (int n = 2;; ++n) {
    std::string numbered = short_name(name, kIdentifierMax - 5) + std::to_string(n);
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
                       {"phoneNumber", phone(customer)},
                       {"website", fmt::format("www.{}.example", to_lower(customer.identifier))},
                       {"dateAcquired", time_text(customer.since)},
                       {"types", json::array{reference(customer.type)}}};
  plant(tenant_, "company/companies", company, actor_);
  customer.contacts = customer.id == kFirstCompany
                          ? 0
                          : 1 + static_cast<std::int64_t>(dice_.below(std::min<std::size_t>(customer.weight, 8)));
  std::set<std::string> mails;
  for (std::int64_t n = 0; n < customer.contacts; ++n) plant_contact(customer, customer.id * 10 + n, mails);
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

json::array Town::communications(const Customer& customer, const std::string& mail) {
  const auto item = [](std::int64_t type, const char* name, std::string value, bool is_default, const char* kind) {
    return json::object{{"type", json::object{{"id", type}, {"name", name}}},
                        {"value", std::move(value)},
                        {"defaultFlag", is_default},
                        {"communicationType", kind}};
  };
  const std::string domain = to_lower(customer.identifier) + ".example";
  json::array items;
  if (!dice_.chance(4)) items.push_back(item(1, "Email", fmt::format("{}@{}", mail, domain), true, "Email"));
  if (dice_.chance(12))
    items.push_back(item(1, "Email", fmt::format("{}{}@mail.example", mail, 10 + dice_.below(90)), false, "Email"));
  if (dice_.chance(75)) items.push_back(item(2, "Direct", phone(customer), true, "Phone"));
  if (dice_.chance(40))
    items.push_back(
        item(4, "Cell", phone(customer), items.empty() || items.back().at("communicationType") != "Phone", "Phone"));
  return items;
}

/// Shared mailboxes and front desks have one name only; nobody has the address of a colleague.
void Town::plant_contact(const Customer& customer, std::int64_t id, std::set<std::string>& mails) {
  std::string first, last, mail;
  do {
    const bool desk = dice_.chance(5);
    first = dice_.text(desk ? "desks" : "first_names");
    last = desk ? "" : dice_.text("last_names");
    mail = mail_name(first, last);
  } while (!mails.insert(mail).second);
  json::object contact{{"id", id},
                       {"firstName", first},
                       {"company", reference(customer.id)},
                       {"site", reference(customer.id * 10)},
                       {"defaultFlag", id % 10 == 0},
                       {"inactiveFlag", id % 10 != 0 && dice_.chance(10)}};
  if (!last.empty()) contact["lastName"] = last;
  if (json::array items = communications(customer, mail); !items.empty())
    contact["communicationItems"] = std::move(items);
  const std::int64_t days = std::min<std::int64_t>(900, (actor_.now - customer.since) / kDay - kDaysOfTickets);
  plant(tenant_, "company/contacts", contact, at(actor_, customer.since + 10 * kHour + dice_.some(days) * kDay));
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
  set("billFlag", status == kInUse && customer.id != kOwnCompany);
  set("activeFlag", status == kInUse);
  if (on_desk && id % 40 == 1) set("customFields", own_fields(tenant_, {{kDiskEncryption, bits % 3 != 0}}));
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

/// One that a customer has beside its first. The name of some says the year in which all of them began: only who was a
/// customer then has one.
Agreement Town::drawn_agreement(const Customer& customer) {
  const json::array& kinds = town_words().at("agreements").as_array();
  for (;;) {
    const Agreement kind = agreement_of(kinds[1 + dice_.below(kinds.size() - 1)].as_array());
    if (kind.begins == 0 || customer.since + kDay < kind.ends) return kind;
  }
}

void Town::plant_agreement(Customer& customer, std::int64_t id, bool first) {
  const Agreement kind =
      first ? agreement_of(town_words().at("agreements").at(0).as_array()) : drawn_agreement(customer);
  const std::int64_t from = std::max(customer.since, kind.begins);
  const std::int64_t until = std::min(kind.ends, (actor_.now / kDay - kDaysOfTickets) * kDay);
  const std::int64_t start = from + dice_.some((until - from) / kDay) * kDay;
  const bool cancelled = !first && id % 9 == 0, expired = !cancelled && id % 14 == 5;
  json::object agreement{{"id", id},
                         {"name", fmt::format("{} - {}", kind.name, customer.name).substr(0, 100)},
                         {"type", reference(kind.type)},
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
  if (first && !expired && kind.type == kManagedServices) customer.agreement = id;
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
    const json::array fields = own_fields(tenant_, {{kClientTier, kTiers[dice_.below(std::size(kTiers))]},
                                                    {kSeats, customer.workstations},
                                                    {kDiscount, discount}});
    settle(tenant_, "company/companies", customer.id, "customFields", fields);
  }
}

}  // namespace

void build_town(Tenant& tenant, const TownSize& size, std::uint64_t seed, const Actor& actor) {
  Town(tenant, size, seed, actor).build();
}

const json::object& town_reference_data() { return town_words().at("reference").as_object(); }

}  // namespace crosswalk::sandbox

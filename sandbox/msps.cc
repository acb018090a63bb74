#include "sandbox/msps.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <unordered_set>

#include "base/text.h"
#include "sandbox/details.h"
#include "sandbox/devices.h"
#include "sandbox/money_seed.h"
#include "sandbox/planting.h"
#include "sandbox/rules.h"
#include "sandbox/town_words.h"

namespace crosswalk::embedded {
extern const std::string_view sandbox_msp_plain, sandbox_msp_merged, sandbox_msp_tiers, sandbox_msp_german,
    sandbox_msp_french, sandbox_msp_spanish, sandbox_msp_workshop, sandbox_msp_locations, sandbox_msp_crowded,
    sandbox_msp_billing;
}  // namespace crosswalk::embedded

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::string_view kPrefix = "msp:";
constexpr std::array<std::string_view, 10> kNames{"plain",   "merged",   "tiers",     "german",  "french",
                                                  "spanish", "workshop", "locations", "crowded", "billing"};

/// In the order of the names.
std::vector<json::object> read_documents() {
  std::vector<json::object> documents;
  for (const std::string_view text :
       {embedded::sandbox_msp_plain, embedded::sandbox_msp_merged, embedded::sandbox_msp_tiers,
        embedded::sandbox_msp_german, embedded::sandbox_msp_french, embedded::sandbox_msp_spanish,
        embedded::sandbox_msp_workshop, embedded::sandbox_msp_locations, embedded::sandbox_msp_crowded,
        embedded::sandbox_msp_billing})
    documents.push_back(json::parse(text).as_object());
  return documents;
}

/// A document names other objects by their ids alone.
json::object with_references(std::string_view path, const json::object& said) {
  const Resource& resource = Catalogue::instance().get(path);
  json::object object;
  for (const auto& [name, value] : said) {
    const int field = resource.field(name);
    const FieldType type = field < 0 ? FieldType::any : resource.fields[static_cast<std::size_t>(field)].type;
    object[name] = value;
    if (type == FieldType::reference && value.is_int64()) object[name] = reference(value.get_int64());
    if (type != FieldType::references || !value.is_array()) continue;
    json::array list;
    for (const json::value& id : value.get_array()) list.push_back(reference(id.as_int64()));
    object[name] = std::move(list);
  }
  return object;
}

json::object tables_in(const json::object& said) {
  json::object tables;
  for (const auto& [path, objects] : said) {
    json::array rows;
    for (const json::value& object : objects.as_array()) rows.push_back(with_references(path, object.as_object()));
    tables[path] = std::move(rows);
  }
  return tables;
}

/// The lists of a board, and the collections in which they stand.
constexpr std::pair<const char*, const char*> kListsOfBoard[] = {{"statuses", "service/boards/statuses"},
                                                                 {"types", "service/boards/types"},
                                                                 {"subtypes", "service/boards/subtypes"},
                                                                 {"items", "service/boards/items"},
                                                                 {"teams", "service/boards/teams"}};

const json::object& board_numbered(const json::array& boards, std::int64_t id) {
  const auto found = std::ranges::find_if(boards, [&](const json::value& each) { return each.at("id") == id; });
  return found->as_object();
}

/// Entries of a board are numbered in their order: the third status of board 12 is 1203.
json::object of_board(std::int64_t board, std::int64_t number, std::string_view path, const json::object& said) {
  json::object object{{"id", board * 100 + number}, {"parent", board}};
  if (path == "service/boards/statuses") object["sortOrder"] = number * 10;
  for (const auto& [name, value] : with_references(path, said)) object[name] = value;
  return object;
}

/// Boards stand in a document with their lists; one that is "like" another has those that it does not say itself.
void add_boards(const json::array& boards, json::object& tables) {
  constexpr const char* kBoards = "service/boards";
  tables[kBoards].emplace_array();
  for (const auto& [list, path] : kListsOfBoard) tables[path].emplace_array();
  for (const json::value& each : boards) {
    json::object board = each.as_object();
    const std::int64_t id = board.at("id").as_int64();
    const json::value* like = board.if_contains("like");
    const json::object& model = like == nullptr ? each.as_object() : board_numbered(boards, like->as_int64());
    for (const auto& [list, path] : kListsOfBoard) {
      const json::value* rows = (board.contains(list) ? each.as_object() : model).if_contains(list);
      std::int64_t number = 0;
      if (rows == nullptr) continue;
      for (const json::value& row : rows->as_array())
        tables[path].as_array().push_back(of_board(id, ++number, path, row.as_object()));
    }
    for (const auto& [list, path] : kListsOfBoard) board.erase(list);
    board.erase("like");
    tables[kBoards].as_array().push_back(with_references(kBoards, board));
  }
}

constexpr std::int64_t kFirstCompany = 250, kFirstTicket = 1000;
constexpr std::int64_t kMonthly = 1;             ///< the billing cycle, whatever its name
constexpr std::int64_t kEmail = 1, kDirect = 2;  ///< types of communication

json::object communication(std::int64_t type, const std::string& value, const char* kind) {
  return {{"type", reference(type)}, {"value", value}, {"defaultFlag", true}, {"communicationType", kind}};
}

/// The first of the month after a day.
Day next_month(std::int64_t seconds) {
  const std::chrono::year_month_day day(day_of(seconds));
  return (day.year() / day.month() + std::chrono::months(1)) / 1;
}

class Business {
 public:
  Business(Tenant& tenant, const json::object& msp, std::uint64_t seed, const Actor& actor)
      : tenant_(tenant), msp_(msp), actor_(actor), dice_(seed), serials_(seed) {
    const std::chrono::year_month_day today(day_of(actor.now));
    month_ = Day(today.year() / today.month() / 1);
  }

  void plant_customers() {
    tenant_.table("company/companies").set_next_id(kFirstCompany);
    for (const json::value& each : msp_.at("customers").as_array()) plant_customer(each.as_object());
    if (const json::value* every = msp_.if_contains("every_cycle")) plant_every_cycle(every->as_object());
  }

  void plant_tickets() {
    tenant_.table("service/tickets").set_next_id(kFirstTicket);
    for (const json::value& each : msp_.at("tickets").as_array()) plant_ticket(each.as_object());
  }

 private:
  struct Company {
    std::int64_t id = 0, contact = 0, site = 0, since = 0;
    std::string identifier, phone_pattern, mail;
  };

  /// With its first site, and somebody to talk to; nobody is to be found where unknown customers are kept.
  Company plant_company(const json::object& said) {
    constexpr std::int64_t kDaysMin = 400, kDaysRange = 2'500;
    Company company;
    company.since = (actor_.now / kDay - kDaysMin - dice_.some(kDaysRange)) * kDay;
    company.identifier = said.at("identifier").as_string();
    const json::value* own_pattern = said.if_contains("phoneNumber");
    company.phone_pattern = (own_pattern == nullptr ? msp_.at("phone") : *own_pattern).as_string();
    json::object body = with_references("company/companies", said);
    body["site"] = json::object{{"name", msp_.at("site")}};
    body["dateAcquired"] = time_text(company.since);
    const bool of_unknown = tenant_.table("company/companies").next_id() == kFirstCompany;
    if (!of_unknown) body["phoneNumber"] = draw_phone(company.phone_pattern);
    if (said.contains("city")) body["addressLine1"] = draw_street();
    company.id = write(tenant_, "company/companies", 0, body, at(actor_, company.since + 9 * kHour)).id;
    // Its site was made after it.
    const Table& companies = std::as_const(tenant_).table("company/companies");
    company.site = companies.find(company.id)->integer(companies.resource().field("site"));
    if (!of_unknown) plant_contact(company);
    return companies_[company.identifier] = company;
  }

  void plant_contact(Company& company) {
    const json::value& people = msp_.at("people");
    const std::string first(dice_.of(people.at("first")).as_string()), last(dice_.of(people.at("last")).as_string());
    company.mail = fmt::format("{}@{}.example", mail_name(first, last), to_lower(company.identifier));
    const json::array items{communication(kEmail, company.mail, "Email"),
                            communication(kDirect, draw_phone(company.phone_pattern), "Phone")};
    company.contact = write(tenant_, "company/contacts", 0,
                            {{"firstName", first},
                             {"lastName", last},
                             {"company", reference(company.id)},
                             {"site", reference(company.site)},
                             {"defaultFlag", true},
                             {"communicationItems", items}},
                            at(actor_, company.since + 10 * kHour))
                          .id;
  }

  /// None comes twice.
  std::string draw_phone(std::string_view pattern) {
    std::string number = phone_number(pattern, dice_.raw());
    while (!phones_.insert(number).second) number = phone_number(pattern, dice_.raw());
    return number;
  }

  /// "{}" in a street is where the number of a house stands.
  std::string draw_street() {
    constexpr std::int64_t kHouses = 180;
    std::string street(dice_.of(msp_.at("streets")).as_string());
    return street.replace(street.find("{}"), 2, std::to_string(2 + dice_.some(kHouses)));
  }

  void plant_customer(const json::object& said) {
    const Company company = plant_company(said.at("company").as_object());
    if (const json::value* devices = said.if_contains("devices"))
      plant_devices(company, said.at("host").as_string(), devices->as_int64());
    const json::value* agreements = said.if_contains("agreements");
    if (agreements == nullptr) return;
    for (const json::value& each : agreements->as_array()) {
      const json::object& agreement = each.at("agreement").as_object();
      // What is billed by the month has been for long; anything else begins now.
      const bool monthly = agreement.at("billingCycle") == kMonthly;
      plant_agreement(company, agreement, each.at("additions").as_array(),
                      monthly ? next_month(company.since) : month_);
    }
  }

  /// The MSP's kinds of devices come by turns: each says its type, what it is, and what its name shows if not that.
  void plant_devices(const Company& company, std::string_view host, std::int64_t devices) {
    const json::array& kinds = msp_.at("devices").as_array();
    std::map<std::string_view, int> of_kind;
    for (std::int64_t n = 0; n < devices; ++n) {
      const json::array& kind = kinds[static_cast<std::size_t>(n) % kinds.size()].as_array();
      const std::string_view shown = kind.back().as_string();
      plant_device(company, n, kind, fmt::format("{}-{}{:02}", host, shown, ++of_kind[shown]));
    }
  }

  void plant_device(const Company& company, std::int64_t number, const json::array& kind, const std::string& name) {
    const std::string_view prefix = kind[1].as_string();
    const DeviceLife life = device_life(prefix, true, dice_.raw(), actor_.now);
    const DeviceModel model = device_model(prefix, dice_.raw(), life.purchased);
    write(tenant_, "company/configurations", 0,
          {{"name", name},
           {"type", reference(kind[0].as_int64())},
           {"company", reference(company.id)},
           {"site", reference(company.site)},
           {"deviceIdentifier", fmt::format("dev-{}-{}", company.id, number)},
           {"serialNumber", serials_.next(prefix, model, life.purchased)},
           {"manufacturer", reference(model.manufacturer)},
           {"modelNumber", model.name},
           {"osType", model.system},
           {"purchaseDate", time_text(life.purchased)},
           {"installationDate", time_text(life.installed)},
           {"warrantyExpirationDate", time_text(life.warranty_ends)}},
          at(actor_, life.installed + 11 * kHour));
  }

  /// Up to this month, everything has been billed.
  void plant_agreement(const Company& company, const json::object& said, const json::array& additions, Day start) {
    const std::string begins = time_text(seconds_of(start));
    json::object body{{"company", reference(company.id)}, {"contact", reference(company.contact)},
                      {"site", reference(company.site)},  {"startDate", begins},
                      {"billStartDate", begins},          {"noEndingDateFlag", true}};
    for (const auto& [name, value] : with_references("finance/agreements", said)) body[name] = value;
    const Actor then = at(actor_, seconds_of(start) + 12 * kHour);
    const std::int64_t agreement = write(tenant_, "finance/agreements", 0, body, then).id;
    for (const json::value& addition : additions) plant_addition(agreement, addition.as_object(), start, then);
    if (start < month_) settle_billing_before(tenant_, agreement, month_);
  }

  /// "from" and "until" are days after the first that is billed.
  void plant_addition(std::int64_t agreement, const json::object& said, Day start, const Actor& actor) {
    const auto day = [&](const json::value& days) {
      return json::string(time_text(seconds_of(start + std::chrono::days(days.as_int64()))));
    };
    json::object body{{"product", reference(said.at("product").as_int64())},
                      {"quantity", said.at("quantity")},
                      {"billCustomer", "Billable"},
                      {"effectiveDate", day(said.contains("from") ? said.at("from") : json::value(0))}};
    if (const json::value* price = said.if_contains("price")) body["unitPrice"] = *price;
    if (const json::value* until = said.if_contains("until")) body["cancelledDate"] = day(*until);
    write(tenant_, "finance/agreements/additions", agreement, body, actor);
  }

  /// An agreement for each way in which one can be billed.
  void plant_every_cycle(const json::object& every) {
    const Company company = plant_company(every.at("company").as_object());
    std::vector<std::pair<std::int64_t, std::string>> cycles;
    const Table& table = std::as_const(tenant_).table("finance/billingCycles");
    table.each([&](const Row& row) {
      cycles.emplace_back(row.id, row.text(table.resource().field("name")));
      return true;
    });
    const auto plant_one = [&](std::string name, json::object more) {
      json::object said = every.at("agreement").as_object();
      said["name"] = std::move(name);
      for (auto& [member, value] : more) said[member] = std::move(value);
      plant_agreement(company, said, every.at("additions").as_array(), month_);
    };
    for (const auto& [cycle, name] : cycles) {
      for (const bool prorated : {true, false}) {
        for (const char* period : {"Current", "Future"})
          plant_one(fmt::format("{}, {}, periodType {}", name, prorated ? "prorated" : "not prorated", period),
                    {{"billingCycle", cycle}, {"prorateFlag", prorated}, {"periodType", period}});
      }
    }
    plant_one("No billing cycle", {});
  }

  /// Entered "by" a member, or by the customer who has written it.
  void plant_ticket(const json::object& said) {
    constexpr std::int64_t kAlert = 4;
    const std::int64_t opened = moment(said.at("opened").as_string(), actor_.now);
    const json::object& ticket = said.at("ticket").as_object();
    const Company& company = companies_.at(std::string(ticket.at("company").at("identifier").as_string()));
    const json::value* by = said.if_contains("by");
    const std::string member(by == nullptr ? std::string_view(company.mail) : std::string_view(by->as_string()));
    json::object body = with_references("service/tickets", ticket);
    if (ticket.at("source") != kAlert) body["contact"] = reference(company.contact);
    const std::int64_t id = write(tenant_, "service/tickets", 0, body, at(actor_, opened, member)).id;
    if (by == nullptr) written_by_contact(tenant_, id, company.contact);
    if (const json::value* status = said.if_contains("status"))
      change(tenant_, "service/tickets", id, "status", reference(status->as_int64()),
             at(actor_, opened + kHour, member));
  }

  Tenant& tenant_;
  const json::object& msp_;
  const Actor& actor_;
  Dice dice_;
  SerialNumbers serials_;
  std::unordered_set<std::string> phones_;
  std::map<std::string, Company> companies_;  ///< by identifier
  Day month_;                                 ///< the first of this one
};

}  // namespace

std::span<const std::string_view> msp_names() { return kNames; }

const json::object* msp_of(std::string_view scenario) {
  if (!scenario.starts_with(kPrefix)) return nullptr;
  static const std::vector<json::object> documents = read_documents();
  const auto found = std::ranges::find(kNames, scenario.substr(kPrefix.size()));
  return found == kNames.end() ? nullptr : &documents[static_cast<std::size_t>(found - kNames.begin())];
}

std::vector<TenantOptions> msp_tenants(std::string_view role) {
  std::vector<TenantOptions> tenants;
  for (const std::string_view name : kNames) {
    TenantOptions options;
    options.login_company = fmt::format("msp-{}", name);
    options.role = role;
    options.scenario = fmt::format("{}{}", kPrefix, name);
    tenants.push_back(std::move(options));
  }
  return tenants;
}

json::object msp_reference(const json::object& msp) {
  json::object tables = tables_in(msp.at("reference").as_object());
  add_boards(msp.at("boards").as_array(), tables);
  return tables;
}

json::object msp_catalog(const json::object& msp) { return tables_in(msp.at("catalog").as_object()); }

void plant_msp(Tenant& tenant, const json::object& msp, std::uint64_t seed, const Actor& actor) {
  const json::object& server = msp.at("server").as_object();
  tenant.codebase = server.at("codebase").as_string();
  tenant.is_cloud = server.at("is_cloud").as_bool();
  tenant.server_time_zone = server.at("time_zone").as_string();
  tenant.cloud_region = server.at("cloud_region").as_string();
  Business business(tenant, msp, seed, actor);
  business.plant_customers();
  business.plant_tickets();
}

}  // namespace crosswalk::sandbox

#include "sandbox/msps.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sandbox/devices.h"
#include "sandbox/money.h"
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

class Business {
 public:
  Business(Tenant& tenant, const json::object& msp, std::uint64_t seed, const Actor& actor)
      : tenant_(tenant), msp_(msp), actor_(actor), dice_(seed) {
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
    std::string identifier;
  };

  /// With its first site, and somebody to talk to.
  Company plant_company(const json::object& said) {
    constexpr std::int64_t kDaysMin = 400, kDaysRange = 2'500;
    Company company;
    company.since = (actor_.now / kDay - kDaysMin - dice_.some(kDaysRange)) * kDay;
    json::object body = with_references("company/companies", said);
    body["site"] = json::object{{"name", msp_.at("site")}};
    body["dateAcquired"] = time_text(company.since);
    body["phoneNumber"] = fmt::format("555{:07}", dice_.raw() % 10'000'000);
    const Row& row = write(tenant_, "company/companies", 0, body, at(actor_, company.since + 9 * kHour));
    company.id = row.id;
    company.site = tenant_.table("company/companies")
                       .find(row.id)
                       ->integer(Catalogue::instance().get("company/companies").field("site"));
    company.identifier = said.at("identifier").as_string();
    const std::string domain = to_lower(company.identifier) + ".example";
    const json::value& people = msp_.at("people");
    const json::array addresses{json::object{{"type", reference(1)},
                                             {"value", fmt::format("contact{}@{}", company.id, domain)},
                                             {"defaultFlag", true},
                                             {"communicationType", "Email"}}};
    company.contact = write(tenant_, "company/contacts", 0,
                            {{"firstName", dice_.of(people.at("first"))},
                             {"lastName", dice_.of(people.at("last"))},
                             {"company", reference(company.id)},
                             {"site", reference(company.site)},
                             {"defaultFlag", true},
                             {"communicationItems", addresses}},
                            at(actor_, company.since + 10 * kHour))
                          .id;
    return company;
  }

  void plant_customer(const json::object& said) {
    const Company company = plant_company(said.at("company").as_object());
    if (const json::value* devices = said.if_contains("devices")) {
      for (std::int64_t n = 0; n < devices->as_int64(); ++n) plant_device(company, n);
    }
    const json::value* agreements = said.if_contains("agreements");
    if (agreements == nullptr) return;
    for (const json::value& each : agreements->as_array()) {
      const std::int64_t agreement = plant_agreement(company, each.at("agreement").as_object(), company.since);
      for (const json::value& addition : each.at("additions").as_array())
        plant_addition(agreement, addition.as_object());
    }
  }

  /// The MSP's kinds of devices come by turns.
  void plant_device(const Company& company, std::int64_t number) {
    const json::array& kinds = msp_.at("devices").as_array();
    const json::array& kind = kinds[static_cast<std::size_t>(number) % kinds.size()].as_array();
    const std::string_view prefix = kind[1].as_string();
    const DeviceModel model = device_model(prefix, dice_.raw());
    const DeviceLife life = device_life(prefix, true, dice_.raw(), actor_.now);
    write(tenant_, "company/configurations", 0,
          {{"name", fmt::format("{}-{}{:02}", company.identifier.substr(0, 6), prefix, number + 1)},
           {"type", reference(kind[0].as_int64())},
           {"company", reference(company.id)},
           {"site", reference(company.site)},
           {"deviceIdentifier", fmt::format("dev-{}-{}", company.id, number)},
           {"serialNumber", fmt::format("SN{:08X}", static_cast<std::uint32_t>(dice_.raw()))},
           {"manufacturer", reference(model.manufacturer)},
           {"modelNumber", model.name},
           {"osType", model.system},
           {"purchaseDate", time_text(life.purchased)},
           {"installationDate", time_text(life.installed)},
           {"warrantyExpirationDate", time_text(life.warranty_ends)}},
          at(actor_, life.installed + 11 * kHour));
  }

  /// It is billed from this month on.
  std::int64_t plant_agreement(const Company& company, const json::object& said, std::int64_t start) {
    json::object body{{"company", reference(company.id)},
                      {"contact", reference(company.contact)},
                      {"site", reference(company.site)},
                      {"startDate", time_text(start)},
                      {"billStartDate", time_text(seconds_of(month_))},
                      {"noEndingDateFlag", true}};
    for (const auto& [name, value] : with_references("finance/agreements", said)) body[name] = value;
    return write(tenant_, "finance/agreements", 0, body, at(actor_, start + 12 * kHour)).id;
  }

  /// "from" and "until" are days after the first that is billed.
  void plant_addition(std::int64_t agreement, const json::object& said) {
    const auto day = [&](const json::value& days) {
      return json::string(time_text(seconds_of(month_ + std::chrono::days(days.as_int64()))));
    };
    json::object body{{"product", reference(said.at("product").as_int64())},
                      {"quantity", said.at("quantity")},
                      {"billCustomer", "Billable"},
                      {"effectiveDate", day(said.contains("from") ? said.at("from") : json::value(0))}};
    if (const json::value* until = said.if_contains("until")) body["cancelledDate"] = day(*until);
    write(tenant_, "finance/agreements/additions", agreement, body, actor_);
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
      const std::int64_t agreement = plant_agreement(company, said, seconds_of(month_));
      for (const json::value& addition : every.at("additions").as_array())
        plant_addition(agreement, addition.as_object());
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

  void plant_ticket(const json::object& said) {
    const std::int64_t opened = moment(said.at("opened").as_string(), actor_.now);
    const std::string member(said.at("by").as_string());
    const std::int64_t id =
        write(tenant_, "service/tickets", 0, with_references("service/tickets", said.at("ticket").as_object()),
              at(actor_, opened, member))
            .id;
    if (const json::value* status = said.if_contains("status"))
      change(tenant_, "service/tickets", id, "status", reference(status->as_int64()),
             at(actor_, opened + kHour, member));
  }

  Tenant& tenant_;
  const json::object& msp_;
  const Actor& actor_;
  Dice dice_;
  Day month_;  ///< the first of this one
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

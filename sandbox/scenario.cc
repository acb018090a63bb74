#include "sandbox/scenario.h"

#include <fmt/format.h>

#include <random>
#include <stdexcept>

#include "base/text.h"
#include "sandbox/api.h"
#include "sandbox/money_seed.h"
#include "sandbox/rules.h"
#include "sandbox/town.h"

namespace crosswalk::embedded {
extern const std::string_view sandbox_reference;
extern const std::string_view sandbox_small;
}  // namespace crosswalk::embedded

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::int64_t kFirstCompany = 250;
constexpr std::int64_t kFirstTicket = 1000;

void plant_in(Tenant& tenant, const Resource& resource, const json::object& object, const Actor& actor) {
  Row row;
  if (const json::value* id = object.if_contains("id")) row.id = id->as_int64();
  if (const json::value* parent = object.if_contains("parent")) row.parent = parent->as_int64();
  Writer writer(tenant, resource, std::move(row), Writer::Mode::post, actor);
  if (resource.parent_field >= 0) writer.row.set(resource.parent_field, writer.row.parent);
  writer.apply_body(object);
  for (const auto& [field, value] : resource.defaults) {
    if (writer.row.get(field) == nullptr) writer.row.set(field, value);
  }
  if (!writer.errors.empty())
    throw std::logic_error("scenario: " + resource.path + ": " + writer.errors.front().message);
  writer.row.date_entered = writer.row.last_updated = actor.now;
  writer.row.entered_by = writer.row.updated_by = actor.member;
  // Most of what is planted is never changed, and there may be a hundred thousand of it.
  writer.row.cells.shrink_to_fit();
  tenant.table(resource).insert(std::move(writer.row));
}

/// Every type with every subtype and item of its board, as a board on which nothing has been narrowed down.
void plant_associations(Tenant& tenant, const Actor& actor) {
  const Table& types = tenant.table("service/boards/types");
  const Table& subtypes = tenant.table("service/boards/subtypes");
  const Table& items = tenant.table("service/boards/items");
  types.each([&](const Row& type) {
    subtypes.each([&](const Row& subtype) {
      if (subtype.parent != type.parent) return true;
      items.each([&](const Row& item) {
        if (item.parent != type.parent) return true;
        plant(tenant, "service/boards/typeSubTypeItemAssociations",
              {{"parent", type.parent},
               {"type", json::object{{"id", type.id}}},
               {"subType", json::object{{"id", subtype.id}}},
               {"item", json::object{{"id", item.id}}}},
              actor);
        return true;
      });
      return true;
    });
    return true;
  });
}

void plant_objects(Tenant& tenant, const json::object& document, const Actor& actor) {
  for (const auto& [path, objects] : document) {
    for (const json::value& object : objects.as_array()) plant(tenant, path, object.as_object(), actor);
  }
}

void plant_reference_data(Tenant& tenant, bool of_town, const Actor& actor) {
  plant_objects(tenant, json::parse(embedded::sandbox_reference).as_object(), actor);
  if (of_town) plant_objects(tenant, town_reference_data(), actor);
  plant_associations(tenant, actor);
}

const json::object& small_words() {
  static const json::object document = json::parse(embedded::sandbox_small).as_object();
  return document;
}

class SmallTown {
 public:
  SmallTown(Tenant& tenant, std::uint64_t seed, const Actor& actor)
      : tenant_(tenant), actor_(actor), random_(seed), data_(small_words()) {}

  void plant_companies(std::size_t companies_max) {
    const json::array& companies = data_.at("companies").as_array();
    for (std::size_t i = 0; i < std::min(companies_max, companies.size()); ++i) {
      plant_company(kFirstCompany + static_cast<std::int64_t>(i), companies[i].at(0).as_string(),
                    companies[i].at(1).as_string());
    }
  }

  void plant_tickets() {
    const json::array& tickets = data_.at("tickets").as_array();
    for (std::size_t i = 0; i < tickets.size(); ++i) {
      const std::int64_t company = kFirstCompany + 2 + static_cast<std::int64_t>(i);
      plant_ticket(kFirstTicket + static_cast<std::int64_t>(i), company, tickets[i].as_array());
    }
  }

  /// One project, so that tickets of projects have phases to lie in.
  void plant_project() {
    constexpr std::int64_t kQuarter = 90 * 86'400;
    const auto reference = [](std::int64_t id) { return json::object{{"id", id}}; };
    plant(tenant_, "project/projects",
          {{"id", 1},
           {"name", "Network refresh"},
           {"company", reference(kFirstCompany + 2)},
           {"board", reference(1)},
           {"status", reference(1)},
           {"type", reference(6)},
           {"billingMethod", "ActualRates"},
           {"estimatedStart", time_text(actor_.now)},
           {"estimatedEnd", time_text(actor_.now + kQuarter)}},
          actor_);
    std::int64_t id = 0;
    for (const char* description : {"Project Management", "Implementation"}) {
      plant(tenant_, "project/projects/phases",
            {{"id", ++id},
             {"parent", 1},
             {"description", description},
             {"board", reference(1)},
             {"status", reference(1)}},
            actor_);
    }
  }

 private:
  const json::value& pick(std::string_view list) {
    const json::array& values = data_.at(list).as_array();
    // Not a standard distribution: those differ between libraries, and a seed must mean the same everywhere.
    return values[random_() % values.size()];
  }

  void plant_company(std::int64_t id, std::string_view identifier, std::string_view name) {
    const json::array& city = pick("cities").as_array();
    plant(tenant_, "company/companies/sites",
          {{"id", id * 10},
           {"parent", id},
           {"name", "Main"},
           {"city", city[0]},
           {"zip", city[2]},
           {"primaryAddressFlag", true}},
          actor_);
    json::object company{{"id", id},
                         {"identifier", identifier},
                         {"name", name},
                         {"status", json::object{{"id", id % 17 == 13 ? 3 : 1}}},
                         {"addressLine1", fmt::format("{} Main Street", 100 + random_() % 900)},
                         {"city", city[0]},
                         {"state", city[1]},
                         {"zip", city[2]},
                         {"phoneNumber", fmt::format("555{:07}", random_() % 10'000'000)},
                         {"website", fmt::format("www.{}.example", to_lower(identifier))},
                         {"types", json::array{json::object{{"id", id == kFirstCompany ? 1 : 4}}}}};
    plant(tenant_, "company/companies", company, actor_);
    Table& companies = tenant_.table("company/companies");
    Row row = *companies.find(id);
    row.set(companies.resource().field("site"), id * 10);
    companies.replace(std::move(row));
    if (id == kFirstCompany) return;  // nobody works at Catchall
    for (std::int64_t n = 0; n < 2; ++n) plant_contact(id * 10 + n, id, identifier);
    for (std::int64_t n = 0; n < 4; ++n) plant_device(id * 10 + n, id, identifier);
    plant_agreement(id, name);
  }

  void plant_contact(std::int64_t id, std::int64_t company, std::string_view identifier) {
    const std::string first(pick("first_names").as_string()), last(pick("last_names").as_string());
    const std::string address = fmt::format("contact{}@{}.example", id, to_lower(identifier));
    const json::array items{json::object{{"type", json::object{{"id", 1}, {"name", "Email"}}},
                                         {"value", address},
                                         {"defaultFlag", true},
                                         {"communicationType", "Email"}},
                            json::object{{"type", json::object{{"id", 2}, {"name", "Direct"}}},
                                         {"value", fmt::format("555{:07}", random_() % 10'000'000)},
                                         {"defaultFlag", true},
                                         {"communicationType", "Phone"}}};
    plant(tenant_, "company/contacts",
          {{"id", id},
           {"firstName", first},
           {"lastName", last},
           {"company", json::object{{"id", company}}},
           {"site", json::object{{"id", company * 10}}},
           {"defaultFlag", id % 10 == 0},
           {"communicationItems", items}},
          actor_);
  }

  void plant_device(std::int64_t id, std::int64_t company, std::string_view identifier) {
    const json::array& kind = data_.at("devices").as_array()[static_cast<std::size_t>(id % 4)].as_array();
    const std::string name =
        fmt::format("{}-{}{:02}", identifier.substr(0, 6), std::string_view(kind[1].as_string()), id % 10 + 1);
    plant(tenant_, "company/configurations",
          {{"id", id},
           {"name", name},
           {"type", json::object{{"id", kind[0]}}},
           {"status", json::object{{"id", id % 23 == 7 ? 2 : 1}}},
           {"company", json::object{{"id", company}}},
           {"site", json::object{{"id", company * 10}}},
           {"deviceIdentifier", fmt::format("dev-{}", id)},
           {"serialNumber", fmt::format("SN{:08X}", static_cast<std::uint32_t>(random_()))},
           {"ipAddress", fmt::format("10.{}.0.{}", company % 250, id % 250)},
           {"billFlag", true}},
          actor_);
  }

  void plant_agreement(std::int64_t company, std::string_view name) {
    plant(tenant_, "finance/agreements",
          {{"id", company},
           {"name", fmt::format("Managed Services - {}", name)},
           {"type", json::object{{"id", 1}}},
           {"company", json::object{{"id", company}}},
           {"contact", json::object{{"id", company * 10}}},
           {"noEndingDateFlag", true},
           {"billAmount", 500 + 25 * (company % 40)},
           {"billTime", "NoDefault"}},
          actor_);
    Table& agreements = tenant_.table("finance/agreements");
    Row row = *agreements.find(company);
    row.set(agreements.resource().field("agreementStatus"), "Active");
    agreements.replace(std::move(row));
  }

  void plant_ticket(std::int64_t id, std::int64_t company, const json::array& ticket) {
    tenant_.table("service/tickets").set_next_id(id);
    const Resource& tickets = Catalogue::instance().get("service/tickets");
    const auto added =
        post_row(tenant_, tickets, 0,
                 {{"summary", ticket[1]},
                  {"board", json::object{{"id", ticket[0]}}},
                  {"status", json::object{{"name", ticket[2]}}},
                  {"priority", json::object{{"id", ticket[3]}}},
                  {"company", json::object{{"id", company}}},
                  {"contact", json::object{{"id", company * 10}}},
                  {"initialDescription", fmt::format("Reported: {}.", std::string_view(ticket[1].as_string()))}},
                 actor_);
    if (!added) throw std::logic_error("scenario: ticket: " + added.error().message);
  }

  Tenant& tenant_;
  const Actor& actor_;
  std::mt19937_64 random_;
  const json::object& data_;
};

}  // namespace

void plant(Tenant& tenant, std::string_view path, const json::object& object, const Actor& actor) {
  plant_in(tenant, Catalogue::instance().get(path), object, actor);
}

std::string_view scenario_word(std::string_view list, std::uint64_t draw) {
  const json::array& values = small_words().at(list).as_array();
  return values[draw % values.size()].as_string();
}

void seed_reference(Tenant& tenant, std::string_view scenario, const Actor& founder) {
  const bool of_town = scenario == "mid" || scenario == "large";
  if (!of_town && scenario != "small" && scenario != "empty")
    throw std::invalid_argument("no such scenario: " + std::string(scenario));
  plant_reference_data(tenant, of_town, founder);
  seed_catalog(tenant, founder);
  seed_security(tenant, founder.now);
}

void seed_scenario(Tenant& tenant, std::string_view scenario, std::uint64_t seed, const Actor& founder) {
  const bool mid = scenario == "mid", large = scenario == "large", small = scenario == "small";
  if (mid || large) {
    build_town(tenant, mid ? kMidTown : kLargeTown, seed, founder);
  } else {
    SmallTown town(tenant, seed, founder);
    town.plant_companies(small ? SIZE_MAX : 1);
    if (small) town.plant_tickets();
    if (small) town.plant_project();
  }
  bill_agreements(tenant, founder);
  // What was there before anybody looked has not changed.
  tenant.table("service/tickets/changelogs").clear();
  tenant.company_name = tenant.name() == "sandbox" ? "Northwind Managed Services" : tenant.name() + " Managed Services";
}

}  // namespace crosswalk::sandbox

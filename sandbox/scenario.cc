#include "sandbox/scenario.h"

#include <stdexcept>

#include "base/time.h"
#include "sandbox/money_seed.h"
#include "sandbox/msps.h"
#include "sandbox/planting.h"
#include "sandbox/small_town.h"
#include "sandbox/town.h"

namespace crosswalk::embedded {
extern const std::string_view sandbox_reference;
}  // namespace crosswalk::embedded

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

/// The MSP has had its ConnectWise for that long.
constexpr std::int64_t kDaysSinceFoundation = 3'300;

std::int64_t foundation(std::int64_t now) { return now - kDaysSinceFoundation * kDay; }

/// When a row of a setup table was entered: most with the foundation, others as they were needed, people when they
/// came.
std::int64_t entered(const json::object& object, std::int64_t now) {
  if (const json::value* hired = object.if_contains("hireDate")) {
    const auto day = parse_timestamp(std::string_view(hired->as_string()));
    if (day) return std::chrono::floor<std::chrono::seconds>(*day).time_since_epoch().count() + 9 * kHour;
  }
  constexpr std::int64_t kLaterMax = 2'400;
  const std::int64_t id = object.at("id").as_int64();
  const std::int64_t later = id % 10 < 3 ? 0 : id * 271 % kLaterMax;
  return foundation(now) + later * kDay;
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
               {"type", reference(type.id)},
               {"subType", reference(subtype.id)},
               {"item", reference(item.id)}},
              actor);
        return true;
      });
      return true;
    });
    return true;
  });
}

void plant_objects(Tenant& tenant, std::string_view path, const json::value& objects, const Actor& actor) {
  for (const json::value& object : objects.as_array())
    plant(tenant, path, object.as_object(), at(actor, entered(object.as_object(), actor.now)));
}

void plant_all(Tenant& tenant, const json::object& document, const Actor& actor) {
  for (const auto& [path, objects] : document) plant_objects(tenant, path, objects, actor);
}

/// Setup tables, in an order in which each names only what is there. What an MSP has of its own takes the place of what
/// others have, and comes first where others have nothing.
void plant_reference(Tenant& tenant, const json::object& own, const Actor& actor) {
  const json::value common = json::parse(embedded::sandbox_reference);
  for (const auto& [path, objects] : own) {
    if (!common.as_object().contains(path)) plant_objects(tenant, path, objects, actor);
  }
  for (const auto& [path, objects] : common.as_object()) {
    const json::value* instead = own.if_contains(path);
    plant_objects(tenant, path, instead == nullptr ? objects : *instead, actor);
  }
}

bool is_town(std::string_view scenario) { return scenario == "mid" || scenario == "large"; }

}  // namespace

bool is_scenario(std::string_view name) {
  return is_town(name) || name == "small" || name == "empty" || msp_of(name) != nullptr;
}

void seed_reference(Tenant& tenant, std::string_view scenario, const Actor& founder) {
  if (!is_scenario(scenario)) throw std::invalid_argument("no such scenario: " + std::string(scenario));
  const json::object* msp = msp_of(scenario);
  const Actor then = at(founder, foundation(founder.now));
  seed_roles(tenant, then.now);
  plant_reference(tenant, msp == nullptr ? json::object() : msp_reference(*msp), founder);
  if (is_town(scenario)) plant_all(tenant, town_reference_data(), founder);
  plant_associations(tenant, then);
  seed_catalog(tenant, msp == nullptr ? json::object() : msp_catalog(*msp), then);
  seed_member_roles(tenant, "Technician", then.now);
  if (scenario == "small") plant_small_business(tenant, founder);
}

void seed_scenario(Tenant& tenant, std::string_view scenario, std::uint64_t seed, const Actor& founder) {
  tenant.scenario = scenario;
  const json::object* msp = msp_of(scenario);
  if (msp != nullptr) {
    plant_msp(tenant, *msp, seed, founder);
  } else if (is_town(scenario)) {
    build_town(tenant, scenario == "mid" ? kMidTown : kLargeTown, seed, founder);
  } else if (scenario == "small") {
    plant_small_town(tenant, seed, founder);
  } else {
    plant_catchall(tenant, seed, founder);
  }
  // What was there before anybody looked has not changed.
  tenant.table("service/tickets/changelogs").clear();
  if (msp != nullptr) {
    tenant.company_name = msp->at("company_name").as_string();
  } else {
    tenant.company_name =
        tenant.name() == "sandbox" ? "Northwind Managed Services" : tenant.name() + " Managed Services";
  }
}

}  // namespace crosswalk::sandbox

#include "sandbox/money_seed.h"

#include <stdexcept>

#include "sandbox/api.h"
#include "sandbox/invoicing.h"
#include "sandbox/rules.h"

namespace crosswalk::embedded {
extern const std::string_view sandbox_money;
}

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::int64_t kMonthly = 1;
constexpr std::int64_t kNetThirty = 1;
constexpr std::int64_t kWorkstations = 101, kProtection = 103, kBackup = 105;

[[noreturn]] void broken(const Resource& resource, const ApiError& error) {
  throw std::logic_error("money: " + resource.path + ": " + error.message +
                         (error.errors.empty() ? "" : ": " + error.errors.front().message));
}

void plant(Tenant& tenant, const Resource& resource, const json::object& object, const Actor& actor) {
  Row row;
  row.id = object.at("id").as_int64();
  if (const json::value* parent = object.if_contains("parent")) row.parent = parent->as_int64();
  Writer writer(tenant, resource, std::move(row), Writer::Mode::post, actor);
  writer.apply_body(object);
  writer.finish();
  if (const auto written = writer.commit(); !written) broken(resource, written.error());
}

void bill_monthly(Tenant& tenant, std::int64_t agreement, const Actor& actor) {
  const Resource& agreements = Catalogue::instance().get("finance/agreements");
  const std::chrono::year_month_day today(day_of(actor.now));
  const Day start = today.year() / today.month() / 1;
  const auto set = [](const char* path, json::value value) {
    return json::object{{"op", "replace"}, {"path", path}, {"value", std::move(value)}};
  };
  json::array operations{set("billingCycle", json::object{{"id", kMonthly}}),
                         set("billingTerms", json::object{{"id", kNetThirty}}), set("invoicingCycle", "CalendarYear"),
                         set("billStartDate", json::string(time_text(seconds_of(start)))),
                         set("prorateFlag", agreement % 2 == 0)};
  const Row& row = *tenant.table(agreements).find(agreement);
  if (row.get(agreements.field("startDate")) == nullptr)
    operations.push_back(set("startDate", json::string(time_text(seconds_of(start)))));
  const auto changed = patch_row(tenant, agreements, row, operations, actor);
  if (!changed) broken(agreements, changed.error());
  const Resource& additions = Catalogue::instance().get("finance/agreements/additions");
  const std::pair<std::int64_t, std::int64_t> products[] = {
      {kWorkstations, 2}, {kProtection, 3}, {kBackup, 40 * (agreement % 25)}};
  for (const auto& [product, quantity] : products) {
    if (quantity == 0) continue;
    const auto added = post_row(tenant, additions, agreement,
                                {{"product", json::object{{"id", product}}},
                                 {"quantity", quantity},
                                 {"billCustomer", "Billable"},
                                 {"effectiveDate", json::string(time_text(seconds_of(start)))}},
                                actor);
    if (!added) broken(additions, added.error());
  }
}

}  // namespace

void seed_catalog(Tenant& tenant, const Actor& actor) {
  const json::value data = json::parse(embedded::sandbox_money);
  for (const auto& [path, objects] : data.as_object()) {
    const Resource& resource = Catalogue::instance().get(path);
    if (std::as_const(tenant).table(resource).size() > 0) continue;
    for (const json::value& object : objects.as_array()) plant(tenant, resource, object.as_object(), actor);
  }
}

void bill_agreements(Tenant& tenant, const Actor& actor) {
  const Table& agreements = std::as_const(tenant).table("finance/agreements");
  std::vector<std::int64_t> unbilled;
  agreements.each([&](const Row& row) {
    const bool active = row.text(agreements.resource().field("agreementStatus")) == "Active";
    if (active && row.get(agreements.resource().field("billingCycle")) == nullptr) unbilled.push_back(row.id);
    return true;
  });
  for (const std::int64_t agreement : unbilled) bill_monthly(tenant, agreement, actor);
}

}  // namespace crosswalk::sandbox

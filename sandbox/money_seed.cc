#include "sandbox/money_seed.h"

#include <algorithm>
#include <stdexcept>

#include "sandbox/invoicing.h"
#include "sandbox/planting.h"
#include "sandbox/rules.h"

namespace crosswalk::embedded {
extern const std::string_view sandbox_money;
}

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr const char* kAgreements = "finance/agreements";
constexpr const char* kInvoices = "finance/invoices";

constexpr std::int64_t kMonthly = 1;
constexpr std::int64_t kNetThirty = 1;
constexpr std::int64_t kSent = 2, kPaid = 3;
constexpr std::int64_t kWorkstations = 101, kServers = 102, kProtection = 103, kTraining = 104, kBackup = 105;
constexpr std::int64_t kBlockTime = 2, kSecurityStack = 3, kLicensing = 11, kCloudBackup = 12;

/// Work on the first of a month is done in the morning.
constexpr std::int64_t kMorning = 8 * kHour;

void plant_ruled(Tenant& tenant, const Resource& resource, const json::object& object, const Actor& actor) {
  Row row;
  row.id = object.at("id").as_int64();
  if (const json::value* parent = object.if_contains("parent")) row.parent = parent->as_int64();
  Writer writer(tenant, resource, std::move(row), Writer::Mode::post, actor);
  writer.apply_body(object);
  writer.finish();
  if (const auto written = writer.commit(); !written)
    throw std::logic_error("money: " + resource.path + ": " + written.error().message);
}

struct Part {
  std::int64_t product = 0, quantity = 0;
  int month = 0;  ///< of billing, in which it came along
};

/// Gigabytes in backup, without a pattern that one would see; some customers have none.
std::int64_t backed_up(std::int64_t agreement) {
  constexpr std::int64_t kFactor = 53, kRange = 1'873, kLeast = 60;
  return agreement % 25 == 0 ? 0 : kLeast + agreement * agreement % kRange * kFactor % kRange;
}

/// What is billed by an agreement beside its own amount.
std::vector<Part> parts_of(const Tenant& tenant, const Row& agreement, const Estate& estate) {
  const std::int64_t type = agreement.integer(tenant.table(kAgreements).resource().field("type"));
  const std::int64_t devices = estate.workstations + estate.servers, gigabytes = backed_up(agreement.id);
  std::vector<Part> parts;
  if (type == kCloudBackup) {
    parts = {{kBackup, 100 + gigabytes}};
  } else if (type == kSecurityStack) {
    parts = {{kProtection, devices}, {kTraining, estate.users}};
  } else if (type != kBlockTime && type != kLicensing) {
    parts = {{kWorkstations, estate.workstations},
             {kServers, estate.servers},
             {kProtection, devices, agreement.id % 4 == 1 ? 1 : 0},
             {kBackup, gigabytes}};
    if (agreement.id % 3 == 0) parts.push_back({kTraining, estate.users, 1});
  }
  std::erase_if(parts, [](const Part& part) { return part.quantity == 0; });
  return parts;
}

std::chrono::year_month month_of(Day day) {
  const std::chrono::year_month_day date(day);
  return date.year() / date.month();
}

/// The first day that an agreement bills: its own, or that of the next whole month when there has been one.
Day first_billed_day(const Tenant& tenant, const Row& agreement, Day today) {
  const Day start = day_of(agreement.integer(tenant.table(kAgreements).resource().field("startDate")));
  std::chrono::year_month whole = month_of(start);
  if (Day(whole / 1) < start) whole += std::chrono::months(1);
  return Day(whole / 1) <= today ? Day(whole / 1) : start;
}

void begin_billing(Tenant& tenant, std::int64_t agreement, Day start, const Actor& actor) {
  const Resource& agreements = Catalogue::instance().get(kAgreements);
  const auto set = [](const char* path, json::value value) {
    return json::object{{"op", "replace"}, {"path", path}, {"value", std::move(value)}};
  };
  Writer writer(tenant, agreements, *std::as_const(tenant).table(agreements).find(agreement), Writer::Mode::patch,
                actor);
  writer.apply_patch({set("billingCycle", reference(kMonthly)), set("billingTerms", reference(kNetThirty)),
                      set("invoicingCycle", "CalendarYear"),
                      set("billStartDate", json::string(time_text(seconds_of(start)))),
                      set("prorateFlag", agreement % 2 == 0)});
  writer.finish();
  if (const auto changed = writer.commit(); !changed)
    throw std::logic_error("money: " + agreements.path + ": " + changed.error().message);
}

/// Invoices the month that begins; what is not the last has been paid since.
void invoice(Tenant& tenant, std::int64_t agreement, Day begin, bool paid, const Actor& actor) {
  const Actor then = at(actor, seconds_of(begin) + kMorning), later = at(actor, then.now + 21 * kDay);
  const Row& row = *std::as_const(tenant).table(kAgreements).find(agreement);
  const auto made = invoice_agreement(tenant, row, then);
  if (!made) throw std::logic_error("money: an invoice: " + made.error().message);
  if (*made == 0) return;
  if (paid) {
    const Table& invoices = std::as_const(tenant).table(kInvoices);
    const std::int64_t total = invoices.find(*made)->integer(invoices.resource().field("total"));
    write(tenant, "finance/invoices/payments", *made,
          {{"type", "Payment"},
           {"source", "Check"},
           {"amount", decimal_value(total)},
           {"paymentDate", time_text(later.now / kDay * kDay)}},
          later);
  }
  change(tenant, kInvoices, *made, "status", reference(paid ? kPaid : kSent), paid ? later : then);
}

void add_parts(Tenant& tenant, std::int64_t agreement, const std::vector<Part>& parts, int month, Day from,
               const Actor& actor) {
  for (const Part& part : parts) {
    if (part.month != month) continue;
    write(tenant, "finance/agreements/additions", agreement,
          {{"product", reference(part.product)},
           {"quantity", part.quantity},
           {"billCustomer", "Billable"},
           {"effectiveDate", time_text(seconds_of(from))}},
          at(actor, seconds_of(from) + kMorning));
  }
}

void bill_monthly(Tenant& tenant, std::int64_t agreement, int months, std::vector<Part> parts, const Actor& actor) {
  const Day today = day_of(actor.now);
  const std::chrono::year_month now = month_of(today);
  const Day start = first_billed_day(tenant, *std::as_const(tenant).table(kAgreements).find(agreement), today);
  std::chrono::year_month month = std::max(month_of(start), now - std::chrono::months(months));
  begin_billing(tenant, agreement, start, at(actor, seconds_of(start) + kMorning));
  // Where there is but this month, everything is there from its first day.
  if (month == now) {
    for (Part& part : parts) part.month = 0;
  }
  add_parts(tenant, agreement, parts, 0, start, actor);
  if (Day(month / 1) > start) settle_billing_before(tenant, agreement, month / 1);
  for (int number = 0; month <= now; month += std::chrono::months(1), ++number) {
    if (number > 0) add_parts(tenant, agreement, parts, number, month / 1, actor);
    if (month < now) invoice(tenant, agreement, month / 1, month + std::chrono::months(1) < now, actor);
  }
}

}  // namespace

void seed_catalog(Tenant& tenant, const json::object& own, const Actor& actor) {
  const json::value data = json::parse(embedded::sandbox_money);
  for (const auto& [path, objects] : data.as_object()) {
    const Resource& resource = Catalogue::instance().get(path);
    if (std::as_const(tenant).table(resource).size() > 0) continue;
    const json::value* instead = own.if_contains(path);
    const json::array& rows = (instead == nullptr ? objects : *instead).as_array();
    for (const json::value& object : rows) plant_ruled(tenant, resource, object.as_object(), actor);
  }
}

void bill_agreements(Tenant& tenant, int months, const std::function<Estate(std::int64_t company)>& estate_of,
                     const Actor& actor) {
  const Table& agreements = std::as_const(tenant).table(kAgreements);
  const Resource& resource = agreements.resource();
  std::vector<std::pair<std::int64_t, std::vector<Part>>> active;
  agreements.each([&](const Row& row) {
    if (row.text(resource.field("agreementStatus")) != "Active") return true;
    active.emplace_back(row.id, parts_of(tenant, row, estate_of(row.integer(resource.field("company")))));
    return true;
  });
  for (const auto& [agreement, parts] : active) bill_monthly(tenant, agreement, months, parts, actor);
}

void settle_billing_before(Tenant& tenant, std::int64_t agreement, Day day) {
  constexpr const char* kAdditions = "finance/agreements/additions";
  const Table& additions = std::as_const(tenant).table(kAdditions);
  const std::vector<std::int64_t> ids = *additions.lookup(additions.resource().parent_field, std::to_string(agreement));
  for (const std::int64_t id : ids) settle(tenant, kAdditions, id, "billedThrough", seconds_of(day));
  settle(tenant, kAgreements, agreement, "billedThrough", seconds_of(day));
  settle(tenant, kAgreements, agreement, "nextInvoiceDate", json::string(time_text(seconds_of(day))));
}

}  // namespace crosswalk::sandbox

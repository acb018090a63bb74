#include "sandbox/invoicing.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::string_view kAgreements = "finance/agreements";
constexpr std::string_view kAdditions = "finance/agreements/additions";
constexpr std::string_view kInvoices = "finance/invoices";
constexpr std::string_view kLines = "procurement/products";
constexpr std::string_view kCatalog = "procurement/catalog";

/// Later than any date that is written in an agreement, and far from overflow.
const Day kNever = std::chrono::year(9'999) / std::chrono::December / 31;
constexpr std::chrono::days kOneDay{1};

/// A row with names in place of numbers.
class Fields {
 public:
  Fields(const Resource& resource, const Row& row) : resource_(resource), row_(row) {}
  [[nodiscard]] std::int64_t integer(const char* name) const { return row_.integer(resource_.field(name)); }
  [[nodiscard]] bool flag(const char* name) const { return row_.flag(resource_.field(name)); }
  [[nodiscard]] std::string_view text(const char* name) const { return row_.text(resource_.field(name)); }
  [[nodiscard]] const json::value* get(const char* name) const { return row_.get(resource_.field(name)); }
  [[nodiscard]] std::optional<Day> day(const char* name) const {
    return get(name) == nullptr ? std::nullopt : std::optional(day_of(integer(name)));
  }

 private:
  const Resource& resource_;
  const Row& row_;
};

Fields fields_of(const Tenant& tenant, std::string_view collection, const Row& row) {
  return {tenant.table(collection).resource(), row};
}

json::value day_value(Day day) { return seconds_of(day); }

std::string day_text(Day day) {
  std::string text;
  append_time(text, seconds_of(day));
  return text;
}

/// The first day that is not billed any more. The day on which something is cancelled is the last that is.
Day end_of_agreement(const Fields& agreement) {
  Day end = kNever;
  if (agreement.flag("cancelledFlag")) {
    const auto cancelled = agreement.day("dateCancelled");
    if (cancelled) end = std::min(end, *cancelled + kOneDay);
  }
  const auto ends = agreement.day("endDate");
  if (ends && !agreement.flag("noEndingDateFlag")) end = std::min(end, *ends + kOneDay);
  return end;
}

struct Addition {
  Period active{};
  std::int64_t quantity = 0, billed_quantity = 0, price = 0, cost = 0;
  bool billable = false, shown = false, prorates_itself = false;
  std::optional<Day> billed_through;
};

Addition addition_of(const Tenant& tenant, const Row& row) {
  const Fields fields = fields_of(tenant, kAdditions, row);
  Addition addition;
  const auto cancelled = fields.day("cancelledDate");
  addition.active = {fields.day("effectiveDate").value_or(Day{}), cancelled ? *cancelled + kOneDay : kNever};
  addition.quantity = fields.integer("quantity");
  addition.billed_quantity = std::max<std::int64_t>(0, addition.quantity - fields.integer("lessIncluded"));
  if (addition.quantity < 0) addition.billed_quantity = addition.quantity;  // a credit
  addition.price = fields.integer("unitPrice");
  addition.cost = fields.integer("unitCost");
  addition.billable = fields.text("billCustomer") == "Billable";
  addition.shown = fields.text("billCustomer") != "DoNotBill";
  addition.prorates_itself = fields.flag("prorateCurrentPeriodFlag");
  addition.billed_through = fields.day("billedThrough");
  return addition;
}

/// What an amount per period comes to for the days that are due, and for earlier ones that were not billed in their
/// time.
std::int64_t amount_due(std::int64_t amount, const BillingTerms& terms, const Addition& addition) {
  const Period active = overlap(addition.active, terms.life());
  const Period whole = terms.whole();
  const Day from = std::max(terms.next, addition.billed_through.value_or(terms.next));
  const Period now = overlap({from, whole.end}, active);
  const bool begins_within = whole.contains(active.begin);
  const bool prorated_now = terms.prorate || (addition.prorates_itself && begins_within);
  std::int64_t due = now.days() == 0 ? 0 : prorated_now ? prorated(amount, whole, now) : to_cents(amount);
  if (!terms.calendar || !(terms.prorate || addition.prorates_itself)) return due;
  Day unbilled = std::max(active.begin, addition.billed_through.value_or(active.begin));
  const Day until = std::min(terms.next, active.end);
  while (unbilled < until) {
    const Period period = terms.calendar->period_of(unbilled);
    due += prorated(amount, period, {unbilled, std::min(until, period.end)});
    unbilled = period.end;
  }
  return due;
}

const Row* catalog_item(const Tenant& tenant, const Row& addition) {
  return tenant.table(kCatalog).find(fields_of(tenant, kAdditions, addition).integer("product"));
}

/// Tax of all levels that are a per cent rate, on what is taxable.
std::int64_t tax_on(const Tenant& tenant, std::int64_t code, std::int64_t taxable) {
  const Table& codes = tenant.table("finance/taxCodes");
  const Row* row = codes.find(code);
  if (row == nullptr) return 0;
  std::int64_t tax = 0;
  constexpr std::int64_t kPercent = 100 * kUnit;
  for (const char* level : {"levelOne", "levelTwo", "levelThree", "levelFour", "levelFive", "levelSix"}) {
    const Resource& resource = codes.resource();
    const std::string name(level);
    if (row->text(resource.field(name + "RateType")) == "Amount") continue;
    tax += to_cents(share_of(taxable, row->integer(resource.field(name + "Rate")), kPercent));
  }
  return tax;
}

Row fresh_row(const Actor& actor) {
  Row row;
  row.date_entered = row.last_updated = actor.now;
  row.entered_by = row.updated_by = actor.member;
  return row;
}

/// Sets by name what is not nothing.
void put(const Resource& resource, Row& row, const char* name, json::value value) {
  if (value == json::value(0) && resource.fields[static_cast<std::size_t>(resource.field(name))].target >= 0) return;
  row.set(resource.field(name), std::move(value));
}

struct Line {
  const Row* addition;
  AdditionCharge charge;
};

struct Bill {
  Period due;
  std::int64_t base = 0, products = 0, taxable = 0;
  std::vector<Line> lines;
  [[nodiscard]] std::int64_t subtotal() const { return base + products; }
};

std::vector<const Row*> additions_of(const Tenant& tenant, std::int64_t agreement) {
  const Table& additions = tenant.table(kAdditions);
  std::vector<const Row*> rows;
  for (const std::int64_t id : *additions.lookup(additions.resource().parent_field, std::to_string(agreement)))
    rows.push_back(additions.find(id));
  return rows;
}

Bill bill_of(const Tenant& tenant, const Row& agreement, const BillingTerms& terms) {
  Bill bill{terms.due(), base_charge(tenant, terms, agreement), 0, 0, {}};
  if (fields_of(tenant, kAgreements, agreement).flag("taxable")) bill.taxable += bill.base;
  for (const Row* addition : additions_of(tenant, agreement.id)) {
    const AdditionCharge charge = charge_of(tenant, terms, *addition);
    if (!charge.shown) continue;
    bill.products += charge.price;
    if (fields_of(tenant, kAdditions, *addition).flag("taxableFlag")) bill.taxable += charge.price;
    bill.lines.push_back({addition, charge});
  }
  return bill;
}

std::int64_t first_default(const Tenant& tenant, std::string_view collection) {
  const Table& table = tenant.table(collection);
  std::int64_t found = 0;
  table.each([&](const Row& row) {
    if (row.flag(table.resource().field("defaultFlag"))) found = row.id;
    return found == 0;
  });
  return found;
}

std::int64_t add_invoice(Tenant& tenant, const Row& agreement_row, const Bill& bill, const Actor& actor) {
  const Fields agreement = fields_of(tenant, kAgreements, agreement_row);
  Table& invoices = tenant.table(kInvoices);
  const Resource& of_invoice = invoices.resource();
  Row row = fresh_row(actor);
  row.id = invoices.next_id();
  const auto set = [&](const char* name, json::value value) { put(of_invoice, row, name, std::move(value)); };
  set("invoiceNumber", json::string(std::to_string(row.id)));
  set("type", "Agreement");
  set("status", first_default(tenant, "finance/billingStatuses"));
  set("company", agreement.integer("company"));
  set("currency", agreement.integer("currency"));
  const std::int64_t payer = agreement.integer("billToCompany");
  set("billToCompany", payer != 0 ? payer : agreement.integer("company"));
  set("billingSite", agreement.integer(payer != 0 ? "billToSite" : "site"));
  set("applyToType", "Agreement");
  set("applyToId", agreement_row.id);
  set("agreement", agreement_row.id);
  const std::int64_t terms = agreement.integer("billingTerms");
  set("billingTerms", terms);
  const Table& all_terms = tenant.table("finance/billingTerms");
  const Row* due = all_terms.find(terms);
  const std::int64_t due_days = due == nullptr ? 0 : due->integer(all_terms.resource().field("dueDays"));
  set("date", day_value(bill.due.begin));
  set("dueDate", day_value(bill.due.begin + std::chrono::days(due_days)));
  set("location", agreement.integer("location"));
  set("department", agreement.integer("department"));
  if (!agreement.text("customerPO").empty()) set("customerPO", json::string(agreement.text("customerPO")));
  const std::int64_t code = agreement.integer("taxCode");
  set("taxCode", code);
  set("taxableFlag", bill.taxable != 0);
  const std::int64_t tax = tax_on(tenant, code, bill.taxable);
  for (const char* name : {"serviceTotal", "expenseTotal", "payments", "credits", "downpaymentApplied"}) set(name, 0);
  set("agreementAmount", bill.base);
  set("productTotal", bill.products);
  set("subtotal", bill.subtotal());
  set("salesTax", tax);
  set("total", bill.subtotal() + tax);
  set("balance", bill.subtotal() + tax);
  set("periodBegin", day_value(bill.due.begin));
  set("periodEnd", day_value(bill.due.end));
  return invoices.insert(std::move(row)).id;
}

void add_line(Tenant& tenant, const Line& line, const Row& agreement, std::int64_t invoice, const Actor& actor) {
  const Fields addition = fields_of(tenant, kAdditions, *line.addition);
  Table& lines = tenant.table(kLines);
  const Resource& of_line = lines.resource();
  Row row = fresh_row(actor);
  const auto set = [&](const char* name, json::value value) { put(of_line, row, name, std::move(value)); };
  const auto copy = [&](const char* from, const char* to) {
    if (const json::value* value = addition.get(from)) set(to, *value);
  };
  copy("product", "catalogItem");
  copy("description", "description");
  copy("invoiceDescription", "customerDescription");
  copy("sequenceNumber", "sequenceNumber");
  copy("billedQuantity", "quantity");
  copy("unitPrice", "price");
  copy("unitCost", "cost");
  copy("billCustomer", "billableOption");
  copy("taxableFlag", "taxableFlag");
  copy("uom", "uom");
  copy("opportunity", "opportunity");
  set("extPrice", line.charge.price);
  set("extCost", line.charge.cost);
  set("margin", line.charge.price - line.charge.cost);
  set("agreement", agreement.id);
  set("invoice", invoice);
  set("company", fields_of(tenant, kAgreements, agreement).integer("company"));
  if (const Row* item = catalog_item(tenant, *line.addition)) {
    const Table& catalog = tenant.table(kCatalog);
    const std::string_view kind = item->text(catalog.resource().field("productClass"));
    if (!kind.empty()) set("productClass", json::string(kind));
  }
  set("addition", line.addition->id);
  if (const json::value* before = addition.get("billedThrough")) set("billedBefore", *before);
  lines.insert(std::move(row));
}

void set_field(Tenant& tenant, std::string_view collection, std::int64_t id, const char* name, json::value value) {
  Table& table = tenant.table(collection);
  const Row* row = table.find(id);
  if (row == nullptr) return;
  Row changed = *row;
  changed.set(table.resource().field(name), std::move(value));
  table.replace(std::move(changed));
}

/// Everything up to here has been invoiced.
void move_on(Tenant& tenant, std::int64_t agreement, Day through) {
  for (const Row* addition : additions_of(tenant, agreement))
    set_field(tenant, kAdditions, addition->id, "billedThrough", day_value(through));
  Table& agreements = tenant.table(kAgreements);
  Row changed = *agreements.find(agreement);
  changed.set(agreements.resource().field("billedThrough"), day_value(through));
  const BillingTerms terms = billing_terms(tenant, changed);
  const bool over = !terms.calendar || through >= terms.end;
  changed.set(agreements.resource().field("nextInvoiceDate"),
              over ? json::value(nullptr) : json::value(json::string(day_text(through))));
  agreements.replace(std::move(changed));
}

ApiError refused(const Resource& agreements, std::string message) {
  return invalid_object(agreements.spec.noun, {{"", std::move(message), "", ""}});
}

}  // namespace

Period BillingTerms::whole() const {
  if (calendar) return calendar->period_of(next);
  return {start, std::max(start + kOneDay, end == kNever ? start + kOneDay : end)};
}

BillingTerms billing_terms(const Tenant& tenant, const Row& row) {
  const Fields agreement = fields_of(tenant, kAgreements, row);
  BillingTerms terms;
  terms.start = agreement.day("billStartDate").value_or(agreement.day("startDate").value_or(day_of(row.date_entered)));
  terms.end = end_of_agreement(agreement);
  terms.invoiced = agreement.get("billedThrough") != nullptr;
  terms.next = agreement.day("billedThrough").value_or(terms.start);
  terms.prorate = agreement.flag("prorateFlag");
  const Table& cycles = tenant.table("finance/billingCycles");
  if (const Row* cycle = cycles.find(agreement.integer("billingCycle"))) {
    terms.has_cycle = true;
    terms.calendar = BillingCalendar::make(cycle->text(cycles.resource().field("billingOptions")), terms.start,
                                           agreement.text("invoicingCycle") == "CalendarYear");
  }
  return terms;
}

AdditionCharge charge_of(const Tenant& tenant, const BillingTerms& terms, const Row& row) {
  const Addition addition = addition_of(tenant, row);
  AdditionCharge charge{row.id, 0, 0, false};
  const Period active = overlap(addition.active, terms.life());
  const Day from = addition.billed_through.value_or(active.begin);
  const bool anything_due = overlap(active, {from, terms.due().end}).days() > 0;
  if (!addition.shown || !anything_due) return charge;
  charge.shown = overlap(active, terms.due()).days() > 0;
  if (addition.billable) charge.price = amount_due(multiply(addition.billed_quantity, addition.price), terms, addition);
  charge.cost = amount_due(multiply(addition.billed_quantity, addition.cost), terms, addition);
  charge.shown = charge.shown || charge.price != 0;
  return charge;
}

std::int64_t base_charge(const Tenant& tenant, const BillingTerms& terms, const Row& row) {
  const Fields agreement = fields_of(tenant, kAgreements, row);
  const std::int64_t amount = agreement.integer("billAmount");
  const Period whole = terms.whole(), due = overlap(terms.due(), terms.life());
  if (due.days() == 0) return 0;
  if (!terms.invoiced && due.begin != whole.begin && agreement.get("prorateFirstBill") != nullptr)
    return to_cents(agreement.integer("prorateFirstBill"));
  return terms.prorate ? prorated(amount, whole, due) : to_cents(amount);
}

void compute_addition(const Tenant& tenant, Row& row, const Row* agreement, Day today) {
  const Resource& additions = tenant.table(kAdditions).resource();
  const Addition addition = addition_of(tenant, row);
  const auto set = [&](const char* name, json::value value) { row.set(additions.field(name), std::move(value)); };
  const std::int64_t price = multiply(addition.quantity, addition.price);
  const std::int64_t cost = multiply(addition.quantity, addition.cost);
  set("billedQuantity", addition.billed_quantity);
  set("extPrice", price);
  set("extCost", cost);
  set("margin", price - cost);
  set("agreementStatus", json::string(addition_status(tenant, row, agreement, today)));
  std::int64_t days = 0, of_days = 1;
  if (agreement != nullptr) {
    const BillingTerms terms = billing_terms(tenant, *agreement);
    if (terms.calendar && (terms.prorate || addition.prorates_itself)) {
      const Period period = terms.calendar->period_of(addition.active.begin);
      const Period part = overlap(period, addition.active);
      // A whole period has no part that would be prorated.
      days = part == period ? 0 : part.days();
      of_days = period.days();
    }
  }
  set("proratePrice", share_of(addition.price, days, of_days));
  set("prorateCost", share_of(addition.cost, days, of_days));
  set("extendedProratePrice", to_cents(share_of(multiply(addition.billed_quantity, addition.price), days, of_days)));
  set("extendedProrateCost", to_cents(share_of(multiply(addition.billed_quantity, addition.cost), days, of_days)));
}

const char* agreement_status(const Tenant& tenant, const Row& row, Day today) {
  const Fields agreement = fields_of(tenant, kAgreements, row);
  if (agreement.flag("cancelledFlag")) return "Cancelled";
  const auto end = agreement.day("endDate");
  if (end && !agreement.flag("noEndingDateFlag") && *end < today) return "Expired";
  return agreement.day("startDate").value_or(today) > today ? "Inactive" : "Active";
}

const char* addition_status(const Tenant& tenant, const Row& row, const Row* agreement, Day today) {
  const Addition addition = addition_of(tenant, row);
  if (addition.active.end <= today) return "Cancelled";
  if (agreement != nullptr && billing_terms(tenant, *agreement).end <= today) return "Expired";
  return addition.active.begin > today ? "Inactive" : "Active";
}

void refresh_statuses(Tenant& tenant, Day today) {
  const Table& agreements = tenant.table(kAgreements);
  const Table& additions = tenant.table(kAdditions);
  std::vector<std::pair<std::int64_t, const char*>> changed;
  agreements.each([&](const Row& row) {
    const char* status = agreement_status(tenant, row, today);
    if (row.text(agreements.resource().field("agreementStatus")) != status) changed.emplace_back(row.id, status);
    return true;
  });
  for (const auto& [id, status] : changed) set_field(tenant, kAgreements, id, "agreementStatus", json::string(status));
  changed.clear();
  additions.each([&](const Row& row) {
    const char* status = addition_status(tenant, row, agreements.find(row.parent), today);
    if (row.text(additions.resource().field("agreementStatus")) != status) changed.emplace_back(row.id, status);
    return true;
  });
  for (const auto& [id, status] : changed) set_field(tenant, kAdditions, id, "agreementStatus", json::string(status));
}

ApiResult<std::int64_t> invoice_agreement(Tenant& tenant, const Row& agreement, const Actor& actor) {
  const Resource& agreements = tenant.table(kAgreements).resource();
  const BillingTerms terms = billing_terms(tenant, agreement);
  if (!terms.has_cycle) return tl::unexpected(refused(agreements, "The agreement has no billing cycle."));
  const bool once_is_enough = !terms.calendar && terms.invoiced;
  if (once_is_enough || terms.next >= terms.end)
    return tl::unexpected(refused(agreements, "The agreement has been invoiced to its end."));
  if (terms.next > day_of(actor.now) && !actor.switches->agreements_invoiced_ahead)
    return tl::unexpected(refused(agreements, "The next invoice date has not come yet."));
  const Bill bill = bill_of(tenant, agreement, terms);
  const std::int64_t agreement_id = agreement.id;
  const bool of_nothing = bill.subtotal() == 0 && bill.lines.empty();
  std::int64_t invoice = 0;
  if (!of_nothing || fields_of(tenant, kAgreements, agreement).flag("billZeroAmountFlag")) {
    invoice = add_invoice(tenant, agreement, bill, actor);
    for (const Line& line : bill.lines) add_line(tenant, line, agreement, invoice, actor);
  }
  move_on(tenant, agreement_id, bill.due.end);
  return invoice;
}

void reopen_period(Tenant& tenant, const Row& invoice_row) {
  const Fields invoice = fields_of(tenant, kInvoices, invoice_row);
  const std::int64_t agreement_id = invoice.integer("agreement");
  Table& lines = tenant.table(kLines);
  std::vector<Row> gone;
  for (const std::int64_t id : *lines.lookup(lines.resource().field("invoice"), std::to_string(invoice_row.id)))
    gone.push_back(*lines.find(id));
  for (const Row& line : gone) lines.erase(line.id);
  const Row* agreement = tenant.table(kAgreements).find(agreement_id);
  const auto begin = invoice.day("periodBegin"), end = invoice.day("periodEnd");
  if (agreement == nullptr || !begin || !end || billing_terms(tenant, *agreement).next != *end) return;
  for (const Row* addition : additions_of(tenant, agreement_id)) {
    const bool older = addition_of(tenant, *addition).active.begin < *begin;
    set_field(tenant, kAdditions, addition->id, "billedThrough", older ? day_value(*begin) : json::value(nullptr));
  }
  for (const Row& line : gone) {
    const Fields fields = fields_of(tenant, kLines, line);
    const json::value* before = fields.get("billedBefore");
    set_field(tenant, kAdditions, fields.integer("addition"), "billedThrough",
              before == nullptr ? json::value(nullptr) : *before);
  }
  const bool first = billing_terms(tenant, *agreement).start == *begin;
  set_field(tenant, kAgreements, agreement_id, "billedThrough", first ? json::value(nullptr) : day_value(*begin));
  set_field(tenant, kAgreements, agreement_id, "nextInvoiceDate", json::string(day_text(*begin)));
}

}  // namespace crosswalk::sandbox

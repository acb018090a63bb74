#include "sandbox/operations_billing.h"

#include <algorithm>

#include "base/decimal.h"
#include "sandbox/invoicing.h"
#include "sandbox/rules.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

json::value decimal(std::int64_t units) { return json::parse(Decimal::from_units(units).to_string()); }

/// More periods than this that nobody has invoiced are a mistake in the dates, and are not counted one by one.
constexpr int kPeriodsCountedMax = 1'000;

int unbilled_periods(const BillingTerms& terms, Day today) {
  if (!terms.calendar) return terms.has_cycle && !terms.invoiced && terms.next <= today ? 1 : 0;
  int count = 0;
  Day next = terms.next;
  while (next <= today && next < terms.end && count < kPeriodsCountedMax) {
    next = terms.calendar->period_of(next).end;
    ++count;
  }
  return count;
}

/// The rows of `collection` that belong to an agreement.
std::vector<const Row*> belonging_to(const Tenant& tenant, std::string_view collection, std::int64_t agreement) {
  const Table& table = tenant.table(collection);
  std::vector<const Row*> rows;
  if (table.size() == 0) return rows;
  for (const std::int64_t id : *table.lookup(table.resource().parent_field, std::to_string(agreement)))
    rows.push_back(table.find(id));
  return rows;
}

const Row* last_invoice(const Tenant& tenant, std::int64_t agreement) {
  const Table& invoices = tenant.table("finance/invoices");
  const Row* last = nullptr;
  invoices.each([&](const Row& row) {
    if (row.integer(invoices.resource().field("agreement")) == agreement) last = &row;
    return true;
  });
  return last;
}

json::object recap_of(const Tenant& tenant, const Row& agreement, std::int64_t now) {
  const Resource& agreements = tenant.table("finance/agreements").resource();
  const Resource& adjustments = tenant.table("finance/agreements/adjustments").resource();
  const BillingTerms terms = billing_terms(tenant, agreement);
  std::int64_t adjusted = 0, next = 0;
  for (const Row* row : belonging_to(tenant, "finance/agreements/adjustments", agreement.id))
    adjusted += row->integer(adjustments.field("amount"));
  const bool more = terms.has_cycle && terms.next < terms.end && (terms.calendar || !terms.invoiced);
  if (more) {
    next = base_charge(tenant, terms, agreement);
    for (const Row* row : belonging_to(tenant, "finance/agreements/additions", agreement.id))
      next += charge_of(tenant, terms, *row).price;
  }
  const std::int64_t limit = agreement.integer(agreements.field("applicationLimit"));
  const Table& companies = tenant.table("company/companies");
  const Row* company = companies.find(agreement.integer(agreements.field("company")));
  json::object recap{{"id", agreement.id},
                     {"adjustmentAmount", decimal(adjusted)},
                     {"agreementStatus", agreement.text(agreements.field("agreementStatus"))},
                     {"name", agreement.text(agreements.field("name"))},
                     {"availableAmount", decimal(limit + adjusted)},
                     {"companyName", company == nullptr ? "" : company->text(companies.resource().field("name"))},
                     {"isUnlimited", agreement.flag(agreements.field("applicationUnlimitedFlag")) ? "True" : "False"},
                     {"nextInvoiceAmount", decimal(next)},
                     {"nextInvoiceDate", agreement.text(agreements.field("nextInvoiceDate"))},
                     {"remainingAmount", decimal(limit + adjusted)},
                     {"startingAmount", decimal(limit)},
                     {"unbilledPeriods", unbilled_periods(terms, day_of(now))},
                     {"usedAmount", decimal(0)}};
  if (const Row* invoice = last_invoice(tenant, agreement.id)) {
    const Resource& invoices = tenant.table("finance/invoices").resource();
    recap["lastInvoiceAmount"] = Decimal::from_units(invoice->integer(invoices.field("total"))).to_string();
    recap["lastInvoiceDate"] = time_text(invoice->integer(invoices.field("date")));
    recap["lastInvoiceNumber"] = invoice->text(invoices.field("invoiceNumber"));
  }
  return recap;
}

}  // namespace

net::Response invoice_operation(const OperationContext& context) {
  const ApiResult<std::int64_t> invoice = invoice_agreement(context.tenant, *context.row, context.actor);
  return invoice ? json_response(201, std::to_string(*invoice)) : to_response(invoice.error());
}

net::Response copy_agreement(const OperationContext& context) {
  Tenant& tenant = context.tenant;
  const Resource& agreements = context.resource();
  const auto fresh = [&](const Resource& resource, const Row& original) {
    Row copy = original;
    copy.id = 0;
    copy.set(resource.field("billedThrough"), nullptr);
    copy.date_entered = copy.last_updated = context.actor.now;
    copy.entered_by = copy.updated_by = context.actor.member;
    return copy;
  };
  const std::int64_t original = context.row->id;
  Row copy = fresh(agreements, *context.row);
  const BillingTerms terms = billing_terms(tenant, copy);
  copy.set(agreements.field("nextInvoiceDate"),
           terms.has_cycle ? json::value(json::string(time_text(seconds_of(terms.next)))) : json::value(nullptr));
  const std::int64_t id = tenant.table(agreements).insert(std::move(copy)).id;
  Table& additions = tenant.table("finance/agreements/additions");
  for (const Row* addition : belonging_to(tenant, "finance/agreements/additions", original)) {
    Row of_copy = fresh(additions.resource(), *addition);
    of_copy.parent = id;
    of_copy.set(additions.resource().parent_field, id);
    additions.insert(std::move(of_copy));
  }
  return row_response(context, 201, agreements, *tenant.table(agreements).find(id));
}

net::Response list_recaps(const OperationContext& context) {
  std::vector<json::object> recaps;
  context.tenant.table("finance/agreements").each([&](const Row& row) {
    recaps.push_back(recap_of(context.tenant, row, context.actor.now));
    return true;
  });
  return objects_response(context, std::move(recaps));
}

net::Response show_recap(const OperationContext& context) {
  const std::int64_t id = context.route.id != 0      ? context.route.id
                          : context.route.below != 0 ? context.route.below
                                                     : context.route.parent;
  const Row* agreement = context.tenant.table("finance/agreements").find(id);
  if (agreement == nullptr) return to_response(not_found("AgreementRecap", id));
  return json_response(200, json::serialize(recap_of(context.tenant, *agreement, context.actor.now)));
}

net::Response catalog_pricing(const OperationContext& context) {
  std::optional<json::object> body = parse_object(context.request.body);
  if (!body) return to_response(invalid_object("catalogPricing", {}));
  const Resource& catalog = context.resource();
  body->insert_or_assign("price", decimal(context.row->integer(catalog.field("price"))));
  std::string reference;
  context.wire.write_reference(reference, catalog, *context.row, std::vector<std::string>{"identifier"});
  body->insert_or_assign("catalogItem", json::parse(reference));
  return json_response(200, json::serialize(*body));
}

}  // namespace crosswalk::sandbox

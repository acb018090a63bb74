#include "sandbox/operations_billing.h"

#include <algorithm>

#include "base/decimal.h"
#include "sandbox/invoicing.h"
#include "sandbox/rules.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

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
                     {"adjustmentAmount", decimal_value(adjusted)},
                     {"agreementStatus", agreement.text(agreements.field("agreementStatus"))},
                     {"name", agreement.text(agreements.field("name"))},
                     {"availableAmount", decimal_value(limit + adjusted)},
                     {"companyName", company == nullptr ? "" : company->text(companies.resource().field("name"))},
                     {"isUnlimited", agreement.flag(agreements.field("applicationUnlimitedFlag")) ? "True" : "False"},
                     {"nextInvoiceAmount", decimal_value(next)},
                     {"nextInvoiceDate", agreement.text(agreements.field("nextInvoiceDate"))},
                     {"remainingAmount", decimal_value(limit + adjusted)},
                     {"startingAmount", decimal_value(limit)},
                     {"unbilledPeriods", unbilled_periods(terms, day_of(now))},
                     {"usedAmount", decimal_value(0)}};
  if (const Row* invoice = last_invoice(tenant, agreement.id)) {
    const Resource& invoices = tenant.table("finance/invoices").resource();
    recap["lastInvoiceAmount"] = Decimal::from_units(invoice->integer(invoices.field("total"))).to_string();
    recap["lastInvoiceDate"] = time_text(invoice->integer(invoices.field("date")));
    recap["lastInvoiceNumber"] = invoice->text(invoices.field("invoiceNumber"));
  }
  return recap;
}

/// A reference of the agreement as the parameters show it.
json::object named(const json::object& agreement, std::string_view field) {
  json::object shown;
  const json::value* reference = agreement.if_contains(field);
  if (reference == nullptr || !reference->is_object()) return shown;
  for (const char* name : {"id", "name"}) {
    if (const json::value* value = reference->get_object().if_contains(name)) shown[name] = *value;
  }
  return shown;
}

json::object in_words(const json::object& agreement, std::string_view field) {
  const json::value* word = agreement.if_contains(field);
  return word == nullptr ? json::object() : json::object{{"name", *word}};
}

/// Members of the agreement under the names that the parameters have for them.
void take(json::object& to, const json::object& from,
          std::initializer_list<std::pair<std::string_view, std::string_view>> names) {
  for (const auto& [target, source] : names) {
    if (const json::value* value = from.if_contains(source)) to[target] = *value;
  }
}

std::int64_t additions_amount(const Tenant& tenant, std::int64_t agreement) {
  const Resource& additions = tenant.table("finance/agreements/additions").resource();
  std::int64_t sum = 0;
  for (const Row* row : belonging_to(tenant, "finance/agreements/additions", agreement)) {
    if (row->text(additions.field("agreementStatus")) == "Active") sum += row->integer(additions.field("extPrice"));
  }
  return sum;
}

std::int64_t children_amount(const Tenant& tenant, std::int64_t agreement) {
  const Table& agreements = tenant.table("finance/agreements");
  const Resource& of_agreement = agreements.resource();
  std::int64_t sum = 0;
  agreements.each([&](const Row& row) {
    if (row.integer(of_agreement.field("parentAgreement")) == agreement)
      sum += row.integer(of_agreement.field("billAmount"));
    return true;
  });
  return sum;
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
  return json_response(200, json_text(recap_of(context.tenant, *agreement, context.actor.now)));
}

net::Response catalog_pricing(const OperationContext& context) {
  std::optional<json::object> body = parse_object(context.request.body);
  if (!body) return to_response(invalid_object("catalogPricing", {}));
  const Resource& catalog = context.resource();
  body->insert_or_assign("price", decimal_value(context.row->integer(catalog.field("price"))));
  std::string reference;
  context.wire.write_reference(reference, catalog, *context.row, std::vector<std::string>{"identifier"});
  body->insert_or_assign("catalogItem", json::parse(reference));
  return json_response(200, json_text(*body));
}

net::Response application_parameters(const OperationContext& context) {
  const json::object agreement = context.wire.object(context.resource(), *context.row);
  json::object shown{{"applicationUnit", in_words(agreement, "applicationUnits")},
                     {"availablePer", in_words(agreement, "applicationCycle")},
                     {"agrBillingCycle", named(agreement, "billingCycle")},
                     {"userDefinedFieldValues", json::array()}};
  take(shown, agreement,
       {{"applicationLimitAmount", "applicationLimit"},
        {"coversTimeFlag", "coverAgreementTime"},
        {"coversExpensesFlag", "coverAgreementExpense"},
        {"coversProductsFlag", "coverAgreementProduct"},
        {"coversTaxFlag", "coverSalesTax"},
        {"carryoverUnusedFlag", "carryOverUnused"},
        {"allowOverrunsFlag", "allowOverruns"},
        {"agreementExpiresFlag", "expireWhenZero"}});
  return json_response(200, json_text(shown));
}

net::Response recurring_parameters(const OperationContext& context) {
  const json::object agreement = context.wire.object(context.resource(), *context.row);
  const std::int64_t own = context.row->integer(context.resource().field("billAmount")),
                     children = children_amount(context.tenant, context.row->id),
                     additions = additions_amount(context.tenant, context.row->id);
  json::object shown{{"billingCycle", named(agreement, "billingCycle")},
                     {"cycleBase", in_words(agreement, "invoicingCycle")},
                     {"aGRAmount", decimal_value(own)},
                     {"childrenAmount", decimal_value(children)},
                     {"additionsAmount", decimal_value(additions)},
                     {"totalAmount", decimal_value(own + children + additions)},
                     {"taxCode", named(agreement, "taxCode")},
                     {"terms", named(agreement, "billingTerms")},
                     {"currency", named(agreement, "currency")},
                     {"userDefinedFieldValues", json::array()}};
  take(shown, agreement,
       {{"taxable", "taxable"},
        {"aGRProrate", "prorateFirstBill"},
        {"billStartDate", "billStartDate"},
        {"prorateFlag", "prorateFlag"},
        {"invoiceProratedAdditionsFlag", "invoiceProratedAdditionsFlag"},
        {"restrictDownpayment", "restrictDownPayment"},
        {"autoInvoiceFlag", "autoInvoiceFlag"},
        {"billZeroAmountFlag", "billZeroAmountFlag"}});
  return json_response(200, json_text(shown));
}

}  // namespace crosswalk::sandbox

#include <algorithm>

#include "sandbox/invoicing.h"
#include "sandbox/rules.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr const char* kAlreadyInvoiced =
    "Since this period has already been invoiced there will not be an invoice generated for additional products for "
    "this period. Please prorate the agreement or update the start date to on or after the Next Invoice Date.";

/// An agreement takes over what its type says, field by field, where it says nothing itself.
void default_from_type(Writer& writer) {
  const Resource& types = Catalogue::instance().get("finance/agreements/types");
  const Row* type = writer.tenant.table(types).find(writer.row.integer(writer.resource.field("type")));
  if (type == nullptr) return;
  for (const Field& field : writer.resource.fields) {
    if (field.read_only || field.hidden || field.name == "name") continue;
    int source = types.field(field.name);
    // What the agreement calls taxable is the type's taxableFlag.
    if (source < 0) source = types.field(field.name + "Flag");
    const json::value* value = source < 0 ? nullptr : type->get(source);
    if (value != nullptr && types.fields[static_cast<std::size_t>(source)].type == field.type)
      set_default(writer, field.name.c_str(), *value);
  }
}

void rule_agreement(Writer& writer, const Row* before) {
  const Resource& agreements = writer.resource;
  if (before == nullptr) default_from_type(writer);
  writer.row.set(agreements.field("agreementStatus"),
                 json::string(agreement_status(writer.tenant, writer.row, day_of(writer.actor.now))));
  if (writer.row.date_entered == 0) writer.row.date_entered = writer.actor.now;
  const BillingTerms terms = billing_terms(writer.tenant, writer.row);
  const bool over = !terms.has_cycle || (terms.invoiced && !terms.calendar) || terms.next >= terms.end;
  writer.row.set(agreements.field("nextInvoiceDate"),
                 over ? json::value(nullptr) : json::value(json::string(time_text(seconds_of(terms.next)))));
}

/// What is computed of additions depends on how their agreement bills.
void recompute_additions(Writer& writer, const Row& agreement, bool inserted) {
  if (inserted) return;
  Table& additions = writer.tenant.table("finance/agreements/additions");
  const std::vector<std::int64_t> ids =
      *additions.lookup(additions.resource().parent_field, std::to_string(agreement.id));
  for (const std::int64_t id : ids) {
    Row changed = *additions.find(id);
    compute_addition(writer.tenant, changed, &agreement, day_of(writer.actor.now));
    additions.replace(std::move(changed));
  }
}

/// A product brings its price, cost and texts along, again when it is exchanged for another one. What the same request
/// says itself stands.
void default_from_product(Writer& writer) {
  const Resource& additions = writer.resource;
  const Resource& catalog = Catalogue::instance().get("procurement/catalog");
  const Row* item = writer.tenant.table(catalog).find(writer.row.integer(additions.field("product")));
  if (item == nullptr) return;
  const auto take = [&](const char* field, const char* from) {
    if (writer.touched(additions.field(field))) return;
    const json::value* value = item->get(catalog.field(from));
    writer.row.set(additions.field(field), value == nullptr ? json::value(nullptr) : *value);
  };
  take("unitPrice", "price");
  take("unitCost", "cost");
  take("description", "description");
  take("invoiceDescription", "customerDescription");
  take("taxableFlag", "taxableFlag");
  if (!writer.touched(additions.field("quantity"))) writer.row.set(additions.field("quantity"), kUnit);
  if (!writer.touched(additions.field("billCustomer"))) writer.row.set(additions.field("billCustomer"), "Billable");
  const Table& units = writer.tenant.table("procurement/unitOfMeasures");
  const Row* unit = units.find(item->integer(catalog.field("unitOfMeasure")));
  if (unit != nullptr) writer.row.set(additions.field("uom"), json::string(unit->text(units.resource().field("name"))));
  if (item->text(catalog.field("productClass")) == "Bundle")
    writer.fail({"InvalidField", "A bundle cannot be an addition.", additions.spec.noun, "product"});
}

/// The day from which an addition is billed when nobody says: today, or the first that is still to be invoiced.
Day first_effective_day(const BillingTerms& terms, Day today) {
  const Day day = std::max(today, terms.start);
  return terms.invoiced && !terms.prorate ? std::max(day, terms.next) : day;
}

void check_effective_date(Writer& writer, const Row& agreement, const BillingTerms& terms, const Row* before) {
  const int field = writer.resource.field("effectiveDate");
  const std::int64_t effective = writer.row.integer(field);
  if (before != nullptr && before->integer(field) == effective) return;
  const Resource& agreements = Catalogue::instance().get("finance/agreements");
  const bool has_start = agreement.get(agreements.field("billStartDate")) != nullptr;
  if (has_start && day_of(effective) < terms.start)
    return writer.fail({"", "effectiveDate cannot be less than the agreement billing start date", "", ""});
  const bool prorates = terms.prorate || writer.row.flag(writer.resource.field("prorateCurrentPeriodFlag"));
  if (terms.invoiced && day_of(effective) < terms.next && !prorates) writer.fail({"", kAlreadyInvoiced, "", ""});
}

void rule_addition(Writer& writer, const Row* before) {
  const Resource& additions = writer.resource;
  const Row* agreement = writer.tenant.table("finance/agreements").find(writer.row.parent);
  if (agreement == nullptr) return;
  const Day today = day_of(writer.actor.now);
  const int product = additions.field("product");
  if (before == nullptr || before->integer(product) != writer.row.integer(product)) default_from_product(writer);
  set_default(writer, "lessIncluded", 0);
  const BillingTerms terms = billing_terms(writer.tenant, *agreement);
  if (writer.row.get(additions.field("effectiveDate")) == nullptr)
    writer.row.set(additions.field("effectiveDate"), seconds_of(first_effective_day(terms, today)));
  if (before == nullptr) {
    const Table& table = writer.tenant.table(additions);
    const std::size_t others = table.lookup(additions.parent_field, std::to_string(agreement->id))->size();
    set_default(writer, "sequenceNumber", static_cast<std::int64_t>(others + 1) * kUnit);
  }
  check_effective_date(writer, *agreement, terms, before);
  compute_addition(writer.tenant, writer.row, agreement, today);
}

void rule_invoice(Writer& writer, const Row* before) {
  if (before != nullptr) return;
  const std::int64_t id = writer.tenant.table(writer.resource).next_id();
  set_default(writer, "invoiceNumber", json::string(std::to_string(id)));
  set_default(writer, "date", writer.actor.now);
  for (const char* name : {"subtotal", "total", "balance", "payments", "credits"}) set_default(writer, name, 0);
}

void release_invoice(Tenant& tenant, const Row& removed, const Actor&) { reopen_period(tenant, removed); }

/// What has been paid, and what is left to pay.
void settle_invoice(Tenant& tenant, std::int64_t invoice_id) {
  Table& invoices = tenant.table("finance/invoices");
  const Row* invoice = invoices.find(invoice_id);
  if (invoice == nullptr) return;
  const Table& payments = std::as_const(tenant).table("finance/invoices/payments");
  std::int64_t paid = 0;
  for (const std::int64_t id : *payments.lookup(payments.resource().parent_field, std::to_string(invoice_id)))
    paid += payments.find(id)->integer(payments.resource().field("amount"));
  const Resource& resource = invoices.resource();
  Row changed = *invoice;
  changed.set(resource.field("payments"), paid);
  changed.set(resource.field("balance"),
              changed.integer(resource.field("total")) - paid - changed.integer(resource.field("credits")));
  invoices.replace(std::move(changed));
}

void payment_written(Writer& writer, const Row& row, bool) { settle_invoice(writer.tenant, row.parent); }
void payment_removed(Tenant& tenant, const Row& removed, const Actor&) { settle_invoice(tenant, removed.parent); }

void rule_catalog_item(Writer& writer, const Row* before) {
  const Resource& catalog = writer.resource;
  const Resource& subcategories = Catalogue::instance().get("procurement/subcategories");
  const Row* subcategory = writer.tenant.table(subcategories).find(writer.row.integer(catalog.field("subcategory")));
  if (subcategory != nullptr) {
    const int category = subcategories.field("category");
    writer.row.set(catalog.field("category"), id_or_null(subcategory->integer(category)));
  }
  if (before != nullptr) return;
  set_default(writer, "unitOfMeasure",
              id_or_null(first_with(writer.tenant.table("procurement/unitOfMeasures"), "defaultFlag")));
}

/// A product on a ticket, order or invoice: what it costs comes from the catalog unless somebody says otherwise.
void rule_product(Writer& writer, const Row* before) {
  const Resource& products = writer.resource;
  const Resource& catalog = Catalogue::instance().get("procurement/catalog");
  const Row* item = writer.tenant.table(catalog).find(writer.row.integer(products.field("catalogItem")));
  if (before == nullptr && item != nullptr) {
    for (const char* name : {"description", "customerDescription", "price", "cost", "taxableFlag", "productClass"}) {
      if (const json::value* value = item->get(catalog.field(name))) set_default(writer, name, *value);
    }
    set_default(writer, "quantity", kUnit);
  }
  const auto amount = [&](const char* name) { return writer.row.integer(products.field(name)); };
  const std::int64_t price = multiply(amount("quantity"), amount("price"));
  const std::int64_t cost = multiply(amount("quantity"), amount("cost"));
  writer.row.set(products.field("extPrice"), price);
  writer.row.set(products.field("extCost"), cost);
  writer.row.set(products.field("margin"), price - cost);
}

/// A vendor shows the name of its company.
void rule_catalog_vendor(Writer& writer, const Row*) {
  const Table& companies = std::as_const(writer.tenant).table("company/companies");
  const Row* vendor = companies.find(writer.row.integer(writer.resource.field("vendorId")));
  const int name = companies.resource().field("name");
  writer.row.set(writer.resource.field("vendorName"),
                 vendor == nullptr ? json::value(nullptr) : json::value(json::string(vendor->text(name))));
}

}  // namespace

std::span<const CollectionRules> finance_rules() {
  static constexpr CollectionRules kRules[] = {
      {.collection = "finance/agreements", .before_write = rule_agreement, .after_write = recompute_additions},
      {.collection = "finance/agreements/additions", .before_write = rule_addition},
      {.collection = "finance/invoices", .before_write = rule_invoice, .after_removal = release_invoice},
      {.collection = "procurement/catalog/vendors", .before_write = rule_catalog_vendor},
      {.collection = "finance/invoices/payments", .after_write = payment_written, .after_removal = payment_removed},
      {.collection = "procurement/products", .before_write = rule_product},
      {.collection = "procurement/catalog", .before_write = rule_catalog_item},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

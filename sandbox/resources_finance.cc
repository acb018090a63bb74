#include "sandbox/schema.h"

namespace crosswalk::sandbox {

std::span<const ResourceSpec> finance_resources() {
  static const ResourceSpec kTable[] = {
      {.path = "finance/agreements",
       .permission = "Agreements",
       .read_only = {"agreementStatus", "nextInvoiceDate"},
       .indexed = {"company"},
       .hidden = {{"configuration", "refs:ConfigurationReference"}, {"billedThrough", "date"}}},
      {.path = "finance/agreements/additions",
       // Its errors begin with a capital, as they are quoted.
       .noun = "Addition",
       .title = "Addition",
       .read_only = {"description", "billedQuantity", "uom", "extPrice", "extCost", "margin", "prorateCost",
                     "proratePrice", "extendedProrateCost", "extendedProratePrice", "agreementStatus"},
       .hidden = {{"billedThrough", "date"}}},
      {.path = "finance/billingTerms", .references = {"BillingTermsReference"}},
      {.path = "finance/invoices",
       .permission = "Invoicing",
       .hidden = {{"periodBegin", "date"}, {"periodEnd", "date"}}},
  };
  return kTable;
}

}  // namespace crosswalk::sandbox

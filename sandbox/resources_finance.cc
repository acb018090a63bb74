#include "sandbox/schema.h"

namespace crosswalk::sandbox {

std::span<const ResourceSpec> finance_resources() {
  static const ResourceSpec kTable[] = {
      {.path = "finance/agreements",
       .permission = "Agreements",
       .read_only = {"agreementStatus"},
       .indexed = {"company"},
       .hidden = {{"configuration", "refs:ConfigurationReference"}}},
      {.path = "finance/billingTerms", .references = {"BillingTermsReference"}},
      {.path = "finance/invoices", .permission = "Invoicing"},
  };
  return kTable;
}

}  // namespace crosswalk::sandbox

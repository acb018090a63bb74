#include "sandbox/schema.h"

namespace crosswalk::sandbox {

std::span<const ResourceSpec> sales_resources() {
  static const ResourceSpec kTable[] = {
      {.path = "sales/activities", .permission = "Sales Activities", .indexed = {"company", "ticket"}},
      {.path = "sales/opportunities", .permission = "Opportunity", .indexed = {"company"}},
      {.path = "sales/opportunities/statuses", .title = "Opportunity Status"},
      {.path = "sales/opportunities/forecast",
       .read_only = {"productRevenue", "serviceRevenue", "agreementRevenue", "timeRevenue", "expenseRevenue",
                     "forecastRevenueTotals", "inclusiveRevenueTotals", "recurringTotal", "wonRevenue", "lostRevenue",
                     "openRevenue", "otherRevenue1", "otherRevenue2", "salesTaxRevenue", "forecastTotalWithTaxes",
                     "expectedProbability"}},
      {.path = "sales/probabilities", .references = {"OpportunityProbabilityReference"}},
      {.path = "sales/orders", .permission = "Sales Orders", .references = {"SalesOrderReference"}},
  };
  return kTable;
}

}  // namespace crosswalk::sandbox

#include "sandbox/attachments.h"
#include "sandbox/documents_made.h"
#include "sandbox/operations_billing.h"

namespace crosswalk::sandbox {
namespace {

/// Nobody earns a commission here.
net::Response recalculate_commissions(const OperationContext&) { return success_response(); }

}  // namespace

std::span<const OperationRule> finance_operations() {
  static constexpr OperationRule kRules[] = {
      {"GET", "/finance/agreements/{parentId}/configurations", list_configurations},
      {"GET", "/finance/agreements/{parentId}/configurations/count", list_configurations},
      {"GET", "/finance/agreements/{parentId}/configurations/{id}", show_configuration},
      {"POST", "/finance/agreements/{parentId}/configurations", attach_configuration, nullptr, "E"},
      {"DELETE", "/finance/agreements/{parentId}/configurations/{id}", detach_configuration, nullptr, "E"},
      {"POST", "/finance/agreements/{id}/invoice", invoice_operation, "Invoicing", "A"},
      {"POST", "/finance/agreements/{parentId}/copy", copy_agreement},
      {"GET", "/finance/agreementrecap/", list_recaps, "Agreements"},
      {"GET", "/finance/agreementrecap/{id}", show_recap, "Agreements"},
      {"GET", "/finance/agreements/{id}/applicationParameters/{podId}", application_parameters},
      {"GET", "/finance/agreements/{id}/recurringParameters/{podId}", recurring_parameters},
      {"GET", "/finance/agreements/{id}/quickAccess/count", no_tabs},
      {"POST", "/finance/agreements/types{id}/copy", copy_item},
      {"POST", "/finance/taxCodes/{id}/copy", copy_item},
      {"GET", "/finance/invoices/{id}/pdf", invoice_pdf},
      {"POST", "/finance/invoices/{parentId}/commissions/recalculate", recalculate_commissions, nullptr, "E"},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

#include "sandbox/attachments.h"
#include "sandbox/operations_billing.h"

namespace crosswalk::sandbox {

std::span<const OperationRule> finance_operations() {
  static constexpr OperationRule kRules[] = {
      {"GET", "/finance/agreements/{parentId}/configurations", list_configurations},
      {"GET", "/finance/agreements/{parentId}/configurations/count", count_configurations},
      {"GET", "/finance/agreements/{parentId}/configurations/{id}", show_configuration},
      {"POST", "/finance/agreements/{parentId}/configurations", attach_configuration, nullptr, "E"},
      {"DELETE", "/finance/agreements/{parentId}/configurations/{id}", detach_configuration, nullptr, "E"},
      {"POST", "/finance/agreements/{id}/invoice", invoice_operation, "Invoicing", "A"},
      {"POST", "/finance/agreements/{parentId}/copy", copy_agreement},
      {"GET", "/finance/agreementrecap/", list_recaps, "Agreements"},
      {"GET", "/finance/agreementrecap/{id}", show_recap, "Agreements"},
      {"POST", "/procurement/catalog/{id}/pricing", catalog_pricing, nullptr, "I"},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

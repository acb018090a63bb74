#include "sandbox/attachments.h"
#include "sandbox/operations.h"

namespace crosswalk::sandbox {

std::span<const OperationRule> finance_operations() {
  static constexpr OperationRule kRules[] = {
      {"GET", "/finance/agreements/{parentId}/configurations", list_configurations},
      {"GET", "/finance/agreements/{parentId}/configurations/count", count_configurations},
      {"GET", "/finance/agreements/{parentId}/configurations/{id}", show_configuration},
      {"POST", "/finance/agreements/{parentId}/configurations", attach_configuration, nullptr, "E"},
      {"DELETE", "/finance/agreements/{parentId}/configurations/{id}", detach_configuration, nullptr, "E"},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

#include "sandbox/operations.h"

namespace crosswalk::sandbox {

std::span<const OperationRule> sales_operations() { return {}; }

}  // namespace crosswalk::sandbox

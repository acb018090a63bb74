#include "sandbox/operations.h"

namespace crosswalk::sandbox {

std::span<const OperationRule> company_operations() { return {}; }

}  // namespace crosswalk::sandbox

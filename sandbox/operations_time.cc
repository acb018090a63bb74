#include "sandbox/operations.h"

namespace crosswalk::sandbox {

std::span<const OperationRule> time_operations() { return {}; }

}  // namespace crosswalk::sandbox

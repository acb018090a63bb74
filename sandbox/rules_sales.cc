#include "sandbox/rules.h"

namespace crosswalk::sandbox {

std::span<const CollectionRules> sales_rules() { return {}; }

}  // namespace crosswalk::sandbox

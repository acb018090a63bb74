#include "sandbox/rules.h"

namespace crosswalk::sandbox {

std::span<const CollectionRules> system_rules() { return {}; }

}  // namespace crosswalk::sandbox

#include "sandbox/callbacks.h"
#include "sandbox/rules.h"

namespace crosswalk::sandbox {

std::span<const CollectionRules> system_rules() {
  static constexpr CollectionRules kRules[] = {
      {.collection = "system/callbacks", .before_write = rule_callback},
      {.collection = "system/securityroles", .after_write = role_written},
      {.collection = "system/integratorlogins", .before_write = rule_integrator_login},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

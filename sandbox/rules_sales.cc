#include "sandbox/forecasts.h"
#include "sandbox/rules.h"

namespace crosswalk::sandbox {

std::span<const CollectionRules> sales_rules() {
  static constexpr CollectionRules kRules[] = {
      {.collection = "sales/opportunities", .after_write = add_forecast},
      {.collection = "sales/opportunities/forecast", .before_write = rule_forecast},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

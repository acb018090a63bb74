#pragma once

namespace crosswalk::engine {

/// What a reconcile is for. A plan differs only in that steps are pretended, a test run in that they are not taken.
enum class Purpose {
  apply,       ///< live mappings are applied, test mappings only thought through
  apply_plan,  ///< a saved plan is applied, whatever the mode
  pretend,     ///< every step is done in memory only
};

}  // namespace crosswalk::engine

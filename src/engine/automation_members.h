#pragma once

#include <string>
#include <vector>

#include "mapping/document.h"
#include "store/store.h"

namespace crosswalk::engine {

/// Members of a partner's PSA who behave as workflow rules do, and whom the mapping does not name: they have touched
/// several of our newest tickets within seconds after these were made, and none later. Identifiers, by the alphabet.
[[nodiscard]] Result<std::vector<std::string>> likely_automation(store::Store& store, const std::string& partner,
                                                                 const mapping::TicketSettings& settings);

}  // namespace crosswalk::engine

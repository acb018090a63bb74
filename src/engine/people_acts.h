#pragma once

#include <string>
#include <vector>

#include "workflows/desired.h"

namespace crosswalk::engine {

/// What people (or rules of the PSA) have done to a record's tickets between two states of its links, in sentences for
/// its story. Our own writes are not among them.
[[nodiscard]] std::vector<std::string> people_acts(const std::vector<workflows::Link>& before,
                                                   const std::vector<workflows::Link>& after);

}  // namespace crosswalk::engine

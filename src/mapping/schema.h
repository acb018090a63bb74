#pragma once

#include <boost/json/value.hpp>
#include <vector>

#include "mapping/document.h"

namespace crosswalk::mapping {

/// What does not fit the published schema, in words; empty when all fits.
[[nodiscard]] std::vector<Problem> check_schema(const boost::json::value& document);

}  // namespace crosswalk::mapping

#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "mapping/document.h"

namespace crosswalk::mapping {

/// Reads JSON text that a person may have typed: size, encoding, nesting, syntax (with line and column), keys given
/// twice, NUL characters.
[[nodiscard]] std::optional<boost::json::value> read_json(std::string_view text, std::vector<Problem>& problems);

}  // namespace crosswalk::mapping

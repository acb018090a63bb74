#pragma once

#include <boost/json/object.hpp>
#include <vector>

#include "mapping/document.h"

namespace crosswalk::mapping {

/// Reads a document that fits the schema. What a schema cannot say about single values (real dates, durations within
/// bounds, values that must come together) is added to `problems`.
[[nodiscard]] Document read_document(const boost::json::object& json, std::vector<Problem>& problems);

/// What only the whole document shows: templates compile, patterns and conditions make sense, time zones exist, windows
/// end after they start.
void check_meaning(const Document& document, std::vector<Problem>& problems);

}  // namespace crosswalk::mapping

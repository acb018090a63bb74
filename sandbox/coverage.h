#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace crosswalk::sandbox {

/// How often each operation of the document has been answered with success, by its number.
using OperationCounts = std::vector<std::uint32_t>;

/// The ids of the operations that `counts` has seen, in the document's order.
[[nodiscard]] boost::json::array exercised_operations(const OperationCounts& counts);

/// {"document", "implemented", "exercised", "modules": {"company": {...}}, "missing": ["GET /path"],
/// "unexercised": likewise what is implemented and never was answered}; `exercised` holds ids of operations.
[[nodiscard]] boost::json::object coverage(const std::vector<std::string>& exercised);

/// The same as a table for people.
[[nodiscard]] std::string coverage_table(const boost::json::object& coverage);

}  // namespace crosswalk::sandbox

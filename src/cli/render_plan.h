#pragma once

#include <string>

#include "cli/json.h"
#include "cli/terminal.h"

namespace crosswalk::cli {

// What the API answers, for people. Pure: JSON of the shapes in api/openapi.yaml to text.

/// A Plan: per record what would be done, field by field, and why; then what is held back, problems, and the sum.
[[nodiscard]] std::string render_plan(const Terminal& terminal, const json::object& plan);

/// An ApplyReport.
[[nodiscard]] std::string render_apply_report(const Terminal& terminal, const json::object& report);

/// True when the plan, or one of its records, has a problem of level error.
[[nodiscard]] bool has_errors(const json::object& plan);

/// "3 tickets", "1 ticket"
[[nodiscard]] std::string count_words(std::int64_t count, std::string_view one, std::string_view many);

}  // namespace crosswalk::cli

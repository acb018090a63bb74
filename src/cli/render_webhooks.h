#pragma once

#include <string>

#include "cli/json.h"
#include "cli/terminal.h"

namespace crosswalk::cli {

// Where the product is told of what happens, for people; JSON of the shapes in api/openapi.yaml to text.

[[nodiscard]] std::string render_webhooks(const Terminal& terminal, const json::array& webhooks);
[[nodiscard]] std::string render_webhook(const Terminal& terminal, const json::object& webhook);
/// Newest first.
[[nodiscard]] std::string render_deliveries(const Terminal& terminal, const json::array& deliveries);

}  // namespace crosswalk::cli

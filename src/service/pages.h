#pragma once

#include <optional>
#include <string_view>

#include "net/http.h"

namespace crosswalk::service {

/// The page to look at, its script and style, the contract and the schemas: what is public and never changes while the
/// process runs.
[[nodiscard]] std::optional<net::Response> find_page(std::string_view path);

}  // namespace crosswalk::service

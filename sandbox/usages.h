#pragma once

#include "sandbox/operations.h"

namespace crosswalk::sandbox {

/// What names an object: of `/usages` each kind of thing with its number, of `/usages/list` the things themselves. Only
/// what the member may see.
[[nodiscard]] net::Response list_usages(const OperationContext& context);

}  // namespace crosswalk::sandbox

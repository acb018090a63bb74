#pragma once

#include "sandbox/operations.h"

namespace crosswalk::sandbox {

/// Several reads in one request: each is answered as if it had been asked alone, rights and errors included.
[[nodiscard]] net::Response answer_bundle(const OperationContext& context);
/// The same for how many there are.
[[nodiscard]] net::Response count_bundle(const OperationContext& context);

}  // namespace crosswalk::sandbox

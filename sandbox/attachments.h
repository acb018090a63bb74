#pragma once

#include "sandbox/operations.h"

namespace crosswalk::sandbox {

// The configurations of a ticket or an agreement: a list of references that is kept in the object's hidden field
// "configuration".

[[nodiscard]] net::Response list_configurations(const OperationContext& context);
[[nodiscard]] net::Response show_configuration(const OperationContext& context);
[[nodiscard]] net::Response attach_configuration(const OperationContext& context);
[[nodiscard]] net::Response detach_configuration(const OperationContext& context);

}  // namespace crosswalk::sandbox

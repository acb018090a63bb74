#pragma once

#include "sandbox/operations.h"

namespace crosswalk::sandbox {

// The user-defined fields that actions of workflows set. The sandbox runs no workflows; it keeps what they would do.

[[nodiscard]] net::Response add_workflow_field(const OperationContext& context);
/// Those of one action of one event.
[[nodiscard]] net::Response list_workflow_fields(const OperationContext& context);
/// All of an action.
[[nodiscard]] net::Response delete_workflow_fields(const OperationContext& context);
/// What an event would act upon: nothing.
[[nodiscard]] net::Response test_workflow_event(const OperationContext& context);

}  // namespace crosswalk::sandbox

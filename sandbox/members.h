#pragma once

#include "sandbox/operations.h"

namespace crosswalk::sandbox {

// What happens to a member besides being written.

/// The member becomes inactive; open time sheets stand in the way unless the request gives them up.
[[nodiscard]] net::Response deactivate_member(const OperationContext& context);
/// The same for the member of a single sign-on user.
[[nodiscard]] net::Response deactivate_sso_member(const OperationContext& context);
[[nodiscard]] net::Response link_sso_user(const OperationContext& context);
[[nodiscard]] net::Response unlink_sso_user(const OperationContext& context);
/// Those who sign in by single sign-on.
[[nodiscard]] net::Response members_with_sso(const OperationContext& context);
/// The member of the identifier in the path.
[[nodiscard]] net::Response member_named(const OperationContext& context);
/// The member who asks.
[[nodiscard]] net::Response own_member(const OperationContext& context);
/// Those whose calendars could be synchronized.
[[nodiscard]] net::Response calendar_members(const OperationContext& context);

}  // namespace crosswalk::sandbox

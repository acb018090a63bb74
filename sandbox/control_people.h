#pragma once

#include "sandbox/control_input.h"

namespace crosswalk::sandbox {

// The part of the control API in which somebody plays the people of an MSP. What they do goes through the API's own
// rules, in the name of a member and with the rights of that member's role; what ConnectWise would refuse is 409, with
// its reason.

/// Somebody works on a ticket, or on an addition of an agreement.
[[nodiscard]] net::Response control_technician(World& world, ControlInput& input);
/// Somebody renames, retires, brings back or deletes an object of any collection.
[[nodiscard]] net::Response control_reference(World& world, ControlInput& input);
/// An administrator gives a member another role, in the name of no member.
[[nodiscard]] net::Response control_role(World& world, ControlInput& input);
/// An administrator says what a role may do: no call of the API does.
[[nodiscard]] net::Response control_rights(World& world, ControlInput& input);

}  // namespace crosswalk::sandbox

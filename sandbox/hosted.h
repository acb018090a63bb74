#pragma once

#include "sandbox/control_input.h"

namespace crosswalk::sandbox {

/// What a screen of ConnectWise knows when it opens a hosted page: its address with the tokens replaced, the record,
/// and who is signed in.
[[nodiscard]] net::Response control_hosted(World& world, ControlInput& input);

}  // namespace crosswalk::sandbox

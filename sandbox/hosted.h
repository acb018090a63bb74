#pragma once

#include "net/http.h"

namespace crosswalk::sandbox {

class World;

/// POST /sandbox/hosted: what a screen of ConnectWise knows when it opens a hosted page: its address with the tokens
/// replaced, the record, and who is signed in.
[[nodiscard]] net::Response control_hosted(World& world, const net::Request& request);

}  // namespace crosswalk::sandbox

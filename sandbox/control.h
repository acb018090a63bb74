#pragma once

#include "net/http.h"
#include "sandbox/world.h"

namespace crosswalk::sandbox {

/// The control API: what the web page and tests do to a sandbox from outside. Requests to "/sandbox/..." only;
/// sandbox/README.md lists them. Answers JSON; what is wrong is said in {"message": "..."}. `secure`: it came by HTTPS,
/// and links in the answer say so.
[[nodiscard]] net::Response control(World& world, const net::Request& request, bool secure = false);

/// True for what control() answers.
[[nodiscard]] bool is_control(std::string_view target);

}  // namespace crosswalk::sandbox

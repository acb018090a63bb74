#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace crosswalk::net {

/// The address of a server, out of what people paste: with a path, from the browser, with blanks, in quotes. Scheme and
/// host, and the port where it is not the usual one. Fails with "partner.site_invalid".
[[nodiscard]] Result<std::string> site_address(std::string_view pasted);

/// Without what nobody sees or means: blanks, line breaks, marks of byte order and quotes around it.
[[nodiscard]] std::string_view trim_pasted(std::string_view pasted);

}  // namespace crosswalk::net

#pragma once

#include <netinet/in.h>

#include <string_view>

namespace crosswalk::net {

/// False for loopback, private, link-local, shared (CGNAT), cloud-metadata, documentation, multicast and reserved
/// addresses.
[[nodiscard]] bool is_public_address(const in_addr& address);
/// Looks into IPv4-mapped and NAT64 addresses too.
[[nodiscard]] bool is_public_address(const in6_addr& address);

/// One of ConnectWise's own hosts; `host` in lower case.
[[nodiscard]] bool is_connectwise(std::string_view host);

}  // namespace crosswalk::net

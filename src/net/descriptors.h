#pragma once

#include <cstddef>

namespace crosswalk::net {

/// Raises the number of files and sockets that this process may have open to what it is allowed to, and tells it.
[[nodiscard]] std::size_t raise_descriptor_limit();

/// What open files and sockets are spent on.
struct DescriptorShares {
  int connections = 0;  ///< of clients, besides the server's reserved ones
  int calls = 0;        ///< to PSAs at once
  int deliveries = 0;   ///< to webhooks at once
};
/// Shares out so many descriptors, at most `connections_wanted` to clients; 16 for each at the least.
[[nodiscard]] DescriptorShares share_descriptors(std::size_t descriptors, int connections_wanted);

}  // namespace crosswalk::net

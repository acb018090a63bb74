#include "net/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

#include "net/server.h"

namespace crosswalk::net {

namespace {

// The database with its readers, the log, and the event loops of all threads.
constexpr std::size_t kOthers = 64;
// A call has a socket, and two more descriptors while its host's name is looked up on a thread.
constexpr std::size_t kPerCall = 3;
// Calls get a quarter of what there is and deliveries an eighth; the rest is for clients. More calls than these at once
// would only wait in the PSAs instead of here.
constexpr std::size_t kCallsPart = 4;
constexpr std::size_t kDeliveriesPart = 8;
constexpr std::size_t kCallsMax = 1024;
constexpr std::size_t kDeliveriesMax = 512;
// With fewer there is no service.
constexpr std::size_t kLeast = 16;

int within(std::size_t count, std::size_t most) { return static_cast<int>(std::clamp(count, kLeast, most)); }

}  // namespace

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
}

DescriptorShares share_descriptors(std::size_t descriptors, int connections_wanted) {
  // As many as are reserved may be on their way out.
  const std::size_t kept = kOthers + 2 * static_cast<std::size_t>(kReservedConnections);
  const std::size_t free = descriptors > kept ? descriptors - kept : 0;
  DescriptorShares shares;
  shares.calls = within(free / kCallsPart / kPerCall, kCallsMax);
  shares.deliveries = within(free / kDeliveriesPart / kPerCall, kDeliveriesMax);
  const std::size_t spent = kPerCall * static_cast<std::size_t>(shares.calls + shares.deliveries);
  shares.connections = within(free > spent ? free - spent : 0, static_cast<std::size_t>(connections_wanted));
  return shares;
}

}  // namespace crosswalk::net

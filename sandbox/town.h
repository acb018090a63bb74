#pragma once

#include <boost/json.hpp>
#include <cstdint>

#include "sandbox/tenant.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// How much there is of everything; companies include Catchall and the MSP itself.
struct TownSize {
  std::size_t companies, configurations, agreements, tickets, opportunities;
  int months_invoiced;
};

inline constexpr TownSize kMidTown{400, 8'000, 480, 2'500, 60, 4};
inline constexpr TownSize kLargeTown{5'000, 100'000, 6'000, 25'000, 500, 1};

/// The customers of an MSP as they are after some years: names that are misspelt, entered twice or almost alike,
/// customers that have left, devices that have retired, tickets in every state with the history of months behind them.
/// Everything follows from the seed and `actor.now`.
void build_town(Tenant& tenant, const TownSize& size, std::uint64_t seed, const Actor& actor);

/// Boards, statuses and the like of such an MSP, beside those of the small one: collection -> objects.
[[nodiscard]] const boost::json::object& town_reference_data();

}  // namespace crosswalk::sandbox

#pragma once

#include <cstdint>

#include "sandbox/money.h"

namespace crosswalk::sandbox {

// When people work at the MSP of the scenarios: Monday to Friday from 8 to 17, as its calendar says, in the server's
// time zone ("Eastern Standard Time").

/// What the clock on the MSP's wall shows, as seconds since 1970 of a clock without time zones.
[[nodiscard]] std::int64_t wall_clock(std::int64_t seconds);
/// When that clock shows so many seconds after midnight of a day; not within the hour that is turned in spring.
[[nodiscard]] std::int64_t at_wall_clock(Day day, std::int64_t seconds);

[[nodiscard]] bool in_office_hours(std::int64_t seconds);
/// When the office opens next, after this moment.
[[nodiscard]] std::int64_t next_opening(std::int64_t seconds);

}  // namespace crosswalk::sandbox

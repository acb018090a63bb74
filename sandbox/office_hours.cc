#include "sandbox/office_hours.h"

#include "sandbox/planting.h"

namespace crosswalk::sandbox {
namespace {

constexpr std::int64_t kStandard = -5 * kHour, kSummer = -4 * kHour;  ///< Eastern time, from UTC
constexpr std::int64_t kOpens = 8 * kHour, kCloses = 17 * kHour;

/// Summer time is from the second Sunday of March to the first of November, at 2 o'clock as the clock stood before.
std::int64_t offset(std::int64_t seconds) {
  using namespace std::chrono;
  const year in = year_month_day(day_of(seconds)).year();
  const std::int64_t begins = seconds_of(Day(in / March / Sunday[2])) + 2 * kHour - kStandard;
  const std::int64_t ends = seconds_of(Day(in / November / Sunday[1])) + 2 * kHour - kSummer;
  return begins <= seconds && seconds < ends ? kSummer : kStandard;
}

/// Christmas and New Year are in the MSP's list of holidays.
bool is_working_day(Day day) {
  using namespace std::chrono;
  const year_month_day date(day);
  const month_day in_year = date.month() / date.day();
  const weekday of_week(day);
  return of_week != Saturday && of_week != Sunday && in_year != December / 25 && in_year != January / 1;
}

}  // namespace

std::int64_t wall_clock(std::int64_t seconds) { return seconds + offset(seconds); }

std::int64_t at_wall_clock(Day day, std::int64_t seconds) {
  const std::int64_t shown = seconds_of(day) + seconds, in_winter = shown - kStandard;
  return offset(in_winter) == kStandard ? in_winter : shown - kSummer;
}

bool in_office_hours(std::int64_t seconds) {
  const std::int64_t shown = wall_clock(seconds), of_day = shown % kDay;
  return is_working_day(day_of(shown)) && kOpens <= of_day && of_day < kCloses;
}

std::int64_t next_opening(std::int64_t seconds) {
  const std::int64_t shown = wall_clock(seconds);
  Day day = day_of(shown);
  if (shown % kDay >= kOpens) day += std::chrono::days(1);
  while (!is_working_day(day)) day += std::chrono::days(1);
  return at_wall_clock(day, kOpens);
}

}  // namespace crosswalk::sandbox

#include "sandbox/office_hours.h"

#include <date/tz.h>

#include <array>
#include <numeric>

#include "sandbox/planting.h"

namespace crosswalk::sandbox {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kOpens = 8 * kHour, kCloses = 17 * kHour + kHour / 2;
/// How many call in each hour of a day, from 7 to 17 o'clock.
constexpr std::int64_t kFirstHour = 7;
constexpr std::array<std::int64_t, 11> kCallsInHour{2, 9, 12, 11, 9, 6, 8, 10, 9, 7, 4};

struct Local {
  std::int64_t day;  ///< since 1970
  std::int64_t second;
  unsigned weekday;  ///< 0: Sunday
  [[nodiscard]] bool is_weekday() const { return weekday != 0 && weekday != 6; }
};

Local local_of(const date::time_zone& zone, std::int64_t at) {
  const auto local = zone.to_local(date::sys_seconds(seconds(at)));
  const auto day = date::floor<date::days>(local);
  return {day.time_since_epoch().count(), (local - day).count(), date::weekday(day).c_encoding()};
}

std::int64_t utc_of(const date::time_zone& zone, std::int64_t day, std::int64_t second) {
  const date::local_seconds local(date::days(day) + seconds(second));
  return zone.to_sys(local, date::choose::earliest).time_since_epoch().count();
}

}  // namespace

OfficeHours::OfficeHours() : zone_(date::locate_zone("America/New_York")) {}

bool OfficeHours::contains(std::int64_t at) const {
  const Local local = local_of(*zone_, at);
  return local.is_weekday() && local.second >= kOpens && local.second < kCloses;
}

std::int64_t OfficeHours::next(std::int64_t at, Dice& dice) const {
  if (contains(at)) return at;
  Local local = local_of(*zone_, at);
  if (local.second >= kOpens || !local.is_weekday()) {
    do {
      ++local.day;
      local.weekday = (local.weekday + 1) % 7;
    } while (!local.is_weekday());
  }
  return utc_of(*zone_, local.day, kOpens + dice.some(90) * kMinute + dice.some(60));
}

std::int64_t OfficeHours::draw(std::int64_t from, std::int64_t until, Dice& dice) const {
  static const std::int64_t kCalls = std::accumulate(kCallsInHour.begin(), kCallsInHour.end(), std::int64_t{0});
  for (;;) {
    const Local local = local_of(*zone_, from + dice.some(until - from));
    if (local.weekday == 0 || (local.weekday == 6 && !dice.chance(6))) continue;
    std::int64_t lot = dice.some(kCalls);
    std::size_t hour = 0;
    while ((lot -= kCallsInHour.at(hour)) >= 0) ++hour;
    const std::int64_t second = (kFirstHour + static_cast<std::int64_t>(hour)) * kHour + dice.some(kHour);
    const std::int64_t at = utc_of(*zone_, local.day, second);
    if (at >= from && at < until) return at;
  }
}

std::int64_t OfficeHours::draw_night(std::int64_t from, std::int64_t until, Dice& dice) const {
  for (;;) {
    const Local local = local_of(*zone_, from + dice.some(until - from));
    const std::int64_t at = utc_of(*zone_, local.day, kHour + dice.some(5 * kHour));
    if (at >= from && at < until) return at;
  }
}

}  // namespace crosswalk::sandbox

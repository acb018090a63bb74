#include <date/tz.h>

#include <algorithm>
#include <stdexcept>

#include "mapping/resolve.h"

namespace crosswalk::mapping {
namespace {

/// The start and end of the weekly window that begins on `day`. Where the clock skips a local time, the moment of the
/// change stands for it; where a local time comes twice, the window covers both.
std::pair<Timestamp, Timestamp> bounds_on(const MaintenanceWindow& window, const date::time_zone& zone,
                                          date::local_days day) {
  const auto to_timestamp = [&zone](date::local_time<Duration> local, date::choose choose) {
    return std::chrono::time_point_cast<Duration>(zone.to_sys(local, choose));
  };
  const date::days span{*window.until <= *window.from ? 1 : 0};
  return {to_timestamp(day + *window.from, date::choose::earliest),
          to_timestamp(day + span + *window.until, date::choose::latest)};
}

std::optional<Timestamp> end_of_weekly(const MaintenanceWindow& window, Timestamp at) {
  const date::time_zone* zone = nullptr;
  try {
    zone = date::locate_zone(window.time_zone);
  } catch (const std::runtime_error&) {
    // The zone was there when the mapping was read; without it nothing can be said about local times.
    return std::nullopt;
  }
  const auto today = date::floor<date::days>(zone->to_local(at));
  std::optional<Timestamp> end;
  // A window that began yesterday may reach into today.
  for (const int back : {1, 0}) {
    const date::local_days day = today - date::days{back};
    const int weekday = static_cast<int>(date::weekday{day}.iso_encoding());
    if (std::ranges::find(window.weekdays, weekday) == window.weekdays.end()) continue;
    const auto [starts, ends] = bounds_on(window, *zone, day);
    if (starts <= at && at < ends && (!end || *end < ends)) end = ends;
  }
  return end;
}

std::optional<Timestamp> end_of(const MaintenanceWindow& window, Timestamp at) {
  if (window.starts_at && window.ends_at)
    return *window.starts_at <= at && at < *window.ends_at ? window.ends_at : std::nullopt;
  if (!window.from || !window.until) return std::nullopt;
  return end_of_weekly(window, at);
}

}  // namespace

std::optional<InMaintenance> maintenance(const Document& document, const Facts& facts, Timestamp at) {
  std::optional<InMaintenance> longest;
  for (const MaintenanceWindow& window : document.maintenance_windows) {
    const auto end = end_of(window, at);
    if (!end || (longest && longest->ends_at >= *end)) continue;
    if (std::ranges::all_of(window.when, [&](const Condition& each) { return holds(each, facts); }))
      longest = InMaintenance{window.name, *end};
  }
  return longest;
}

}  // namespace crosswalk::mapping

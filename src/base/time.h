#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace crosswalk {

/// Points in time are UTC milliseconds everywhere; no local time is ever stored.
using Duration = std::chrono::milliseconds;
using Timestamp = std::chrono::sys_time<Duration>;

/// Reads RFC 3339 with any offset and up to nine digits of fraction ("2026-03-01T08:00:00.25+02:00"); nothing else.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text);

/// "2026-03-01T06:00:00.250Z"; without the fraction when it is zero.
[[nodiscard]] std::string format_timestamp(Timestamp at);

/// ConnectWise's only accepted form, whole seconds: "2026-03-01T06:00:00Z" (FACTS section 6, dates).
[[nodiscard]] std::string format_timestamp_seconds(Timestamp at);

/// Reads "90s", "15m", "24h", "7d", "250ms" or "0"; nothing else, and nothing negative.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

/// The shortest exact form that parse_duration reads.
[[nodiscard]] std::string format_duration(Duration duration);

/// For people: "3 minutes", "2 hours", "5 days".
[[nodiscard]] std::string describe_duration(Duration duration);

[[nodiscard]] inline std::int64_t to_milliseconds(Timestamp at) { return at.time_since_epoch().count(); }
[[nodiscard]] inline Timestamp from_milliseconds(std::int64_t at) { return Timestamp{Duration{at}}; }

}  // namespace crosswalk

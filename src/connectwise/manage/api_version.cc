#include "connectwise/manage/api_version.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

namespace crosswalk::connectwise::manage {
namespace {

using Release = std::pair<int, int>;

std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// "v2025.16.12345": the year and the release within it.
std::optional<Release> read_release(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  const std::optional<int> year = take_number(text);
  if (!year || !text.starts_with('.')) return std::nullopt;
  text.remove_prefix(1);
  const std::optional<int> release = take_number(text);
  if (!release || (!text.empty() && text.front() != '.')) return std::nullopt;
  return Release{*year, *release};
}

std::chrono::year_month_day day_of(Timestamp at) {
  return std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(at)};
}

int months_between(Timestamp from, Timestamp to) {
  const auto begin = day_of(from), end = day_of(to);
  const auto months =
      std::chrono::duration_cast<std::chrono::months>((end.year() / end.month()) - (begin.year() / begin.month()))
          .count();
  return static_cast<int>(months) - (end.day() < begin.day() ? 1 : 0);
}

}  // namespace

bool is_older_version(std::string_view one, std::string_view other) {
  const std::optional<Release> first = read_release(one), second = read_release(other);
  return first && second && *first < *second;
}

VersionAge judge_api_version(std::string_view version, Timestamp now) {
  const bool is_ours = version == kApiVersion;
  const std::optional<Release> release = read_release(version);
  std::optional<Timestamp> since;
  if (is_ours)
    since = parse_timestamp(kApiVersionKnownSince);
  else if (release)
    since = parse_timestamp(fmt::format("{:04}-12-31T00:00:00Z", release->first));
  if (!since) return {VersionState::may_have_ended, fmt::format("\"{}\" is no version of the API.", version)};
  const int months = std::max(0, months_between(*since, now));
  VersionAge age;
  age.text = fmt::format("Calls ask for version {} of ConnectWise's API, which is {} month{} old{}.", version, months,
                         months == 1 ? "" : "s", is_ours ? "" : " at least");
  if (months < kApiVersionWarningMonths) return age;
  age.state = months < kApiVersionMonths ? VersionState::ends_soon : VersionState::may_have_ended;
  age.text += fmt::format(
      " ConnectWise keeps a version for {} months after a newer one has come{}. Install a newer Crosswalk{}.",
      kApiVersionMonths, age.state == VersionState::ends_soon ? "" : ", so it may answer by another one already",
      is_ours ? "" : ", or take connectwise.api_version out of the configuration");
  return age;
}

}  // namespace crosswalk::connectwise::manage

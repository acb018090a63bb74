#include "connectwise/manage/api_version.h"

#include <gtest/gtest.h>

namespace crosswalk::connectwise::manage {
namespace {

VersionState state_of(std::string_view version, std::string_view now) {
  return judge_api_version(version, *parse_timestamp(now)).state;
}

TEST(ApiVersion, WarnsFromNineMonthsOnAndCountsOnTheEndFromTwelve) {
  const Timestamp since = *parse_timestamp(kApiVersionKnownSince);
  const auto after = [&](int months) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(since)};
    return judge_api_version(kApiVersion, std::chrono::sys_days{day + std::chrono::months{months}}).state;
  };
  EXPECT_EQ(after(-3), VersionState::current);
  EXPECT_EQ(after(8), VersionState::current);
  EXPECT_EQ(after(9), VersionState::ends_soon);
  EXPECT_EQ(after(11), VersionState::ends_soon);
  EXPECT_EQ(after(12), VersionState::may_have_ended);
}

TEST(ApiVersion, TakesAnotherOneForAsYoungAsItsYearAllows) {
  EXPECT_EQ(state_of("2025.16", "2026-09-30T23:00:00Z"), VersionState::current);
  EXPECT_EQ(state_of("2025.16", "2026-10-01T00:00:00Z"), VersionState::ends_soon) << "of 31 December";
  EXPECT_EQ(state_of("2025.1", "2026-12-31T00:00:00Z"), VersionState::may_have_ended);
  EXPECT_EQ(state_of("newest", "2026-12-31T00:00:00Z"), VersionState::may_have_ended);
}

TEST(ApiVersion, KnowsWhichReleaseIsOlder) {
  EXPECT_TRUE(is_older_version("v2025.16.105333", "2026.4"));
  EXPECT_TRUE(is_older_version("2025.8", "2025.16"));
  EXPECT_FALSE(is_older_version("v2026.4.105333", "2026.4"));
  EXPECT_FALSE(is_older_version("v2027.1", "2026.4"));
  for (const char* none : {"", "v", "2026", "2026.", "x.y", "2026.4x", "-1.2"})
    EXPECT_FALSE(is_older_version(none, "2026.4")) << none;
}

}  // namespace
}  // namespace crosswalk::connectwise::manage

#include "base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace crosswalk {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kMarch{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 6h};

TEST(ParseTimestamp, ReadsOffsetsAndFractions) {
  EXPECT_EQ(parse_timestamp("2026-03-01T06:00:00Z"), kMarch);
  EXPECT_EQ(parse_timestamp("2026-03-01t06:00:00z"), kMarch);
  EXPECT_EQ(parse_timestamp("2026-03-01T08:00:00.25+02:00"), kMarch + 250ms);
  EXPECT_EQ(parse_timestamp("2026-02-28T23:30:00.123456789-06:30"), kMarch + 123ms);
  EXPECT_EQ(parse_timestamp("1969-12-31T23:59:59.999Z"), from_milliseconds(-1));
  EXPECT_EQ(parse_timestamp("2024-02-29T00:00:00-00:00"),
            Timestamp{std::chrono::sys_days{std::chrono::year{2024} / 2 / 29}});
}

TEST(ParseTimestamp, TakesALeapSecondOnlyAtTheEndOfADayInUtc) {
  EXPECT_EQ(parse_timestamp("2016-12-31T23:59:60Z"), parse_timestamp("2017-01-01T00:00:00Z"));
  EXPECT_EQ(parse_timestamp("2017-01-01T01:59:60+02:00"), parse_timestamp("2017-01-01T00:00:00Z"));
  EXPECT_EQ(parse_timestamp("2016-12-31T22:59:60Z"), std::nullopt);
}

TEST(ParseTimestamp, RefusesEverythingElse) {
  for (const std::string_view text : {"",
                                      "2026-03-01",
                                      "2026-03-01T06:00:00",
                                      "2026-03-01 06:00:00Z",
                                      "2026-03-01T06:00Z",
                                      "2026-02-29T06:00:00Z",
                                      "2026-13-01T06:00:00Z",
                                      "2026-00-01T06:00:00Z",
                                      "2026-03-00T06:00:00Z",
                                      "2026-03-01T24:00:00Z",
                                      "2026-03-01T06:60:00Z",
                                      "2026-03-01T06:00:61Z",
                                      "2026-03-01T06:00:00.Z",
                                      "2026-03-01T06:00:00.1234567890Z",
                                      "2026-03-01T06:00:00+24:00",
                                      "2026-03-01T06:00:00+02:60",
                                      "2026-03-01T06:00:00+0200",
                                      "2026-03-01T06:00:00+02",
                                      "2026-03-01T06:00:00Z ",
                                      " 2026-03-01T06:00:00Z",
                                      "2026-03-01T06:00:00ZZ",
                                      "+026-03-01T06:00:00Z",
                                      "2026-3-1T06:00:00Z",
                                      "0000-01-01T00:00:00+01:00",
                                      "9999-12-31T23:59:59-00:01",
                                      "2026-03-01T06:00:00,5Z"}) {
    EXPECT_EQ(parse_timestamp(text), std::nullopt) << text;
  }
}

RC_GTEST_PROP(ParseTimestamp, NeverFailsOnHostileBytes, (const std::string& text)) {
  if (const auto at = parse_timestamp(text)) RC_ASSERT(parse_timestamp(format_timestamp(*at)) == at);
}

TEST(FormatTimestamp, LeavesOutAFractionOfZero) {
  EXPECT_EQ(format_timestamp(kMarch), "2026-03-01T06:00:00Z");
  EXPECT_EQ(format_timestamp(kMarch + 250ms), "2026-03-01T06:00:00.250Z");
  EXPECT_EQ(format_timestamp(kMarch + 7ms), "2026-03-01T06:00:00.007Z");
  EXPECT_EQ(format_timestamp(from_milliseconds(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(FormatTimestamp, CutsToSecondsForConnectWise) {
  EXPECT_EQ(format_timestamp_seconds(kMarch + 999ms), "2026-03-01T06:00:00Z");
  EXPECT_EQ(format_timestamp_seconds(from_milliseconds(-1)), "1969-12-31T23:59:59Z");
}

TEST(FormatTimestamp, KeepsItsFormAtTheEdgesOfTime) {
  EXPECT_EQ(format_timestamp(Timestamp::max()), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(format_timestamp(Timestamp::min()), "0000-01-01T00:00:00Z");
}

RC_GTEST_PROP(FormatTimestamp, IsReadBackExactly, ()) {
  const auto at = from_milliseconds(*rc::gen::inRange<std::int64_t>(-62'167'219'200'000, 253'402'300'800'000));
  const std::string text = format_timestamp(at);
  RC_ASSERT(parse_timestamp(text) == at);
  RC_ASSERT(parse_timestamp(format_timestamp_seconds(at)) == std::chrono::floor<std::chrono::seconds>(at));
  // The same moment told from another place.
  const auto offset = *rc::gen::inRange(0, 24 * 60);
  const Timestamp local = at + std::chrono::minutes{offset};
  if (local > *parse_timestamp("9999-12-31T23:59:59.999Z")) return;
  std::string told = format_timestamp(local);
  told.pop_back();
  const auto two = [](int number) { return std::string(number < 10 ? "0" : "") + std::to_string(number); };
  RC_ASSERT(parse_timestamp(told + "+" + two(offset / 60) + ":" + two(offset % 60)) == at);
}

TEST(ParseDuration, ReadsOneNumberAndOneUnit) {
  EXPECT_EQ(parse_duration("90s"), Duration{90s});
  EXPECT_EQ(parse_duration("15m"), Duration{15min});
  EXPECT_EQ(parse_duration("24h"), Duration{24h});
  EXPECT_EQ(parse_duration("7d"), Duration{168h});
  EXPECT_EQ(parse_duration("250ms"), Duration{250});
  EXPECT_EQ(parse_duration("0"), Duration{0});
}

TEST(ParseDuration, RefusesEverythingElse) {
  for (const std::string_view text : {"", "s", "5", "-5s", "+5s", "1.5h", "5 s", "5S", "1h30m", "5sec", " 5s", "5s ",
                                      "9223372036854775808ms", "106751991168d", "99999999999999999999s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(FormatDuration, ChoosesTheShortestExactForm) {
  EXPECT_EQ(format_duration(Duration{0}), "0");
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(60min), "1h");
  EXPECT_EQ(format_duration(24h), "1d");
  EXPECT_EQ(format_duration(1500ms), "1500ms");
}

RC_GTEST_PROP(FormatDuration, IsReadBackExactly, ()) {
  const auto unit = *rc::gen::element<std::int64_t>(1, 1'000, 60'000, 3'600'000, 86'400'000);
  const Duration duration{unit * *rc::gen::inRange<std::int64_t>(0, 100'000)};
  RC_ASSERT(parse_duration(format_duration(duration)) == duration);
}

TEST(DescribeDuration, SpeaksToPeople) {
  EXPECT_EQ(describe_duration(3min), "3 minutes");
  EXPECT_EQ(describe_duration(2h), "2 hours");
  EXPECT_EQ(describe_duration(120h), "5 days");
  EXPECT_EQ(describe_duration(1s), "1 second");
  EXPECT_EQ(describe_duration(90s), "1 minute 30 seconds");
  EXPECT_EQ(describe_duration(25h + 59min), "1 day 1 hour");
  EXPECT_EQ(describe_duration(1500ms), "1 second");
  EXPECT_EQ(describe_duration(40ms), "40 milliseconds");
  EXPECT_EQ(describe_duration(Duration{0}), "0 seconds");
  EXPECT_EQ(describe_duration(Duration{-5}), "0 seconds");
}

}  // namespace
}  // namespace crosswalk

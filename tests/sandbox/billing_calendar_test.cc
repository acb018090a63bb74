#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sandbox/money.h"

namespace crosswalk::sandbox {
namespace {

using namespace std::chrono;

constexpr const char* kOptions[] = {"Weekly", "BiWeekly", "Monthly", "BiMonthly", "Quarterly", "SemiAnnual", "Yearly"};

Period period_of(std::string_view options, year_month_day anchor, year_month_day day, bool by_calendar = false) {
  return BillingCalendar::make(options, sys_days(anchor), by_calendar)->period_of(sys_days(day));
}

Period between(year_month_day begin, year_month_day end) { return {sys_days(begin), sys_days(end)}; }

TEST(BillingCalendar, KeepsTheLastDayOfTheMonthWithoutDrifting) {
  const year_month_day anchor = 2027y / January / 31;
  EXPECT_EQ(period_of("Monthly", anchor, 2027y / January / 31), between(2027y / January / 31, 2027y / February / 28));
  EXPECT_EQ(period_of("Monthly", anchor, 2027y / March / 1), between(2027y / February / 28, 2027y / March / 31));
  EXPECT_EQ(period_of("Monthly", anchor, 2027y / April / 2), between(2027y / March / 31, 2027y / April / 30));
  EXPECT_EQ(period_of("Monthly", anchor, 2028y / February / 28), between(2028y / January / 31, 2028y / February / 29));
  EXPECT_EQ(period_of("Yearly", 2028y / February / 29, 2029y / March / 1),
            between(2029y / February / 28, 2030y / February / 28));
  EXPECT_EQ(period_of("Yearly", 2028y / February / 29, 2032y / February / 29),
            between(2032y / February / 29, 2033y / February / 28));
}

TEST(BillingCalendar, ByTheCalendarBeginsWhereMonthsQuartersAndYearsDo) {
  const year_month_day anchor = 2027y / May / 17;
  EXPECT_EQ(period_of("Monthly", anchor, anchor, true), between(2027y / May / 1, 2027y / June / 1));
  EXPECT_EQ(period_of("Quarterly", anchor, anchor, true), between(2027y / April / 1, 2027y / July / 1));
  EXPECT_EQ(period_of("SemiAnnual", anchor, anchor, true), between(2027y / January / 1, 2027y / July / 1));
  EXPECT_EQ(period_of("Yearly", anchor, anchor, true), between(2027y / January / 1, 2028y / January / 1));
  EXPECT_EQ(period_of("Weekly", anchor, 2027y / May / 24, true), between(2027y / May / 24, 2027y / May / 31));
}

TEST(BillingCalendar, KnowsNoPeriodsOfWhatDoesNotRecur) {
  EXPECT_FALSE(BillingCalendar::make("NotRecurring", Day{}, false));
  EXPECT_FALSE(BillingCalendar::make("", Day{}, false));
}

RC_GTEST_PROP(BillingCalendar, PeriodsFollowOneAnotherWithoutGapOrOverlap, ()) {
  const auto* options = *rc::gen::elementOf(std::vector<const char*>(std::begin(kOptions), std::end(kOptions)));
  const Day anchor{days(*rc::gen::inRange(0, 40'000))};
  const auto calendar = BillingCalendar::make(options, anchor, *rc::gen::arbitrary<bool>());
  RC_ASSERT(calendar.has_value());
  const Day day{days(*rc::gen::inRange(0, 40'000))};
  const Period period = calendar->period_of(day);
  RC_ASSERT(period.contains(day));
  const Period next = calendar->after(period);
  RC_ASSERT(next.begin == period.end);
  RC_ASSERT(next.end > next.begin);
  RC_ASSERT(calendar->period_of(period.begin) == period);
  RC_ASSERT(calendar->period_of(period.end - days(1)) == period);
}

RC_GTEST_PROP(Proration, PartsAddUpToTheWholeToTheCent, ()) {
  const Day begin{days(*rc::gen::inRange(0, 40'000))};
  const Period whole{begin, begin + days(*rc::gen::inRange(1, 400))};
  const std::int64_t amount = *rc::gen::inRange<std::int64_t>(-10'000'000'000, 10'000'000'000) * kCent;
  std::int64_t sum = 0;
  Day from = whole.begin;
  while (from < whole.end) {
    const Day to = std::min(whole.end, from + days(*rc::gen::inRange(1, 200)));
    const std::int64_t part = prorated(amount, whole, {from, to});
    RC_ASSERT(part % kCent == 0);
    sum += part;
    from = to;
  }
  RC_ASSERT(sum == amount);
}

TEST(Money, RoundsHalvesAwayFromZero) {
  EXPECT_EQ(multiply(25 * kUnit, 30'000), 75 * kUnit);
  EXPECT_EQ(multiply(1, 5'000), 1);
  EXPECT_EQ(multiply(-1, 5'000), -1);
  EXPECT_EQ(multiply(1, 4'999), 0);
  EXPECT_EQ(to_cents(149), 100);
  EXPECT_EQ(to_cents(150), 200);
  EXPECT_EQ(to_cents(-150), -200);
  EXPECT_EQ(share_of(100 * kUnit, 1, 3), 333'333);
  // The largest quantity at the largest price that the rows can hold does not overflow on the way.
  EXPECT_EQ(multiply(900'000'000 * kUnit, 1'000 * kUnit), 900'000'000'000 * kUnit);
}

TEST(Proration, TakesDaysOfThePeriodAndNothingBeyondIt) {
  const Period may = between(2027y / May / 1, 2027y / June / 1);
  EXPECT_EQ(prorated(31 * kUnit, may, between(2027y / May / 17, 2027y / June / 1)), 15 * kUnit);
  EXPECT_EQ(prorated(31 * kUnit, may, between(2027y / April / 1, 2027y / July / 1)), 31 * kUnit);
  EXPECT_EQ(prorated(31 * kUnit, may, between(2027y / June / 1, 2027y / July / 1)), 0);
}

}  // namespace
}  // namespace crosswalk::sandbox

#include "sandbox/money.h"

#include <algorithm>
#include <array>

namespace crosswalk::sandbox {
namespace {

/// What a product of two amounts needs; no part of the language, but of every compiler for 64 bits.
__extension__ using Wide = __int128;

/// Halves away from zero, as an accountant rounds.
std::int64_t divide(Wide dividend, Wide divisor) {
  const bool negative = (dividend < 0) != (divisor < 0);
  const Wide magnitude = dividend < 0 ? -dividend : dividend, by = divisor < 0 ? -divisor : divisor;
  const auto quotient = static_cast<std::int64_t>((magnitude + by / 2) / by);
  return negative ? -quotient : quotient;
}

std::int64_t floor_divide(std::int64_t dividend, std::int64_t divisor) {
  const std::int64_t quotient = dividend / divisor;
  return dividend % divisor < 0 ? quotient - 1 : quotient;
}

struct Rhythm {
  std::string_view options;
  int months, days;
};
constexpr std::array<Rhythm, 7> kRhythms{{{"Weekly", 0, 7},
                                          {"BiWeekly", 0, 14},
                                          {"Monthly", 1, 0},
                                          {"BiMonthly", 2, 0},
                                          {"Quarterly", 3, 0},
                                          {"SemiAnnual", 6, 0},
                                          {"Yearly", 12, 0}}};

constexpr int kMonthsPerYear = 12;

}  // namespace

std::int64_t multiply(std::int64_t a, std::int64_t b) { return divide(static_cast<Wide>(a) * b, kUnit); }

std::int64_t share_of(std::int64_t amount, std::int64_t part, std::int64_t whole) {
  return divide(static_cast<Wide>(amount) * part, whole);
}

std::int64_t to_cents(std::int64_t amount) { return divide(amount, kCent) * kCent; }

Day day_of(std::int64_t seconds) {
  return std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(seconds)));
}

std::int64_t seconds_of(Day day) { return std::chrono::sys_seconds(day).time_since_epoch().count(); }

Period overlap(const Period& a, const Period& b) {
  const Day begin = std::max(a.begin, b.begin);
  return {begin, std::max(begin, std::min(a.end, b.end))};
}

std::int64_t prorated(std::int64_t amount, const Period& whole, const Period& part) {
  const Period within = overlap(whole, part);
  if (whole.days() <= 0 || within.days() <= 0) return 0;
  // What is owed up to a day is rounded, not what is owed for some days: so the differences add up.
  const auto owed_until = [&](Day day) {
    return to_cents(share_of(amount, (day - whole.begin).count(), whole.days()));
  };
  return owed_until(within.end) - owed_until(within.begin);
}

std::optional<BillingCalendar> BillingCalendar::make(std::string_view options, Day anchor, bool by_calendar) {
  const auto rhythm = std::ranges::find(kRhythms, options, &Rhythm::options);
  if (rhythm == kRhythms.end()) return std::nullopt;
  if (by_calendar && rhythm->months > 0) {
    const std::chrono::year_month_day date(anchor);
    anchor = date.year() / std::chrono::January / 1;
  }
  return BillingCalendar(rhythm->months, rhythm->days, anchor);
}

Day BillingCalendar::begin_of(std::int64_t number) const {
  if (months_ == 0) return anchor_ + std::chrono::days(number * days_);
  const std::chrono::year_month_day date(anchor_);
  const std::chrono::year_month month =
      date.year() / date.month() + std::chrono::months(static_cast<int>(number) * months_);
  // Always reckoned from the anchor, so that February does not shorten March.
  const std::chrono::year_month_day_last last(month.year(), std::chrono::month_day_last(month.month()));
  return month / std::min(date.day(), last.day());
}

Period BillingCalendar::period_of(Day day) const {
  std::int64_t number = 0;
  if (months_ == 0) {
    number = floor_divide((day - anchor_).count(), days_);
  } else {
    const std::chrono::year_month_day from(anchor_), to(day);
    const std::int64_t months = (static_cast<int>(to.year()) - static_cast<int>(from.year())) * kMonthsPerYear +
                                static_cast<int>(static_cast<unsigned>(to.month())) -
                                static_cast<int>(static_cast<unsigned>(from.month()));
    number = floor_divide(months, months_);
    // The day may lie before the day of the month on which the period begins.
    if (begin_of(number) > day) --number;
  }
  return {begin_of(number), begin_of(number + 1)};
}

}  // namespace crosswalk::sandbox

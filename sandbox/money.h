#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace crosswalk::sandbox {

/// Money and quantities are whole numbers of ten-thousandths, as the rows hold them; nothing here is ever a double.
inline constexpr std::int64_t kUnit = 10'000;
inline constexpr std::int64_t kCent = 100;

/// a x b, rounded to the nearest ten-thousandth, halves away from zero.
[[nodiscard]] std::int64_t multiply(std::int64_t a, std::int64_t b);
/// amount x part / whole, likewise.
[[nodiscard]] std::int64_t share_of(std::int64_t amount, std::int64_t part, std::int64_t whole);
/// To whole cents, halves away from zero.
[[nodiscard]] std::int64_t to_cents(std::int64_t amount);

/// Days, counted from 1970.
using Day = std::chrono::sys_days;
[[nodiscard]] Day day_of(std::int64_t seconds);
[[nodiscard]] std::int64_t seconds_of(Day day);

/// From `begin` up to, and not including, `end`.
struct Period {
  Day begin, end;
  [[nodiscard]] std::int64_t days() const { return (end - begin).count(); }
  [[nodiscard]] bool contains(Day day) const { return begin <= day && day < end; }
  bool operator==(const Period&) const = default;
};
/// What two periods have in common; of no days when there is nothing.
[[nodiscard]] Period overlap(const Period& a, const Period& b);

/// What `part` of `whole` costs when all of it costs `amount`, in cents. Parts that lie side by side add up exactly to
/// what they are together, however a whole is cut.
[[nodiscard]] std::int64_t prorated(std::int64_t amount, const Period& whole, const Period& part);

/// A rhythm of billing: which periods there are, by number, without drifting. A monthly cycle that begins on the 31st
/// bills from the last day of shorter months and from the 31st of longer ones.
class BillingCalendar {
 public:
  /// `options` as BillingCycle.billingOptions says it ("Monthly"); nothing for NotRecurring and what is not known.
  /// `by_calendar`: months, quarters and years begin where the calendar's do; else on the day that `anchor` is.
  [[nodiscard]] static std::optional<BillingCalendar> make(std::string_view options, Day anchor, bool by_calendar);
  /// The whole period in which a day lies.
  [[nodiscard]] Period period_of(Day day) const;
  /// The whole period that follows.
  [[nodiscard]] Period after(const Period& period) const { return period_of(period.end); }

 private:
  BillingCalendar(int months, int days, Day anchor) : months_(months), days_(days), anchor_(anchor) {}
  [[nodiscard]] Day begin_of(std::int64_t number) const;

  int months_ = 0, days_ = 0;  ///< one of them
  Day anchor_;
};

}  // namespace crosswalk::sandbox

#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace crosswalk {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year;

constexpr Timestamp kEarliest{sys_days{year{0} / 1 / 1}};
constexpr Timestamp kLatest{sys_days{year{10'000} / 1 / 1} - Duration{1}};
constexpr std::size_t kFractionDigitsMax = 9;

/// Takes parts of fixed form from the front of a text; once something did not fit, everything after it fails too.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  int digits(std::size_t count) {
    if (text_.size() < count) return fail();
    int value = 0;
    for (std::size_t at = 0; at < count; ++at) {
      if (!is_digit(text_[at])) return fail();
      value = value * 10 + (text_[at] - '0');
    }
    text_.remove_prefix(count);
    return value;
  }

  void expect(char character) {
    if (!take(character)) fail();
  }

  bool take(char character) {
    if (!text_.starts_with(character)) return false;
    text_.remove_prefix(1);
    return true;
  }

  /// What follows the point, cut to milliseconds.
  int fraction_milliseconds() {
    std::size_t count = 0;
    int value = 0;
    for (; count < text_.size() && is_digit(text_[count]); ++count) {
      if (count < 3) value = value * 10 + (text_[count] - '0');
    }
    if (count == 0 || count > kFractionDigitsMax) return fail();
    for (std::size_t at = count; at < 3; ++at) value *= 10;
    text_.remove_prefix(count);
    return value;
  }

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool at_end() const { return text_.empty(); }

 private:
  static bool is_digit(char character) { return character >= '0' && character <= '9'; }
  int fail() {
    failed_ = true;
    text_ = {};
    return 0;
  }

  std::string_view text_;
  bool failed_ = false;
};

/// "Z" or "+hh:mm"; what has to be taken off the local time.
minutes read_offset(Reader& reader) {
  if (reader.take('Z') || reader.take('z')) return minutes{0};
  const bool west = reader.take('-');
  if (!west) reader.expect('+');
  const int hour = reader.digits(2);
  reader.expect(':');
  const int minute = reader.digits(2);
  if (hour > 23 || minute > 59) reader.expect('\0');
  const minutes offset = hours{hour} + minutes{minute};
  return west ? -offset : offset;
}

char* put_digits(char* to, unsigned value, int count) {
  for (int at = count - 1; at >= 0; --at) {
    to[at] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return to + count;
}

/// Four digits hold no other years; a stray extreme value must not become a malformed text.
Timestamp representable(Timestamp at) { return std::clamp(at, kEarliest, kLatest); }

std::string format_parts(Timestamp at, int fraction_digits) {
  const sys_days day = std::chrono::floor<days>(at);
  const std::chrono::year_month_day date{day};
  const auto of_day = static_cast<unsigned>((at - day).count());
  std::array<char, 24> text;
  char* to = put_digits(text.data(), static_cast<unsigned>(static_cast<int>(date.year())), 4);
  *to++ = '-';
  to = put_digits(to, static_cast<unsigned>(date.month()), 2);
  *to++ = '-';
  to = put_digits(to, static_cast<unsigned>(date.day()), 2);
  *to++ = 'T';
  to = put_digits(to, of_day / 3'600'000, 2);
  *to++ = ':';
  to = put_digits(to, of_day / 60'000 % 60, 2);
  *to++ = ':';
  to = put_digits(to, of_day / 1'000 % 60, 2);
  if (fraction_digits != 0) {
    *to++ = '.';
    to = put_digits(to, of_day % 1'000, fraction_digits);
  }
  *to++ = 'Z';
  return {text.data(), to};
}

struct Unit {
  std::string_view suffix;
  std::string_view name;
  std::int64_t milliseconds;
};

constexpr std::array<Unit, 5> kUnits{{
    {"d", "day", 86'400'000},
    {"h", "hour", 3'600'000},
    {"m", "minute", 60'000},
    {"s", "second", 1'000},
    {"ms", "millisecond", 1},
}};

std::string describe_count(std::int64_t count, const Unit& unit) {
  return fmt::format("{} {}{}", count, unit.name, count == 1 ? "" : "s");
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Reader reader(text);
  const int year_number = reader.digits(4);
  reader.expect('-');
  const auto month_number = static_cast<unsigned>(reader.digits(2));
  reader.expect('-');
  const auto day_number = static_cast<unsigned>(reader.digits(2));
  if (!reader.take('T') && !reader.take('t')) return std::nullopt;
  const int hour = reader.digits(2);
  reader.expect(':');
  const int minute = reader.digits(2);
  reader.expect(':');
  const int second = reader.digits(2);
  const int fraction = reader.take('.') ? reader.fraction_milliseconds() : 0;
  const minutes offset = read_offset(reader);
  const std::chrono::year_month_day date{year{year_number}, std::chrono::month{month_number},
                                         std::chrono::day{day_number}};
  if (reader.failed() || !reader.at_end() || !date.ok()) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const Timestamp whole = Timestamp{sys_days{date}} + hours{hour} + minutes{minute} + seconds{second} - offset;
  // A leap second exists only as the last one of a day in UTC; it falls together with the next day's first.
  if (second == 60 && whole != std::chrono::floor<days>(whole)) return std::nullopt;
  const Timestamp at = whole + Duration{fraction};
  if (at < kEarliest || at > kLatest) return std::nullopt;
  return at;
}

std::string format_timestamp(Timestamp at) {
  at = representable(at);
  const bool whole = at == std::chrono::floor<seconds>(at);
  return format_parts(at, whole ? 0 : 3);
}

std::string format_timestamp_seconds(Timestamp at) { return format_parts(representable(at), 0); }

std::optional<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration{0};
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0) return std::nullopt;
  const auto* unit = std::ranges::find(kUnits, text.substr(digits), &Unit::suffix);
  if (unit == kUnits.end()) return std::nullopt;
  std::int64_t value = 0;
  for (const char digit : text.substr(0, digits)) {
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value) ||
        __builtin_add_overflow(value, std::int64_t{digit - '0'}, &value)) {
      return std::nullopt;
    }
  }
  if (__builtin_mul_overflow(value, unit->milliseconds, &value)) return std::nullopt;
  return Duration{value};
}

std::string format_duration(Duration duration) {
  if (duration == Duration::zero()) return "0";
  const auto* unit =
      std::ranges::find_if(kUnits, [&](const Unit& each) { return duration.count() % each.milliseconds == 0; });
  return fmt::format("{}{}", duration.count() / unit->milliseconds, unit->suffix);
}

std::string describe_duration(Duration duration) {
  const std::int64_t total = std::max<std::int64_t>(duration.count(), 0);
  const auto* unit = std::ranges::find_if(kUnits, [&](const Unit& each) { return total >= each.milliseconds; });
  if (unit == kUnits.end()) return "0 seconds";
  std::string text = describe_count(total / unit->milliseconds, *unit);
  // Two units are as exact as people read.
  if (const auto* finer = std::next(unit); finer != kUnits.end() && finer->milliseconds >= 1'000) {
    const std::int64_t rest = total % unit->milliseconds / finer->milliseconds;
    if (rest != 0) text += " " + describe_count(rest, *finer);
  }
  return text;
}

}  // namespace crosswalk

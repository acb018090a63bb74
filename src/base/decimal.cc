#include "base/decimal.h"

#include <fmt/format.h>

namespace crosswalk {

namespace {

constexpr std::int64_t kUnitsPerOne = 10'000;
constexpr std::size_t kFractionDigitsMax = 4;

bool is_digit(char character) { return character >= '0' && character <= '9'; }

/// Appends a digit to a number that is kept negative, because there is one more negative number than there are positive
/// ones.
bool append_digit(std::int64_t& negative, int digit) {
  return !__builtin_mul_overflow(negative, std::int64_t{10}, &negative) &&
         !__builtin_sub_overflow(negative, std::int64_t{digit}, &negative);
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || fraction.size() > kFractionDigitsMax) return std::nullopt;
  if (point != std::string_view::npos && fraction.empty()) return std::nullopt;
  std::int64_t units = 0;
  for (const char digit : whole) {
    if (!is_digit(digit) || !append_digit(units, digit - '0')) return std::nullopt;
  }
  for (std::size_t at = 0; at < kFractionDigitsMax; ++at) {
    const char digit = at < fraction.size() ? fraction[at] : '0';
    if (!is_digit(digit) || !append_digit(units, digit - '0')) return std::nullopt;
  }
  if (!negative && __builtin_sub_overflow(std::int64_t{0}, units, &units)) return std::nullopt;
  return Decimal{units};
}

std::string Decimal::to_string() const {
  const std::uint64_t magnitude =
      units_ < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(units_) : static_cast<std::uint64_t>(units_);
  std::string text = fmt::format("{}{}", units_ < 0 ? "-" : "", magnitude / kUnitsPerOne);
  if (const std::uint64_t fraction = magnitude % kUnitsPerOne; fraction != 0) {
    text += fmt::format(".{:04}", fraction);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text;
}

}  // namespace crosswalk

#include "sandbox/values.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/decimal.h"
#include "base/time.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

/// Beyond this a double no longer holds every ten-thousandth.
constexpr double kDecimalMax = 9e11;

constexpr std::int64_t kUnitsOfOne = 10'000;

}  // namespace

std::optional<std::int64_t> to_integer(const json::value& value, bool texts) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_double() && std::abs(value.get_double()) < kDecimalMax &&
      std::trunc(value.get_double()) == value.get_double()) {
    return static_cast<std::int64_t>(value.get_double());
  }
  if (!value.is_string() || !texts) return std::nullopt;
  const std::string_view text = value.get_string();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<std::int64_t> to_decimal_units(const json::value& value, bool texts) {
  if (value.is_string()) {
    const std::optional<Decimal> decimal = texts ? Decimal::parse(value.get_string()) : std::nullopt;
    return decimal ? std::optional(decimal->units()) : std::nullopt;
  }
  if (value.is_double()) {
    if (std::abs(value.get_double()) > kDecimalMax) return std::nullopt;
    return std::llround(value.get_double() * kUnitsOfOne);
  }
  const std::optional<std::int64_t> whole = to_integer(value, texts);
  if (!whole || static_cast<double>(std::abs(*whole)) > kDecimalMax) return std::nullopt;
  return *whole * kUnitsOfOne;
}

bool is_document_integer(std::int64_t number) { return std::in_range<std::int32_t>(number); }

std::optional<std::int64_t> to_seconds(const json::value& value) {
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = value.get_string();
  if (text.size() != 20 || text.back() != 'Z') return std::nullopt;
  const std::optional<Timestamp> at = parse_timestamp(text);
  if (!at) return std::nullopt;
  return std::chrono::floor<std::chrono::seconds>(*at).time_since_epoch().count();
}

bool is_empty_text_for_null(const Field& field, const json::value& value) {
  return field.type != FieldType::string && value.is_string() && value.get_string().empty();
}

}  // namespace crosswalk::sandbox

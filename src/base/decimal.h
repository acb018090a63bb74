#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crosswalk {

/// An exact decimal with four digits after the point: hours and quantities, and later money. Never a double.
class Decimal {
 public:
  Decimal() = default;
  [[nodiscard]] static Decimal from_units(std::int64_t ten_thousandths) { return Decimal{ten_thousandths}; }
  /// Reads "12", "-0.5", "3.1415"; more than four digits after the point, exponents and overflow are refused.
  [[nodiscard]] static std::optional<Decimal> parse(std::string_view text);
  /// The shortest exact form.
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] std::int64_t units() const { return units_; }
  [[nodiscard]] bool is_zero() const { return units_ == 0; }
  auto operator<=>(const Decimal&) const = default;

 private:
  explicit Decimal(std::int64_t units) : units_(units) {}
  std::int64_t units_ = 0;
};

}  // namespace crosswalk

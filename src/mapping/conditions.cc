#include <algorithm>
#include <boost/json/array.hpp>
#include <charconv>

#include "base/text.h"
#include "mapping/resolve.h"
#include "mapping/values.h"

namespace crosswalk::mapping {
namespace {

using Operator = Condition::Operator;

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(), [](char left, char right) {
           return equals_ignoring_case({&left, 1}, {&right, 1});
         }) != text.end();
}

std::optional<double> to_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional{number} : std::nullopt;
}

/// Severities by rank, all else by number; what cannot be compared is neither greater nor less.
std::optional<bool> is_greater(std::string_view attribute, std::string_view text, std::string_view than) {
  if (attribute == "severity") {
    const auto left = model::parse_severity(text);
    const auto right = model::parse_severity(than);
    if (!left || !right || *left == *right) return std::nullopt;
    return *left > *right;
  }
  const auto left = to_number(text);
  const auto right = to_number(than);
  if (!left || !right || *left == *right) return std::nullopt;
  return *left > *right;
}

bool fits(const Condition& condition, std::string_view text, std::string_view value) {
  switch (condition.op) {
    case Operator::equals:
    case Operator::not_equals:
    case Operator::in:
    case Operator::not_in:
      return equals_ignoring_case(text, value);
    case Operator::contains:
      return contains_ignoring_case(text, value);
    case Operator::starts_with:
      return text.size() >= value.size() && equals_ignoring_case(text.substr(0, value.size()), value);
    case Operator::ends_with:
      return text.size() >= value.size() && equals_ignoring_case(text.substr(text.size() - value.size()), value);
    case Operator::matches:
      return fits_pattern(text, value);
    case Operator::greater:
      return is_greater(condition.attribute, text, value) == true;
    case Operator::less:
      return is_greater(condition.attribute, text, value) == false;
    case Operator::present:
    case Operator::absent:
      return true;
  }
  return false;
}

bool any_fits(const Condition& condition, std::string_view text) {
  return std::ranges::any_of(condition.values, [&](const std::string& value) { return fits(condition, text, value); });
}

/// A list fits when one of its entries does.
bool any_fits(const Condition& condition, const Value& found) {
  if (!found.json) return any_fits(condition, found.text);
  if (const boost::json::array* list = found.json->if_array())
    return std::ranges::any_of(*list,
                               [&](const boost::json::value& each) { return any_fits(condition, to_text(each)); });
  return any_fits(condition, to_text(*found.json));
}

}  // namespace

bool holds(const Condition& condition, const Facts& facts) {
  const auto found = find_value(condition.attribute, facts);
  if (condition.op == Operator::present) return found.has_value();
  if (condition.op == Operator::absent) return !found;
  const bool negative = condition.op == Operator::not_equals || condition.op == Operator::not_in;
  if (!found) return negative;
  return any_fits(condition, *found) != negative;
}

}  // namespace crosswalk::mapping

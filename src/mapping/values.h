#pragma once

#include <array>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "mapping/resolve.h"

namespace crosswalk::mapping {

/// A scalar as people write it: 1.5, not 1.5E0. Lists and objects as JSON.
[[nodiscard]] std::string to_text(const boost::json::value& value);

/// What conditions and templates can look at, beside "alert.x" (or "attributes.x"), "device.x" and "customer.x".
inline constexpr std::array<std::string_view, 14> kValueNames{
    "severity",    "condition", "condition_name", "product",       "subject",  "subject_name", "subject_type", "title",
    "description", "url",       "device",         "contact_email", "customer", "customer_name"};
inline constexpr std::array<std::string_view, 4> kValuePrefixes{"alert", "attributes", "device", "customer"};

/// A value found in an alert, its device or its customer: `json` when it comes from attributes, else `text`.
struct Value {
  std::string_view text;
  const boost::json::value* json = nullptr;
};

/// Nothing when there is no such value, or it is empty: absent and empty are the same to a mapping.
[[nodiscard]] std::optional<Value> find_value(std::string_view name, const Facts& facts);

/// True when conditions may look at `name`; it need not be present in every alert.
[[nodiscard]] bool is_value_name(std::string_view name);

/// Whether the whole text fits: * is any text, ? any one character, \ takes the next character as it is; ASCII letters
/// ignore case. Its time grows with the product of both lengths at worst, never faster.
[[nodiscard]] bool fits_pattern(std::string_view text, std::string_view pattern);

}  // namespace crosswalk::mapping

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"

namespace crosswalk::connectwise::manage {

/// One expression of ConnectWise's conditions language. It can only be made by the functions below, so every literal in
/// it is quoted.
class Condition {
 public:
  /// A literal: text is quoted, times go into brackets, `nullptr` is the keyword null.
  using Value = std::variant<std::string, std::int64_t, bool, Timestamp, std::nullptr_t>;
  enum class Operator { equal, not_equal, less, less_or_equal, greater, greater_or_equal, contains, like };

  [[nodiscard]] static Condition compare(std::string_view field, Operator op, const Value& value);
  /// `field in (...)`; `values` must not be empty.
  [[nodiscard]] static Condition in(std::string_view field, std::span<const Value> values);
  /// Both must not be empty.
  [[nodiscard]] static Condition all_of(std::span<const Condition> parts);
  [[nodiscard]] static Condition any_of(std::span<const Condition> parts);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  explicit Condition(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] static Condition join(std::string_view word, std::span<const Condition> parts);
  std::string text_;
};

/// A literal as the conditions language writes it.
[[nodiscard]] std::string to_literal(const Condition::Value& value);

/// Encodes for a URL's query. Commas, parentheses and slashes stay as they are (RFC 3986 allows them), which makes long
/// lists of ids a third shorter.
[[nodiscard]] std::string encode_query(std::string_view text);

/// `field in (...)` over all values, cut into as few conditions as fit into `encoded_max` characters each once they are
/// encoded. A value that is too long by itself stands alone.
[[nodiscard]] std::vector<Condition> in_batches(std::string_view field, std::span<const Condition::Value> values,
                                                std::size_t encoded_max);

}  // namespace crosswalk::connectwise::manage

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace crosswalk::sandbox {

/// A value written in a condition.
struct Literal {
  enum class Kind { text, number, boolean, date, null };
  Kind kind = Kind::null;
  std::string text;
  std::int64_t number = 0;  ///< ten-thousandths, or seconds since 1970 of a date
  bool flag = false;
};

enum class Comparison { equal, not_equal, less, less_or_equal, greater, greater_or_equal, contains, like, in };

/// A condition as a tree. `x not like y` is a negation around the comparison.
struct Condition {
  enum class Kind { all_of, any_of, negation, comparison };
  Kind kind = Kind::comparison;
  std::vector<Condition> children;  ///< one for a negation
  // of a comparison:
  std::string path;  ///< as written: "board/name"
  Comparison comparison = Comparison::equal;
  std::vector<Literal> literals;  ///< one, or the list of `in`
  std::size_t position = 0;       ///< of the path, from 0
};

struct ConditionError {
  std::size_t position = 0;  ///< from 0
  std::string message;
};

/// Parentheses and nots within each other at most; a person writes three.
inline constexpr int kConditionDepthMax = 64;

struct ConditionRules {
  bool in_allowed = true;  ///< childConditions and customFieldConditions have no `in`
};

/// Reads the conditions language: not before and before or; blank text is a condition that everything meets (all_of
/// nothing). Refuses with a position whatever else it is given; never throws.
[[nodiscard]] tl::expected<Condition, ConditionError> parse_conditions(std::string_view text,
                                                                       ConditionRules rules = {});

/// The text of a path split at '/'.
[[nodiscard]] std::vector<std::string_view> split_path(std::string_view path);

/// T-SQL's LIKE without regard to case: '%' and '*' match any run, '_' one character, "[abc]", "[a-c]" and "[^a]" one
/// of a set.
[[nodiscard]] bool like_matches(std::string_view pattern, std::string_view text);

[[nodiscard]] bool contains_ignoring_case(std::string_view text, std::string_view part);

/// "2016-08-20T18:04:26Z", also without zone, seconds or time of day.
[[nodiscard]] bool parse_condition_date(std::string_view text, std::int64_t& seconds);

}  // namespace crosswalk::sandbox

#include "mapping/names.h"

#include <numeric>

#include "base/text.h"

namespace crosswalk::mapping {
namespace {

/// Longer words are not compared: a typing error is looked for in keys, and no key is that long.
constexpr std::size_t kComparedLengthMax = 64;
constexpr std::size_t kQuotedCharactersMax = 60;

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::string deeper(std::string_view pointer, std::string_view step) {
  std::string result{pointer};
  result += '/';
  for (const char each : step) {
    if (each == '~')
      result += "~0";
    else if (each == '/')
      result += "~1";
    else
      result += each;
  }
  return result;
}

std::string deeper(std::string_view pointer, std::size_t index) { return deeper(pointer, std::to_string(index)); }

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() > kComparedLengthMax) return std::nullopt;
  const std::string lowered = to_lower(word);
  std::optional<std::string_view> best;
  std::size_t best_distance = word.size() <= 4 ? 2 : 3;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(lowered, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string alternatives(std::span<const std::string_view> words) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) result += i + 1 == words.size() ? " or " : ", ";
    result += words[i];
  }
  return result;
}

std::string quoted(std::string_view text) { return "\"" + cut_text(single_line(text), kQuotedCharactersMax) + "\""; }

}  // namespace crosswalk::mapping

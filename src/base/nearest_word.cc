#include "base/nearest_word.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace crosswalk {
namespace {

/// Letters to change, add, leave out or exchange with their neighbour (optimal string alignment).
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before(right.size() + 1), above(right.size() + 1), row(right.size() + 1);
  for (std::size_t i = 0; i <= right.size(); ++i) above[i] = i;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t cost = left[i - 1] == right[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + cost});
      const bool exchanged = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (exchanged) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[right.size()];
}

/// Longer words are no words that somebody has mistyped.
constexpr std::size_t kLengthMax = 64;

}  // namespace

std::optional<std::string_view> nearest_word(std::string_view word, std::span<const std::string_view> known) {
  if (word.empty() || word.size() > kLengthMax) return std::nullopt;
  const std::string lower = to_lower(word);
  std::optional<std::string_view> best;
  std::size_t best_distance = 1 + (word.size() <= 4 ? 1 : word.size() <= 8 ? 2 : 3);
  for (const std::string_view each : known) {
    if (each == word) return std::nullopt;
    if (each.size() > kLengthMax) continue;
    const std::string other = to_lower(each);
    // A beginning of the word, of three letters at least, names it as well: "conf" for "config".
    const bool begins = lower.size() >= 3 && other.starts_with(lower);
    const std::size_t letters = begins ? 1 : distance(lower, other);
    if (letters >= best_distance) continue;
    best_distance = letters;
    best = each;
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const std::optional<std::string_view> meant = nearest_word(word, known);
  return meant ? " Did you mean \"" + std::string(*meant) + "\"?" : std::string{};
}

}  // namespace crosswalk

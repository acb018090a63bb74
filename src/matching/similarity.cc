#include "matching/similarity.h"

#include <algorithm>
#include <cstdlib>

namespace crosswalk::matching {
namespace {

/// What two words share: all when equal, most after one slip of the pen, nothing when they are other words.
double word_agreement(const std::string& left, const std::string& right) {
  if (left == right) return 1;
  const std::size_t shorter = std::min(left.size(), right.size());
  // Short words are one letter away from too many others.
  constexpr std::size_t kSlipLettersMin = 4, kTwoSlipsLettersMin = 8;
  if (shorter < kSlipLettersMin) return 0;
  const int allowed = shorter >= kTwoSlipsLettersMin ? 2 : 1;
  const int distance = edits(left, right, allowed + 1);
  if (distance > allowed) return 0;
  return distance == 1 ? 0.9 : 0.8;
}

}  // namespace

std::vector<std::string> trigrams(std::string_view text) {
  std::vector<std::string> groups;
  const std::string padded = "  " + std::string(text) + " ";
  for (std::size_t i = 0; i + 3 <= padded.size(); ++i) groups.push_back(padded.substr(i, 3));
  std::sort(groups.begin(), groups.end());
  return groups;
}

double trigram_similarity(std::string_view left, std::string_view right) {
  if (left.empty() || right.empty()) return 0;
  const std::vector<std::string> a = trigrams(left), b = trigrams(right);
  std::size_t shared = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    if (*x == *y) {
      ++shared;
      ++x;
      ++y;
    } else if (*x < *y) {
      ++x;
    } else {
      ++y;
    }
  }
  return 2.0 * static_cast<double>(shared) / static_cast<double>(a.size() + b.size());
}

double word_similarity(std::span<const std::string> left, std::span<const std::string> right,
                       const std::function<double(const std::string&)>& weight) {
  double all = 0, shared = 0;
  std::vector<bool> taken(right.size(), false);
  for (const std::string& word : left) {
    const double own = weight(word);
    all += own;
    std::size_t best = right.size();
    double agreement = 0;
    for (std::size_t i = 0; i < right.size(); ++i) {
      const double each = taken[i] ? 0 : word_agreement(word, right[i]);
      if (each > agreement) {
        agreement = each;
        best = i;
      }
    }
    if (best == right.size()) continue;
    taken[best] = true;
    shared += agreement * (own + weight(right[best]));
  }
  for (const std::string& word : right) all += weight(word);
  return all == 0 ? 0 : shared / all;
}

int edits(std::string_view left, std::string_view right, int most) {
  const auto apart = static_cast<int>(std::max(left.size(), right.size()) - std::min(left.size(), right.size()));
  if (apart >= most) return most;
  const std::size_t width = right.size() + 1;
  std::vector<int> before(width), last(width), next(width);
  for (std::size_t k = 0; k < width; ++k) last[k] = static_cast<int>(k);
  for (std::size_t i = 1; i <= left.size(); ++i) {
    next[0] = static_cast<int>(i);
    for (std::size_t k = 1; k < width; ++k) {
      next[k] = std::min({last[k] + 1, next[k - 1] + 1, last[k - 1] + (left[i - 1] == right[k - 1] ? 0 : 1)});
      if (i > 1 && k > 1 && left[i - 1] == right[k - 2] && left[i - 2] == right[k - 1])
        next[k] = std::min(next[k], before[k - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, next);
  }
  return std::min(last[right.size()], most);
}

}  // namespace crosswalk::matching

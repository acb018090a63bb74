#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crosswalk::matching {

/// How much two texts share, letter group by letter group: 0 nothing, 1 all. Dice's coefficient over trigrams of the
/// padded words.
[[nodiscard]] double trigram_similarity(std::string_view left, std::string_view right);

/// How much two lists of words share, whatever their order, where words that nearly agree count for what they share;
/// each word weighs what `weight` says of it. 0 to 1.
[[nodiscard]] double word_similarity(std::span<const std::string> left, std::span<const std::string> right,
                                     const std::function<double(const std::string&)>& weight);

/// Letters that must be changed, added, removed or swapped with their neighbour to make one of the other; `most` when
/// it is at least that.
[[nodiscard]] int edits(std::string_view left, std::string_view right, int most);

[[nodiscard]] std::vector<std::string> trigrams(std::string_view text);

}  // namespace crosswalk::matching

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace crosswalk {

/// What somebody meant who has written `word`: the one of `known` that is near enough to it, by letters that are
/// changed, left out, added or exchanged. Nothing when none is, or when it is known as it stands. Case does not count.
[[nodiscard]] std::optional<std::string_view> nearest_word(std::string_view word,
                                                           std::span<const std::string_view> known);

/// " Did you mean "board"?", or nothing: to be put behind the sentence that refuses the word.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace crosswalk

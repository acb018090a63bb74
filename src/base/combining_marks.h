#pragma once

namespace crosswalk {

/// True for code points that belong to the character before them: combining marks, joiners, variation selectors, skin
/// tones.
[[nodiscard]] bool joins_previous_character(char32_t code_point);

}  // namespace crosswalk

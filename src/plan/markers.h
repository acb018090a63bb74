#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crosswalk::plan {

/// A note is recognized again by a short mark at the end of its text: "[ref 7F3KQ2M9]".
[[nodiscard]] std::string note_marker(std::string_view external_reference, std::string_view note_key);

/// The note's text with its marker at the end.
[[nodiscard]] std::string mark(std::string_view text, std::string_view marker);

/// All that looks like a marker in the text of a note, as the PSA gave it back.
[[nodiscard]] std::vector<std::string> markers_in(std::string_view text);

}  // namespace crosswalk::plan

#pragma once

#include <string>
#include <string_view>

namespace crosswalk::plan {

/// A note is recognized again by a short mark at the end of its text: "[ref 7F3KQ2M9]".
[[nodiscard]] std::string note_marker(std::string_view external_reference, std::string_view note_key);

/// The note's text with its marker at the end.
[[nodiscard]] std::string mark(std::string_view text, std::string_view marker);

/// True when the text of a note, as the PSA gave it back, carries the marker.
[[nodiscard]] bool carries(std::string_view text, std::string_view marker);

}  // namespace crosswalk::plan

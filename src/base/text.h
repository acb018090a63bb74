#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crosswalk {

/// True when the bytes are well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view bytes);

/// Bytes that are not UTF-8 become U+FFFD, one for each.
[[nodiscard]] std::string repaired_utf8(std::string_view bytes);

/// Without the byte order mark that some programs put before UTF-8.
[[nodiscard]] std::string_view without_byte_order_mark(std::string_view text);

/// Number of code points; the text must be UTF-8.
[[nodiscard]] std::size_t count_characters(std::string_view text);

/// Cuts to at most `characters_max` user-perceived characters' worth of code points: never inside a UTF-8 sequence,
/// never between a base character and its combining marks, variation selectors or zero-width joins; ends with "…" when
/// something was cut.
[[nodiscard]] std::string cut_text(std::string_view text, std::size_t characters_max);

/// One line: CR, LF, tab and other control characters (and bidirectional overrides) become one blank; ends trimmed.
/// ConnectWise turns them into blanks itself (FACTS section 6), and an override could disguise a summary.
[[nodiscard]] std::string single_line(std::string_view text);

[[nodiscard]] std::string to_lower(std::string_view ascii);
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] bool equals_ignoring_case(std::string_view left, std::string_view right);

}  // namespace crosswalk

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace crosswalk::cli {

/// How a stream wants its text.
struct Terminal {
  bool is_terminal = false;
  bool colours = false;   ///< a terminal, NO_COLOR unset, TERM not "dumb"
  std::size_t width = 0;  ///< columns; 0: no limit (a file or a pipe, unless $COLUMNS says how wide)
};

/// Of a file descriptor and the process's environment.
[[nodiscard]] Terminal terminal_of(int descriptor);

enum class Tone { plain, strong, faint, good, warning, bad };

/// The text in its colour, when the terminal has colours.
[[nodiscard]] std::string paint(const Terminal& terminal, Tone tone, std::string_view text);

/// Columns that the text takes: none for combining marks, two for East Asian wide characters and emoji.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// Cut to `width` columns, ending with "…" when something was cut; the text is made safe to show (one line, no control
/// characters).
[[nodiscard]] std::string fit(std::string_view text, std::size_t width);

/// Safe to show: what a server, or an alert's author, put into a text must not steer the terminal.
[[nodiscard]] std::string clean(std::string_view text);
/// The same, but its line ends stay.
[[nodiscard]] std::string clean_lines(std::string_view text);

/// The text's words in lines of at most `width` columns, the first of them empty where the text is; a word that is
/// longer than a line is broken.
[[nodiscard]] std::vector<std::string> break_lines(std::string_view text, std::size_t width);

/// Words broken at `width` columns (0: not at all), every line after `indent` blanks; ends with a line end.
[[nodiscard]] std::string wrap(std::string_view text, std::size_t indent, std::size_t width);

}  // namespace crosswalk::cli

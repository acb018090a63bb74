#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/combining_marks.h"
#include "base/text.h"

namespace crosswalk::cli {
namespace {

/// Narrower than this no table can be read; rather let the terminal break the lines.
constexpr std::size_t kWidthMin = 40;
constexpr std::size_t kWidthMax = 10'000;

struct Range {
  std::uint32_t first, last;
};

constexpr std::array<Range, 9> kDoubleWidth{{{0x1100, 0x115F},
                                             {0x2E80, 0x303E},
                                             {0x3041, 0x33FF},
                                             {0x3400, 0x4DBF},
                                             {0x4E00, 0xA4CF},
                                             {0xAC00, 0xD7A3},
                                             {0xF900, 0xFAFF},
                                             {0xFF00, 0xFF60},
                                             {0x1F300, 0x1FAFF}}};

template <std::size_t Count>
bool within(const std::array<Range, Count>& ranges, std::uint32_t character) {
  return std::ranges::any_of(
      ranges, [character](const Range& range) { return range.first <= character && character <= range.last; });
}

std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xF0) return 4;
  if (lead >= 0xE0) return 3;
  return lead >= 0xC0 ? 2 : 1;
}

std::uint32_t decode(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return lead;
  std::uint32_t character = lead & (0xFFu >> (sequence.size() + 1));
  for (const char next : sequence.substr(1)) character = character << 6 | (static_cast<unsigned char>(next) & 0x3Fu);
  return character;
}

/// The next code point's bytes, never beyond the end.
std::string_view next_sequence(std::string_view text) {
  return text.substr(0, sequence_length(static_cast<unsigned char>(text[0])));
}

std::size_t width_of(std::string_view sequence) {
  const std::uint32_t character = decode(sequence);
  if (joins_previous_character(character)) return 0;
  return within(kDoubleWidth, character) ? 2 : 1;
}

std::string printable(std::string_view bytes) {
  if (is_utf8(bytes)) return std::string(bytes);
  std::string text;
  for (const char byte : bytes) text += static_cast<unsigned char>(byte) < 0x80 ? byte : '?';
  return text;
}

}  // namespace

Terminal terminal_of(int descriptor) {
  Terminal terminal;
  terminal.is_terminal = isatty(descriptor) == 1;
  // Who says how wide it is knows better: a pager, or a script that makes a picture.
  if (const char* columns = std::getenv("COLUMNS")) terminal.width = std::strtoul(columns, nullptr, 10);
  if (terminal.width > 0) terminal.width = std::clamp(terminal.width, kWidthMin, kWidthMax);
  if (!terminal.is_terminal) return terminal;
  const char* no_color = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  const bool dumb = !kind || std::string_view(kind) == "dumb";
  terminal.colours = (!no_color || !*no_color) && !dumb;
  winsize size{};
  if (terminal.width == 0 && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.width = std::max<std::size_t>(size.ws_col, kWidthMin);
  }
  return terminal;
}

std::string paint(const Terminal& terminal, Tone tone, std::string_view text) {
  constexpr std::array<std::string_view, 6> kCodes{"", "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[31m"};
  if (!terminal.colours || tone == Tone::plain || text.empty()) return std::string(text);
  return std::string(kCodes[static_cast<std::size_t>(tone)]) + std::string(text) + "\x1b[0m";
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const std::string_view sequence = next_sequence(text);
    width += width_of(sequence);
    text.remove_prefix(sequence.size());
  }
  return width;
}

std::string clean(std::string_view text) { return single_line(printable(text)); }

std::string clean_lines(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines += clean(text.substr(0, end));
    if (end == std::string_view::npos) break;
    lines += '\n';
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string fit(std::string_view raw, std::size_t width) {
  const std::string text = clean(raw);
  if (display_width(text) <= width) return text;
  std::string cut;
  std::size_t used = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view sequence = next_sequence(rest);
    used += width_of(sequence);
    if (used + 1 > width) break;
    cut += sequence;
    rest.remove_prefix(sequence.size());
  }
  return width == 0 ? "" : cut + "…";
}

std::vector<std::string> break_lines(std::string_view raw, std::size_t width) {
  const std::string text = clean(raw);
  if (width == 0 || display_width(text) <= width) return {text};
  std::vector<std::string> lines;
  std::string line;
  std::size_t used = 0;
  const auto end_line = [&] {
    if (!line.empty()) lines.push_back(std::exchange(line, {}));
    used = 0;
  };
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find(' ');
    std::string_view word = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (word.empty()) continue;
    if (used > 0 && used + 1 + display_width(word) > width) end_line();
    if (used > 0) {
      line += ' ';
      ++used;
    }
    while (!word.empty()) {
      const std::string_view sequence = next_sequence(word);
      if (used > 0 && used + width_of(sequence) > width) end_line();
      line += sequence;
      used += width_of(sequence);
      word.remove_prefix(sequence.size());
    }
  }
  end_line();
  return lines;
}

std::string wrap(std::string_view raw, std::size_t indent, std::size_t width) {
  const std::string text = clean(raw);
  const std::string margin(indent, ' ');
  std::string lines, line = margin;
  bool fresh = true;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find(' ');
    const std::string_view word = rest.substr(0, end);
    if (width != 0 && !fresh && display_width(line) + 1 + display_width(word) > width) {
      lines += line + "\n";
      line = margin;
      fresh = true;
    }
    if (!word.empty()) {
      if (!fresh) line += ' ';
      line += word;
      fresh = false;
    }
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return lines + line + "\n";
}

}  // namespace crosswalk::cli

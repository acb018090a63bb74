#include "base/text.h"

#include <algorithm>

#include "base/combining_marks.h"

namespace crosswalk {

namespace {

constexpr char32_t kZeroWidthJoiner = 0x200D;
constexpr std::string_view kEllipsis = "…";

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  ///< 0: the bytes here are not UTF-8
};

CodePoint decode_at(std::string_view bytes, std::size_t at) {
  const auto byte = [&](std::size_t offset) { return static_cast<unsigned char>(bytes[at + offset]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  std::size_t length = 0;
  char32_t value = 0;
  char32_t smallest = 0;
  if ((lead & 0xE0) == 0xC0) {
    length = 2, value = lead & 0x1F, smallest = 0x80;
  } else if ((lead & 0xF0) == 0xE0) {
    length = 3, value = lead & 0x0F, smallest = 0x800;
  } else if ((lead & 0xF8) == 0xF0) {
    length = 4, value = lead & 0x07, smallest = 0x10000;
  } else {
    return {};
  }
  if (bytes.size() - at < length) return {};
  for (std::size_t offset = 1; offset < length; ++offset) {
    if ((byte(offset) & 0xC0) != 0x80) return {};
    value = value << 6 | (byte(offset) & 0x3F);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < smallest || value > 0x10FFFF || surrogate) return {};
  return {value, length};
}

/// The code point at `at`; a stray byte counts as one, so that every text can be walked to its end.
CodePoint next_at(std::string_view bytes, std::size_t at) {
  const CodePoint decoded = decode_at(bytes, at);
  return decoded.length != 0 ? decoded : CodePoint{0xFFFD, 1};
}

bool is_regional_indicator(char32_t value) { return value >= 0x1F1E6 && value <= 0x1F1FF; }

/// Finds the places between user-perceived characters, fed one code point after the other.
class CharacterBreaks {
 public:
  /// True when a new character begins with `value`.
  bool begins_with(char32_t value) {
    bool begins = !first_ && !joins_previous_character(value) && previous_ != kZeroWidthJoiner;
    // A flag is a pair of regional indicators.
    if (is_regional_indicator(value) && is_regional_indicator(previous_)) {
      begins = begins && !flag_half_;
      flag_half_ = !flag_half_;
    } else {
      flag_half_ = is_regional_indicator(value);
    }
    previous_ = value;
    const bool result = begins || first_;
    first_ = false;
    return result;
  }

 private:
  char32_t previous_ = 0;
  bool first_ = true;
  bool flag_half_ = false;
};

bool breaks_the_line(char32_t value) {
  const bool control = value < 0x20 || (value >= 0x7F && value <= 0x9F);
  const bool separator = value == 0x2028 || value == 0x2029;
  const bool bidirectional = (value >= 0x202A && value <= 0x202E) || (value >= 0x2066 && value <= 0x2069);
  return control || separator || bidirectional;
}

char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }

}  // namespace

bool is_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = decode_at(bytes, at).length;
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string repaired_utf8(std::string_view bytes) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = decode_at(bytes, at).length;
    text += length == 0 ? kReplacement : bytes.substr(at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return text;
}

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

std::string cut_text(std::string_view text, std::size_t characters_max) {
  // A text has never more code points than bytes.
  if (text.size() <= characters_max) return std::string(text);
  if (characters_max == 0) return {};
  CharacterBreaks breaks;
  std::size_t count = 0;
  std::size_t keep = 0;  // the last break that leaves room for the ellipsis
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint code_point = next_at(text, at);
    if (breaks.begins_with(code_point.value) && count < characters_max) keep = at;
    if (++count > characters_max) {
      return std::string(text.substr(0, keep)).append(kEllipsis);
    }
    at += code_point.length;
  }
  return std::string(text);
}

std::string single_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  bool broken = false;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint code_point = next_at(text, at);
    const std::string_view bytes = text.substr(at, code_point.length);
    at += code_point.length;
    if (breaks_the_line(code_point.value)) {
      broken = true;
      continue;
    }
    if (broken && bytes != " " && !line.empty() && line.back() != ' ') line += ' ';
    broken = false;
    line += bytes;
  }
  return std::string(trim(line));
}

std::string to_lower(std::string_view ascii) {
  std::string lowered(ascii);
  std::ranges::transform(lowered, lowered.begin(), lower);
  return lowered;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char one, char other) { return lower(one) == lower(other); });
}

}  // namespace crosswalk

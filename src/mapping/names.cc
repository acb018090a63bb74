#include "mapping/names.h"

#include "base/nearest_word.h"
#include "base/text.h"

namespace crosswalk::mapping {
namespace {

constexpr std::size_t kQuotedCharactersMax = 60;

}  // namespace

std::string deeper(std::string_view pointer, std::string_view step) {
  std::string result{pointer};
  result += '/';
  for (const char each : step) {
    if (each == '~')
      result += "~0";
    else if (each == '/')
      result += "~1";
    else
      result += each;
  }
  return result;
}

std::string deeper(std::string_view pointer, std::size_t index) { return deeper(pointer, std::to_string(index)); }

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates) {
  return nearest_word(word, candidates);
}

std::string alternatives(std::span<const std::string_view> words) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) result += i + 1 == words.size() ? " or " : ", ";
    result += words[i];
  }
  return result;
}

std::string quoted(std::string_view text) { return "\"" + cut_text(single_line(text), kQuotedCharactersMax) + "\""; }

}  // namespace crosswalk::mapping

#include "mapping/syntax.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <set>

#include "base/text.h"
#include "mapping/names.h"

namespace crosswalk::mapping {
namespace {

namespace json = boost::json;

/// 20,000 customers with settings of their own are some 4 MB; what is larger is not a mapping.
constexpr std::size_t kDocumentBytesMax = 8 * 1024 * 1024;
/// The schema nests 8 deep.
constexpr std::size_t kDepthMax = 16;

void refuse(std::vector<Problem>& problems, std::string pointer, std::string message) {
  problems.push_back({Problem::Level::error, "mapping.json", std::move(pointer), std::move(message)});
}

std::string place(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = std::ranges::count(before, '\n') + 1;
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return fmt::format("line {}, column {}", line, count_characters(before.substr(line_start)) + 1);
}

/// Follows the parser's events: a JSON value keeps only the last of two like keys, so they must be found while reading.
struct KeyWatcher {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  struct Level {
    bool is_object = false;
    std::set<std::string, std::less<>> keys;
    std::string key;
    std::size_t index = 0;
  };
  std::vector<Level> levels;
  std::string partial_key;
  std::vector<std::string> repeated;  ///< pointers

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    levels.push_back({.is_object = true, .keys = {}, .key = {}, .index = 0});
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) { return leave(); }
  bool on_array_begin(json::error_code&) {
    levels.push_back({});
    return true;
  }
  bool on_array_end(std::size_t, json::error_code&) { return leave(); }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    partial_key.append(part);
    return true;
  }
  bool on_key(json::string_view last, std::size_t, json::error_code&) {
    partial_key.append(last);
    levels.back().key = std::exchange(partial_key, {});
    if (!levels.back().keys.insert(levels.back().key).second) repeated.push_back(pointer());
    return true;
  }
  bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_string(json::string_view, std::size_t, json::error_code&) { return next(); }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return next(); }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return next(); }
  bool on_double(double, json::string_view, json::error_code&) { return next(); }
  bool on_bool(bool, json::error_code&) { return next(); }
  bool on_null(json::error_code&) { return next(); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool next() {
    if (!levels.empty()) ++levels.back().index;
    return true;
  }
  bool leave() {
    levels.pop_back();
    return next();
  }
  [[nodiscard]] std::string pointer() const {
    std::string result;
    for (const Level& each : levels) result = each.is_object ? deeper(result, each.key) : deeper(result, each.index);
    return result;
  }
};

std::vector<std::string> find_repeated_keys(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::basic_parser<KeyWatcher> parser{options};
  json::error_code error;
  parser.write_some(false, text.data(), text.size(), error);
  return std::move(parser.handler().repeated);
}

void find_nul(const json::value& value, const std::string& pointer, std::vector<Problem>& problems) {
  const auto has_nul = [](std::string_view text) { return text.find('\0') != std::string_view::npos; };
  if (const json::string* text = value.if_string(); text && has_nul(*text))
    refuse(problems, pointer, "This text holds a NUL character (\\u0000), which ConnectWise cannot keep; remove it.");
  if (const json::array* list = value.if_array())
    for (std::size_t i = 0; i < list->size(); ++i) find_nul((*list)[i], deeper(pointer, i), problems);
  if (const json::object* object = value.if_object())
    for (const auto& [key, member] : *object) {
      if (has_nul(key)) refuse(problems, pointer, "A key holds a NUL character (\\u0000); remove it.");
      find_nul(member, deeper(pointer, key), problems);
    }
}

std::string in_words(std::string_view text, std::size_t offset, const json::error_code& error) {
  if (error == json::error::too_deep)
    return fmt::format("The JSON is nested more than {} levels deep, at {}.", kDepthMax, place(text, offset));
  if (error == json::error::incomplete)
    return fmt::format("The JSON ends too early, at {}: a quotation mark, bracket or brace is not closed.",
                       place(text, offset));
  if (error == json::error::extra_data)
    return fmt::format("There is more text after the end of the JSON document, at {}.", place(text, offset));
  return fmt::format(
      "This is not JSON: {} at {}. A comma, colon, quotation mark or bracket may be missing or too many just before.",
      error.message(), place(text, offset));
}

}  // namespace

std::optional<json::value> read_json(std::string_view text, std::vector<Problem>& problems) {
  if (text.size() > kDocumentBytesMax) {
    refuse(problems, "",
           fmt::format("The document has {} bytes; at most {} are allowed.", text.size(), kDocumentBytesMax));
    return std::nullopt;
  }
  if (!is_utf8(text)) {
    refuse(problems, "", "The document is not UTF-8 text; save it as UTF-8.");
    return std::nullopt;
  }
  text = without_byte_order_mark(text);
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::parser parser{{}, options};
  json::error_code error;
  std::size_t read = parser.write_some(text, error);
  if (!error && text.find_first_not_of(" \t\r\n", read) != std::string_view::npos) error = json::error::extra_data;
  if (error) {
    if (error == json::error::incomplete) read = text.size();
    refuse(problems, "", in_words(text, read, error));
    return std::nullopt;
  }
  json::value value = parser.release();
  for (const std::string& pointer : find_repeated_keys(text))
    refuse(problems, pointer, "This key is given twice in the same object; only one of them can count.");
  find_nul(value, "", problems);
  if (!problems.empty()) return std::nullopt;
  return value;
}

}  // namespace crosswalk::mapping

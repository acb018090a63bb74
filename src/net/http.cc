#include "net/http.h"

#include <algorithm>

#include "base/text.h"

namespace crosswalk::net {

namespace {

constexpr std::string_view kHexadecimal = "0123456789ABCDEF";

bool is_unreserved(char character) {
  return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
         (character >= '0' && character <= '9') || character == '-' || character == '.' || character == '_' ||
         character == '~';
}

int hexadecimal_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

/// The byte that the escape at `at` stands for, or -1 when there is no well-formed escape.
int escaped_byte(std::string_view text, std::size_t at) {
  if (text.size() - at < 3 || text[at] != '%') return -1;
  const int high = hexadecimal_value(text[at + 1]);
  const int low = hexadecimal_value(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

struct Decoded {
  std::string text;
  bool malformed = false;  ///< some escape was kept as it was
};

Decoded decode(std::string_view text, bool plus_is_blank) {
  Decoded decoded;
  decoded.text.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%') {
      if (const int byte = escaped_byte(text, at); byte >= 0) {
        decoded.text += static_cast<char>(byte);
        at += 2;
        continue;
      }
      decoded.malformed = true;
    }
    decoded.text += plus_is_blank && text[at] == '+' ? ' ' : text[at];
  }
  return decoded;
}

/// Calls `each` with the parts of `text` between the separators.
template <class Each>
void split(std::string_view text, char separator, const Each& each) {
  while (true) {
    const std::size_t end = text.find(separator);
    each(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

/// The absolute form "http://host/path?query", which a server has to accept too, without its scheme and authority.
std::string_view without_authority(std::string_view target) {
  if (target.starts_with('/')) return target;
  const std::size_t scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos || target.find_first_of("/?#") < scheme_end) return target;
  target.remove_prefix(scheme_end + 3);
  const std::size_t path = target.find_first_of("/?#");
  return path == std::string_view::npos ? std::string_view{} : target.substr(path);
}

Query parse_query(std::string_view text) {
  Query query;
  if (text.empty()) return query;
  split(text, '&', [&](std::string_view item) {
    if (item.empty()) return;
    const std::size_t equals = item.find('=');
    const std::string_view value = equals == std::string_view::npos ? std::string_view{} : item.substr(equals + 1);
    query.items.emplace_back(decode(item.substr(0, equals), true).text, decode(value, true).text);
  });
  return query;
}

const std::string* find_by_name(const std::vector<std::pair<std::string, std::string>>& items, std::string_view name) {
  for (const auto& [each, value] : items) {
    if (equals_ignoring_case(each, name)) return &value;
  }
  return nullptr;
}

}  // namespace

const std::string* Headers::find(std::string_view name) const { return find_by_name(items, name); }

void Headers::set(std::string_view name, std::string value) {
  const auto same_name = [&](const auto& item) { return equals_ignoring_case(item.first, name); };
  const auto first = std::ranges::find_if(items, same_name);
  if (first == items.end()) {
    add(name, std::move(value));
    return;
  }
  first->second = std::move(value);
  items.erase(std::remove_if(std::next(first), items.end(), same_name), items.end());
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  encoded.reserve(text.size());
  for (const char character : text) {
    if (is_unreserved(character)) {
      encoded += character;
      continue;
    }
    const auto byte = static_cast<unsigned char>(character);
    encoded += '%';
    encoded += kHexadecimal[byte >> 4];
    encoded += kHexadecimal[byte & 0x0F];
  }
  return encoded;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
  Decoded decoded = decode(text, plus_is_blank);
  if (decoded.malformed) return std::nullopt;
  return std::move(decoded.text);
}

const std::string* Query::find(std::string_view name) const { return find_by_name(items, name); }

Target parse_target(std::string_view target) {
  target = without_authority(target);
  target = target.substr(0, target.find('#'));
  const std::size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  Target parsed;
  parsed.path = decode(path, false).text;
  // Split before decoding, so that an encoded slash stays inside its segment.
  split(path, '/', [&](std::string_view segment) {
    if (!segment.empty()) parsed.segments.push_back(decode(segment, false).text);
  });
  if (question != std::string_view::npos) parsed.query = parse_query(target.substr(question + 1));
  return parsed;
}

}  // namespace crosswalk::net

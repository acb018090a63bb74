#include "mapping/values.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "base/text.h"

namespace crosswalk::mapping {
namespace {

namespace json = boost::json;

std::optional<Value> non_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional{Value{text, nullptr}};
}

/// "a.b" is the member "a.b" or, where there is none, member "b" of member "a".
const json::value* find_member(const json::object& object, std::string_view path) {
  if (const json::value* whole = object.if_contains(path)) return whole;
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const json::value* inner = object.if_contains(path.substr(0, dot));
  return inner && inner->is_object() ? find_member(inner->get_object(), path.substr(dot + 1)) : nullptr;
}

std::optional<Value> find_in(const json::object& object, std::string_view path) {
  const json::value* found = find_member(object, path);
  if (!found || found->is_null()) return std::nullopt;
  if (const json::string* text = found->if_string()) return non_empty({text->data(), text->size()});
  if (const json::array* list = found->if_array(); list && list->empty()) return std::nullopt;
  return Value{{}, found};
}

std::optional<Value> find_content(std::string_view name, const Facts& facts) {
  const model::AlertContent& content = facts.alert->content;
  if (name == "severity") return Value{model::to_string(content.severity), nullptr};
  if (name == "condition") return non_empty(content.condition);
  if (name == "condition_name") return non_empty(content.condition_name);
  if (name == "product") return non_empty(content.product);
  if (name == "subject") return non_empty(content.subject);
  if (name == "subject_name") return non_empty(content.subject_name);
  if (name == "subject_type") return non_empty(content.subject_type);
  if (name == "title") return non_empty(content.title);
  if (name == "description") return non_empty(content.description);
  if (name == "url") return non_empty(content.url);
  if (name == "device") return non_empty(content.device);
  if (name == "contact_email") return non_empty(content.contact_email);
  if (name == "customer") return non_empty(content.customer);
  if (name != "customer_name") return std::nullopt;
  if (!content.customer_name.empty()) return non_empty(content.customer_name);
  if (facts.customer)
    if (const auto told = find_in(facts.customer->attributes, "name")) return told;
  return non_empty(content.customer);
}

bool same_letter(char left, char right) {
  const auto lower = [](char each) { return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each; };
  return lower(left) == lower(right);
}

std::size_t character_length(std::string_view text, std::size_t at) {
  std::size_t length = 1;
  while (at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xC0U) == 0x80U) ++length;
  return length;
}

}  // namespace

std::string to_text(const json::value& value) {
  switch (value.kind()) {
    case json::kind::string:
      return std::string{value.get_string().data(), value.get_string().size()};
    case json::kind::bool_:
      return value.get_bool() ? "true" : "false";
    case json::kind::int64:
      return std::to_string(value.get_int64());
    case json::kind::uint64:
      return std::to_string(value.get_uint64());
    case json::kind::double_: {
      std::array<char, 32> buffer{};
      const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.get_double()).ptr;
      return {buffer.data(), end};
    }
    case json::kind::null:
      return {};
    default:
      return json::serialize(value);
  }
}

std::optional<Value> find_value(std::string_view name, const Facts& facts) {
  if (facts.record) return find_in(facts.record->attributes, name);
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return facts.alert ? find_content(name, facts) : std::nullopt;
  const std::string_view owner = name.substr(0, dot);
  const std::string_view path = name.substr(dot + 1);
  if (owner == "device") return facts.device ? find_in(facts.device->attributes, path) : std::nullopt;
  if (owner == "customer") return facts.customer ? find_in(facts.customer->attributes, path) : std::nullopt;
  if (owner == "alert" || owner == "attributes")
    return facts.alert ? find_in(facts.alert->content.attributes, path) : std::nullopt;
  return std::nullopt;
}

bool is_value_name(std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return std::ranges::find(kValueNames, name) != kValueNames.end();
  return dot + 1 < name.size() && std::ranges::find(kValuePrefixes, name.substr(0, dot)) != kValuePrefixes.end();
}

bool fits_pattern(std::string_view text, std::string_view pattern) {
  std::size_t at = 0, step = 0;
  std::optional<std::size_t> star_step;
  std::size_t star_at = 0;
  while (at < text.size()) {
    const bool literal = step + 1 < pattern.size() && pattern[step] == '\\';
    if (!literal && step < pattern.size() && pattern[step] == '*') {
      star_step = ++step;
      star_at = at;
    } else if (!literal && step < pattern.size() && pattern[step] == '?') {
      at += character_length(text, at);
      ++step;
    } else if (step < pattern.size() && same_letter(pattern[step + (literal ? 1 : 0)], text[at])) {
      ++at;
      step += literal ? 2 : 1;
    } else if (star_step) {
      // Only the newest star can help: whatever an earlier one took, the newest can take as well.
      star_at += character_length(text, star_at);
      at = star_at;
      step = *star_step;
    } else {
      return false;
    }
  }
  while (step < pattern.size() && pattern[step] == '*') ++step;
  return step == pattern.size();
}

}  // namespace crosswalk::mapping

#include "connectwise/manage/conditions.h"

#include <cassert>

namespace crosswalk::connectwise::manage {
namespace {

std::string_view to_word(Condition::Operator op) {
  switch (op) {
    case Condition::Operator::equal:
      return "=";
    case Condition::Operator::not_equal:
      return "!=";
    case Condition::Operator::less:
      return "<";
    case Condition::Operator::less_or_equal:
      return "<=";
    case Condition::Operator::greater:
      return ">";
    case Condition::Operator::greater_or_equal:
      return ">=";
    case Condition::Operator::contains:
      return "contains";
    case Condition::Operator::like:
      return "like";
  }
  return "=";
}

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char each : text) {
    if (each == '"' || each == '\\') quoted += '\\';
    quoted += each;
  }
  return quoted += '"';
}

bool stays_in_query(char each) {
  return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') || each == '-' ||
         each == '.' || each == '_' || each == '~' || each == ',' || each == '(' || each == ')' || each == '/';
}

}  // namespace

std::string to_literal(const Condition::Value& value) {
  struct Writer {
    std::string operator()(const std::string& text) const { return quote(text); }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(bool truth) const { return truth ? "true" : "false"; }
    std::string operator()(Timestamp at) const { return "[" + format_timestamp_seconds(at) + "]"; }
    std::string operator()(std::nullptr_t) const { return "null"; }
  };
  return std::visit(Writer{}, value);
}

Condition Condition::compare(std::string_view field, Operator op, const Value& value) {
  return Condition(std::string(field) + " " + std::string(to_word(op)) + " " + to_literal(value));
}

Condition Condition::in(std::string_view field, std::span<const Value> values) {
  assert(!values.empty());
  std::string text = std::string(field) + " in (";
  for (const Value& value : values) {
    if (text.back() != '(') text += ',';
    text += to_literal(value);
  }
  return Condition(text += ')');
}

Condition Condition::all_of(std::span<const Condition> parts) { return join(" and ", parts); }
Condition Condition::any_of(std::span<const Condition> parts) { return join(" or ", parts); }

Condition Condition::join(std::string_view word, std::span<const Condition> parts) {
  assert(!parts.empty());
  if (parts.size() == 1) return parts.front();
  std::string text = "(";
  for (const Condition& part : parts) {
    if (text.size() > 1) text += word;
    text += part.text();
  }
  return Condition(text += ')');
}

std::string encode_query(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size() + text.size() / 4);
  for (const char each : text) {
    if (stays_in_query(each)) {
      encoded += each;
    } else {
      const auto byte = static_cast<unsigned char>(each);
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 15];
    }
  }
  return encoded;
}

std::vector<Condition> in_batches(std::string_view field, std::span<const Condition::Value> values,
                                  std::size_t encoded_max) {
  const std::size_t frame = encode_query(field).size() + encode_query(" in ()").size();
  std::vector<Condition> batches;
  std::size_t first = 0, length = frame;
  for (std::size_t index = 0; index < values.size(); ++index) {
    const std::size_t more = encode_query(to_literal(values[index])).size() + 1;
    if (index > first && length + more > encoded_max) {
      batches.push_back(Condition::in(field, values.subspan(first, index - first)));
      first = index;
      length = frame;
    }
    length += more;
  }
  if (first < values.size()) batches.push_back(Condition::in(field, values.subspan(first)));
  return batches;
}

}  // namespace crosswalk::connectwise::manage

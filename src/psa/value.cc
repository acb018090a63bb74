#include "psa/value.h"

#include <algorithm>

namespace crosswalk::psa {

bool Value::is_nothing() const {
  if (const auto* text = std::get_if<std::string>(&held_)) return text->empty();
  if (const Reference* to = reference()) return to->empty();
  return std::holds_alternative<std::monostate>(held_);
}

std::string_view Value::text() const {
  const auto* text = std::get_if<std::string>(&held_);
  return text ? std::string_view(*text) : std::string_view();
}

std::string_view Value::id() const {
  const Reference* to = reference();
  return to ? std::string_view(to->id) : std::string_view();
}

std::string_view Value::name() const {
  const Reference* to = reference();
  return to ? std::string_view(to->name) : text();
}

std::optional<bool> Value::flag() const {
  const bool* set = std::get_if<bool>(&held_);
  return set ? std::optional(*set) : std::nullopt;
}

std::optional<Timestamp> Value::date() const {
  const Timestamp* at = std::get_if<Timestamp>(&held_);
  return at ? std::optional(*at) : std::nullopt;
}

std::optional<Decimal> Value::decimal() const {
  const Decimal* number = std::get_if<Decimal>(&held_);
  return number ? std::optional(*number) : std::nullopt;
}

void Value::forget_name() {
  if (auto* to = std::get_if<Reference>(&held_)) to->name.clear();
}

bool Value::operator==(const Value& other) const {
  if (is_nothing() || other.is_nothing()) return is_nothing() == other.is_nothing();
  return held_ == other.held_;
}

std::string shown(const Value& value) {
  if (const Reference* to = value.reference()) return shown(to);
  if (const auto set = value.flag()) return *set ? "true" : "false";
  if (const auto at = value.date()) return format_timestamp(*at);
  if (const auto number = value.decimal()) return number->to_string();
  return std::string(value.text());
}

std::string shown(const Value* value) { return value ? shown(*value) : std::string(); }

const Value* find(const Values& values, std::string_view field) {
  const auto found = values.find(field);
  return found == values.end() ? nullptr : &found->second;
}

bool same(const Value* left, const Value* right) {
  static const Value nothing;
  return (left ? *left : nothing) == (right ? *right : nothing);
}

void keep_only(Values& values, const std::function<bool(std::string_view)>& is_kept) {
  const auto dropped =
      std::remove_if(values.begin(), values.end(), [&](const auto& each) { return !is_kept(each.first); });
  values.erase(dropped, values.end());
}

}  // namespace crosswalk::psa

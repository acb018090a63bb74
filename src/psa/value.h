#pragma once

#include <boost/container/flat_map.hpp>
#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/decimal.h"
#include "base/time.h"

namespace crosswalk::psa {

/// A pointer into the PSA's data, by id; the name is kept beside it for people only.
struct Reference {
  std::string id;
  std::string name;

  [[nodiscard]] bool empty() const { return id.empty(); }
  /// Two references are the same when their ids are: a rename changes nothing.
  bool operator==(const Reference& other) const { return id == other.id; }
};

/// For people: the name, else the id; empty when there is neither.
[[nodiscard]] inline std::string shown(const Reference* reference) {
  if (!reference) return "";
  if (!reference->name.empty()) return reference->name;
  return reference->id.empty() ? "" : "id " + reference->id;
}

/// What one field of an object holds: a text, a reference, a decimal, a point in time, a flag, or nothing. Which of
/// them a field can hold is said in psa/object_fields.h.
class Value {
 public:
  Value() = default;
  // Texts and references stand for themselves wherever a value is asked for.
  Value(std::string text) : held_(std::move(text)) {}
  Value(Reference reference) : held_(std::move(reference)) {}
  [[nodiscard]] static Value flag(bool set) { return Value(Held(set)); }
  [[nodiscard]] static Value date(Timestamp at) { return Value(Held(at)); }
  [[nodiscard]] static Value decimal(Decimal number) { return Value(Held(number)); }

  /// No value, an empty text, or a reference to nothing.
  [[nodiscard]] bool is_nothing() const;
  /// Empty when it is no text.
  [[nodiscard]] std::string_view text() const;
  /// Null when it is no reference.
  [[nodiscard]] const Reference* reference() const { return std::get_if<Reference>(&held_); }
  /// Of a reference; empty when it is none.
  [[nodiscard]] std::string_view id() const;
  /// A text, or what a reference is called; empty for all else.
  [[nodiscard]] std::string_view name() const;
  [[nodiscard]] std::optional<bool> flag() const;
  [[nodiscard]] std::optional<Timestamp> date() const;
  [[nodiscard]] std::optional<Decimal> decimal() const;
  /// The name of a reference is forgotten; it stays the same value.
  void forget_name();

  /// What is nothing is the same as nothing.
  bool operator==(const Value& other) const;

 private:
  using Held = std::variant<std::monostate, std::string, Reference, Decimal, Timestamp, bool>;
  explicit Value(Held held) : held_(std::move(held)) {}

  Held held_;
};

/// For people, as text: a reference by its name, times in RFC 3339, flags as "true" and "false"; "" for nothing, and
/// for null.
[[nodiscard]] std::string shown(const Value& value);
[[nodiscard]] std::string shown(const Value* value);

/// Values by field name. What is not among them is not set.
using Values = boost::container::flat_map<std::string, Value, std::less<>>;

/// Null when the field is not set.
[[nodiscard]] const Value* find(const Values& values, std::string_view field);
/// Whether both are set alike; null is nothing.
[[nodiscard]] bool same(const Value* left, const Value* right);
/// Keeps those that `is_kept` says yes to, by name.
void keep_only(Values& values, const std::function<bool(std::string_view)>& is_kept);

}  // namespace crosswalk::psa

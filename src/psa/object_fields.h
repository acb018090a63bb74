#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "psa/objects.h"

namespace crosswalk::psa {

/// What a field's Value holds.
enum class FieldShape { text, reference, decimal, date_time, flag };

/// One field of an object, by our neutral name. What is to be known of a field is known here alone.
struct ObjectField {
  std::string_view name;
  std::string_view label;  ///< for people
  FieldShape shape = FieldShape::text;
  std::size_t characters_max = 0;  ///< 0: no limit is known
  bool alone = false;              ///< changed by a call of its own, with no other field
  bool held_beneath = false;       ///< a communication item holds it, which the object's own answer does not show
  /// Where the object is in its life, or whose it is: never another tool's to say.
  bool of_life = false;
  bool set_once = false;  ///< said when the object is made, and not shown afterwards
};

/// The fields that Crosswalk may set on objects of this kind; none where it makes no such objects. Lengths are those of
/// ConnectWise's API description.
[[nodiscard]] std::span<const ObjectField> object_fields(ObjectKind kind);
/// Also finds the open-ended ones of configurations: "question:<id>" (answer to a question of the configuration's type)
/// and, for all kinds, "custom_field:<id>". Null when there is no such field.
[[nodiscard]] const ObjectField* find_object_field(ObjectKind kind, std::string_view name);

/// What a field is called for people: "Serial number", "Question 12". The name itself when there is no such field.
[[nodiscard]] std::string label_of(ObjectKind kind, std::string_view name);

/// The value that a text says for this field: a flag of "true", a point in time; a text is a text. References are not
/// said by texts. Nothing where the text is not what the field holds.
[[nodiscard]] Value value_of_text(const ObjectField& field, std::string_view text);

/// Names of fields that have a part in what Crosswalk does, and are not only copied.
namespace field {
inline constexpr std::string_view summary = "summary", company = "company", board = "board", status = "status",
                                  type = "type", subtype = "subtype", item = "item", priority = "priority",
                                  source = "source", team = "team", owner = "owner", agreement = "agreement",
                                  contact = "contact", site = "site", name = "name", identifier = "identifier",
                                  email = "email", phone = "phone", active = "active", inactive = "inactive";
}  // namespace field

inline constexpr std::string_view kQuestionPrefix = "question:";
inline constexpr std::string_view kCustomFieldPrefix = "custom_field:";

}  // namespace crosswalk::psa

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "psa/objects.h"

namespace crosswalk::psa {

/// How a field's value is said: `reference` by id, with its name beside it; all others by their text. `flag`: "true" or
/// "false". `date_time`: RFC 3339 in UTC.
enum class FieldShape { text, reference, flag, date_time };

/// One field of a company, contact or configuration, by our neutral name.
struct ObjectField {
  std::string_view name;
  std::string_view label;  ///< for people
  FieldShape shape = FieldShape::text;
  std::size_t characters_max = 0;  ///< 0: no limit is known
};

/// The fields that Crosswalk may set on objects of this kind; none for tickets, whose fields are TicketField. Lengths
/// are those of ConnectWise's API description.
[[nodiscard]] std::span<const ObjectField> object_fields(ObjectKind kind);
/// Also finds the open-ended ones of configurations: "question:<id>" (answer to a question of the configuration's type)
/// and, for all kinds, "custom_field:<id>". Null when there is no such field.
[[nodiscard]] const ObjectField* find_object_field(ObjectKind kind, std::string_view name);

/// What a field is called for people: "Serial number", "Question 12". The name itself when there is no such field.
[[nodiscard]] std::string label_of(ObjectKind kind, std::string_view name);

inline constexpr std::string_view kQuestionPrefix = "question:";
inline constexpr std::string_view kCustomFieldPrefix = "custom_field:";

}  // namespace crosswalk::psa

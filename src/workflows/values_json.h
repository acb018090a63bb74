#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "psa/objects.h"

namespace crosswalk::workflows {

// How what is stored of objects is written: references as [id, name], all else as text, so that what it means is the
// field's to say.

[[nodiscard]] boost::json::object to_json(const psa::Values& values);
/// Null: no values. Throws on what to_json() does not write.
[[nodiscard]] psa::Values values_from_json(psa::ObjectKind kind, const boost::json::value* values);
/// One value of a field; nothing where the field cannot hold it.
[[nodiscard]] psa::Value value_from_json(psa::ObjectKind kind, std::string_view field, const boost::json::value& value);

/// Values as one text, and back.
[[nodiscard]] std::string serialize_values(const psa::Values& values);
[[nodiscard]] psa::Values parse_values(psa::ObjectKind kind, std::string_view text);

}  // namespace crosswalk::workflows

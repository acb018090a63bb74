#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace crosswalk::cli {

namespace json = boost::json;

// Lenient reading of what a server answers: a newer or older one may leave things out, and the commands still show the
// rest.

/// A text, number or boolean as text; a { "name": … } or { "id": … } by its name or id; "" when absent or null.
[[nodiscard]] std::string text_of(const json::value& value);
[[nodiscard]] std::string text_at(const json::object& object, std::string_view key);
[[nodiscard]] std::int64_t number_at(const json::object& object, std::string_view key);
[[nodiscard]] bool flag_at(const json::object& object, std::string_view key);
/// The member; an empty one when absent or of another type.
[[nodiscard]] const json::object& object_at(const json::object& object, std::string_view key);
[[nodiscard]] const json::array& array_at(const json::object& object, std::string_view key);
[[nodiscard]] const json::object& as_object(const json::value& value);

/// Indented by two blanks, members in their order, ending with a line end: what --json prints.
[[nodiscard]] std::string pretty(const json::value& value);

}  // namespace crosswalk::cli

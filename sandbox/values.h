#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>

#include "sandbox/schema.h"

namespace crosswalk::sandbox {

// Values as clients send them.

/// `texts`: also one that is written as a text ("5").
[[nodiscard]] std::optional<std::int64_t> to_integer(const boost::json::value& value, bool texts);
/// In ten-thousandths; `texts`: also one that is written as a text ("0.5").
[[nodiscard]] std::optional<std::int64_t> to_decimal_units(const boost::json::value& value, bool texts);
/// Whether the document's integers, all of 32 bits, can hold it.
[[nodiscard]] bool is_document_integer(std::int64_t number);
/// Seconds since 1970 of "2026-03-01T06:00:00Z": whole seconds and a Z, and nothing else.
[[nodiscard]] std::optional<std::int64_t> to_seconds(const boost::json::value& value);
/// An empty text in a field that holds no text: null is meant.
[[nodiscard]] bool is_empty_text_for_null(const Field& field, const boost::json::value& value);

}  // namespace crosswalk::sandbox

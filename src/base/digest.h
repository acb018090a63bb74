#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace crosswalk {

using Digest = std::array<unsigned char, 32>;

/// BLAKE2b-256 of the parts, each preceded by its length so that ("ab","c") and ("a","bc") differ.
[[nodiscard]] Digest digest(std::initializer_list<std::string_view> parts);

/// The first `characters` of the digest in Crockford's base 32 (no I, L, O, U): short, readable, safe in URLs and
/// conditions.
[[nodiscard]] std::string short_digest(std::initializer_list<std::string_view> parts, std::size_t characters);

/// Lower-case hexadecimal.
[[nodiscard]] std::string to_hex(std::string_view bytes);

/// Compares in a time that does not depend on where the texts differ.
[[nodiscard]] bool equals_in_constant_time(std::string_view left, std::string_view right);

}  // namespace crosswalk

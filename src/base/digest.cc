#include "base/digest.h"

#include <sodium.h>

#include <algorithm>

namespace crosswalk {

namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kHexadecimal = "0123456789abcdef";

void add(crypto_generichash_state& state, std::string_view bytes) {
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

}  // namespace

Digest digest(std::initializer_list<std::string_view> parts) {
  Digest result{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, result.size());
  for (const std::string_view part : parts) {
    // Spelled out in little-endian order, because digests are stored and must not depend on the machine.
    std::array<char, 8> length{};
    for (std::size_t at = 0; at < length.size(); ++at) length[at] = static_cast<char>(part.size() >> (8 * at) & 0xFF);
    add(state, std::string_view(length.data(), length.size()));
    add(state, part);
  }
  crypto_generichash_final(&state, result.data(), result.size());
  return result;
}

std::string short_digest(std::initializer_list<std::string_view> parts, std::size_t characters) {
  const Digest bytes = digest(parts);
  const std::size_t characters_max = bytes.size() * 8 / 5;
  std::string text;
  text.reserve(characters);
  unsigned bits = 0;
  unsigned bit_count = 0;
  for (std::size_t at = 0; text.size() < std::min(characters, characters_max);) {
    if (bit_count < 5) {
      bits = (bits << 8 | bytes[at++]) & 0xFFFF;
      bit_count += 8;
    }
    bit_count -= 5;
    text += kCrockford[bits >> bit_count & 0x1F];
  }
  return text;
}

std::string to_hex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text += kHexadecimal[static_cast<unsigned char>(byte) >> 4];
    text += kHexadecimal[static_cast<unsigned char>(byte) & 0x0F];
  }
  return text;
}

bool equals_in_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace crosswalk

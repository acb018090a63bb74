#include "net/standard_webhooks.h"

#include <sodium.h>

#include <array>
#include <stdexcept>

namespace crosswalk::net {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kVersion = "v1,";
constexpr std::size_t kSecretBytes = 32;
/// What the specification allows.
constexpr std::size_t kSecretBytesMin = 24, kSecretBytesMax = 64;
constexpr int kBase64 = sodium_base64_VARIANT_ORIGINAL;

std::string encode(const unsigned char* bytes, std::size_t size) {
  std::string text(sodium_base64_encoded_len(size, kBase64), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes, size, kBase64);
  text.pop_back();  // libsodium counts the terminating zero
  return text;
}

}  // namespace

std::string make_webhook_secret() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be initialized: no source of randomness");
  std::array<unsigned char, kSecretBytes> bytes;
  randombytes_buf(bytes.data(), bytes.size());
  return std::string(kSecretPrefix) + encode(bytes.data(), bytes.size());
}

Result<std::string> sign_webhook(std::string_view secret, std::string_view id, std::int64_t timestamp,
                                 std::string_view body) {
  std::array<unsigned char, kSecretBytesMax> key;
  std::size_t length = 0;
  const bool prefixed = secret.starts_with(kSecretPrefix);
  if (prefixed) secret.remove_prefix(kSecretPrefix.size());
  if (!prefixed ||
      sodium_base642bin(key.data(), key.size(), secret.data(), secret.size(), nullptr, &length, nullptr, kBase64) !=
          0 ||
      length < kSecretBytesMin)
    return failure("secrets.unreadable", "A webhook's signing secret is not \"whsec_\" and 24 to 64 bytes in base 64.");
  const std::string head = std::string(id) + "." + std::to_string(timestamp) + ".";
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), length);
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(head.data()), head.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(body.data()), body.size());
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac;
  crypto_auth_hmacsha256_final(&state, mac.data());
  sodium_memzero(key.data(), key.size());
  return std::string(kVersion) + encode(mac.data(), mac.size());
}

Result<Headers> webhook_headers(const std::vector<std::string>& secrets, std::string_view id, Timestamp at,
                                std::string_view body) {
  const std::int64_t seconds = to_milliseconds(at) / 1'000;
  std::string signatures;
  for (const std::string& secret : secrets) {
    const Result<std::string> signature = sign_webhook(secret, id, seconds, body);
    if (!signature) return tl::unexpected(signature.error());
    signatures += (signatures.empty() ? "" : " ") + *signature;
  }
  return Headers{{"webhook-id", std::string(id)},
                 {"webhook-timestamp", std::to_string(seconds)},
                 {"webhook-signature", std::move(signatures)}};
}

}  // namespace crosswalk::net

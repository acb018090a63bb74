#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace crosswalk::net {

/// Seals secrets at rest with libsodium (XChaCha20-Poly1305, random nonce, the context as associated data).
class SecretBox {
 public:
  /// Reads the 32-byte key from `key_file`, creating it (mode 0600) when absent. Fails with "secrets.key_unreadable".
  [[nodiscard]] static Result<SecretBox> open(const std::string& key_file);
  /// Whether there is a key already; one that cannot be looked at counts as there.
  [[nodiscard]] static bool has_key(const std::string& key_file);
  /// `context` names what it belongs to (the partner), so that a sealed text cannot be moved elsewhere.
  [[nodiscard]] std::string seal(std::string_view secret, std::string_view context) const;
  [[nodiscard]] Result<std::string> unseal(std::string_view sealed, std::string_view context) const;
  /// 256 bits that follow from the key and the context alone, as a text for URLs: the same each time, and not to be
  /// guessed by who does not have the key.
  [[nodiscard]] std::string derive(std::string_view context) const;

 private:
  std::string key_;
};

/// A new API key: "cw_" and 40 base-32 characters of randomness (200 bits).
[[nodiscard]] std::string make_api_key();
/// What is stored of it.
[[nodiscard]] std::string hash_api_key(std::string_view key);

}  // namespace crosswalk::net

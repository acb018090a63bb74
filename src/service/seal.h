#pragma once

#include <string>

#include "net/secrets.h"
#include "store/store.h"

namespace crosswalk::service {

/// The key that seals the secrets of this store; made when nothing is sealed yet. "secrets.key_lost" when the file is
/// gone or holds another key than the store's secrets were sealed with: a new one in its place would stop all partners,
/// and nobody would know why. The store holds a canary for that; where there is none yet, what is sealed takes its
/// place, and one is written.
[[nodiscard]] Result<net::SecretBox> open_secrets(store::Store& store, const std::string& key_file);

}  // namespace crosswalk::service

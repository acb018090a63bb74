#pragma once

#include <array>
#include <cstdint>

#include "store/store.h"

namespace crosswalk::store {

// Persisted: changing one of them needs a migration.

/// Of (partner, source, id). Half of a BLAKE2b-256: two events of one store with the same one will not happen.
using EventIdentity = std::array<unsigned char, 16>;
[[nodiscard]] EventIdentity identity_of(const EventRow& event);

/// Of all that makes two events of the same identity the same; eight bytes are plenty for that.
[[nodiscard]] std::int64_t content_of(const EventRow& event);

/// Finds a record's events. Not unique: whoever asks by it compares the key too.
[[nodiscard]] std::int64_t record_digest(const RecordKey& ref);

}  // namespace crosswalk::store

#include "store/sqlite/digests.h"

#include <algorithm>

#include "base/digest.h"

namespace crosswalk::store {
namespace {

/// The same on every machine, because the file may be moved to another.
std::int64_t first_eight_bytes(const Digest& whole) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | whole[i];
  return static_cast<std::int64_t>(number);
}

}  // namespace

EventIdentity identity_of(const EventRow& event) {
  const Digest whole = digest({event.partner, event.source, event.id});
  EventIdentity identity;
  std::copy_n(whole.begin(), identity.size(), identity.begin());
  return identity;
}

std::int64_t content_of(const EventRow& event) {
  const std::string time = std::to_string(to_milliseconds(event.time));
  return first_eight_bytes(
      digest({event.type, time, event.kind, event.key, event.told.empty() ? event.data : event.told}));
}

std::int64_t record_digest(const RecordKey& ref) { return first_eight_bytes(digest({ref.partner, ref.kind, ref.key})); }

}  // namespace crosswalk::store

#include "engine/known_update.h"

#include <algorithm>

#include "base/text.h"
#include "engine/link_rows.h"
#include "workflows/link.h"

namespace crosswalk::engine {

Result<KnownUpdate> known_update(const store::LinkRow& row) {
  const auto link = read_link(row);
  if (!link) return tl::unexpected(link.error());
  if (!link->observed) return KnownUpdate{std::nullopt, "", link->member};
  return KnownUpdate{link->observed->updated_at, link->observed->updated_by, link->member};
}

Timestamp look_back(Timestamp changed_until, Timestamp now) {
  const Duration wrong = std::max(changed_until - now, Duration{0});
  return changed_until - 2 * wrong - kSweepOverlap;
}

bool is_newer(const Seen& seen, const KnownUpdate& known) {
  if (!seen.updated_at || !known.at || *seen.updated_at > *known.at) return true;
  return *seen.updated_at == *known.at && !seen.updated_by.empty() && !known.by.empty() &&
         !equals_ignoring_case(seen.updated_by, known.by);
}

}  // namespace crosswalk::engine

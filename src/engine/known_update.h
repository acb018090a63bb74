#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/result.h"
#include "psa/objects.h"
#include "store/store.h"

namespace crosswalk::engine {

/// What changes in a PSA, and is of interest: told by callbacks, found by sweeps.
inline constexpr std::array kFollowedKinds{psa::ObjectKind::ticket, psa::ObjectKind::company, psa::ObjectKind::contact,
                                           psa::ObjectKind::configuration};
/// The PSA's clock and ours may differ by this much, and a change may show late.
inline constexpr Duration kSweepOverlap{std::chrono::minutes{5}};
/// From when on changes are read. What was read "later" than now was read by a clock that has been set back since: then
/// changes were looked for too late by as much as it was wrong.
[[nodiscard]] Timestamp look_back(Timestamp changed_until, Timestamp now);

/// When the PSA had last changed an object and who had, as our books say.
struct KnownUpdate {
  std::optional<Timestamp> at;
  std::string by;
  std::string us;  ///< who we are there, where the link tells
};

[[nodiscard]] Result<KnownUpdate> known_update(const store::LinkRow& row);

/// What the PSA says of an object. A deleted one has no time: whatever is known of it is out of date.
struct Seen {
  std::optional<Timestamp> updated_at;
  std::string updated_by;
};

/// Whether what the PSA says of an object is something that our books do not have. Its times are whole seconds, so
/// within one second the name decides.
[[nodiscard]] bool is_newer(const Seen& seen, const KnownUpdate& known);

}  // namespace crosswalk::engine

#pragma once

#include <vector>

#include "service/intake.h"

namespace crosswalk::service {

/// How often a firing that goes on is told to its record, at most. Each time costs a look at the ticket.
inline constexpr Duration kStillEvery{std::chrono::hours{1}};
/// For how long the last word about an alert must have stood before a known notification says the opposite: one that
/// was delayed, or comes from another Alertmanager of a cluster, says nothing new.
inline constexpr Duration kStandsFor{std::chrono::minutes{1}};

/// An event that a known notification comes to, to be kept besides; `place` is that of the known one in `appended`.
struct Repeat {
  std::size_t place = 0;
  store::EventRow row;
};

/// What the notifications that Alertmanager sends again say beyond what is known. A firing that is known
/// - and that was thought to be over has come back, under its old start: it had been lost sight of meanwhile;
/// - and goes on, goes on still: told once in kStillEvery, or at once where people have closed or removed the ticket
///   since it was last told, so that the record learns that the alert outlives it.
/// An end that is known, of what fires by a word that came later, is an end again. Each is named after what it follows,
/// so that a cluster in which everybody tells it makes it once. Reads the store, writes nothing.
[[nodiscard]] Result<std::vector<Repeat>> find_repeats(store::Store& store, const Incoming& incoming,
                                                       const std::vector<store::Appended>& appended);

}  // namespace crosswalk::service

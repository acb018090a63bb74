#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/partner.h"
#include "psa/port.h"
#include "store/store.h"

namespace crosswalk::engine {

// What a read does not show is not deleted for that: to a key whose rights were narrowed the PSA answers shorter lists,
// and no error. A few that are missing are believed to be gone; when it is many, the read is not.

/// Of what our books say is there, how much a read does not show.
struct Absence {
  std::int64_t missing = 0, of = 0;
};

/// A handful is never a mass, whatever percentage of a small shop it is.
inline constexpr std::int64_t kHandful = 3;
/// Of kinds whose mapping says nothing of it, more per cent than these are not believed to be gone.
inline constexpr int kAbsentPercentMax = 10;

/// Whether the read rather tells of our rights than of what is there. `percent_max` 0: never.
[[nodiscard]] bool is_doubtful(const Absence& absence, int percent_max);
/// The bound that the mapping of a kind sets.
[[nodiscard]] int absent_percent_max(const PartnerState& partner, psa::ObjectKind kind);
/// "psa.rows_hidden", in words.
[[nodiscard]] Error rows_hidden(psa::ObjectKind kind, const Absence& absence);

/// What of a partner's linked objects a whole list does not show, and what it shows again. What records were linked to
/// in another installation, which the partner has left, does not count.
struct Compared {
  std::vector<std::string> missing;   ///< not known to be gone
  std::vector<std::string> returned;  ///< known to be deleted, and there
  Absence absence;
};
[[nodiscard]] Result<Compared> compare(store::Store& store, const std::string& partner, psa::ObjectKind kind,
                                       const std::string& instance, std::span<const store::Store::LinkedObject> linked,
                                       const std::set<std::string>& there);

/// Asks for others that should be there too: whether what is `absent` from a complete answer, which has shown `shown`,
/// is likely gone. The answer is how much seems to be missing of the kind.
[[nodiscard]] boost::asio::awaitable<Result<Absence>> ask_for_others(const PartnerState& partner, store::Store& store,
                                                                     const psa::Psa& psa, psa::ObjectKind kind,
                                                                     const std::set<std::string>& absent,
                                                                     const std::set<std::string>& shown);

/// Keeps (or, with `error` null, forgets) that the partner's PSA hides what is linked, and says so in the log once.
/// True when that is news.
bool note_rows(PartnerState& partner, psa::ObjectKind kind, const Error* error, Timestamp now);

}  // namespace crosswalk::engine

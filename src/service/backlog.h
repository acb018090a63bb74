#pragma once

#include <cstdint>
#include <string>

#include "mapping/document.h"
#include "store/store.h"

namespace crosswalk::service {

/// Alerts that are open without a ticket, since nothing was written for them or they were raised before it was, and
/// would become tickets at once when a mapping is put in force.
struct Backlog {
  std::int64_t tickets = 0;  ///< that would be opened now, or later when what they wait for comes; storms may join some
  std::int64_t dated = 0;    ///< of these, left out until now by `go_live_at` alone
  bool is_cut = false;       ///< there are more than were looked at
  bool first_time = false;   ///< nothing was live before
};

/// `before`: what is in force now; nullptr: nothing is. Reads the store alone.
[[nodiscard]] Result<Backlog> backlog_of(store::Store& store, const std::string& partner,
                                         const mapping::Document* before, const mapping::Document& after,
                                         Timestamp now);

}  // namespace crosswalk::service

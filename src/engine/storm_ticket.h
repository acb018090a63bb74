#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

namespace crosswalk::engine {

/// The ticket of the storm that an alert belongs to, or has belonged to.
struct StormTicket {
  std::string number;
  Timestamp since{};    ///< when both were: the storm's ticket, and the alert's part in it
  std::string child{};  ///< the alert's own ticket that was put beneath it; empty: it shares the storm's
};

/// As its story tells: which storm it joined is not kept in its state. Nothing: no storm of it has a ticket.
[[nodiscard]] Result<std::optional<StormTicket>> storm_ticket_of(store::Store& store, const store::RecordRow& alert);

/// The same time, or later, when the storm's story says when tickets were put beneath its own.
[[nodiscard]] Timestamp joined_at(store::Store& store, const store::RecordRow& alert, const StormTicket& storm);

/// Whether a text names a ticket by its number.
[[nodiscard]] bool names_ticket(std::string_view text, std::string_view number);

}  // namespace crosswalk::engine

#pragma once

#include <optional>

#include "engine/item.h"
#include "engine/partner.h"
#include "plan/steps.h"

namespace crosswalk::engine {

/// What is known of the record, for its workflow.
[[nodiscard]] workflows::RecordView view_of(const PartnerState& partner, const Item& item, Timestamp now);

/// Works out what the record should be, by its workflow.
void consider(const PartnerState& partner, Item& item, Timestamp now);

/// The same, and what of it is left as it is in the PSA. Nothing is done while the last answer still holds.
void think(const PartnerState& partner, Item& item, Timestamp now);

/// What comes next for a record.
struct Next {
  plan::Step step;
  std::size_t wanted = 0;   ///< of which of Answer::wanted it is
  bool unanswered = false;  ///< something must be asked of the PSA before
};
/// Nothing: all is as it should be. What is so already, and our books do not know, is noted on the links.
[[nodiscard]] std::optional<Next> next_of(Item& item, Timestamp now);

}  // namespace crosswalk::engine

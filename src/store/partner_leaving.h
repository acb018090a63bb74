#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "store/store.h"

namespace crosswalk::store {

/// When all that is held of the partner is to be erased; nothing for one that stays. Kept in PartnerRow::settings.
[[nodiscard]] std::optional<Timestamp> erase_at(const PartnerRow& partner);

/// The row's settings with that time, or without one.
void set_erase_at(PartnerRow& partner, std::optional<Timestamp> at);

}  // namespace crosswalk::store

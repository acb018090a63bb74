#pragma once

#include <vector>

#include "base/clock.h"
#include "engine/item.h"
#include "engine/partner.h"

namespace crosswalk::engine {

/// How many records leave within a time, so that a mass of them waits for a person.
class LeavingGuard {
 public:
  LeavingGuard(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  /// Says of each item that is about to leave how many do.
  void count(PartnerState& partner, std::vector<Item>& items) const;
  /// They have left now, for those that come after.
  void note(PartnerState& partner, const std::vector<Item>& items) const;

 private:
  [[nodiscard]] bool leaves(const PartnerState& partner, const Item& item) const;

  store::Store& store_;
  const Clock& clock_;
};

}  // namespace crosswalk::engine

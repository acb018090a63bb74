#pragma once

#include <optional>
#include <vector>

#include "engine/folder.h"
#include "engine/item.h"
#include "engine/partner.h"

namespace crosswalk::engine {

/// Which records may have been worked on without these books knowing, so that they are looked up first.
class Doubts {
 public:
  /// From here on what this run does is known. `restored_at`: when these books were put back from a copy.
  void begin(Timestamp now, std::optional<Timestamp> restored_at);
  /// The system's clock was set: what is known of times stays as long ago as it was.
  void move(Duration by) { started_at_ += by; }
  /// Takes down what is in doubt of the records that were folded, and what is not.
  void take(PartnerState& partner, const Folded& folded) const;
  /// Says of each item whether it is in doubt.
  void mark(const PartnerState& partner, std::vector<Item>& items) const;

 private:
  [[nodiscard]] bool may_be_done_already(const Folded& each) const;
  [[nodiscard]] bool is_known(const Item& item) const;

  Timestamp started_at_{};
  std::optional<Timestamp> restored_at_;  ///< while it matters
};

}  // namespace crosswalk::engine

#pragma once

#include <string_view>

namespace crosswalk::store {

/// Each partner has its slot for good. Engines share the slots out, and may be more or fewer after any start: how far
/// the log is folded is kept for each slot.
inline constexpr int kSlots = 64;
[[nodiscard]] int slot_of(std::string_view partner);

/// The slots `first`, `first + every`, `first + 2 * every`... By default all.
struct Share {
  int first = 0;
  int every = 1;

  /// The slot of one partner alone.
  [[nodiscard]] static Share of(std::string_view partner) { return {slot_of(partner), kSlots}; }
  [[nodiscard]] bool has(std::string_view partner) const { return every == 1 || slot_of(partner) % every == first; }
};

}  // namespace crosswalk::store

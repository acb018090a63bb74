#pragma once

#include <cstdint>

#include "sandbox/town_words.h"

namespace date {
class time_zone;
}

namespace crosswalk::sandbox {

/// When people of an MSP and its customers work: on weekdays, in New York's time. Times are in seconds since 1970.
class OfficeHours {
 public:
  OfficeHours();
  [[nodiscard]] bool contains(std::int64_t at) const;
  /// `at`, or some time in the morning after it.
  [[nodiscard]] std::int64_t next(std::int64_t at, Dice& dice) const;
  /// Some time between the two at which people call: hardly ever on a Saturday, most of all in the morning.
  [[nodiscard]] std::int64_t draw(std::int64_t from, std::int64_t until, Dice& dice) const;
  /// Some time between the two, in the night.
  [[nodiscard]] std::int64_t draw_night(std::int64_t from, std::int64_t until, Dice& dice) const;

 private:
  const date::time_zone* zone_;
};

}  // namespace crosswalk::sandbox
